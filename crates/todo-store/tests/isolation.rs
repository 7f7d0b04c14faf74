//! Two users share a database and nothing else.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod story;

use futures::TryStreamExt;
use story::{Story, each};
use todo_domain::{
    Code, Command, Filter, NewTask, TaskPatch, TaskQuery, UserId,
    id::TaskRef,
    query::{SortKey, Start},
    task::ProjectRef,
};
use todo_store::{
    Store, StoreConfig,
    db::{Db, Identity, Repeat},
    testing::TestDb,
};

/// One user's things, every kind of them.
async fn furnish(s: &Story) -> todo_domain::Outcome {
    let new = NewTask {
        labels: vec!["secret".into()],
        project: Some(ProjectRef::Name("Hidden".into())),
        reminders: vec![todo_domain::Reminder::At("2027-01-01T00:00:00Z".parse().unwrap())],
        ..NewTask::titled("Private plan")
    };
    let now = s.now().timestamp();
    s.scope.save_settings(&Default::default(), now).await.unwrap();
    s.scope.create_saved_filter("mine", "today", None, None, now).await.unwrap();
    s.scope.add_push_subscription("https://push.example/1", "key", "auth", None, now).await.unwrap();
    s.run(Command::Create(vec![new])).await
}

#[tokio::test]
async fn nobody_sees_or_touches_what_is_somebody_elses() {
    each(async |s: Story| {
        let ada = furnish(&s).await;
        let task = ada.tasks[0].clone();
        let eve = s.db.store.user(&UserId::new("eve"));
        let now = s.now();
        assert_eq!(eve.task(TaskRef::Id(task.id)).await.unwrap(), None);
        assert_eq!(eve.task(TaskRef::Number(1)).await.unwrap(), None);
        assert_eq!(eve.tasks_named(&[TaskRef::Id(task.id), TaskRef::Number(1)]).await.unwrap(), []);
        for filter in [
            Filter::All,
            !Filter::Or(vec![]),
            Filter::Text("private".into()),
            Filter::Label("secret".into()),
            Filter::ProjectId(task.project_id.unwrap()),
            !Filter::AnyLabel,
        ] {
            for sort in [SortKey::CreatedAt, SortKey::Relevance] {
                let query = TaskQuery { sort, ..TaskQuery::new(filter.clone()) };
                let page = eve.tasks(&query, &now).await.unwrap();
                assert_eq!((page.tasks.len(), page.total), (0, Some(0)), "{filter:?}");
            }
            assert_eq!(eve.count(&filter, &now).await.unwrap(), 0);
        }
        assert_eq!(eve.subtasks(task.id).await.unwrap(), []);
        assert_eq!(eve.labels().await.unwrap(), []);
        assert_eq!(eve.projects().await.unwrap(), []);
        assert_eq!(eve.project(task.project_id.unwrap()).await.unwrap(), None);
        assert_eq!(eve.operations(10, None).await.unwrap().operations, []);
        assert_eq!(eve.task_operations(task.id, 10).await.unwrap().operations, []);
        assert_eq!(eve.events_after(0, 10).await.unwrap(), []);
        assert_eq!((eve.latest_seq().await.unwrap(), eve.oldest_seq().await.unwrap()), (0, None));
        assert_eq!(eve.saved_filters().await.unwrap().len(), 0);
        assert_eq!(eve.push_subscriptions().await.unwrap(), []);
        assert!(!eve.delete_push_endpoint("https://push.example/1").await.unwrap());
        assert_eq!(eve.webhooks().await.unwrap(), []);
        assert_eq!(eve.statistics(&now, 7).await.unwrap().total, 0);
        let exported: Vec<_> = eve.export_all(&now).try_collect::<Vec<_>>().await.unwrap();
        assert!(exported.is_empty());

        let operation = ada.operation.as_ref().unwrap().id;
        let one = TaskRef::Id(task.id);
        let patch = TaskPatch { title: Some("Mine now".into()), ..TaskPatch::default() };
        let label = s.scope.labels().await.unwrap()[0].id;
        let project = task.project_id.unwrap();
        let attempts = vec![
            (Command::Update { task: one, patch: patch.clone(), if_version: None }, Code::TaskNotFound),
            (Command::UpdateMany { tasks: vec![one], patch }, Code::TaskNotFound),
            (Command::Complete { tasks: vec![one], if_version: None }, Code::TaskNotFound),
            (Command::Toggle { task: TaskRef::Number(1) }, Code::TaskNotFound),
            (Command::Delete { tasks: vec![one], if_version: None }, Code::TaskNotFound),
            (Command::UpdateLabel { id: label, name: Some("x".into()), color: None }, Code::LabelNotFound),
            (Command::DeleteLabel { id: label }, Code::LabelNotFound),
            (Command::DeleteProject { id: project }, Code::ProjectNotFound),
            (Command::Undo { operation }, Code::OperationNotFound),
            (
                Command::Create(vec![NewTask { project: Some(ProjectRef::Id(project)), ..NewTask::titled("x") }]),
                Code::ProjectNotFound,
            ),
            (
                Command::Create(vec![NewTask { parent_id: Some(task.id), ..NewTask::titled("x") }]),
                Code::ValidationError,
            ),
        ];
        for (command, code) in attempts {
            let error = eve.run(command.clone(), &s.context()).await.unwrap_err();
            assert_eq!(error.code(), Some(code), "{command:?}");
        }
        // Ids and keys are each user's own: that another has them is not to be felt.
        let same_id = NewTask { id: Some(task.id), labels: vec!["secret".into()], ..NewTask::titled("Eve's") };
        let made = eve.run(Command::Create(vec![same_id]), &s.context()).await.unwrap();
        assert_eq!((made.tasks[0].id, made.tasks[0].number), (task.id, 1));
        eve.run(Command::Delete { tasks: vec![one], if_version: None }, &s.context()).await.unwrap();
        assert_eq!(s.task(1).await, task);
        let cursor = s.scope.operations(1, None).await.unwrap();
        assert!(cursor.next_cursor.is_none());
        let mut query = TaskQuery { limit: 1, ..TaskQuery::new(Filter::All) };
        s.create("second").await;
        let cursor = s.scope.tasks(&query, &now).await.unwrap().next_cursor.unwrap();
        query.start = Start::Cursor(cursor);
        assert!(eve.tasks(&query, &now).await.is_err(), "a cursor is its user's own");
    })
    .await;
}

