//! How many open tasks each of several filters finds, read once for all of them.

use jiff::Zoned;
use todo_domain::Filter;

use super::filter::Where;
use crate::{db::Val, error::Result, scope::UserScope};

/// Filters that one statement counts; more take several.
const AT_ONCE: usize = 8;
/// A row of such counts.
type Counts = (i64, i64, i64, i64, i64, i64, i64, i64);

impl UserScope {
    /// How many open tasks each filter finds, in the order of the filters.
    ///
    /// # Errors
    /// The database's.
    pub async fn count_open(&self, filters: &[Filter], now: &Zoned) -> Result<Vec<u64>> {
        let mut counts = Vec::with_capacity(filters.len());
        for filters in filters.chunks(AT_ONCE) {
            let (sql, params) = self.counting(filters, now);
            let row: Option<Counts> = self.db().query_opt(self.identity(), sql, params).await?;
            let (a, b, c, d, e, f, g, h) = row.unwrap_or_default();
            let found = [a, b, c, d, e, f, g, h].into_iter().take(filters.len());
            counts.extend(found.map(|count| u64::try_from(count).unwrap_or(0)));
        }
        Ok(counts)
    }

    fn counting(&self, filters: &[Filter], now: &Zoned) -> (String, Vec<Val>) {
        let mut condition = Where::new(self.db().dialect(), self.user_id(), now);
        let mut columns: Vec<String> =
            filters.iter().map(|filter| format!("count(*) FILTER (WHERE {})", condition.sql(filter))).collect();
        columns.resize(AT_ONCE, "0".to_owned());
        let sql = format!("SELECT {} FROM tasks t WHERE t.user_id = $1 AND t.completed_at IS NULL", columns.join(", "));
        (sql, condition.params)
    }
}
