//! Undo restores exactly, or refuses.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod story;

use jiff::civil::date;
use proptest::{
    prelude::*,
    strategy::ValueTree,
    test_runner::{Config, TestRunner},
};
use story::{Story, each};
use todo_domain::{
    Code, Command, Due, NewTask, Priority, Recurrence, Reminder, TaskPatch,
    id::TaskRef,
    task::{Place, ProjectRef},
};

#[tokio::test]
async fn a_deleted_task_comes_back_with_all_it_had() {
    each(async |s: Story| {
        let new = NewTask {
            description: Some("semi-skimmed\n“2 l”".into()),
            priority: Priority::Urgent,
            labels: vec!["shop".into()],
            project: Some(ProjectRef::Name("House".into())),
            due: Some(Due::At("2026-11-20T17:00:00[America/New_York]".parse().unwrap())),
            reminders: vec![Reminder::Before { minutes: 30 }],
            recurrence: Some("FREQ=WEEKLY".parse().unwrap()),
            duration_minutes: Some(15),
            ..NewTask::titled("Buy milk")
        };
        let made = s.run(Command::Create(vec![new])).await;
        let task = made.tasks[0].clone();
        s.run(Command::Create(vec![NewTask { parent_id: Some(task.id), ..NewTask::titled("Find the bag") }])).await;
        let before = s.state().await;
        let version = s.task(1).await.version;
        let gone = s.run(Command::Delete { tasks: vec![TaskRef::Number(1)], if_version: None }).await;
        assert_eq!(s.titles().await, Vec::<String>::new());
        let back = s.undo(&gone).await;
        assert_eq!(s.state().await, before);
        assert!(s.task(1).await.version > version, "a version never comes back with other content");
        assert_eq!(back.operation.as_ref().unwrap().summary, "Undid: Deleted “Buy milk”");
        let redone = s.undo(&back).await;
        assert_eq!(redone.operation.as_ref().unwrap().summary, "Redid: Deleted “Buy milk”");
        assert_eq!(s.titles().await, Vec::<String>::new());
        s.undo(&redone).await;
        assert_eq!(s.state().await, before);
    })
    .await;
}

#[tokio::test]
async fn undo_refuses_what_changed_since_and_what_was_undone() {
    each(async |s: Story| {
        let made = s.run(Command::Create(vec![NewTask::titled("a")])).await;
        let patch = TaskPatch { title: Some("b".into()), ..TaskPatch::default() };
        let changed = s.run(Command::Update { task: TaskRef::Number(1), patch, if_version: None }).await;
        let undo = |outcome: &todo_domain::Outcome| Command::Undo { operation: outcome.operation.as_ref().unwrap().id };
        assert_eq!(s.refused(undo(&made)).await, Code::UndoConflict);
        s.undo(&changed).await;
        assert_eq!(s.refused(undo(&changed)).await, Code::UndoConflict);
        s.undo(&made).await;
        assert_eq!(s.titles().await, Vec::<String>::new());
        assert_eq!(s.refused(Command::Undo { operation: uuid::Uuid::now_v7() }).await, Code::OperationNotFound);
        // What stands in the way is never a failure of the database.
        let parent = s.run(Command::Create(vec![NewTask::titled("parent")])).await;
        let id = parent.tasks[0].id;
        s.run(Command::Create(vec![NewTask { parent_id: Some(id), ..NewTask::titled("child") }])).await;
        assert_eq!(s.refused(undo(&parent)).await, Code::UndoConflict);
        let label = s.run(Command::CreateLabel { name: "kept".into(), color: None }).await;
        let patch = TaskPatch { add_labels: vec!["kept".into()], ..TaskPatch::default() };
        s.run(Command::Update { task: TaskRef::Id(id), patch, if_version: None }).await;
        s.run(undo(&label)).await;
        assert_eq!(s.scope.labels().await.unwrap().len(), 1, "a label in use stays");
        let gone = s.run(Command::DeleteLabel { id: label.label.unwrap().id }).await;
        s.run(Command::CreateLabel { name: "Kept".into(), color: None }).await;
        assert_eq!(s.refused(undo(&gone)).await, Code::UndoConflict);
    })
    .await;
}

