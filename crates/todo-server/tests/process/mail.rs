//! A mail that was promised is sent, whatever dies in between.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::sync::mpsc::{self, Receiver};
use std::time::Duration;

use http::StatusCode;
use serde_json::json;
use todo_store::testing::TestDb;

use crate::backend::{Backend, free_port};

/// A mail server on that port, and the mails that it takes.
fn mail_server(port: u16) -> Receiver<String> {
    let listener = TcpListener::bind(("127.0.0.1", port)).expect("the port");
    let (sender, mails) = mpsc::channel();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let mut writer = stream.try_clone().expect("clones");
            let mut say = |line: &str| writer.write_all(format!("{line}\r\n").as_bytes());
            say("220 mail.test ESMTP").expect("writes");
            let mut lines = BufReader::new(stream).lines();
            while let Some(Ok(line)) = lines.next() {
                let answer = match line.split(' ').next().unwrap_or_default() {
                    "DATA" => {
                        say("354 go on").expect("writes");
                        let mail: Vec<String> =
                            lines.by_ref().map_while(Result::ok).take_while(|line| line != ".").collect();
                        sender.send(mail.join("\n")).expect("the test listens");
                        "250 taken"
                    }
                    "QUIT" => "221 bye",
                    _ => "250 ok",
                };
                if say(answer).is_err() {
                    break;
                }
            }
        }
    });
    mails
}

#[tokio::test]
async fn a_mail_outlives_a_killed_program_and_an_absent_mail_server() {
    for (engine, db) in TestDb::each().await.expect("databases") {
        let port = free_port();
        let url = format!("smtp://127.0.0.1:{port}");
        let vars = [("SMTP_URL", url.as_str()), ("MAIL_FROM", "Todo <todo@example.com>")];
        let backend = Backend::start(&db.url, &vars).await;
        let account = json!({"name": "Ann", "email": "ann@example.com", "password": "correct horse battery"});
        assert_eq!(backend.post("/api/auth/sign-up/email", account).await.0, StatusCode::OK, "{engine}");
        let asked = backend.post("/api/auth/request-password-reset", json!({"email": "ann@example.com"})).await;
        assert_eq!(asked.0, StatusCode::OK, "{engine}: {asked:?}");
        tokio::time::sleep(Duration::from_millis(300)).await;
        let log = backend.kill();
        assert!(log.contains("a mail could not be sent yet"), "{engine}: {log}");
        assert!(!log.contains("/reset-password/"), "no link in the log when mail is configured: {log}");

        let mails = mail_server(port);
        let backend = Backend::start(&db.url, &vars).await;
        let mail = tokio::task::spawn_blocking(move || (mails.recv_timeout(Duration::from_secs(30)), mails)).await;
        let (mail, mails) = mail.expect("waits");
        let mail = mail.unwrap_or_else(|_| panic!("{engine}: no mail within 30 s"));
        let token = mail.split("/reset-password/").nth(1).and_then(|rest| rest.split_whitespace().next());
        let reset = json!({"token": token.expect("a link"), "newPassword": "a whole new sentence"});
        assert_eq!(backend.post("/api/auth/reset-password", reset).await.0, StatusCode::OK, "{engine}");
        let sign_in = json!({"email": "ann@example.com", "password": "a whole new sentence"});
        assert_eq!(backend.post("/api/auth/sign-in/email", sign_in).await.0, StatusCode::OK, "{engine}");
        assert!(mails.try_recv().is_err(), "{engine}: one mail, not two");
    }
}
