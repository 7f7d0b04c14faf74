//! Labels: made on the fly or by command, renamed and deleted on all their tasks.

use todo_domain::{DomainError, Label, Outcome, error::Code, task::label_set};
use uuid::Uuid;

use super::{
    Change, Unit,
    update::{check_color, duplicate, label_name},
};
use crate::{
    db::Dialect,
    error::Result,
    labels::{self, LabelRecord, name_key},
    vals,
};

impl Unit<'_> {
    /// All labels of the user, read once.
    pub(super) async fn labels(&mut self) -> Result<&mut Vec<LabelRecord>> {
        if self.labels.is_none() {
            self.labels = Some(labels::all(self.tx, self.user).await?);
        }
        Ok(self.labels.get_or_insert_default())
    }

    /// The names as the labels spell them; those that do not exist yet are made.
    pub(super) async fn canonical_labels(&mut self, names: Vec<String>) -> Result<Vec<String>> {
        let mut canonical = Vec::with_capacity(names.len());
        for name in names {
            canonical.push(self.label_named(&name).await?.name);
        }
        Ok(label_set(&canonical)?)
    }

    /// The ids of the labels of these names; those that do not exist yet are made.
    pub(super) async fn label_ids(&mut self, names: &[String]) -> Result<Vec<Uuid>> {
        let mut ids = Vec::with_capacity(names.len());
        for name in names {
            ids.push(self.label_named(name).await?.id);
        }
        Ok(ids)
    }

    async fn label_named(&mut self, name: &str) -> Result<LabelRecord> {
        let key = name_key(name);
        if let Some(label) = self.labels().await?.iter().find(|label| name_key(&label.name) == key) {
            return Ok(label.clone());
        }
        let label =
            LabelRecord { id: Uuid::now_v7(), name: name.to_owned(), color: None, created_at: self.timestamp() };
        self.add_label(label.clone()).await?;
        Ok(label)
    }

    pub(super) async fn add_label(&mut self, label: LabelRecord) -> Result<()> {
        labels::insert(self.tx, self.user, &label).await?;
        self.labels().await?.push(label.clone());
        self.changes.push(Change::Label { before: None, after: Some(label), tasks: Vec::new() });
        Ok(())
    }

    pub(super) async fn label(&mut self, id: Uuid) -> Result<LabelRecord> {
        let found = self.labels().await?.iter().find(|label| label.id == id).cloned();
        Ok(found.ok_or_else(|| DomainError::new(Code::LabelNotFound, "There is no such label."))?)
    }

    /// Writes a label's new name and colour, and the name on all its tasks.
    pub(super) async fn set_label(&mut self, before: &LabelRecord, after: LabelRecord) -> Result<()> {
        let key = name_key(&after.name);
        if self.labels().await?.iter().any(|label| label.id != after.id && name_key(&label.name) == key) {
            return Err(duplicate(Code::DuplicateLabel, "label").into());
        }
        self.tx
            .defer(
                "UPDATE labels SET name = $3, name_key = $4, color = $5 WHERE user_id = $1 AND id = $2",
                vals![self.user, after.id, &after.name, key, after.color.clone()],
            )
            .await?;
        if before.name != after.name {
            let sql = match self.tx.dialect() {
                Dialect::Postgres => {
                    "UPDATE tasks SET version = version + 1, updated_at = $3, labels = \
                     (SELECT json_agg(CASE WHEN name = $4::text THEN $5::text ELSE name END)::text FROM json_array_elements_text(labels::json) AS name) \
                     WHERE user_id = $1 AND id IN (SELECT task_id FROM task_labels WHERE user_id = $1 AND label_id = $2)"
                }
                Dialect::Sqlite => {
                    "UPDATE tasks SET version = version + 1, updated_at = $3, labels = \
                     (SELECT json_group_array(CASE WHEN value = $4 THEN $5 ELSE value END) FROM json_each(labels)) \
                     WHERE user_id = $1 AND id IN (SELECT task_id FROM task_labels WHERE user_id = $1 AND label_id = $2)"
                }
            };
            self.tx.defer(sql, vals![self.user, after.id, self.timestamp(), &before.name, &after.name]).await?;
        }
        for label in self.labels().await? {
            if label.id == after.id {
                *label = after.clone();
            }
        }
        self.changes.push(Change::Label { before: Some(before.clone()), after: Some(after), tasks: Vec::new() });
        Ok(())
    }

    /// Deletes a label and takes it off its tasks.
    pub(super) async fn drop_label(&mut self, label: LabelRecord) -> Result<()> {
        let tasks: Vec<(Uuid,)> = self
            .tx
            .query(
                "SELECT task_id FROM task_labels WHERE user_id = $1 AND label_id = $2 ORDER BY task_id",
                &vals![self.user, label.id],
            )
            .await?;
        let sql = match self.tx.dialect() {
            Dialect::Postgres => {
                "UPDATE tasks SET version = version + 1, updated_at = $3, labels = \
                 (SELECT json_agg(name)::text FROM json_array_elements_text(labels::json) AS name WHERE name <> $4::text) \
                 WHERE user_id = $1 AND id IN (SELECT task_id FROM task_labels WHERE user_id = $1 AND label_id = $2)"
            }
            Dialect::Sqlite => {
                "UPDATE tasks SET version = version + 1, updated_at = $3, labels = \
                 (SELECT nullif(json_group_array(value), '[]') FROM json_each(labels) WHERE value <> $4) \
                 WHERE user_id = $1 AND id IN (SELECT task_id FROM task_labels WHERE user_id = $1 AND label_id = $2)"
            }
        };
        self.tx.defer(sql, vals![self.user, label.id, self.timestamp(), &label.name]).await?;
        self.tx.defer("DELETE FROM labels WHERE user_id = $1 AND id = $2", vals![self.user, label.id]).await?;
        self.labels().await?.retain(|known| known.id != label.id);
        let tasks = tasks.into_iter().map(|row| row.0).collect();
        self.changes.push(Change::Label { before: Some(label), after: None, tasks });
        Ok(())
    }
}