#[tokio::test]
async fn undoing_a_completion_takes_the_next_occurrence_back() {
    each(async |s: Story| {
        let daily: Recurrence = "FREQ=DAILY".parse().unwrap();
        let new =
            NewTask { recurrence: Some(daily), due: Some(Due::Day(date(2026, 11, 18))), ..NewTask::titled("Water") };
        s.run(Command::Create(vec![new])).await;
        let before = s.state().await;
        let done = s.run(Command::Complete { tasks: vec![TaskRef::Number(1)], if_version: None }).await;
        assert_eq!(done.also.len(), 1);
        s.undo(&done).await;
        assert_eq!(s.state().await, before);
        let done = s.run(Command::Complete { tasks: vec![TaskRef::Number(1)], if_version: None }).await;
        s.run(Command::Complete { tasks: vec![TaskRef::Id(done.also[0].id)], if_version: None }).await;
        let undo = Command::Undo { operation: done.operation.unwrap().id };
        assert_eq!(s.refused(undo).await, Code::UndoConflict, "the next occurrence is done already");
    })
    .await;
}

/// Sixty moves into one gap use it up and renumber the order; what was done before is taken back as exactly as what came after.
#[tokio::test]
async fn a_renumbered_order_forgets_no_place() {
    each(async |s: Story| {
        let mut ids = Vec::new();
        for title in ["a", "b", "c", "d", "e"] {
            ids.push(s.create(title).await.id);
        }
        let after = |task: usize, other: usize| Command::Update {
            task: TaskRef::Id(ids[task]),
            patch: TaskPatch { place: Some(Place::After(ids[other])), ..TaskPatch::default() },
            if_version: None,
        };
        let mut history = Vec::new();
        let mut done = async |command: Command| history.push((s.state().await, s.run(command).await));
        done(after(4, 1)).await;
        done(Command::Delete { tasks: vec![TaskRef::Id(ids[1])], if_version: None }).await;
        assert_eq!(s.manual_order().await, ["a", "e", "c", "d"]);
        let places = async || s.task(5).await.position;
        let first = places().await;
        for round in 0..60 {
            done(after(2 + round % 2, 0)).await;
        }
        assert_ne!(places().await, first, "the order was never renumbered: the test tests nothing");
        assert_eq!(s.manual_order().await, ["a", "d", "c", "e"]);
        for (before, outcome) in history.iter().rev() {
            s.undo(outcome).await;
            assert_eq!(&s.state().await, before, "undo of {:?}", outcome.operation);
        }
        assert_eq!(s.manual_order().await, ["a", "b", "c", "d", "e"]);
    })
    .await;
}

/// A command in words that do not depend on ids.
#[derive(Clone, Debug)]
enum Step {
    Create { title: String, labels: Vec<u8>, project: Option<u8>, daily: bool, under: Option<u8> },
    Patch { task: u8, title: Option<String>, labels: Option<Vec<u8>>, project: Option<Option<u8>>, place: Option<u8> },
    Toggle(u8),
    Delete(u8),
    RenameLabel(u8, u8),
    DeleteLabel(u8),
    DeleteProject(u8),
    MoveProject(u8, u8),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let labels = || prop::collection::vec(0..4u8, 0..3);
    let step = prop_oneof![
        4 => ("[a-c]{1,3}", labels(), prop::option::of(0..3u8), any::<bool>(), prop::option::weighted(0.3, any::<u8>()))
            .prop_map(|(title, labels, project, daily, under)| Step::Create { title, labels, project, daily, under }),
        4 => (any::<u8>(), prop::option::of("[a-c]{1,3}"), prop::option::of(labels()), prop::option::of(prop::option::of(0..3u8)), prop::option::of(any::<u8>()))
            .prop_map(|(task, title, labels, project, place)| Step::Patch { task, title, labels, project, place }),
        4 => any::<u8>().prop_map(Step::Toggle),
        2 => any::<u8>().prop_map(Step::Delete),
        1 => (any::<u8>(), 0..6u8).prop_map(|(label, name)| Step::RenameLabel(label, name)),
        1 => any::<u8>().prop_map(Step::DeleteLabel),
        1 => any::<u8>().prop_map(Step::DeleteProject),
        1 => (any::<u8>(), any::<u8>()).prop_map(|(project, parent)| Step::MoveProject(project, parent)),
    ];
    prop::collection::vec(step, 1..25)
}

