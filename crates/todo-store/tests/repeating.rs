//! Repeating tasks: the next occurrence comes once, whatever happens.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod story;

use jiff::civil::date;
use story::{Story, each};
use todo_domain::{
    Command, Due, Filter, NewTask, Recurrence, Reminder, Status, TaskPatch,
    id::TaskRef,
    query::{Order, SortKey},
};

fn repeating(title: &str, rule: &str, due: Option<Due>) -> NewTask {
    NewTask { recurrence: Some(rule.parse::<Recurrence>().unwrap()), due, ..NewTask::titled(title) }
}

fn complete(number: i64) -> Command {
    Command::Complete { tasks: vec![TaskRef::Number(number)], if_version: None }
}

fn reopen(number: i64) -> Command {
    Command::Reopen { tasks: vec![TaskRef::Number(number)], if_version: None }
}

#[tokio::test]
async fn month_ends_clamp_and_come_back() {
    each(async |s: Story| {
        s.set_now("2026-01-31T10:00:00[Europe/Paris]");
        s.run(Command::Create(vec![repeating("Pay rent", "FREQ=MONTHLY", Some(Due::Day(date(2026, 1, 31))))])).await;
        let next = s.run(complete(1)).await.also[0].clone();
        assert_eq!(next.due, Some(Due::Day(date(2026, 2, 28))));
        assert_eq!(s.task(2).await, next, "what was answered is what is read");
        s.set_now("2026-02-28T10:00:00[Europe/Paris]");
        assert_eq!(s.run(complete(2)).await.also[0].due, Some(Due::Day(date(2026, 3, 31))));
    })
    .await;
}

#[tokio::test]
async fn a_clock_time_keeps_its_reading_over_a_change_of_clocks() {
    each(async |s: Story| {
        s.set_now("2026-10-24T12:00:00[Europe/Paris]");
        let due = Due::At("2026-10-24T09:00:00[Europe/Paris]".parse().unwrap());
        let reminders = vec![Reminder::Before { minutes: 10 }, Reminder::At("2026-10-24T06:00:00Z".parse().unwrap())];
        s.run(Command::Create(vec![NewTask { reminders, ..repeating("Swim", "FREQ=DAILY", Some(due)) }])).await;
        let next = s.run(complete(1)).await.also[0].clone();
        assert_eq!(next.due, Some(Due::At("2026-10-25T09:00:00[Europe/Paris]".parse().unwrap())));
        // 08:00 in Paris stays 08:00 in Paris.
        let shifted = Reminder::At("2026-10-25T07:00:00Z".parse().unwrap());
        assert!(next.reminders.contains(&shifted), "{:?}", next.reminders);
    })
    .await;
}

#[tokio::test]
async fn completing_reopening_and_completing_again_makes_one_next_occurrence() {
    each(async |s: Story| {
        s.run(Command::Create(vec![repeating("Water", "FREQ=DAILY", None)])).await;
        assert_eq!(s.task(1).await.due, Some(Due::Day(date(2026, 11, 18))), "due from its first occurrence");
        let done = s.run(complete(1)).await;
        assert_eq!(done.also.len(), 1);
        let back = s.run(reopen(1)).await;
        assert_eq!(back.also, done.also, "an untouched next occurrence goes");
        assert_eq!(s.titles().await, ["Water"]);
        let done = s.run(complete(1)).await;
        let next = TaskRef::Id(done.also[0].id);
        let patch = TaskPatch { title: Some("Water the palms".into()), ..TaskPatch::default() };
        s.run(Command::Update { task: next, patch, if_version: None }).await;
        assert_eq!(s.run(reopen(1)).await.also, [], "a touched one stays");
        assert_eq!(s.run(complete(1)).await.also, [], "and no second one is made");
        assert_eq!(s.titles().await, ["Water", "Water the palms"]);
        let patch = TaskPatch { status: Some(Status::Completed), ..TaskPatch::default() };
        let by_update = s.run(Command::Update { task: next, patch, if_version: None }).await;
        assert_eq!(by_update.also.len(), 1, "an update of the status follows the same rules");
    })
    .await;
}

#[tokio::test]
async fn a_counted_series_ends() {
    each(async |s: Story| {
        s.run(Command::Create(vec![repeating("Pill", "FREQ=DAILY;COUNT=3", None)])).await;
        for (number, day) in [(1, 18), (2, 19)] {
            s.set_now(&format!("2026-11-{day}T10:00:00[Europe/Paris]"));
            assert_eq!(s.run(complete(number)).await.also.len(), 1);
        }
        s.set_now("2026-11-20T10:00:00[Europe/Paris]");
        assert_eq!(s.run(complete(3)).await.also, []);
        assert_eq!(s.find(Filter::Status(Status::Pending), SortKey::Number, Order::Asc).await, Vec::<String>::new());
    })
    .await;
}

#[tokio::test]
async fn the_next_occurrence_has_its_subtasks_open() {
    each(async |s: Story| {
        let parent = s.run(Command::Create(vec![repeating("Clean", "FREQ=WEEKLY", None)])).await.tasks[0].id;
        for title in ["Kitchen", "Bath"] {
            s.run(Command::Create(vec![NewTask { parent_id: Some(parent), ..NewTask::titled(title) }])).await;
        }
        s.run(complete(2)).await;
        let done = s.run(complete(1)).await;
        assert_eq!(done.also.len(), 3);
        let copies = s.scope.subtasks(done.also[0].id).await.unwrap();
        assert!(copies.iter().all(|task| !task.is_completed()));
        assert_eq!(copies.iter().map(|task| task.title.as_str()).collect::<Vec<_>>(), ["Kitchen", "Bath"]);
        assert_eq!(s.run(reopen(1)).await.also.len(), 3);
        assert_eq!(s.titles().await, ["Clean", "Kitchen", "Bath"]);
    })
    .await;
}
