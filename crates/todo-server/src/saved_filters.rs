//! Saved filters: a name for a condition in the filter language.

use http::StatusCode;
use serde::{Deserialize, Serialize};
use todo_domain::{filter, wire::Field};
use todo_service::Problem;
use todo_store::SavedFilter;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::{
    caller::Caller,
    errors::problem,
    extract::{Json, Path},
    openapi::Refusals,
    routes::{Routes, routes},
};

/// A saved filter as clients see it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SavedFilter)]
struct FilterJson {
    id: Uuid,
    name: String,
    /// Condition in the filter language.
    query: String,
    /// `#RRGGBB`.
    color: Option<String>,
    /// Place in the list; filters of the same place stand in the order in which they were made.
    position: f64,
}

impl From<SavedFilter> for FilterJson {
    fn from(saved: SavedFilter) -> Self {
        Self { id: saved.id, name: saved.name, query: saved.query, color: saved.color, position: saved.position }
    }
}

#[derive(Debug, Serialize, ToSchema)]
struct FilterList {
    filters: Vec<FilterJson>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct FilterInput {
    /// 1 to 100 characters, unique without case.
    name: String,
    /// Condition in the filter language.
    query: String,
    /// `#RRGGBB`.
    #[serde(default)]
    color: Option<String>,
    /// Place in the list, so that a deleted filter can be put back where it was; last when left out.
    #[serde(default)]
    position: Option<f64>,
}

#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
struct FilterPatch {
    /// New name.
    #[schema(value_type = Option<String>, required = false)]
    name: Field<String>,
    /// New condition.
    #[schema(value_type = Option<String>, required = false)]
    query: Field<String>,
    /// New colour; null for none.
    #[schema(value_type = Option<String>, required = false)]
    color: Field<String>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
struct FilterPath {
    /// Id of the filter.
    filter: Uuid,
}

/// The routes of saved filters.
pub fn router() -> Routes {
    Routes::new().routes(routes!(list, create)).routes(routes!(update, delete))
}

/// List saved filters
#[utoipa::path(get, path = "/filters", tag = "filters", responses((status = 200, body = FilterList), Refusals))]
async fn list(caller: Caller) -> Result<Json<FilterList>, Problem> {
    let filters = caller.scope.saved_filters().await.map_err(problem)?;
    Ok(Json(FilterList { filters: filters.into_iter().map(FilterJson::from).collect() }))
}

/// Save a filter
#[utoipa::path(post, path = "/filters", tag = "filters", request_body = FilterInput,
    responses((status = 201, body = FilterJson), Refusals))]
async fn create(caller: Caller, Json(input): Json<FilterInput>) -> Result<(StatusCode, Json<FilterJson>), Problem> {
    filter::parse(&input.query, &caller.language()).map_err(|error| as_query(error.into()))?;
    let saved = caller
        .scope
        .create_saved_filter(&input.name, &input.query, input.color.as_deref(), input.position, caller.now.timestamp())
        .await
        .map_err(problem)?;
    Ok((StatusCode::CREATED, Json(saved.into())))
}

/// Change a saved filter
#[utoipa::path(put, path = "/filters/{filter}", tag = "filters", params(FilterPath), request_body = FilterPatch,
    responses((status = 200, body = FilterJson), Refusals))]
async fn update(
    caller: Caller,
    Path(path): Path<FilterPath>,
    Json(patch): Json<FilterPatch>,
) -> Result<Json<FilterJson>, Problem> {
    let refused = |error: todo_domain::DomainError| problem(error.into());
    let name = patch.name.required("name").map_err(refused)?;
    let query = patch.query.required("query").map_err(refused)?;
    if let Some(query) = &query {
        filter::parse(query, &caller.language()).map_err(|error| as_query(error.into()))?;
    }
    let saved = caller
        .scope
        .update_saved_filter(path.filter, name.as_deref(), query.as_deref(), patch.color.into_option())
        .await
        .map_err(problem)?;
    Ok(Json(saved.into()))
}

/// Delete a saved filter
#[utoipa::path(delete, path = "/filters/{filter}", tag = "filters", params(FilterPath),
    responses((status = 204, description = "Deleted"), Refusals))]
async fn delete(caller: Caller, Path(path): Path<FilterPath>) -> Result<StatusCode, Problem> {
    caller.scope.delete_saved_filter(path.filter).await.map_err(problem)?;
    Ok(StatusCode::NO_CONTENT)
}

/// Here the field that holds a filter is called `query`.
fn as_query(error: todo_store::StoreError) -> Problem {
    Problem { field: Some("query".into()), ..problem(error) }
}
