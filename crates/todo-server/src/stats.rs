//! Numbers about the user's tasks.

use serde::{Deserialize, Serialize};
use todo_domain::{Filter, Status};
use todo_service::Problem;
use utoipa::{IntoParams, ToSchema};

use crate::{
    caller::Caller,
    errors::problem,
    extract::{Json, Query},
    openapi::Refusals,
    routes::{Routes, routes},
};

/// Days that are counted when nothing is said.
const DAYS_DEFAULT: u16 = 30;

#[derive(Debug, Serialize, ToSchema)]
struct Statistics {
    total: u64,
    open: u64,
    completed: u64,
    /// Open and past due.
    overdue: u64,
    /// Open and due today.
    due_today: u64,
    /// Open, in no project.
    inbox: u64,
    /// Days in a row, up to today, with something completed.
    streak_days: u32,
    /// Per day, oldest first.
    days: Vec<Day>,
    /// Per project.
    projects: Vec<ProjectCount>,
}

#[derive(Debug, Serialize, ToSchema)]
struct Day {
    /// The day, in the user's zone.
    date: String,
    created: u32,
    completed: u32,
    /// Open and past due at its end, for today until now.
    overdue: u32,
}

#[derive(Debug, Serialize, ToSchema)]
struct ProjectCount {
    /// Null is the inbox.
    name: Option<String>,
    open: u64,
    completed: u64,
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct StatsParams {
    /// 1 to 366.
    #[param(required = false, minimum = 1, maximum = 366)]
    days: Option<u16>,
}

/// The route of statistics.
pub fn router() -> Routes {
    Routes::new().routes(routes!(stats))
}

/// Get statistics
#[utoipa::path(get, path = "/stats", tag = "stats", params(StatsParams), responses((status = 200, body = Statistics), Refusals))]
async fn stats(caller: Caller, Query(params): Query<StatsParams>) -> Result<Json<Statistics>, Problem> {
    let days = params.days.unwrap_or(DAYS_DEFAULT);
    if !(1..=todo_store::statistics::DAYS_MAX).contains(&days) {
        return Err(Problem::invalid("days", format!("`days` must be 1 to {}.", todo_store::statistics::DAYS_MAX)));
    }
    let numbers = caller.scope.statistics(&caller.now, days).await.map_err(problem)?;
    let in_inbox = Filter::Status(Status::Pending).and(!Filter::AnyProject);
    let inbox = caller.scope.count(&in_inbox, &caller.now).await.map_err(problem)?;
    let projects = caller.scope.projects().await.map_err(problem)?;
    let completed = |project| numbers.completed_in.get(&project).copied().unwrap_or_default();
    let counted = projects.into_iter().map(|project| ProjectCount {
        completed: completed(Some(project.id)),
        name: Some(project.name),
        open: u64::try_from(project.open_tasks).unwrap_or_default(),
    });
    let projects =
        std::iter::once(ProjectCount { name: None, open: inbox, completed: completed(None) }).chain(counted).collect();
    Ok(Json(Statistics {
        total: numbers.total,
        open: numbers.open,
        completed: numbers.completed,
        overdue: numbers.overdue,
        due_today: numbers.due_today,
        inbox,
        streak_days: numbers.streak,
        days: numbers
            .days
            .iter()
            .map(|day| Day {
                date: day.date.to_string(),
                created: day.created,
                completed: day.completed,
                overdue: day.overdue,
            })
            .collect(),
        projects,
    }))
}
