//! Races, retries, deaths: nothing lost, nothing doubled.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod story;

use std::{collections::BTreeSet, time::Duration};

use futures::future::{join_all, try_join_all};
use jiff::{SignedDuration, Timestamp};
use story::{Story, each};
use todo_domain::{Command, NewTask, Outcome, Reminder, TaskPatch, UserId, id::TaskRef};
use todo_store::{
    Changed, Store, StoreConfig, StoreError,
    db::{Db, Identity},
    events::TaskChange,
    idempotency::{Begun, Idempotency, Response},
    jobs::{NewJob, REMINDER},
    testing::TestDb,
};

fn create(title: &str) -> Command {
    Command::Create(vec![NewTask::titled(title)])
}

fn complete(task: TaskRef) -> Command {
    Command::Complete { tasks: vec![task], if_version: None }
}

/// A second store on the same database, as another replica or program has.
fn another(s: &Story) -> Store {
    Store::open(&StoreConfig::from_url(&s.db.url).unwrap()).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_repeating_task_completed_by_many_at_once_goes_on_once() {
    each(async |s: Story| {
        let replica = another(&s);
        for round in 0..5 {
            let new =
                NewTask { recurrence: Some("FREQ=DAILY".parse().unwrap()), ..NewTask::titled(format!("{round}")) };
            let task = s.run(Command::Create(vec![new])).await.tasks[0].id;
            let outcomes = join_all((0..16).map(|n| {
                let scope = if n % 2 == 0 { s.scope.clone() } else { replica.user(s.scope.user_id()) };
                let context = s.context();
                tokio::spawn(async move { scope.run(complete(TaskRef::Id(task)), &context).await.unwrap() })
            }))
            .await;
            let made: usize = outcomes.iter().map(|outcome| outcome.as_ref().unwrap().also.len()).sum();
            let operations = outcomes.iter().filter(|outcome| outcome.as_ref().unwrap().operation.is_some()).count();
            assert_eq!((made, operations), (1, 1));
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn numbers_and_events_have_no_gap_and_no_double_under_load() {
    each(async |s: Story| {
        let replica = another(&s);
        let mut seen = Vec::new();
        let writers = join_all((0..60).map(|n| {
            let scope = if n % 2 == 0 { s.scope.clone() } else { replica.user(s.scope.user_id()) };
            let context = s.context();
            // Half of them take the short way, half the long one.
            let labels = if n % 4 < 2 { vec![] } else { vec![format!("label{}", n % 3)] };
            let command = Command::Create(vec![NewTask { labels, ..NewTask::titled(format!("{n}")) }]);
            tokio::spawn(async move { scope.run(command, &context).await.unwrap() })
        }));
        // A reader that only ever goes forward must see every event: they commit in the order of their numbers.
        let reader = async {
            let mut after = 0;
            while seen.len() < 60 {
                for event in s.scope.events_after(after, 7).await.unwrap() {
                    assert_eq!(event.seq, after + 1);
                    after = event.seq;
                    seen.push(event);
                }
            }
        };
        let (outcomes, ()) =
            tokio::join!(writers, tokio::time::timeout(Duration::from_secs(30), reader).map_ok_unwrap());
        let numbers: BTreeSet<i64> = outcomes.iter().map(|outcome| outcome.as_ref().unwrap().tasks[0].number).collect();
        assert_eq!(numbers, (1..=60).collect());
        for event in &seen {
            let one = &event.payload.tasks[0];
            assert_eq!(one.change, TaskChange::Created);
            assert_eq!(s.task(one.number).await.id, one.id, "the event names the task by its number");
        }
        assert_eq!(s.scope.labels().await.unwrap().len(), 3, "labels made at the same time are one");
        assert_eq!(s.scope.latest_seq().await.unwrap(), 60);
    })
    .await;
}

trait MapOkUnwrap {
    async fn map_ok_unwrap(self);
}

impl<F: Future<Output = Result<(), tokio::time::error::Elapsed>>> MapOkUnwrap for F {
    async fn map_ok_unwrap(self) {
        self.await.expect("the reader saw every event in time");
    }
}

fn key(name: &str, fingerprint: &str) -> Idempotency {
    Idempotency::new(name, fingerprint, |outcome: &Outcome| Response {
        status: 201,
        body: format!("task {}", outcome.tasks[0].number).into_bytes(),
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_request_with_a_key_is_done_once_and_answered_alike() {
    each(async |s: Story| {
        let context = s.context();
        let answers = join_all((0..12).map(|_| {
            let (scope, context) = (s.scope.clone(), context.clone());
            tokio::spawn(async move { scope.run_once(create("Once"), &context, key("k", "print")).await.unwrap() })
        }))
        .await;
        let fresh = answers.iter().filter(|ran| ran.as_ref().unwrap().outcome.is_some()).count();
        assert_eq!(fresh, 1);
        assert!(answers.iter().all(|ran| ran.as_ref().unwrap().response.body == b"task 1"));
        assert_eq!(s.titles().await, ["Once"]);
        let other = s.scope.run_once(create("Other"), &context, key("k", "another print")).await;
        assert!(matches!(other, Err(StoreError::IdempotencyMismatch)), "{other:?}");
        let eve = s.store().user(&UserId::new("eve"));
        let theirs = eve.run_once(create("Hers"), &context, key("k", "another print")).await.unwrap();
        assert!(theirs.outcome.is_some(), "keys are each user's own");
        // What was refused may be tried again with the same key.
        let refused = s.scope.run_once(complete(TaskRef::Number(9)), &context, key("r", "p")).await;
        assert!(matches!(refused, Err(StoreError::Domain(_))));
        assert!(s.scope.run_once(create("Then"), &context, key("r", "p")).await.unwrap().outcome.is_some());
        // A day later the key is forgotten.
        let mut later = context.clone();
        later.now = later.now.checked_add(SignedDuration::from_hours(25)).unwrap();
        assert!(s.scope.run_once(create("Again"), &later, key("k", "new print")).await.unwrap().outcome.is_some());
    })
    .await;
}

#[tokio::test]
async fn a_handler_holds_its_key_until_it_finishes_or_dies() {
    each(async |s: Story| {
        let now = s.now().timestamp();
        assert_eq!(s.scope.begin_once("chat", b"p", now).await.unwrap(), Begun::New);
        assert!(matches!(s.scope.begin_once("chat", b"p", now).await, Err(StoreError::IdempotencyInProgress)));
        assert!(matches!(s.scope.begin_once("chat", b"q", now).await, Err(StoreError::IdempotencyMismatch)));
        let later = now.checked_add(SignedDuration::from_mins(11)).unwrap();
        assert_eq!(s.scope.begin_once("chat", b"p", later).await.unwrap(), Begun::New, "its handler must have died");
        let response = Response { status: 200, body: b"hello".to_vec() };
        s.scope.finish_once("chat", &response).await.unwrap();
        assert_eq!(s.scope.begin_once("chat", b"p", later).await.unwrap(), Begun::Done(response));
        s.scope.begin_once("other", b"p", now).await.unwrap();
        s.scope.abandon_once("other").await.unwrap();
        assert_eq!(s.scope.begin_once("other", b"p", now).await.unwrap(), Begun::New);
        let kept = Duration::from_secs(3600);
        let after = now.checked_add(SignedDuration::from_hours(48)).unwrap();
        assert_eq!(s.store().prune(after, kept, kept).await.unwrap(), 2);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn each_job_goes_to_one_worker_and_comes_back_when_that_dies() {
    each(async |s: Story| {
        let now = s.now().timestamp();
        let job = |n: i32| NewJob {
            kind: "test".into(),
            user: None,
            dedupe: Some(n.to_string()),
            payload: serde_json::json!({ "n": n }),
            run_at: now,
        };
        for n in 0..40 {
            assert!(s.store().enqueue(job(n)).await.unwrap());
            assert!(!s.store().enqueue(job(n)).await.unwrap(), "not twice");
        }
        let lease = Duration::from_secs(30);
        let replica = another(&s);
        let claimed = join_all((0..8).map(|n| {
            let store = if n % 2 == 0 { s.store().clone() } else { replica.clone() };
            tokio::spawn(async move { store.claim_jobs("test", now, lease, 5).await.unwrap() })
        }))
        .await;
        let mut jobs: Vec<_> = claimed.into_iter().flat_map(|jobs| jobs.unwrap()).collect();
        let ids: BTreeSet<i64> = jobs.iter().map(|job| job.id).collect();
        assert_eq!((jobs.len(), ids.len()), (ids.len(), jobs.len()), "no job twice");
        jobs.extend(s.store().claim_jobs("test", now, lease, 100).await.unwrap());
        assert_eq!(jobs.len(), 40);
        let (failing, rest) = jobs.split_first().unwrap();
        let (dying, finished) = rest.split_first().unwrap();
        for job in finished {
            s.store().finish_job(job).await.unwrap();
        }
        s.store().fail_job(failing, now, "no route", false).await.unwrap();
        let at = |seconds| now.checked_add(SignedDuration::from_secs(seconds)).unwrap();
        assert_eq!(s.store().claim_jobs("test", at(1), lease, 9).await.unwrap(), []);
        let again = s.store().claim_jobs("test", at(6), lease, 9).await.unwrap();
        assert_eq!(again.iter().map(|job| (job.id, job.attempts)).collect::<Vec<_>>(), [(failing.id, 2)]);
        let again = s.store().claim_jobs("test", at(31), lease, 9).await.unwrap();
        assert_eq!(again.iter().map(|job| job.id).collect::<Vec<_>>(), [dying.id], "its worker never finished");
        s.store().finish_job(dying).await.unwrap();
        let backlog = s.store().backlog(at(100)).await.unwrap();
        assert_eq!(backlog.due, 2, "a late finish of a lost claim takes nothing off the queue");
        s.store().fail_job(&again[0], at(32), "hopeless", true).await.unwrap();
        assert_eq!(s.store().backlog(at(100)).await.unwrap().dead, 1);
    })
    .await;
}

#[tokio::test]
async fn reminders_are_jobs_that_follow_their_task() {
    each(async |s: Story| {
        let now = s.now().timestamp();
        let at = |hours: i64| now.checked_add(SignedDuration::from_hours(hours)).unwrap();
        let due = todo_domain::Due::At(at(10).to_zoned(jiff::tz::TimeZone::get("Europe/Paris").unwrap()));
        let new = NewTask {
            due: Some(due),
            reminders: vec![Reminder::Before { minutes: 60 }, Reminder::At(at(2)), Reminder::At(at(-2))],
            ..NewTask::titled("Call")
        };
        s.run(Command::Create(vec![new])).await;
        let due_jobs = async || {
            let jobs = s.store().claim_jobs(REMINDER, at(1000), Duration::ZERO, 100).await.unwrap();
            jobs.iter().map(|job| job.run_at).collect::<Vec<Timestamp>>()
        };
        let micros = |at: Timestamp| Timestamp::from_microsecond(at.as_microsecond()).unwrap();
        assert_eq!(due_jobs().await, [micros(at(2)), micros(at(9))], "what has passed reminds nobody");
        let later = todo_domain::Due::At(at(20).to_zoned(jiff::tz::TimeZone::UTC));
        let patch = TaskPatch { due: Some(Some(later)), ..TaskPatch::default() };
        let moved = s.run(Command::Update { task: TaskRef::Number(1), patch, if_version: None }).await;
        assert_eq!(due_jobs().await, [micros(at(2)), micros(at(19))]);
        s.undo(&moved).await;
        assert_eq!(due_jobs().await, [micros(at(2)), micros(at(9))]);
        let done = s.run(complete(TaskRef::Number(1))).await;
        assert_eq!(due_jobs().await, []);
        s.undo(&done).await;
        assert_eq!(due_jobs().await.len(), 2);
        s.run(Command::Delete { tasks: vec![TaskRef::Number(1)], if_version: None }).await;
        assert_eq!(due_jobs().await, []);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn readers_elsewhere_hear_of_a_change() {
    each(async |s: Story| {
        let replica = another(&s);
        let (mut here, mut there) = (s.store().changes(), replica.changes());
        tokio::time::sleep(Duration::from_millis(300)).await;
        s.create("News").await;
        let soon = Duration::from_secs(5);
        for (place, feed) in [("the same", &mut here), ("another", &mut there)] {
            let heard = async { while feed.next().await != Changed::User(s.scope.user_id().clone()) {} };
            tokio::time::timeout(soon, heard).await.unwrap_or_else(|_| panic!("{place} process hears of it"));
        }
        // Who follows one user is woken by that user's changes and by nobody else's.
        let (mut own, mut eves) = (replica.changes_of(s.scope.user_id()), replica.changes_of(&UserId::new("eve")));
        s.create("More").await;
        tokio::time::timeout(soon, own.changed()).await.expect("the follower in another process hears of it");
        let waiting = tokio::time::timeout(Duration::from_millis(1500), eves.changed());
        s.create("Still more").await;
        assert!(waiting.await.is_err());
        // Going and coming back loses nobody: the second follower of a user outlives the first.
        let mut second = replica.changes_of(s.scope.user_id());
        drop(own);
        s.create("The last").await;
        tokio::time::timeout(soon, second.changed()).await.expect("the remaining follower hears of it");
    })
    .await;
}

/// A process that dies in the middle of a command: its connection goes before the commit.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_command_cut_off_half_way_leaves_nothing() {
    each(async |s: Story| {
        s.create("There").await;
        let before = s.state().await;
        for micros in [0, 50, 100, 200, 400, 800, 1600, 3200] {
            let seq = s.scope.latest_seq().await.unwrap();
            let many =
                (0..50).map(|n| NewTask { labels: vec![format!("cut{n}")], ..NewTask::titled("Half") }).collect();
            let context = s.context();
            let command = s.scope.run(Command::Create(many), &context);
            // Dropping the future is what a dropped request does to it.
            let finished = tokio::time::timeout(Duration::from_micros(micros), command).await.is_ok();
            tokio::time::sleep(Duration::from_millis(300)).await;
            let events = s.scope.latest_seq().await.unwrap() - seq;
            if events == 0 {
                assert!(!finished);
                assert_eq!(s.state().await, before, "cut off after {micros} µs");
            } else {
                // On SQLite work that was handed over is done; whoever gave up can see it, and undo it, whole.
                assert_eq!(events, 1);
                let operation = s.scope.operations(1, None).await.unwrap().operations[0].id;
                s.run(Command::Undo { operation }).await;
                assert_eq!(s.state().await, before);
            }
        }
    })
    .await;
}

/// The server drops the connection between a command's statements, again and again.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn connections_that_the_server_ends_lose_and_double_nothing() {
    let Some(db) = TestDb::postgres().await.unwrap() else { return };
    let s = Story::new("PostgreSQL", db);
    let (url, stop) = (s.db.url.clone(), std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false)));
    let killer = tokio::spawn({
        let stop = stop.clone();
        async move {
            let (client, connection) = tokio_postgres::connect(&url, tokio_postgres::NoTls).await.unwrap();
            tokio::spawn(connection);
            let mut killed = 0;
            while !stop.load(std::sync::atomic::Ordering::Relaxed) {
                let sql = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";
                killed += client.query(sql, &[]).await.unwrap().len();
                tokio::time::sleep(Duration::from_millis(15)).await;
            }
            killed
        }
    });
    let context = s.context();
    let mut acknowledged = BTreeSet::new();
    for n in 0..150 {
        // With a key, a client (and the store itself) may repeat until there is an answer.
        let title = format!("{n}");
        for attempt in 0.. {
            match s.scope.run_once(create(&title), &context, key(&title, &title)).await {
                Ok(_) => break,
                Err(StoreError::Unavailable { .. } | StoreError::Unknown(_)) if attempt < 50 => {}
                Err(error) => panic!("{error:?}"),
            }
        }
        acknowledged.insert(title);
    }
    stop.store(true, std::sync::atomic::Ordering::Relaxed);
    assert!(killed_some(killer.await.unwrap()));
    tokio::time::sleep(Duration::from_millis(50)).await;
    let mut titles = Vec::new();
    let mut chunks = std::pin::pin!(s.scope.export_all(&s.now()));
    while let Some(chunk) = futures::TryStreamExt::try_next(&mut chunks).await.unwrap() {
        titles.extend(chunk.into_iter().map(|task| task.title));
    }
    let distinct: BTreeSet<String> = titles.iter().cloned().collect();
    assert_eq!(titles.len(), distinct.len(), "nothing doubled");
    assert_eq!(distinct, acknowledged, "nothing lost");
}

fn killed_some(killed: usize) -> bool {
    eprintln!("{killed} connections were ended");
    killed > 10
}

/// Health must answer while every connection is taken.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_busy_pool_does_not_make_the_database_look_dead() {
    each(async |s: Story| {
        let mut config = StoreConfig::from_url(&s.db.url).unwrap();
        config.pool_size = 2;
        let store = Store::open(&config).unwrap();
        store.ping(Duration::from_secs(5)).await.unwrap();
        let scope = store.user(s.scope.user_id());
        let load: Vec<_> = (0..200)
            .map(|n| {
                let (scope, context) = (scope.clone(), s.context());
                tokio::spawn(async move { scope.run(create(&format!("{n}")), &context).await })
            })
            .collect();
        for _ in 0..10 {
            store.ping(Duration::from_millis(500)).await.unwrap();
        }
        for task in load {
            task.await.unwrap().unwrap();
        }
    })
    .await;
}

#[tokio::test]
async fn a_database_that_is_not_there_is_reported_in_time() {
    // Nobody answers on this address of the documentation range (RFC 5737), and nobody refuses.
    let config = StoreConfig::from_url("postgres://u:secret@192.0.2.1/d").unwrap();
    let store = Store::open(&config).unwrap();
    let start = std::time::Instant::now();
    let error = store.ping(Duration::from_millis(250)).await.unwrap_err();
    assert!(start.elapsed() < Duration::from_secs(1));
    assert!(error.is_transient() && !format!("{error:?}").contains("secret"), "{error:?}");
    let refused = Store::open(&StoreConfig::from_url("postgres://u:secret@127.0.0.1:1/d").unwrap()).unwrap();
    let error = refused.user(&UserId::new("ada")).labels().await.unwrap_err();
    assert!(error.is_transient() && !format!("{error:?}").contains("secret"), "{error:?}");
}

/// A statement that is wrong is tried once more, on a fresh connection in the place of the one that refused it; the others stay.
#[tokio::test]
async fn a_wrong_statement_costs_one_connection() {
    let Some(db) = TestDb::postgres().await.unwrap() else { return };
    let raw = Db::open(&StoreConfig::from_url(&db.url).unwrap()).unwrap();
    // All at once, so that each has a connection of its own.
    let connections = async || {
        let ask = || raw.query(Identity::System, "SELECT pg_backend_pid() FROM pg_sleep(0.5)", vec![]);
        let found: Vec<Vec<(i64,)>> = try_join_all([ask(), ask(), ask()]).await.unwrap();
        found.into_iter().map(|rows| rows[0].0).collect::<BTreeSet<_>>()
    };
    let before = connections().await;
    assert_eq!(before.len(), 3);
    let wrong: Result<Vec<(i64,)>, _> = raw.query(Identity::System, "SELECT 1 FROM nowhere", vec![]).await;
    let error = wrong.unwrap_err();
    assert!(format!("{error:?}").contains("42P01"), "{error:?}");
    let after = connections().await;
    assert_eq!((after.len(), after.intersection(&before).count()), (3, 2), "{before:?} became {after:?}");
}