/// What a statement without its WHERE would see, on PostgreSQL: the tables with tasks' data, one by one.
#[tokio::test]
async fn row_level_security_holds_where_a_query_forgot_its_user() {
    let Some(db) = TestDb::postgres().await.unwrap() else { return };
    let s = Story::new("PostgreSQL", db);
    furnish(&s).await;
    let raw = Db::open(&StoreConfig::from_url(&s.db.url).unwrap()).unwrap();
    let count = async |identity: Identity, table: &str| {
        let rows: Vec<(i64,)> = raw.query(identity, format!("SELECT count(*) FROM {table}"), vec![]).await.unwrap();
        rows[0].0
    };
    let (ada, eve) = (Identity::User(UserId::new("ada")), Identity::User(UserId::new("eve")));
    let tables = [
        "counters",
        "tasks",
        "labels",
        "task_labels",
        "projects",
        "operations",
        "events",
        "settings",
        "saved_filters",
        "push_subscriptions",
        "jobs",
    ];
    for table in tables {
        assert!(count(ada.clone(), table).await > 0, "{table} holds something of the owner's");
        assert_eq!(count(eve.clone(), table).await, 0, "{table} shows nothing to another");
        assert_eq!(count(Identity::System, table).await, 0, "{table} shows nothing to nobody");
        let seen_by_workers = ["jobs", "events", "operations"].contains(&table);
        assert_eq!(count(Identity::Worker, table).await > 0, seen_by_workers, "{table} as background work sees it");
    }
    let change = async |identity: Identity, sql: &'static str| raw.execute(identity, Repeat::Unsafe, sql, vec![]).await;
    assert_eq!(change(eve.clone(), "UPDATE tasks SET title = 'x'").await.unwrap(), 0);
    assert_eq!(change(eve.clone(), "DELETE FROM task_labels").await.unwrap(), 0);
    assert_eq!(change(Identity::Worker, "DELETE FROM tasks").await.unwrap(), 0);
    let foreign = "INSERT INTO labels (user_id, id, name, name_key, created_at) \
                   VALUES ('ada', gen_random_uuid(), 'x', 'x', now())";
    let error = change(eve, foreign).await.unwrap_err();
    assert!(format!("{error:?}").contains("42501"), "{error:?}");
    // Every table with a user's data has a policy, also those that a later migration brings.
    let open: Vec<(String,)> = raw
        .query(
            Identity::System,
            "SELECT c.relname::text FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'user_id' \
             WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND NOT (c.relrowsecurity AND c.relforcerowsecurity) \
             AND c.relname NOT IN ('task_words', 'api_tokens', 'audit') ORDER BY 1",
            vec![],
        )
        .await
        .unwrap();
    assert_eq!(open, [], "tables without row-level security");
    drop(raw);
    assert_eq!(
        Store::open(&StoreConfig::from_url(&s.db.url).unwrap())
            .unwrap()
            .user(&UserId::new("ada"))
            .labels()
            .await
            .unwrap()
            .len(),
        1
    );
}
