//! Lists: filters, search, order and pages.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod story;

use std::collections::BTreeSet;

use jiff::{Timestamp, ToSpan, civil::date};
use story::{Story, each};
use todo_domain::{
    Command, Due, Filter, NewTask, Priority, Reminder, Status, Task, TaskQuery,
    id::TaskRef,
    query::{Order, SortKey, Start},
    task::ProjectRef,
};
use todo_store::StoreError;

async fn sample(s: &Story) {
    let at = |text: &str| Some(Due::At(text.parse().unwrap()));
    let tasks = vec![
        NewTask {
            labels: vec!["home".into(), "Garden".into()],
            due: Some(Due::Day(date(2026, 11, 17))),
            priority: Priority::High,
            ..NewTask::titled("Rake leaves")
        },
        NewTask {
            project: Some(ProjectRef::Name("Work".into())),
            due: at("2026-11-18T09:00:00[Europe/Paris]"),
            description: Some("quarterly numbers, naïve draft".into()),
            priority: Priority::Urgent,
            ..NewTask::titled("Report")
        },
        NewTask {
            labels: vec!["home".into()],
            // The 19th in Paris, still the 18th in New York.
            due: at("2026-11-18T19:30:00[America/New_York]"),
            reminders: vec![Reminder::Before { minutes: 5 }],
            ..NewTask::titled("Call Ada")
        },
        NewTask {
            due: Some(Due::Day(date(2026, 11, 18))),
            recurrence: Some("FREQ=DAILY".parse().unwrap()),
            ..NewTask::titled("買牛奶")
        },
        NewTask { labels: vec!["homework".into()], ..NewTask::titled("Élan vital report") },
    ];
    s.run(Command::Create(tasks)).await;
    s.run(Command::Complete { tasks: vec![TaskRef::Number(5)], if_version: None }).await;
}

#[tokio::test]
async fn filters_find_what_they_say() {
    each(async |s: Story| {
        sample(&s).await;
        let find = async |filter| s.find(filter, SortKey::Number, Order::Asc).await;
        let [rake, report, call, milk, elan] = ["Rake leaves", "Report", "Call Ada", "買牛奶", "Élan vital report"];
        let day = |d| Some(date(2026, 11, d));
        let cases: Vec<(Filter, Vec<&str>)> = vec![
            (Filter::All, vec![rake, report, call, milk, elan]),
            (Filter::Status(Status::Completed), vec![elan]),
            (!Filter::Status(Status::Completed), vec![rake, report, call, milk]),
            (Filter::Priority { min: Priority::High, max: Priority::Urgent }, vec![rake, report]),
            (Filter::Label("HOME".into()), vec![rake, call]),
            (Filter::Label("home*".into()), vec![rake, call, elan]),
            (!Filter::Label("home".into()), vec![report, milk, elan]),
            (Filter::Label("nowhere".into()), vec![]),
            (Filter::AnyLabel, vec![rake, call, elan]),
            (Filter::Project("work".into()), vec![report]),
            (!Filter::Project("work".into()), vec![rake, call, milk, elan]),
            (!Filter::AnyProject, vec![rake, call, milk, elan]),
            (Filter::Due { from: day(18), to: day(18) }, vec![report, milk]),
            (Filter::Due { from: day(19), to: None }, vec![call]),
            (Filter::Due { from: None, to: day(17) }, vec![rake]),
            (!Filter::Due { from: day(18), to: day(18) }, vec![rake, call, elan]),
            (Filter::Due { from: None, to: None }, vec![rake, report, call, milk]),
            (Filter::Overdue, vec![rake, report]),
            (!Filter::Overdue, vec![call, milk, elan]),
            (Filter::Recurring, vec![milk]),
            (Filter::Reminder, vec![call]),
            (Filter::Subtask, vec![]),
            (Filter::Text("rep".into()), vec![report, elan]),
            (Filter::Text("REPORT naive".into()), vec![report]),
            (Filter::Text("elan".into()), vec![elan]),
            (Filter::Text("牛".into()), vec![milk]),
            (Filter::Text("'; DROP TABLE tasks; -- \" * & | !".into()), vec![]),
            (Filter::Text("…".into()), vec![]),
            // What no store can hold finds nothing, and breaks nothing.
            (Filter::Label("a\0b".into()), vec![]),
            (Filter::Project("\0".into()), vec![]),
            (Filter::Due { from: Some(jiff::civil::Date::MIN), to: day(17) }, vec![rake]),
            (Filter::Due { from: day(19), to: Some(jiff::civil::Date::MAX) }, vec![call]),
            (
                Filter::Created { from: Some(Timestamp::MIN), to: Some(Timestamp::MAX) },
                vec![rake, report, call, milk, elan],
            ),
            (Filter::Or(vec![Filter::Overdue, Filter::Text("ada".into())]), vec![rake, report, call]),
            (Filter::And(vec![]), vec![rake, report, call, milk, elan]),
            (Filter::Or(vec![]), vec![]),
        ];
        for (filter, titles) in cases {
            assert_eq!(find(filter.clone()).await, titles, "{filter:?}");
        }
        let now = s.now().timestamp();
        let recent = Some(now.checked_sub(1.hour()).unwrap());
        assert_eq!(find(Filter::Completed { from: recent, to: None }).await, [elan]);
        assert_eq!(find(!Filter::Completed { from: recent, to: None }).await.len(), 4);
        assert_eq!(find(Filter::Created { from: None, to: Some(Timestamp::UNIX_EPOCH) }).await.len(), 0);
        assert_eq!(find(Filter::Updated { from: recent, to: Some(now) }).await.len(), 5);
        // The reader's zone decides what a day is.
        s.set_now("2026-11-18T12:00:00[America/New_York]");
        assert_eq!(find(Filter::Due { from: day(18), to: day(18) }).await, [report, call, milk]);
    })
    .await;
}

