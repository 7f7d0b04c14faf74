//! Mail from the request to the mail server's receipt, spoken with a mail server of the test (RFC 5321), on both engines.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use todo_auth::config::AuthConfig;
use todo_auth::mail::Mailer;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use crate::desk::{Desk, PASSWORD, each_with};

/// What the mail server does with a conversation.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Mood {
    /// Takes the mail.
    Takes,
    /// Greets with 421: try again later.
    Busy,
    /// Answers the recipient with 550: never.
    Refuses,
    /// Reads the mail and never answers.
    Hangs,
}

/// A mail server; in a good mood unless told otherwise.
struct MailServer {
    url: String,
    moods: Arc<Mutex<VecDeque<Mood>>>,
    taken: Arc<Mutex<Vec<String>>>,
    conversations: Arc<Mutex<usize>>,
    task: JoinHandle<()>,
}

impl Drop for MailServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl MailServer {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("smtp://{}", listener.local_addr().expect("an address"));
        let moods: Arc<Mutex<VecDeque<Mood>>> = Arc::default();
        let taken: Arc<Mutex<Vec<String>>> = Arc::default();
        let conversations: Arc<Mutex<usize>> = Arc::default();
        let (next, into, count) = (Arc::clone(&moods), Arc::clone(&taken), Arc::clone(&conversations));
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                *count.lock().expect("lock") += 1;
                let mood = next.lock().expect("lock").pop_front().unwrap_or(Mood::Takes);
                let into = Arc::clone(&into);
                tokio::spawn(async move { converse(stream, mood, &into).await });
            }
        });
        Self { url, moods, taken, conversations, task }
    }

    fn next(&self, moods: &[Mood]) {
        self.moods.lock().expect("lock").extend(moods);
    }

    fn mails(&self) -> Vec<String> {
        self.taken.lock().expect("lock").clone()
    }

    fn conversations(&self) -> usize {
        *self.conversations.lock().expect("lock")
    }

    fn configure(&self) -> impl Fn(&mut AuthConfig) + use<> {
        let mailer = Mailer::smtp(&self.url.clone().into(), "Todo <todo@example.com>").expect("settings");
        move |config| config.mailer = mailer.clone()
    }
}

async fn converse(stream: TcpStream, mood: Mood, taken: &Mutex<Vec<String>>) -> Option<()> {
    let (reader, mut writer) = stream.into_split();
    let mut lines = BufReader::new(reader).lines();
    let greeting: &[u8] = if mood == Mood::Busy { b"421 come back later\r\n" } else { b"220 mail.test ESMTP\r\n" };
    writer.write_all(greeting).await.ok()?;
    loop {
        let line = lines.next_line().await.ok()??;
        let verb = line.split(' ').next().unwrap_or_default().to_ascii_uppercase();
        let answer: &[u8] = match verb.as_str() {
            "EHLO" | "HELO" => b"250 mail.test\r\n",
            "RCPT" if mood == Mood::Refuses => b"550 no such mailbox\r\n",
            "DATA" => {
                writer.write_all(b"354 go on\r\n").await.ok()?;
                let mut mail = String::new();
                loop {
                    let line = lines.next_line().await.ok()??;
                    if line == "." {
                        break;
                    }
                    mail.push_str(line.strip_prefix('.').unwrap_or(&line));
                    mail.push('\n');
                }
                if mood == Mood::Hangs {
                    std::future::pending::<()>().await;
                }
                taken.lock().expect("lock").push(decoded(&mail));
                b"250 taken\r\n"
            }
            "QUIT" => {
                writer.write_all(b"221 bye\r\n").await.ok()?;
                return Some(());
            }
            _ => b"250 ok\r\n",
        };
        writer.write_all(answer).await.ok()?;
    }
}

/// The mail as its reader sees it: long lines travel as quoted-printable (RFC 2045 §6.7).
fn decoded(mail: &str) -> String {
    if mail.contains("quoted-printable") { mail.replace("=\n", "").replace("=3D", "=") } else { mail.to_owned() }
}

/// A process that sends mail, until it is killed.
fn process(desk: &Desk) -> JoinHandle<()> {
    let auth = desk.auth.clone();
    tokio::spawn(async move { auth.deliver_mail().await })
}

