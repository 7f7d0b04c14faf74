//! The commands, on both engines.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod story;

use jiff::civil::date;
use story::{Story, each};
use todo_domain::{
    Code, Command, Due, NewTask, Priority, Status, TaskPatch,
    id::TaskRef,
    task::{Place, ProjectRef},
};

#[tokio::test]
async fn a_task_is_made_changed_completed_and_deleted() {
    each(async |s: Story| {
        let outcome = s.run(Command::Create(vec![NewTask::titled("Buy milk")])).await;
        let task = outcome.tasks[0].clone();
        assert_eq!((task.number, task.version, task.status), (1, 1, Status::Pending));
        assert_eq!(outcome.operation.as_ref().unwrap().summary, "Added “Buy milk”");
        assert_eq!(s.task(1).await, task, "what was answered is what is read");

        let patch = TaskPatch {
            title: Some("Buy oat milk".into()),
            priority: Some(Priority::High),
            labels: Some(vec!["shop".into(), "Home".into()]),
            project: Some(Some(ProjectRef::Name("Errands".into()))),
            due: Some(Some(Due::Day(date(2026, 11, 21)))),
            ..TaskPatch::default()
        };
        let changed =
            s.run(Command::Update { task: TaskRef::Number(1), patch, if_version: Some(1) }).await.tasks[0].clone();
        assert_eq!(changed.version, 2);
        assert_eq!(changed.labels, ["Home", "shop"]);
        assert_eq!(s.task(1).await, changed);
        let patch = TaskPatch { title: Some("x".into()), ..TaskPatch::default() };
        let stale = Command::Update { task: TaskRef::Number(1), patch, if_version: Some(1) };
        assert_eq!(s.refused(stale).await, Code::VersionConflict);

        let done = s.run(Command::Complete { tasks: vec![TaskRef::Number(1)], if_version: None }).await;
        assert_eq!(done.tasks[0].status, Status::Completed);
        let again = s.run(Command::Complete { tasks: vec![TaskRef::Number(1)], if_version: None }).await;
        assert_eq!(again.operation, None, "completing twice is one change");
        assert_eq!(again.tasks, done.tasks);

        let gone = s.run(Command::Delete { tasks: vec![TaskRef::Id(task.id)], if_version: None }).await;
        assert_eq!(gone.tasks[0].title, "Buy oat milk");
        assert_eq!(s.scope.task(TaskRef::Number(1)).await.unwrap(), None);
        assert_eq!(s.refused(Command::Toggle { task: TaskRef::Number(1) }).await, Code::TaskNotFound);
        let next = s.run(Command::Create(vec![NewTask::titled("Another")])).await;
        assert_eq!(next.tasks[0].number, 2, "numbers are never used again");
    })
    .await;
}

#[tokio::test]
async fn labels_and_projects_are_made_on_the_fly_and_follow_their_name() {
    each(async |s: Story| {
        let new = NewTask {
            labels: vec!["Home".into(), "garden".into()],
            project: Some(ProjectRef::Name("House".into())),
            ..NewTask::titled("Rake leaves")
        };
        s.run(Command::Create(vec![new])).await;
        let new = NewTask { labels: vec!["HOME".into()], ..NewTask::titled("Sweep") };
        assert_eq!(s.run(Command::Create(vec![new])).await.tasks[0].labels, ["Home"], "the label's own spelling");
        let labels = s.scope.labels().await.unwrap();
        assert_eq!(
            labels.iter().map(|l| (l.name.as_str(), l.open_tasks)).collect::<Vec<_>>(),
            [("garden", 1), ("Home", 2)]
        );

        let home = labels[1].id;
        let before = s.task(1).await;
        s.run(Command::UpdateLabel { id: home, name: Some("House \"hold\"".into()), color: None }).await;
        assert_eq!(s.task(1).await.labels, ["garden", "House \"hold\""]);
        assert_eq!(s.task(1).await.version, before.version + 1, "what a reader sees has changed");
        let taken = Command::UpdateLabel { id: home, name: Some("GARDEN".into()), color: None };
        assert_eq!(s.refused(taken).await, Code::DuplicateLabel);
        assert_eq!(s.refused(Command::CreateLabel { name: "Garden".into(), color: None }).await, Code::DuplicateLabel);
        s.run(Command::DeleteLabel { id: home }).await;
        assert_eq!(s.task(1).await.labels, ["garden"]);
        assert_eq!(s.task(2).await.labels, Vec::<String>::new());

        let project = s.scope.projects().await.unwrap()[0].clone();
        assert_eq!((project.name.as_str(), project.open_tasks), ("House", 1));
        s.run(Command::DeleteProject { id: project.id }).await;
        assert_eq!(s.task(1).await.project_id, None);
        assert_eq!(s.refused(Command::DeleteProject { id: project.id }).await, Code::ProjectNotFound);
    })
    .await;
}

