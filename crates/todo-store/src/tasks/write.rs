//! Writing tasks, with their words and labels. Statements are deferred: they are sent in order and answered by the commit.

use std::fmt::Write as _;

use todo_domain::{Task, id::UserId, search};
use uuid::Uuid;

use super::{due_to_columns, names_to_json, reminders_to_json, title_key};
use crate::{
    db::{Dialect, Tx, Val},
    error::Result,
    vals,
};

/// The columns after `user_id` and `id`, in the order of [`values`].
const COLUMNS: [&str; 21] = [
    "number",
    "title",
    "title_key",
    "description",
    "priority",
    "labels",
    "project_id",
    "due_sort",
    "due_at",
    "due_zone",
    "reminders",
    "recurrence",
    "recurrence_anchor",
    "series_id",
    "occurrence",
    "duration_minutes",
    "parent_id",
    "position",
    "created_at",
    "updated_at",
    "completed_at",
];

/// `user_id`, `id`, and the rest of [`COLUMNS`].
pub(crate) fn values(task: &Task) -> Vec<Val> {
    let [due_sort, due_at, due_zone] = due_to_columns(task.due.as_ref());
    vec![
        (&task.user_id).into(),
        task.id.into(),
        task.number.into(),
        (&task.title).into(),
        title_key(&task.title).into(),
        task.description.clone().into(),
        task.priority.rank().into(),
        names_to_json(&task.labels).into(),
        task.project_id.into(),
        due_sort,
        due_at,
        due_zone,
        reminders_to_json(&task.reminders).into(),
        task.recurrence.as_ref().map(ToString::to_string).into(),
        task.recurrence.as_ref().map(|rule| rule.anchor().as_str()).into(),
        task.series_id.into(),
        task.occurrence.into(),
        task.duration_minutes.into(),
        task.parent_id.into(),
        task.position.into(),
        task.created_at.into(),
        task.updated_at.into(),
        task.completed_at.into(),
    ]
}

/// `user_id, id, number, …` and `$1, $2, $3, …` of an insert without the version.
pub(crate) fn insert_lists() -> (String, Vec<String>) {
    let columns = format!("user_id, id, {}", COLUMNS.join(", "));
    (columns, (1..=COLUMNS.len() + 2).map(|n| format!("${n}")).collect())
}

/// Inserts a task that does not exist.
pub(crate) async fn insert(tx: &Tx, task: &Task) -> Result<()> {
    let (columns, places) = insert_lists();
    let mut values = values(task);
    values.push(task.version.into());
    let sql = format!("INSERT INTO tasks ({columns}, version) VALUES ({}, ${})", places.join(", "), values.len());
    tx.defer(&sql, values).await?;
    insert_words(tx, task).await
}

/// Writes every column of an existing task.
pub(crate) async fn update(tx: &Tx, before: &Task, task: &Task) -> Result<()> {
    let mut values = values(task);
    values.push(task.version.into());
    let sets: Vec<String> =
        COLUMNS.iter().enumerate().map(|(index, column)| format!("{column} = ${}", index + 3)).collect();
    let sql =
        format!("UPDATE tasks SET {}, version = ${} WHERE user_id = $1 AND id = $2", sets.join(", "), values.len());
    tx.defer(&sql, values).await?;
    if before.title != task.title || before.description != task.description {
        insert_words(tx, task).await?;
    }
    Ok(())
}

/// Deletes a task; its words and labels go with it.
pub(crate) async fn delete(tx: &Tx, user: &UserId, id: Uuid) -> Result<()> {
    if tx.dialect() == Dialect::Sqlite {
        tx.defer(
            "DELETE FROM task_words WHERE rowid = (SELECT row FROM tasks WHERE user_id = $1 AND id = $2)",
            vals![user, id],
        )
        .await?;
    }
    tx.defer("DELETE FROM tasks WHERE user_id = $1 AND id = $2", vals![user, id]).await
}

async fn insert_words(tx: &Tx, task: &Task) -> Result<()> {
    match tx.dialect() {
        Dialect::Postgres => {
            tx.defer(
                "INSERT INTO task_words (user_id, task_id, words) VALUES ($1, $2, $3::text::tsvector) \
                 ON CONFLICT (user_id, task_id) DO UPDATE SET words = excluded.words",
                vals![&task.user_id, task.id, tsvector(task)],
            )
            .await
        }
        Dialect::Sqlite => {
            let words = |text: &str| {
                let namespace = namespace(&task.user_id);
                search::words(text).iter().map(|word| format!("{namespace}{word}")).collect::<Vec<_>>().join(" ")
            };
            tx.defer(
                "INSERT OR REPLACE INTO task_words (rowid, title, notes) \
                 SELECT row, $3, $4 FROM tasks WHERE user_id = $1 AND id = $2",
                vals![
                    &task.user_id,
                    task.id,
                    words(&task.title),
                    words(task.description.as_deref().unwrap_or_default())
                ],
            )
            .await
        }
    }
}

/// Highest position that a `tsvector` keeps.
const POSITION_MAX: usize = 16_383;
/// Most positions that a `tsvector` keeps of one word.
const POSITIONS_PER_WORD: usize = 255;

/// The words of a task as the text of a `tsvector`: those of the title have weight A, those of the notes D. Words consist of
/// letters and digits only, so nothing needs quoting.
pub(crate) fn tsvector(task: &Task) -> String {
    let namespace = namespace(&task.user_id);
    let mut seen = std::collections::BTreeMap::<String, (usize, String)>::new();
    let titles = search::words(&task.title).into_iter().map(|word| (word, "A"));
    let notes = search::words(task.description.as_deref().unwrap_or_default()).into_iter().map(|word| (word, ""));
    for (index, (word, weight)) in titles.chain(notes).enumerate() {
        let (count, positions) = seen.entry(word).or_default();
        if *count < POSITIONS_PER_WORD {
            let comma = if *count > 0 { "," } else { "" };
            // Into memory that can't fail.
            let _ = write!(positions, "{comma}{}{weight}", (index + 1).min(POSITION_MAX));
            *count += 1;
        }
    }
    let mut text = String::new();
    for (word, (_, positions)) in &seen {
        let space = if text.is_empty() { "" } else { " " };
        let _ = write!(text, "{space}'{namespace}{word}':{positions}");
    }
    text
}

/// What stands before every word of a user, so that a search touches only that user's part of the index. Eight letters of a
/// hash; that two users share it costs time, never privacy, as results are joined with the user's own tasks.
pub(crate) fn namespace(user: &UserId) -> String {
    use sha2::{Digest, Sha256};
    let digest = Sha256::digest(user.as_str().as_bytes());
    digest.iter().take(4).map(|byte| format!("{byte:02x}")).collect()
}

/// Puts the rows of `task_labels` right: `before` and `after` are ids.
pub(crate) async fn relabel(tx: &Tx, user: &UserId, task: Uuid, before: &[Uuid], after: &[Uuid]) -> Result<()> {
    for label in before.iter().filter(|label| !after.contains(label)) {
        tx.defer(
            "DELETE FROM task_labels WHERE user_id = $1 AND label_id = $2 AND task_id = $3",
            vals![user, *label, task],
        )
        .await?;
    }
    for label in after.iter().filter(|label| !before.contains(label)) {
        tx.defer(
            "INSERT INTO task_labels (user_id, label_id, task_id) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
            vals![user, *label, task],
        )
        .await?;
    }
    Ok(())
}
