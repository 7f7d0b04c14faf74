//! The manual order: a number between those of the neighbours, renumbered when no room is left.

use todo_domain::{DomainError, id::TaskRef, task::Place};
use uuid::Uuid;

use super::{Unit, unit::STEP};
use crate::{error::Result, vals};

impl Unit<'_> {
    /// Moves a task of the unit.
    pub(super) async fn place(&mut self, id: Uuid, place: Place) -> Result<()> {
        let position = match self.between(id, place).await? {
            Some(position) => position,
            None => {
                self.rebalance().await?;
                self.between(id, place).await?.ok_or_else(|| {
                    crate::StoreError::Corrupt("the manual order has no room after renumbering".into())
                })?
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
}