fn pick<T: Clone>(from: &[T], index: u8) -> Option<T> {
    (!from.is_empty()).then(|| from[usize::from(index) % from.len()].clone())
}

async fn command(s: &Story, step: &Step) -> Option<Command> {
    let query = todo_domain::TaskQuery { limit: 100, ..todo_domain::TaskQuery::new(todo_domain::Filter::All) };
    let tasks: Vec<_> = s.scope.tasks(&query, &s.now()).await.unwrap().tasks.iter().map(|task| task.id).collect();
    let labels: Vec<_> = s.scope.labels().await.unwrap().iter().map(|label| label.id).collect();
    let projects: Vec<_> = s.scope.projects().await.unwrap().iter().map(|project| project.id).collect();
    let names = |labels: &[u8]| labels.iter().map(|label| format!("label{label}")).collect::<Vec<_>>();
    let named = |project: u8| ProjectRef::Name(format!("project{project}"));
    Some(match step {
        Step::Create { title, labels, project, daily, under } => Command::Create(vec![NewTask {
            labels: names(labels),
            project: project.map(named),
            parent_id: under.and_then(|under| pick(&tasks, under)),
            recurrence: (*daily && under.is_none()).then(|| "FREQ=DAILY;COUNT=3".parse().unwrap()),
            reminders: vec![Reminder::Before { minutes: 5 }],
            ..NewTask::titled(title.clone())
        }]),
        Step::Patch { task, title, labels, project, place } => Command::Update {
            task: TaskRef::Id(pick(&tasks, *task)?),
            patch: TaskPatch {
                title: title.clone(),
                labels: labels.as_deref().map(names),
                project: project.map(|project| project.map(named)),
                place: place.and_then(|place| pick(&tasks, place)).map(Place::After),
                ..TaskPatch::default()
            },
            if_version: None,
        },
        Step::Toggle(task) => Command::Toggle { task: TaskRef::Id(pick(&tasks, *task)?) },
        Step::Delete(task) => Command::Delete { tasks: vec![TaskRef::Id(pick(&tasks, *task)?)], if_version: None },
        Step::RenameLabel(label, name) => {
            Command::UpdateLabel { id: pick(&labels, *label)?, name: Some(format!("label{name}")), color: None }
        }
        Step::DeleteLabel(label) => Command::DeleteLabel { id: pick(&labels, *label)? },
        Step::DeleteProject(project) => Command::DeleteProject { id: pick(&projects, *project)? },
        Step::MoveProject(project, parent) => Command::UpdateProject {
            id: pick(&projects, *project)?,
            name: None,
            color: None,
            parent_id: Some(pick(&projects, *parent)),
            archived: None,
        },
    })
}

/// Random commands; undone in reverse order, each step's state comes back; then redone, and undone again.
#[tokio::test]
async fn undoing_everything_in_reverse_restores_every_state() {
    let mut runner = TestRunner::new(Config { failure_persistence: None, ..Config::default() });
    for round in 0..12 {
        let steps = steps().new_tree(&mut runner).unwrap().current();
        each(async |s: Story| {
            let mut history = Vec::new();
            for step in &steps {
                let before = s.state().await;
                let Some(command) = command(&s, step).await else { continue };
                match s.scope.run(command, &s.context()).await {
                    Ok(outcome) if outcome.operation.is_some() => history.push((before, outcome)),
                    Ok(_) => assert_eq!(s.state().await, before, "no operation, no change"),
                    Err(todo_store::StoreError::Domain(_)) => assert_eq!(s.state().await, before, "refused, no change"),
                    Err(error) => panic!("{error:?} in {steps:?}"),
                }
            }
            let end = s.state().await;
            let mut undone = Vec::new();
            for (before, outcome) in history.iter().rev() {
                undone.push(s.undo(outcome).await);
                assert_eq!(&s.state().await, before, "round {round}: undo of {:?} in {steps:#?}", outcome.operation);
            }
            for outcome in undone.iter().rev() {
                s.undo(outcome).await;
            }
            assert_eq!(s.state().await, end, "round {round}: redo of {steps:#?}");
        })
        .await;
    }
}