#[tokio::test]
async fn search_ranks_titles_first_and_follows_changes() {
    each(async |s: Story| {
        sample(&s).await;
        let notes = NewTask { description: Some("needs a report some day".into()), ..NewTask::titled("Other") };
        s.run(Command::Create(vec![notes])).await;
        let found = s.find(Filter::Text("report".into()), SortKey::Relevance, Order::Desc).await;
        assert_eq!(found.len(), 3);
        for nothing in ["", "…", "' \" *"] {
            assert!(s.find(Filter::Text(nothing.into()), SortKey::Relevance, Order::Desc).await.is_empty());
        }
        assert_eq!(found[2], "Other", "words of the title count more: {found:?}");
        let patch = todo_domain::TaskPatch { title: Some("Übersicht".into()), ..Default::default() };
        s.run(Command::Update { task: TaskRef::Number(2), patch, if_version: None }).await;
        assert_eq!(s.find(Filter::Text("ubersicht".into()), SortKey::Relevance, Order::Desc).await, ["Übersicht"]);
        assert_eq!(s.find(Filter::Text("report".into()), SortKey::Relevance, Order::Desc).await.len(), 2);
        s.run(Command::Delete { tasks: vec![TaskRef::Number(2)], if_version: None }).await;
        assert_eq!(s.find(Filter::Text("ubersicht".into()), SortKey::CreatedAt, Order::Desc).await.len(), 0);
    })
    .await;
}

const SORTS: [SortKey; 8] = [
    SortKey::CreatedAt,
    SortKey::UpdatedAt,
    SortKey::CompletedAt,
    SortKey::DueDate,
    SortKey::Priority,
    SortKey::Title,
    SortKey::Position,
    SortKey::Number,
];

async fn walk(s: &Story, sort: SortKey, order: Order, between: impl AsyncFn(usize)) -> Vec<Task> {
    let mut query = TaskQuery { limit: 3, ..TaskQuery::new(Filter::All).sorted(sort, order) };
    let mut all = Vec::new();
    loop {
        let page = s.scope.tasks(&query, &s.now()).await.unwrap();
        all.extend(page.tasks);
        match page.next_cursor {
            Some(cursor) => query.start = Start::Cursor(cursor),
            None => return all,
        }
        between(all.len()).await;
    }
}

#[tokio::test]
async fn pages_join_without_gap_or_double_in_every_order() {
    each(async |s: Story| {
        sample(&s).await;
        sample(&s).await;
        for sort in SORTS {
            for order in [Order::Asc, Order::Desc] {
                let ids = async |start: Start, limit| {
                    let query = TaskQuery { limit, start, ..TaskQuery::new(Filter::All).sorted(sort, order) };
                    let page = s.scope.tasks(&query, &s.now()).await.unwrap();
                    page.tasks.into_iter().map(|task| task.id).collect::<Vec<_>>()
                };
                let whole = ids(Start::Offset(0), 100).await;
                let walked: Vec<_> = walk(&s, sort, order, async |_| {}).await.iter().map(|task| task.id).collect();
                assert_eq!(walked, whole, "{sort:?} {order:?}");
                let mut by_offset = Vec::new();
                for start in [0, 4, 8] {
                    by_offset.extend(ids(Start::Offset(start), 4).await);
                }
                assert_eq!(by_offset, whole, "{sort:?} {order:?} by offset");
            }
        }
        let due = walk(&s, SortKey::DueDate, Order::Desc, async |_| {}).await;
        assert!(due[..8].iter().all(|task| task.due.is_some()) && due[8..].iter().all(|task| task.due.is_none()));
    })
    .await;
}