#[tokio::test]
async fn projects_form_no_circle() {
    each(async |s: Story| {
        let make = |name: &str, parent_id| Command::CreateProject {
            name: name.into(),
            color: Some("#AABBCC".into()),
            parent_id,
        };
        let a = s.run(make("A", None)).await.project.unwrap();
        assert_eq!(a.color.as_deref(), Some("#aabbcc"));
        let b = s.run(make("B", Some(a.id))).await.project.unwrap();
        let circle =
            Command::UpdateProject { id: a.id, name: None, color: None, parent_id: Some(Some(b.id)), archived: None };
        assert_eq!(s.refused_field(circle).await, "parent_id");
        assert_eq!(s.refused(make("a", None)).await, Code::DuplicateProject);
        let archive =
            Command::UpdateProject { id: b.id, name: None, color: None, parent_id: None, archived: Some(true) };
        assert!(s.run(archive).await.project.unwrap().archived);
    })
    .await;
}

#[tokio::test]
async fn subtasks_have_one_level_and_go_with_their_parent() {
    each(async |s: Story| {
        let parent = s.create("Move house").await;
        let under = |title: &str, id| NewTask { parent_id: Some(id), ..NewTask::titled(title) };
        let child = s.run(Command::Create(vec![under("Pack", parent.id)])).await.tasks[0].clone();
        s.run(Command::Create(vec![under("Call movers", parent.id)])).await;
        assert_eq!(s.scope.subtasks(parent.id).await.unwrap().len(), 2);
        assert_eq!(s.refused_field(Command::Create(vec![under("Deeper", child.id)])).await, "parent_id");
        let other = s.create("Other").await;
        let patch = TaskPatch { parent_id: Some(Some(other.id)), ..TaskPatch::default() };
        let nested = Command::Update { task: TaskRef::Id(parent.id), patch, if_version: None };
        assert_eq!(s.refused_field(nested).await, "parent_id");
        let gone = s.run(Command::Delete { tasks: vec![TaskRef::Id(parent.id)], if_version: None }).await;
        assert_eq!(gone.also.len(), 2);
        assert_eq!(s.titles().await, ["Other"]);
        s.undo(&gone).await;
        assert_eq!(s.scope.subtasks(parent.id).await.unwrap().len(), 2);
    })
    .await;
}

#[tokio::test]
async fn the_manual_order_always_has_room() {
    each(async |s: Story| {
        let (a, b, c) = (s.create("a").await, s.create("b").await, s.create("c").await);
        let put = async |task: &todo_domain::Task, place| {
            let patch = TaskPatch { place: Some(place), ..TaskPatch::default() };
            s.run(Command::Update { task: TaskRef::Id(task.id), patch, if_version: None }).await
        };
        put(&c, Place::First).await;
        assert_eq!(s.manual_order().await, ["c", "a", "b"]);
        put(&a, Place::Last).await;
        assert_eq!(s.manual_order().await, ["c", "b", "a"]);
        put(&a, Place::Before(b.id)).await;
        assert_eq!(s.manual_order().await, ["c", "a", "b"]);
        // Halving the gap runs out of bits long before this.
        for _ in 0..40 {
            put(&a, Place::After(c.id)).await;
            assert_eq!(s.manual_order().await, ["c", "a", "b"]);
            put(&b, Place::After(c.id)).await;
            assert_eq!(s.manual_order().await, ["c", "b", "a"]);
        }
        assert_eq!(s.create("d").await.title, "d");
        assert_eq!(s.manual_order().await, ["c", "b", "a", "d"]);
    })
    .await;
}

#[tokio::test]
async fn bulk_is_bounded_and_all_or_nothing() {
    each(async |s: Story| {
        let many: Vec<NewTask> = (0..1000).map(|n| NewTask::titled(format!("Task {n}"))).collect();
        let made = s.run(Command::Create(many.clone())).await;
        assert_eq!(made.tasks.len(), 1000);
        let refs: Vec<TaskRef> = (1..=1000).map(TaskRef::Number).collect();
        let patch =
            TaskPatch { priority: Some(Priority::Low), add_labels: vec!["bulk".into()], ..TaskPatch::default() };
        let changed = s.run(Command::UpdateMany { tasks: refs.clone(), patch: patch.clone() }).await;
        assert!(changed.tasks.iter().all(|task| task.labels == ["bulk"] && task.priority == Priority::Low));
        let mut unknown = refs[..3].to_vec();
        unknown.push(TaskRef::Number(5000));
        let op = Command::Complete { tasks: unknown, if_version: None };
        assert_eq!(s.refused(op).await, Code::TaskNotFound);
        assert!(!s.task(1).await.is_completed(), "nothing of a refused command stays");
        let too_many = many.iter().cloned().chain([NewTask::titled("one more")]).collect();
        assert_eq!(s.refused(Command::Create(too_many)).await, Code::LimitReached);
        assert_eq!(s.refused_field(Command::Create(Vec::new())).await, "tasks");
    })
    .await;
}
