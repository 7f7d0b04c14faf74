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
