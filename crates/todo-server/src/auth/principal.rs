//! Who is calling the API: by personal token, signed token, session token or session cookie.

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, StatusCode, header, request::Parts},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
pub use todo_auth::Principal;
use todo_auth::{
    AuthError, NoPrincipal, Scope,
    cookie::{self, Found, Name},
};
use todo_service::Problem;

use super::client::client_of;
use super::incoming::{bearer_value, cookie_lines};
use crate::{errors, state::AppState};

/// The caller, established earlier in the same request or by the program itself (the command line acting for the machine's
/// owner). A request that came over the network can't bring extensions along.
#[derive(Clone, Debug)]
pub struct Established(pub Principal);

/// Whoever is calling, whatever their credential may be used for: the handler demands the scope.
impl FromRequestParts<AppState> for Established {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Self::Rejection> {
        establish(parts, state).await.map(Self)
    }
}

impl FromRequestParts<AppState> for Principal {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Self::Rejection> {
        let principal = establish(parts, state).await?;
        require(&principal, needed_scope(parts))?;
        Ok(principal)
    }
}

/// Finds out who is calling, once per request.
pub(super) async fn establish(parts: &mut Parts, state: &AppState) -> Result<Principal, Problem> {
    if let Some(Established(principal)) = parts.extensions.get() {
        return Ok(principal.clone());
    }
    let principal = authenticate(parts, state).await?;
    parts.extensions.insert(Established(principal.clone()));
    Ok(principal)
}

async fn authenticate(parts: &Parts, state: &AppState) -> Result<Principal, Problem> {
    if let Some(value) = parts.headers.get(header::AUTHORIZATION) {
        let credential = value.to_str().ok().and_then(credential_of);
        let credential = credential.ok_or_else(|| refuse(NoPrincipal::Invalid))?;
        let client = client_of(parts, &state.proxies);
        let found = state.auth.authenticate_bearer(&credential, &client).await.map_err(problem)?;
        return found.map_err(refuse);
    }
    let found = cookie::find(&cookie_lines(&parts.headers), Name::SessionToken);
    let Found::Value(signed) = found else { return Err(nobody()) };
    // The signature is checked before the database is asked.
    let token = state.auth.signer().open(&signed).ok_or_else(nobody)?.to_owned();
    if !parts.method.is_safe() {
        require_own_page(&parts.headers, state)?;
    }
    state.auth.authenticate_session(&token).await.map_err(problem)?.map_err(|_| nobody())
}

/// The credential in an `Authorization` header. Clients that only know user name and password (CalDAV) give a personal token as
/// the password.
fn credential_of(value: &str) -> Option<String> {
    if let Some(bearer) = bearer_value(value) {
        return Some(bearer.to_owned());
    }
    let (scheme, encoded) = value.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let pair = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (_, password) = pair.split_once(':')?;
    password.starts_with(todo_auth::api_tokens::PREFIX).then(|| password.to_owned())
}

/// A cookie alone must not change anything: any site can make a browser send it. The request has to show that a page of ours, or
/// one that we trust, made it.
fn require_own_page(headers: &HeaderMap, state: &AppState) -> Result<(), Problem> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let trusted = &state.auth.config().trusted;
    let named = text("origin").or_else(|| text("referer"));
    let allowed = match named {
        Some(origin) => trusted.allows(origin, text("host")) || trusted.allows(origin, text("x-forwarded-host")),
        // Browsers that send neither still say whether the request stayed on the site.
        None => text("sec-fetch-site") == Some("same-origin"),
    };
    if allowed {
        return Ok(());
    }
    Err(Problem::new(
        StatusCode::FORBIDDEN,
        "INVALID_ORIGIN",
        "A request with a session cookie must come from a page of this site; other clients send a bearer token.",
    ))
}

/// The scope that a request needs: reading for safe methods, else writing.
fn needed_scope(parts: &Parts) -> Scope {
    if parts.method.is_safe() { Scope::Read } else { Scope::Write }
}

/// Demands a scope of the caller's credential.
///
/// # Errors
/// 403 `INSUFFICIENT_SCOPE`.
pub fn require(principal: &Principal, scope: Scope) -> Result<(), Problem> {
    if principal.scopes.has(scope) {
        return Ok(());
    }
    let name = scope.name();
    Err(Problem {
        challenge: Some(format!("Bearer error=\"insufficient_scope\", scope=\"{name}\"").into()),
        ..Problem::new(
            StatusCode::FORBIDDEN,
            "INSUFFICIENT_SCOPE",
            format!("This token lacks the scope `{name}`; make one that has it."),
        )
    })
}

fn nobody() -> Problem {
    Problem::unauthenticated("AUTHENTICATION_REQUIRED", "Sign in, or send a token: `Authorization: Bearer …`.")
}

fn refuse(why: NoPrincipal) -> Problem {
    let (code, detail) = match why {
        NoPrincipal::Expired => ("TOKEN_EXPIRED", "The token has expired; get a new one."),
        NoPrincipal::Invalid => ("INVALID_TOKEN", "The token is not valid."),
    };
    Problem {
        challenge: Some(format!("Bearer error=\"invalid_token\", error_description=\"{detail}\"").into()),
        ..Problem::unauthenticated(code, detail)
    }
}

/// The problem document of an error of accounts.
pub fn problem(error: AuthError) -> Problem {
    match error {
        AuthError::Store(error) => errors::problem(error),
        AuthError::Refused(refusal) => {
            let (status, code, message) = refusal.parts();
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST);
            let code = if code.is_empty() { "BAD_REQUEST" } else { code };
            Problem::new(status, code, message)
        }
        AuthError::Invalid(text) => Problem::invalid("body", text),
        AuthError::RateLimited { retry_after } | AuthError::Locked { retry_after } => {
            Problem::too_many(u64::try_from(retry_after).unwrap_or(1), "Too many requests; try again later.")
        }
        AuthError::Busy => {
            Problem::too_many(1, "Too many passwords are being checked right now; try again in a moment.")
        }
        other => Problem::internal(&other),
    }
}
