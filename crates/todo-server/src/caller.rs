//! Who is calling, and what follows from it: the scope of the data, the clock in the reader's zone, the language.

use axum::{
    extract::{FromRequestParts, RawPathParams},
    http::{HeaderValue, header, request::Parts},
};
use jiff::{Zoned, tz::TimeZone};
use todo_domain::{
    Settings, command,
    command::Door,
    language::{self, Lexicon},
};
use todo_service::Problem;
use todo_store::UserScope;

use crate::{auth::Principal, errors::problem, state::AppState};

/// The authenticated user of a request, with the data that is theirs and nothing else.
pub struct Caller {
    /// Who.
    pub principal: Principal,
    /// Their data.
    pub scope: UserScope,
    /// Their preferences.
    pub settings: Settings,
    /// The languages that their program accepts.
    accepted: Option<HeaderValue>,
    /// The present moment in their zone.
    pub now: Zoned,
    /// Through which door the request came.
    pub door: Door,
}

impl Caller {
    /// The circumstances of a command.
    #[must_use]
    pub fn context(&self) -> command::Context {
        command::Context { now: self.now.clone(), door: self.door }
    }

    /// How this user's dates are to be read.
    #[must_use]
    pub fn language(&self) -> language::Context {
        self.language_at(self.now.clone())
    }

    /// The tag of their language: the one they chose, else the one their program asks for.
    #[must_use]
    pub fn locale(&self) -> &str {
        self.settings.locale.as_deref().unwrap_or_else(|| first_known(self.accepted.as_ref()))
    }

    /// How they are to be read at another moment.
    #[must_use]
    pub fn language_at(&self, now: Zoned) -> language::Context {
        self.settings.language(now).with_language(self.locale())
    }
}

impl FromRequestParts<AppState> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Self::Rejection> {
        let mut principal = Principal::from_request_parts(parts, state).await?;
        own_path_only(parts, state, &principal).await?;
        tracing::Span::current().record("user_id", principal.user_id.as_str());
        let scope = state.store.user(&principal.user_id);
        let settings = match principal.settings.take() {
            Some(settings) => settings,
            None => scope.settings().await.map_err(problem)?,
        };
        let zone = zone_of(parts, &settings, state)?;
        let now = state.clock.now_in(zone);
        let accepted = parts.headers.get(header::ACCEPT_LANGUAGE).cloned();
        Ok(Self { principal, scope, settings, accepted, now, door: door_of(parts) })
    }
}

/// `/api/{user_id}/…` is for that user only.
async fn own_path_only(parts: &mut Parts, state: &AppState, principal: &Principal) -> Result<(), Problem> {
    let Ok(params) = RawPathParams::from_request_parts(parts, state).await else { return Ok(()) };
    match params.iter().find(|(name, _)| *name == "user_id") {
        Some((_, named)) if named != principal.user_id.as_str() => {
            Err(Problem::forbidden("The user in the path is not the one who is signed in."))
        }
        _ => Ok(()),
    }
}

/// The zone that the request names (`Time-Zone`), else the user's, else that of the program.
fn zone_of(parts: &Parts, settings: &Settings, state: &AppState) -> Result<TimeZone, Problem> {
    if let Some(name) = parts.headers.get("time-zone") {
        let name = name.to_str().unwrap_or_default();
        return todo_domain::wire::time_zone("Time-Zone", name).map_err(|error| problem(error.into()));
    }
    Ok(settings.zone().unwrap_or_else(|| state.clock.home_zone()))
}

/// The first language that the program accepts and that we know, else the first one.
fn first_known(accepted: Option<&HeaderValue>) -> &str {
    let wanted = accepted.and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut tags = wanted.split(',').filter_map(|range| range.split(';').next()).map(str::trim);
    let first = tags.clone().next().filter(|tag| !tag.is_empty() && *tag != "*");
    tags.find(|tag| Lexicon::get(tag).is_some()).or(first).unwrap_or("en")
}

/// The page and the command line name themselves; everybody else is the REST API.
fn door_of(parts: &Parts) -> Door {
    match parts.headers.get("x-todo-client").and_then(|value| value.to_str().ok()) {
        Some("page") => Door::Page,
        Some("cli") => Door::Cli,
        _ => Door::Rest,
    }
}
