//! How many open tasks stand on each list, for the numbers beside their names.

use std::collections::BTreeMap;

use serde::Serialize;
use todo_domain::{Filter, filter};
use todo_service::Problem;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    caller::Caller,
    errors::problem,
    extract::Json,
    openapi::Refusals,
    routes::{Routes, routes},
};

/// Open tasks per list. Projects and labels carry their own number.
#[derive(Debug, Serialize, ToSchema)]
struct Counts {
    /// All of them.
    all: u64,
    /// Due today or overdue.
    today: u64,
    /// Past due.
    overdue: u64,
    /// With a date.
    upcoming: u64,
    /// In no project.
    inbox: u64,
    /// Per saved filter, by its id.
    filters: BTreeMap<Uuid, u64>,
}

/// The route of counts.
pub fn router() -> Routes {
    Routes::new().routes(routes!(counts))
}

/// Count the open tasks of each list
#[utoipa::path(get, path = "/counts", tag = "stats", responses((status = 200, body = Counts), Refusals))]
async fn counts(caller: Caller) -> Result<Json<Counts>, Problem> {
    let saved = caller.scope.saved_filters().await.map_err(problem)?;
    let today = caller.now.date();
    let any_day = Filter::Due { from: None, to: None };
    let due = Filter::Due { from: Some(today), to: Some(today) };
    let mut wanted =
        vec![Filter::All, Filter::Or(vec![due, Filter::Overdue]), Filter::Overdue, any_day, !Filter::AnyProject];
    let mut ids = Vec::new();
    for saved in saved {
        // The language may have moved on since it was saved; then its list says what is wrong, and here is no number.
        if let Ok(condition) = filter::parse(&saved.query, &caller.language()) {
            ids.push(saved.id);
            wanted.push(condition);
        }
    }
    let mut counts = caller.scope.count_open(&wanted, &caller.now).await.map_err(problem)?.into_iter();
    let mut next = || counts.next().unwrap_or_default();
    Ok(Json(Counts {
        all: next(),
        today: next(),
        overdue: next(),
        upcoming: next(),
        inbox: next(),
        filters: ids.into_iter().map(|id| (id, next())).collect(),
    }))
}