pub(super) async fn create(mut unit: Unit<'_>, name: &str, color: Option<String>) -> Result<Outcome> {
    let name = label_name(name)?;
    let key = name_key(&name);
    if unit.labels().await?.iter().any(|label| name_key(&label.name) == key) {
        return Err(duplicate(Code::DuplicateLabel, "label").into());
    }
    let label = LabelRecord { id: Uuid::now_v7(), name, color: check_color(color)?, created_at: unit.timestamp() };
    unit.add_label(label.clone()).await?;
    conclude(unit, "create_label", "Added", label.with_count(0)).await
}

pub(super) async fn update(
    mut unit: Unit<'_>,
    id: Uuid,
    name: Option<String>,
    color: Option<Option<String>>,
) -> Result<Outcome> {
    let before = unit.label(id).await?;
    let mut after = before.clone();
    if let Some(name) = name {
        after.name = label_name(&name)?;
    }
    if let Some(color) = color {
        after.color = check_color(color)?;
    }
    if before != after {
        unit.set_label(&before, after.clone()).await?;
    }
    let count = labels::open_tasks(unit.tx, unit.user, id).await?;
    conclude(unit, "update_label", "Changed", after.with_count(count)).await
}

pub(super) async fn delete(mut unit: Unit<'_>, id: Uuid) -> Result<Outcome> {
    let label = unit.label(id).await?;
    unit.drop_label(label.clone()).await?;
    conclude(unit, "delete_label", "Deleted", label.with_count(0)).await
}

async fn conclude(mut unit: Unit<'_>, kind: &str, verb: &str, label: Label) -> Result<Outcome> {
    let operation = unit.finish(kind, || format!("{verb} label “{}”", label.name)).await?;
    Ok(Outcome { operation, label: Some(label), ..Outcome::default() })
}
