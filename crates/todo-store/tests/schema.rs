//! Migrations: many at once, interrupted, newer, older, foreign.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use todo_store::{SchemaState, Store, StoreConfig, StoreError, testing::TestDb, wanted_version};

fn open(url: &str) -> Store {
    Store::open(&StoreConfig::from_url(url).unwrap()).unwrap()
}

/// The address of an empty database on each engine.
fn empty(folder: &std::path::Path) -> Vec<String> {
    let mut urls = vec![format!("sqlite:{}", folder.join("new.db").display())];
    urls.extend(TestDb::empty_postgres().unwrap());
    urls
}

async fn sql(url: &str, text: &str) {
    if let Some(path) = url.strip_prefix("sqlite:") {
        rusqlite::Connection::open(path).unwrap().execute_batch(text).unwrap();
    } else {
        let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.unwrap();
        tokio::spawn(connection);
        client.batch_execute(text).await.unwrap();
    }
}

fn folder() -> std::path::PathBuf {
    let folder = std::env::temp_dir().join(format!("todo-schema-{}", uuid::Uuid::now_v7()));
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_may_migrate_at_once_and_again() {
    let folder = folder();
    for url in empty(&folder) {
        assert_eq!(open(&url).schema_state().await, SchemaState::Behind { have: 0, want: wanted_version() });
        let all: Vec<_> = (0..6)
            .map(|_| {
                let store = open(&url);
                tokio::spawn(async move { store.migrate().await.unwrap() })
            })
            .collect();
        let mut applied = Vec::new();
        for one in all {
            applied.extend(one.await.unwrap());
        }
        applied.sort_unstable();
        assert_eq!(applied, (1..=wanted_version()).collect::<Vec<_>>(), "each migration ran once");
        assert_eq!(open(&url).migrate().await.unwrap(), Vec::<i64>::new());
        assert_eq!(open(&url).schema_state().await, SchemaState::Current);
    }
    std::fs::remove_dir_all(folder).unwrap();
}

#[tokio::test]
async fn a_failed_migration_leaves_nothing_and_can_be_repeated() {
    let folder = folder();
    for url in empty(&folder) {
        // Something of a name that a later migration needs stands in the way.
        sql(&url, "CREATE TABLE conversations (x integer)").await;
        assert!(open(&url).migrate().await.is_err());
        assert_eq!(open(&url).schema_state().await, SchemaState::Behind { have: 1, want: wanted_version() });
        sql(&url, "DROP TABLE conversations").await;
        let applied = open(&url).migrate().await.unwrap();
        assert_eq!(applied, (2..=wanted_version()).collect::<Vec<_>>());
    }
    std::fs::remove_dir_all(folder).unwrap();
}

#[tokio::test]
async fn a_newer_schema_is_used_within_its_window_only() {
    let folder = folder();
    for url in empty(&folder) {
        open(&url).migrate().await.unwrap();
        let want = wanted_version();
        let newer = |version: i64, from: i64| {
            format!(
                "INSERT INTO schema_versions (version, name, checksum, compatible_from) VALUES ({version}, 'later', 'x', {from})"
            )
        };
        sql(&url, &newer(want + 1, want)).await;
        let state = open(&url).schema_state().await;
        assert_eq!(state, SchemaState::Ahead { have: want + 1, compatible: true });
        assert!(state.is_usable());
        assert_eq!(
            open(&url).migrate().await.unwrap(),
            Vec::<i64>::new(),
            "an older program's migration is no failure"
        );
        sql(&url, &newer(want + 2, want + 1)).await;
        let state = open(&url).schema_state().await;
        assert_eq!(state, SchemaState::Ahead { have: want + 2, compatible: false });
        assert!(!state.is_usable());
        assert!(matches!(open(&url).migrate().await, Err(StoreError::Schema(_))));
    }
    std::fs::remove_dir_all(folder).unwrap();
}

#[tokio::test]
async fn a_schema_of_another_making_is_refused() {
    let folder = folder();
    for url in empty(&folder) {
        open(&url).migrate().await.unwrap();
        sql(&url, "UPDATE schema_versions SET checksum = 'other' WHERE version = 1").await;
        match open(&url).migrate().await {
            Err(StoreError::Schema(text)) => assert!(text.contains("tasks"), "{text}"),
            other => panic!("{other:?}"),
        }
    }
    std::fs::remove_dir_all(folder).unwrap();
}

#[tokio::test]
async fn an_unreachable_database_is_told_from_an_old_one() {
    let state = open("postgres://u@127.0.0.1:1/d").schema_state().await;
    assert!(matches!(state, SchemaState::Unreachable(_)), "{state:?}");
}