async fn until(what: &str, holds: impl Fn() -> bool) {
    for _ in 0..1000 {
        if holds() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("waited ten seconds in vain: {what}");
}

async fn jobs(desk: &Desk) -> (i64, i64) {
    // Far enough ahead that every attempt would be due.
    let backlog = desk.store.backlog(desk.now() + jiff::SignedDuration::from_hours(48)).await.expect("reads");
    (backlog.due, backlog.dead)
}

async fn until_empty(desk: &Desk) {
    for _ in 0..1000 {
        if jobs(desk).await.0 == 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("the queue stays full");
}

/// The token of the link in a mail.
fn token(mail: &str) -> String {
    let link = mail.lines().find(|line| line.starts_with("https://todo.example.com/api/auth/")).expect("a link");
    let rest =
        link.rsplit_once("/reset-password/").map_or_else(|| link.split_once("token=").expect("a token").1, |p| p.1);
    rest.split(['?', '&']).next().expect("a token").to_owned()
}

async fn ask(desk: &Desk, email: &str) {
    desk.auth.request_reset(email, None, &desk.from).await.expect("asks");
}

#[tokio::test]
async fn a_reset_mail_arrives_and_its_link_works() {
    let server = MailServer::start().await;
    each_with(server.configure(), async |desk: Desk| {
        let before = server.mails().len();
        desk.ann().await;
        let process = process(&desk);
        ask(&desk, "Ann@example.com").await;
        until("a mail", || server.mails().len() == before + 1).await;
        until_empty(&desk).await;
        process.abort();
        let mail = server.mails().pop().expect("a mail");
        for header in ["To: ann@example.com", "Subject: Choose a new password", "Message-ID: <", "From: \"Todo\""] {
            assert!(mail.contains(header) || mail.contains(&header.replace('"', "")), "{header} in {mail}");
        }
        desk.auth.reset_password(&token(&mail), "another password", &desk.from).await.expect("resets");
        assert!(desk.signs_in("ann@example.com", "another password").await.is_ok());
    })
    .await;
}

#[tokio::test]
async fn an_unknown_address_leaves_the_same_trace_and_no_mail() {
    let server = MailServer::start().await;
    each_with(server.configure(), async |desk: Desk| {
        desk.ann().await;
        ask(&desk, "unknown@example.com").await;
        assert_eq!(jobs(&desk).await, (1, 0), "as for a known address");
        ask(&desk, "ann@example.com").await;
        assert_eq!(jobs(&desk).await, (2, 0));
        let before = server.mails().len();
        let process = process(&desk);
        until_empty(&desk).await;
        process.abort();
        let mails = server.mails();
        assert_eq!(mails.len(), before + 1);
        assert!(mails.last().is_some_and(|mail| mail.contains("To: ann@example.com")));
    })
    .await;
}

#[tokio::test]
async fn a_mail_server_that_is_busy_is_asked_again_and_one_that_refuses_is_not() {
    let server = MailServer::start().await;
    each_with(server.configure(), async |desk: Desk| {
        desk.ann().await;
        let (mails, conversations) = (server.mails().len(), server.conversations());
        server.next(&[Mood::Busy, Mood::Busy, Mood::Takes]);
        let mut processes = vec![process(&desk)];
        ask(&desk, "ann@example.com").await;
        until("a first attempt", || server.conversations() == conversations + 1).await;
        // The pauses are five and ten seconds; the worker is told that time has passed by a new process.
        for attempt in 2..=3 {
            tokio::time::sleep(Duration::from_millis(200)).await;
            assert_eq!(server.conversations(), conversations + attempt - 1, "not before its time");
            desk.pass(10);
            processes.push(process(&desk));
            until("another attempt", || server.conversations() == conversations + attempt).await;
        }
        until("the mail", || server.mails().len() == mails + 1).await;
        until_empty(&desk).await;
        processes.iter().for_each(JoinHandle::abort);

        server.next(&[Mood::Refuses]);
        let process = process(&desk);
        ask(&desk, "ann@example.com").await;
        until_empty(&desk).await;
        process.abort();
        assert_eq!(jobs(&desk).await, (0, 1), "given up at once, and kept for the operator to see");
        assert_eq!(server.mails().len(), mails + 1);
    })
    .await;
}

#[tokio::test]
async fn a_mail_survives_the_death_of_its_sender_in_every_moment() {
    let server = MailServer::start().await;
    each_with(server.configure(), async |desk: Desk| {
        desk.ann().await;
        let mails = server.mails().len();
        // Nobody sends when it is asked for: the process dies right after its answer.
        ask(&desk, "ann@example.com").await;
        // The next one dies in the middle of the conversation.
        let conversations = server.conversations();
        server.next(&[Mood::Hangs]);
        let dying = process(&desk);
        until("a conversation", || server.conversations() == conversations + 1).await;
        tokio::time::sleep(Duration::from_millis(100)).await;
        dying.abort();
        assert_eq!(jobs(&desk).await, (1, 0), "still to be done");
        // A third, on another machine, takes over when the claim has run out.
        let next = Desk::new(&desk.store, server.configure());
        next.pass(91);
        let process = process(&next);
        until("the mail", || server.mails().len() == mails + 1).await;
        until_empty(&next).await;
        process.abort();
        let mail = server.mails().pop().expect("a mail");
        next.auth.reset_password(&token(&mail), "another password", &next.from).await.expect("resets");
    })
    .await;
}

#[tokio::test]
async fn a_link_that_has_expired_is_not_sent() {
    let server = MailServer::start().await;
    each_with(server.configure(), async |desk: Desk| {
        desk.ann().await;
        let conversations = server.conversations();
        ask(&desk, "ann@example.com").await;
        desk.pass(3601);
        let process = process(&desk);
        until_empty(&desk).await;
        process.abort();
        assert_eq!((jobs(&desk).await, server.conversations()), ((0, 1), conversations));
    })
    .await;
}

#[tokio::test]
async fn no_working_link_stands_in_the_database_and_an_account_takes_its_mail_along() {
    let server = MailServer::start().await;
    each_with(server.configure(), async |desk: Desk| {
        let (ann, session) = desk.ann().await;
        ask(&desk, "ann@example.com").await;
        let far = desk.now() + jiff::SignedDuration::from_hours(1);
        let lease = Duration::from_secs(1);
        let waiting = desk.store.claim_jobs(todo_store::jobs::MAIL, far, lease, 10).await.expect("claims");
        let [job] = waiting.as_slice() else { panic!("one job, got {waiting:?}") };
        let payload = job.payload.to_string();
        assert!(!payload.contains("http") && !payload.contains("ann@example.com"), "{payload}");
        let live = match desk.auth.find_session(&session.token).await.expect("reads") {
            todo_auth::sessions::Lookup::Live(live) => live,
            todo_auth::sessions::Lookup::Gone => panic!("a session"),
        };
        assert_eq!(live.user.id, ann.id);
        assert!(desk.auth.delete_account(&live, Some(PASSWORD), None, None, &desk.from).await.expect("deletes"));
        assert_eq!(jobs(&desk).await, (0, 0));
    })
    .await;
}

#[tokio::test]
async fn a_deletion_can_take_a_mailed_link() {
    let server = MailServer::start().await;
    let configure = server.configure();
    let change = move |config: &mut AuthConfig| {
        configure(config);
        config.confirm_deletion = true;
    };
    each_with(change, async |desk: Desk| {
        let (_, session) = desk.ann().await;
        let (_, other) = desk.user("bob@example.com").await;
        let live = async |token: &str| match desk.auth.find_session(token).await.expect("reads") {
            todo_auth::sessions::Lookup::Live(live) => live,
            todo_auth::sessions::Lookup::Gone => panic!("a session"),
        };
        let (ann, bob) = (live(&session.token).await, live(&other.token).await);
        let mails = server.mails().len();
        let process = process(&desk);
        assert!(!desk.auth.delete_account(&ann, Some(PASSWORD), None, None, &desk.from).await.expect("asks"));
        until("a mail", || server.mails().len() == mails + 1).await;
        until_empty(&desk).await;
        process.abort();
        let mail = server.mails().pop().expect("a mail");
        assert!(mail.contains("/api/auth/delete-user/callback?token="), "{mail}");
        assert!(desk.auth.confirm_deletion(&ann.user, "nonsense", &desk.from).await.is_err());
        let stolen = token(&mail);
        desk.auth.confirm_deletion(&ann.user, &stolen, &desk.from).await.expect("deletes");
        assert!(desk.signs_in("ann@example.com", PASSWORD).await.is_err());
        assert!(desk.auth.confirm_deletion(&bob.user, &stolen, &desk.from).await.is_err());
        assert!(desk.signs_in("bob@example.com", PASSWORD).await.is_ok());
    })
    .await;
}
