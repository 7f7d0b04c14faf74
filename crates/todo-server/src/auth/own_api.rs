//! The user's own credentials over REST: personal tokens, and recent activity.

use axum::{
    extract::{FromRequestParts, State},
    http::{StatusCode, request::Parts},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use todo_auth::{Client, Principal, Proof, Scopes};
use todo_service::Problem;
use todo_store::auth::{api_tokens::ApiToken, audit::Entry};
use utoipa::{IntoParams, ToSchema};

use super::account_export;
use super::client::client_of;
use super::principal::problem;
use crate::{
    caller::Caller,
    extract::{Json, Path},
    openapi::Refusals,
    routes::{Routes, routes},
    state::AppState,
};

/// Entries of the activity that are shown.
const ACTIVITY_MAX: i64 = 100;

/// A personal token; its secret is shown once, when it is made.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ApiToken)]
pub(super) struct TokenJson {
    id: String,
    name: String,
    /// The last four characters of the secret, to tell it by.
    hint: String,
    /// Among `read`, `write`, `mcp`.
    scopes: Vec<String>,
    #[schema(value_type = String, format = DateTime)]
    created_at: jiff::Timestamp,
    /// Null: never.
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<jiff::Timestamp>,
    /// To within a few minutes; null: not yet.
    #[schema(value_type = Option<String>, format = DateTime)]
    last_used_at: Option<jiff::Timestamp>,
}

impl From<&ApiToken> for TokenJson {
    fn from(token: &ApiToken) -> Self {
        Self {
            id: token.id.clone(),
            name: token.name.clone(),
            hint: token.hint.clone(),
            scopes: token.scopes.split(' ').map(str::to_owned).collect(),
            created_at: token.created_at,
            expires_at: token.expires_at,
            last_used_at: token.last_used_at,
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
struct TokenList {
    tokens: Vec<TokenJson>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct TokenInput {
    /// 1 to 100 characters.
    name: String,
    /// Among `read`, `write` (includes `read`), `mcp`; all when left out.
    #[serde(default)]
    scopes: Option<Vec<String>>,
    /// When it ends; null: never.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<jiff::Timestamp>,
}

/// A token that was just made.
#[derive(Debug, Serialize, ToSchema)]
struct NewTokenJson {
    /// The secret. It is not shown again.
    token: String,
    #[serde(flatten)]
    about: TokenJson,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
struct TokenPath {
    /// Id of the token.
    token: String,
}

/// Something that happened to the account.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ActivityEntry {
    /// `sign_in`, `change_password`, `token_used` and so on.
    action: String,
    /// `ok`, or why not.
    outcome: String,
    ip: Option<String>,
    user_agent: Option<String>,
    detail: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    at: jiff::Timestamp,
}

impl From<Entry> for ActivityEntry {
    fn from(entry: Entry) -> Self {
        Self {
            action: entry.action,
            outcome: entry.outcome,
            ip: entry.ip,
            user_agent: entry.user_agent,
            detail: entry.detail,
            at: entry.created_at,
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
struct Activity {
    /// Newest first.
    activity: Vec<ActivityEntry>,
}

/// Where the request comes from, for the audit trail.
struct Sender(Client);

impl FromRequestParts<AppState> for Sender {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Self::Rejection> {
        Ok(Self(client_of(parts, &state.proxies)))
    }
}

/// The routes of tokens and activity.
pub fn router() -> Routes {
    Routes::new()
        .routes(routes!(list, create))
        .routes(routes!(revoke))
        .routes(routes!(activity))
        .merge(account_export::router())
}

/// List personal tokens
#[utoipa::path(get, path = "/tokens", tag = "account", responses((status = 200, body = TokenList), Refusals))]
async fn list(State(state): State<AppState>, caller: Caller) -> Result<Json<TokenList>, Problem> {
    let tokens = state.auth.list_tokens(caller.principal.user_id.as_str()).await.map_err(problem)?;
    Ok(Json(TokenList { tokens: tokens.iter().map(TokenJson::from).collect() }))
}

/// Create a personal token
#[utoipa::path(post, path = "/tokens", tag = "account", request_body = TokenInput,
    responses((status = 201, body = NewTokenJson), Refusals))]
async fn create(
    State(state): State<AppState>,
    caller: Caller,
    client: Sender,
    Json(input): Json<TokenInput>,
) -> Result<Response, Problem> {
    require_person(&caller.principal)?;
    let scopes = match &input.scopes {
        None => Scopes::ALL,
        Some(names) => Scopes::parse(&names.join(" ")).map_err(|name| {
            Problem::invalid("scopes", format!("`{}` is no scope; choose among read, write, mcp.", name.escape_debug()))
        })?,
    };
    let user = caller.principal.user_id.as_str();
    let made =
        state.auth.create_token(user, &input.name, scopes, input.expires_at, &client.0).await.map_err(problem)?;
    let body = NewTokenJson { token: made.secret, about: TokenJson::from(&made.token) };
    Ok((StatusCode::CREATED, [(http::header::CACHE_CONTROL, "no-store")], Json(body)).into_response())
}

/// Revoke a personal token
#[utoipa::path(delete, path = "/tokens/{token}", tag = "account", params(TokenPath),
    responses((status = 204, description = "It works no more"), Refusals))]
async fn revoke(
    State(state): State<AppState>,
    caller: Caller,
    client: Sender,
    Path(path): Path<TokenPath>,
) -> Result<StatusCode, Problem> {
    require_person(&caller.principal)?;
    let revoked = state.auth.revoke_token(caller.principal.user_id.as_str(), &path.token, &client.0).await;
    revoked.map_err(problem)?;
    Ok(StatusCode::NO_CONTENT)
}

/// Recent activity of the account
#[utoipa::path(get, path = "/activity", tag = "account", responses((status = 200, body = Activity), Refusals))]
async fn activity(State(state): State<AppState>, caller: Caller) -> Result<Json<Activity>, Problem> {
    let entries = state.auth.activity(caller.principal.user_id.as_str(), ACTIVITY_MAX).await.map_err(problem)?;
    Ok(Json(Activity { activity: entries.into_iter().map(ActivityEntry::from).collect() }))
}

/// A personal token must not make or remove tokens: a leaked one could outlive its own end.
fn require_person(principal: &Principal) -> Result<(), Problem> {
    match principal.proof {
        Proof::ApiToken(_) => {
            Err(Problem::forbidden("Personal tokens are made and revoked by a signed-in person, not by a token."))
        }
        Proof::Session(_) | Proof::Jwt | Proof::LocalOwner => Ok(()),
    }
}
