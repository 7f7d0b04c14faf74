//! The manual order: a number between those of the neighbours; all are renumbered when no room is left.

use todo_domain::{DomainError, id::TaskRef, task::Place};
use uuid::Uuid;

use super::{Change, Unit, unit::STEP};
use crate::{
    error::{Result, StoreError},
    vals,
};

impl Unit<'_> {
    /// Moves a task of the unit.
    pub(super) async fn place(&mut self, id: Uuid, place: Place) -> Result<()> {
        let position = match self.between(id, place).await? {
            Some(position) => position,
            None => {
                self.rebalance().await?;
                self.between(id, place)
                    .await?
                    .ok_or_else(|| StoreError::Corrupt("the manual order has no room after renumbering".into()))?
            }
        };
        let mut task = self.copy(id)?;
        task.position = position;
        self.put(task);
        Ok(())
    }

    /// The number for that place; `None` when the neighbours are too close.
    async fn between(&mut self, id: Uuid, place: Place) -> Result<Option<f64>> {
        let other = match place {
            Place::First => {
                let (lowest,): (Option<f64>,) =
                    self.tx.query_one("SELECT min(position) FROM tasks WHERE user_id = $1", &vals![self.user]).await?;
                return Ok(Some(lowest.unwrap_or(STEP) - STEP));
            }
            Place::Last => return Ok(Some(self.next_position())),
            Place::Before(other) | Place::After(other) => other,
        };
        let invalid = || DomainError::invalid("place", "The task to place it beside does not exist.");
        if self.load(&[TaskRef::Id(other)]).await.is_err() || other == id {
            return Err(invalid().into());
        }
        let here = self.copy(other)?.position;
        // The neighbour on the other side, the moved task itself not counted.
        let sql = match place {
            Place::Before(_) => {
                "SELECT position FROM tasks WHERE user_id = $1 AND (position, id) < ($2, $3) AND id <> $4 \
                 ORDER BY position DESC, id DESC LIMIT 1"
            }
            _ => {
                "SELECT position FROM tasks WHERE user_id = $1 AND (position, id) > ($2, $3) AND id <> $4 \
                 ORDER BY position, id LIMIT 1"
            }
        };
        let neighbour: Option<(f64,)> = self.tx.query_opt(sql, &vals![self.user, here, other, id]).await?;
        let there = neighbour.map_or_else(
            || if matches!(place, Place::Before(_)) { here - 2.0 * STEP } else { here + 2.0 * STEP },
            |neighbour| neighbour.0,
        );
        let middle = here + (there - here) / 2.0;
        if neighbour.is_none() {
            self.counter.position = self.counter.position.max(middle);
        }
        Ok((middle != here && middle != there).then_some(middle))
    }

    /// Renumbers the manual order evenly, when there is no room left between two neighbours. What operations remember of places is
    /// renumbered with it: a task that comes back comes back between the tasks that it was between.
    async fn rebalance(&mut self) -> Result<()> {
        let tasks: Vec<(f64, Uuid)> =
            self.tx.query("SELECT position, id FROM tasks WHERE user_id = $1", &vals![self.user]).await?;
        let remembered: Vec<(Uuid, String)> = self
            .tx
            .query("SELECT id, changes FROM operations WHERE user_id = $1 AND undone_at IS NULL", &vals![self.user])
            .await?;
        let mut operations = Vec::with_capacity(remembered.len());
        for (id, changes) in remembered {
            operations.push((id, Change::read_all(&changes)?));
        }

        let mut order = tasks.clone();
        order.extend(operations.iter_mut().flat_map(|(_, changes)| places(changes)).map(|(id, place)| (*place, id)));
        let here = self.entries.iter().flat_map(|entry| [&entry.before, &entry.after]).flatten();
        order.extend(here.map(|task| (task.position, task.id)));
        let by_place = |a: &(f64, Uuid), b: &(f64, Uuid)| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1));
        order.sort_by(by_place);
        order.dedup();
        let renumbered = |place: f64, id: Uuid| {
            let rank = order.binary_search_by(|known| by_place(known, &(place, id))).unwrap_or_else(|rank| rank);
            (rank as f64 + 1.0) * STEP
        };

        for (place, id) in tasks {
            let sql = "UPDATE tasks SET position = $3 WHERE user_id = $1 AND id = $2";
            self.tx.defer(sql, vals![self.user, id, renumbered(place, id)]).await?;
        }
        for (operation, mut changes) in operations {
            let mut any = false;
            for (id, place) in places(&mut changes) {
                *place = renumbered(*place, id);
                any = true;
            }
            if any {
                let sql = "UPDATE operations SET changes = $3 WHERE user_id = $1 AND id = $2";
                self.tx.defer(sql, vals![self.user, operation, Change::write_all(&changes)?]).await?;
            }
        }
        for task in self.entries.iter_mut().flat_map(|entry| [&mut entry.before, &mut entry.after]).flatten() {
            task.position = renumbered(task.position, task.id);
        }
        self.counter.position = order.len() as f64 * STEP;
        Ok(())
    }
}

/// Every place that changes remember, with the task that was there.
fn places(changes: &mut [Change]) -> impl Iterator<Item = (Uuid, &mut f64)> {
    changes
        .iter_mut()
        .flat_map(|change| match change {
            Change::Task { before, after } => [before.as_deref_mut(), after.as_deref_mut()],
            Change::Label { .. } | Change::Project { .. } => [None, None],
        })
        .flatten()
        .map(|record| (record.id, &mut record.position))
}