#[tokio::test]
async fn pages_stay_whole_while_tasks_come_and_go() {
    each(async |s: Story| {
        for n in 0..20 {
            s.create(&format!("old {n}")).await;
        }
        for (sort, order) in
            [(SortKey::CreatedAt, Order::Desc), (SortKey::Title, Order::Asc), (SortKey::DueDate, Order::Asc)]
        {
            let known: BTreeSet<i64> = s
                .scope
                .tasks(&TaskQuery { limit: 100, ..TaskQuery::new(Filter::All) }, &s.now())
                .await
                .unwrap()
                .tasks
                .iter()
                .map(|task| task.number)
                .collect();
            let walked = walk(&s, sort, order, async |_| {
                s.create("new").await;
            })
            .await;
            let numbers: Vec<i64> = walked.iter().map(|task| task.number).collect();
            let distinct: BTreeSet<i64> = numbers.iter().copied().collect();
            assert_eq!(distinct.len(), numbers.len(), "no task twice");
            assert!(known.is_subset(&distinct), "no old task lost: {sort:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_cursor_belongs_to_its_question() {
    each(async |s: Story| {
        sample(&s).await;
        let query = TaskQuery { limit: 2, ..TaskQuery::new(Filter::All) };
        let cursor = s.scope.tasks(&query, &s.now()).await.unwrap().next_cursor.unwrap();
        let other =
            TaskQuery { start: Start::Cursor(cursor.clone()), ..query.clone() }.sorted(SortKey::Title, Order::Asc);
        let nonsense = TaskQuery { start: Start::Cursor("x".into()), ..query.clone() };
        for query in [other, nonsense] {
            match s.scope.tasks(&query, &s.now()).await {
                Err(StoreError::Domain(error)) => assert_eq!(error.field.as_deref(), Some("cursor")),
                other => panic!("{other:?}"),
            }
        }
        let uncounted = s.scope.tasks_uncounted(&query, &s.now()).await.unwrap();
        assert_eq!((uncounted.total, uncounted.tasks.len()), (None, 2));
    })
    .await;
}

#[tokio::test]
async fn an_export_has_everything_in_order() {
    use futures::TryStreamExt;
    each(async |s: Story| {
        let many = |from: i32| (from..from + 700).map(|n| NewTask::titled(format!("{n}"))).collect();
        s.run(Command::Create(many(0))).await;
        s.run(Command::Create(many(700))).await;
        let chunks: Vec<Vec<Task>> = s.scope.export_all(&s.now()).try_collect().await.unwrap();
        let numbers: Vec<i64> = chunks.concat().iter().map(|task| task.number).collect();
        assert_eq!(numbers, (1..=1400).collect::<Vec<_>>());
        assert!(chunks.len() > 1);
    })
    .await;
}

#[tokio::test]
async fn statistics_tell_how_many_were_overdue_at_the_end_of_each_day() {
    each(async |s: Story| {
        s.set_now("2026-11-14T10:00:00[Europe/Paris]");
        let due = |title: &str, day| NewTask { due: Some(Due::Day(date(2026, 11, day))), ..NewTask::titled(title) };
        s.run(Command::Create(vec![due("a", 15), due("b", 16), due("c", 30), NewTask::titled("d")])).await;
        s.set_now("2026-11-17T10:00:00[Europe/Paris]");
        s.run(Command::Complete { tasks: vec![TaskRef::Number(1)], if_version: None }).await;
        s.set_now("2026-11-18T10:00:00[Europe/Paris]");
        s.run(Command::Create(vec![due("late from the start", 10)])).await;
        let numbers = s.scope.statistics(&s.now(), 6).await.unwrap();
        let overdue: Vec<u32> = numbers.days.iter().map(|day| day.overdue).collect();
        assert_eq!(overdue, [0, 0, 1, 2, 1, 2], "of the 13th to the 18th");
        assert_eq!(u64::from(overdue[5]), numbers.overdue, "today's is the number of now");
        assert_eq!(numbers.completed_in.into_iter().collect::<Vec<_>>(), [(None, 1)]);
    })
    .await;
}

#[tokio::test]
async fn statistics_count_days_in_the_readers_zone() {
    each(async |s: Story| {
        s.set_now("2026-11-18T00:30:00[Europe/Paris]");
        sample(&s).await;
        let numbers = s.scope.statistics(&s.now(), 2).await.unwrap();
        assert_eq!((numbers.total, numbers.open, numbers.completed, numbers.streak), (5, 4, 1, 1));
        assert_eq!((numbers.overdue, numbers.due_today), (1, 2));
        assert_eq!(numbers.days.len(), 2);
        assert_eq!(
            (numbers.days[1].date, numbers.days[1].created, numbers.days[1].completed),
            (date(2026, 11, 18), 5, 1)
        );
    })
    .await;
}
