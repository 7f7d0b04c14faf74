//! Removing a user with everything that is theirs.

use todo_domain::id::UserId;

use crate::{
    Store,
    db::{Identity, Repeat},
    error::Result,
    vals,
};

/// Tables that hold rows of a user under `user_id`, in an order that foreign keys allow.
///
/// A test compares this list with the schema, so that no table is forgotten.
const TABLES: &[&str] = &[
    "tool_calls",
    "agent_runs",
    "messages",
    "conversations",
    "mcp_messages",
    "mcp_sessions",
    "push_subscriptions",
    "webhooks",
    "jobs",
    "idempotency_keys",
    "saved_filters",
    "settings",
    "events",
    "operations",
    "task_labels",
    "tasks",
    "labels",
    "projects",
    "counters",
    "api_tokens",
    "audit",
];

/// Removes the user, their tasks, conversations, credentials and history, in one transaction. Answers whether there was one.
///
/// # Errors
/// The database's.
pub async fn user(store: &Store, id: &str) -> Result<bool> {
    let id = id.to_owned();
    // As the user, because row-level security shows the rows to nobody else.
    let identity = Identity::User(UserId::new(id.clone()));
    store
        .db()
        .write(identity, Repeat::Safe, move |tx| {
            let id = id.clone();
            Box::pin(async move {
                for table in TABLES {
                    tx.execute(&format!("DELETE FROM {table} WHERE user_id = $1"), &vals![&id]).await?;
                }
                tx.execute(
                    "DELETE FROM verification WHERE value = $1 OR substr(value, 1, length($2)) = $2",
                    &vals![&id, format!("{id}\n")],
                )
                .await?;
                // Sessions and accounts go with it.
                let gone = tx.execute(r#"DELETE FROM "user" WHERE id = $1"#, &vals![&id]).await?;
                Ok(gone == 1)
            })
        })
        .await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::StoreConfig;

    #[tokio::test]
    async fn no_table_with_rows_of_a_user_is_forgotten() {
        let store = Store::open(&StoreConfig::from_url("sqlite::memory:").unwrap()).unwrap();
        store.migrate().await.unwrap();
        let found: Vec<(String,)> = store
            .db()
            .query(
                Identity::System,
                "SELECT t.name FROM sqlite_master t JOIN pragma_table_info(t.name) c
                 WHERE t.type = 'table' AND c.name = 'user_id' ORDER BY t.name",
                vec![],
            )
            .await
            .unwrap();
        let found: Vec<_> = found.into_iter().map(|(name,)| name).collect();
        let mut listed = TABLES.to_vec();
        listed.sort_unstable();
        assert_eq!(listed, found);
    }
}
