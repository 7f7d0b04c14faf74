//! Deleting tasks, with their subtasks.

use todo_domain::{Outcome, id::TaskRef};

use super::{Unit, conclude, load};
use crate::error::Result;

pub(super) async fn delete(mut unit: Unit<'_>, refs: Vec<TaskRef>, if_version: Option<i64>) -> Result<Outcome> {
    let ids = load(&mut unit, &refs, if_version).await?;
    let mut also = Vec::new();
    for id in &ids {
        if unit.get(*id).is_some_and(|task| task.parent_id.is_none()) {
            also.extend(unit.load_subtasks(*id).await?);
        }
    }
    for id in ids.iter().chain(&also) {
        unit.remove(*id);
    }
    conclude(unit, "delete", "Deleted", &ids, &also).await
}
