//! The user's own name and preferences.

use serde::{Deserialize, Serialize};
use todo_domain::{Settings, wire::Field};
use todo_service::Problem;
use utoipa::ToSchema;

use crate::{
    auth,
    caller::Caller,
    errors::problem,
    extract::Json,
    openapi::Refusals,
    routes::{Routes, routes},
    state::AppState,
};
use axum::extract::State;

/// Who the user is and how dates are written for them.
#[derive(Debug, Serialize, ToSchema)]
struct Profile {
    user_id: String,
    name: String,
    email: String,
    /// Whether the address is proven.
    email_verified: bool,
    /// IANA name of the time zone.
    timezone: String,
    /// `monday`, `saturday` or `sunday`.
    week_start: String,
    /// `dmy`, `mdy` or `ymd`.
    date_order: String,
    /// Language tag; null follows the browser.
    locale: Option<String>,
}

/// What changes; what is left out stays.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
struct ProfilePatch {
    /// 1 to 100 characters.
    #[schema(value_type = Option<String>, required = false)]
    name: Field<String>,
    /// IANA name of a time zone; null follows the program.
    #[schema(value_type = Option<String>, required = false)]
    timezone: Field<String>,
    /// `monday`, `saturday` or `sunday`.
    #[schema(value_type = Option<String>, required = false)]
    week_start: Field<String>,
    /// `dmy`, `mdy` or `ymd`.
    #[schema(value_type = Option<String>, required = false)]
    date_order: Field<String>,
    /// Language tag; null follows the browser.
    #[schema(value_type = Option<String>, required = false)]
    locale: Field<String>,
}

/// The route of the profile.
pub fn router() -> Routes {
    Routes::new().routes(routes!(get, update))
}

/// Get the profile
#[utoipa::path(get, path = "/profile", tag = "profile", responses((status = 200, body = Profile), Refusals))]
async fn get(State(state): State<AppState>, caller: Caller) -> Result<Json<Profile>, Problem> {
    profile(&state, &caller, &caller.settings).await
}

/// Change the profile
#[utoipa::path(put, path = "/profile", tag = "profile", request_body = ProfilePatch,
    responses((status = 200, body = Profile), Refusals))]
async fn update(
    State(state): State<AppState>,
    caller: Caller,
    Json(patch): Json<ProfilePatch>,
) -> Result<Json<Profile>, Problem> {
    let refused = |error: todo_domain::DomainError| problem(error.into());
    let mut settings = caller.settings.clone();
    let keep = |field: Field<String>, current: Option<String>| field.into_option().unwrap_or(current);
    settings.timezone = keep(patch.timezone, settings.timezone);
    settings.week_start = keep(patch.week_start, settings.week_start);
    settings.date_order = keep(patch.date_order, settings.date_order);
    settings.locale = keep(patch.locale, settings.locale);
    settings.check().map_err(refused)?;
    if let Some(name) = patch.name.required("name").map_err(refused)? {
        auth::rename(&state, &caller.principal, &name).await?;
    }
    caller.scope.save_settings(&settings, caller.now.timestamp()).await.map_err(problem)?;
    profile(&state, &caller, &settings).await
}

async fn profile(state: &AppState, caller: &Caller, settings: &Settings) -> Result<Json<Profile>, Problem> {
    let who = auth::who(state, &caller.principal).await?;
    let (name, email, email_verified) =
        who.map(|user| (user.name, user.email, user.email_verified)).unwrap_or_default();
    Ok(Json(Profile {
        user_id: caller.principal.user_id.as_str().to_owned(),
        name,
        email,
        email_verified,
        timezone: settings
            .timezone
            .clone()
            .unwrap_or_else(|| caller.now.time_zone().iana_name().unwrap_or("UTC").to_owned()),
        week_start: settings.week_start.clone().unwrap_or_else(|| "monday".to_owned()),
        date_order: settings.date_order.clone().unwrap_or_else(|| "dmy".to_owned()),
        locale: settings.locale.clone(),
    }))
}
