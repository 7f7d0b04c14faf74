//! Saved filters: a name for a condition in the filter language.

use jiff::Timestamp;
use serde::Serialize;
use todo_domain::{Code, DomainError, text};
use uuid::Uuid;

use crate::{
    db::{FromRow, Repeat, Row},
    error::Result,
    labels::name_key,
    scope::UserScope,
    service::check_color,
    vals,
};

/// Most saved filters of one user.
const FILTERS_MAX: i64 = 200;

/// A saved filter.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SavedFilter {
    /// UUIDv7.
    pub id: Uuid,
    /// Name, unique without case.
    pub name: String,
    /// Condition in the filter language.
    pub query: String,
    /// `#RRGGBB`.
    pub color: Option<String>,
    /// Place in the list; filters of the same place stand in the order in which they were made.
    pub position: f64,
    /// When it was made.
    pub created_at: Timestamp,
}

impl FromRow for SavedFilter {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            name: row.get(1)?,
            query: row.get(2)?,
            color: row.get(3)?,
            position: row.get(4)?,
            created_at: row.get(5)?,
        })
    }
}

const COLUMNS: &str = "id, name, query, color, position, created_at";

impl UserScope {
    /// All saved filters, by their places.
    ///
    /// # Errors
    /// The database's.
    pub async fn saved_filters(&self) -> Result<Vec<SavedFilter>> {
        let sql = format!("SELECT {COLUMNS} FROM saved_filters WHERE user_id = $1 ORDER BY position, id");
        self.db().query(self.identity(), sql, vals![self.user_id()]).await
    }

    /// Saves a filter under a new name, last in the list unless a place is given. The caller has checked that `query` can be read.
    ///
    /// # Errors
    /// A validation error on `name`, also when the name is taken; the database's.
    pub async fn create_saved_filter(
        &self,
        name: &str,
        query: &str,
        color: Option<&str>,
        position: Option<f64>,
        now: Timestamp,
    ) -> Result<SavedFilter> {
        let name = checked_name(name)?;
        let color = check_color(color.map(str::to_owned))?;
        let sql = format!(
            "INSERT INTO saved_filters (user_id, id, name, name_key, query, color, position, created_at) \
             SELECT $1, $2, $3, $4, $5, $6, COALESCE(CAST($8 AS double precision), count(*)), $7 FROM saved_filters WHERE user_id = $1 HAVING count(*) < {FILTERS_MAX} \
             ON CONFLICT (user_id, name_key) DO NOTHING RETURNING {COLUMNS}"
        );
        let params = vals![self.user_id(), Uuid::now_v7(), &name, name_key(&name), query, color, now, position];
        let made: Vec<SavedFilter> = self.db().execute_returning(self.identity(), Repeat::Unsafe, sql, params).await?;
        made.into_iter().next().ok_or_else(|| {
            DomainError::invalid("name", format!("A filter of that name exists, or there are {FILTERS_MAX} already."))
                .into()
        })
    }

    /// Changes a saved filter; `None` keeps.
    ///
    /// # Errors
    /// [`Code::FilterNotFound`]; a validation error on `name`, also when the name is taken; the database's.
    pub async fn update_saved_filter(
        &self,
        id: Uuid,
        name: Option<&str>,
        query: Option<&str>,
        color: Option<Option<String>>,
    ) -> Result<SavedFilter> {
        let known = self.saved_filters().await?;
        let mut filter = known.iter().find(|filter| filter.id == id).cloned().ok_or_else(not_found)?;
        if let Some(name) = name {
            filter.name = checked_name(name)?;
        }
        if known.iter().any(|other| other.id != id && name_key(&other.name) == name_key(&filter.name)) {
            return Err(DomainError::invalid("name", "A filter of that name exists.").into());
        }
        if let Some(query) = query {
            query.clone_into(&mut filter.query);
        }
        if let Some(color) = color {
            filter.color = check_color(color)?;
        }
        self.db()
            .execute(
                self.identity(),
                Repeat::Safe,
                "UPDATE saved_filters SET name = $3, name_key = $4, query = $5, color = $6 WHERE user_id = $1 AND id = $2",
                vals![self.user_id(), id, &filter.name, name_key(&filter.name), &filter.query, filter.color.clone()],
            )
            .await?;
        Ok(filter)
    }

    /// Deletes a saved filter.
    ///
    /// # Errors
    /// [`Code::FilterNotFound`]; the database's.
    pub async fn delete_saved_filter(&self, id: Uuid) -> Result<()> {
        let sql = "DELETE FROM saved_filters WHERE user_id = $1 AND id = $2";
        match self.db().execute(self.identity(), Repeat::Safe, sql, vals![self.user_id(), id]).await? {
            0 => Err(not_found().into()),
            _ => Ok(()),
        }
    }
}

fn checked_name(name: &str) -> Result<String, DomainError> {
    text::project_name(name).map_err(|error| DomainError { field: Some("name".into()), ..error })
}

fn not_found() -> DomainError {
    DomainError::new(Code::FilterNotFound, "There is no such filter.")
}
