//! What every request under `/api/auth` goes through before its handler, in Better Auth's order: rate limit, body, origin,
//! redirect targets.

use axum::{
    body::Bytes,
    extract::{FromRequest, FromRequestParts as _, RawPathParams, Request, rejection::BytesRejection},
    http::{HeaderMap, Method, StatusCode, Uri, header},
};
use serde_json::{Map, Value};
use todo_auth::{
    Auth, AuthError, Client, Refusal,
    cookie::{self, Found, Name},
    sessions::Lookup,
};
use todo_store::auth::sessions::Live;

use super::reply::Refused;
use super::{client::client_of, values::Fields};
use crate::state::AppState;

/// A request that passed the checks.
pub struct Incoming {
    /// The service.
    pub auth: Auth,
    /// The body's fields; empty when there is no body.
    pub body: Map<String, Value>,
    /// Where it comes from.
    pub client: Client,
    query: Vec<(String, String)>,
    headers: HeaderMap,
    path_token: Option<String>,
}

/// A session token that a request carries.
pub struct Carried {
    /// The token.
    pub token: String,
    /// Whether the session is extended when it is used: not if the user did not want to be remembered.
    pub remember: bool,
}

impl FromRequest<AppState> for Incoming {
    type Rejection = Refused;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, Self::Rejection> {
        let (mut parts, body) = request.into_parts();
        let auth = state.auth.clone();
        let client = client_of(&parts, &state.proxies);
        // The nested router strips the prefix, so this is Better Auth's own path.
        auth.limit_request(&client, parts.uri.path()).await?;
        let path_token = RawPathParams::from_request_parts(&mut parts, state)
            .await
            .ok()
            .and_then(|params| params.iter().find(|(name, _)| *name == "token").map(|(_, value)| value.to_owned()));
        let (method, uri, headers) = (parts.method.clone(), parts.uri.clone(), parts.headers.clone());
        let is_entry = ["/sign-in", "/sign-up"].iter().any(|prefix| uri.path().starts_with(prefix));
        let query = query_of(&uri);
        let body = if method == Method::GET || method == Method::HEAD {
            Map::new()
        } else {
            let bytes = Bytes::from_request(Request::from_parts(parts, body), state).await.map_err(unreadable)?;
            read_body(&headers, &bytes, is_entry || uri.path() == "/reset-password")?
        };
        let incoming = Self { auth, body, client, query, headers, path_token };
        if method != Method::GET && method != Method::HEAD {
            incoming.check_origin(is_entry)?;
        }
        incoming.check_targets()?;
        Ok(incoming)
    }
}

impl Incoming {
    /// The fields of the body.
    pub const fn fields(&self) -> Fields<'_> {
        Fields::new(&self.body)
    }

    /// A parameter of the query; empty counts as absent.
    pub fn query(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, value)| key == name && !value.is_empty()).map(|(_, value)| value.as_str())
    }

    /// Whether the body is a form that a page without scripts posted.
    pub fn is_form(&self) -> bool {
        self.header("content-type").is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"))
    }

    /// The token in the path.
    pub fn path_token(&self) -> &str {
        self.path_token.as_deref().unwrap_or_default()
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim).filter(|value| !value.is_empty())
    }

    /// The value of the bearer header.
    pub fn bearer(&self) -> Option<&str> {
        self.header("authorization").and_then(bearer_value)
    }

    /// The session token: of a bearer header when it is sound, else of the cookie. The signature is checked here, the database
    /// is not asked.
    pub fn carried(&self) -> Option<Carried> {
        if let Some(token) = self.bearer().and_then(|value| self.auth.session_token(value)) {
            return Some(Carried { token, remember: true });
        }
        let token = self.signed_cookie(Name::SessionToken)?;
        let remember = self.signed_cookie(Name::DontRemember).is_none_or(|flag| flag != "true");
        Some(Carried { token, remember })
    }

    fn signed_cookie(&self, name: Name) -> Option<String> {
        match cookie::find(&cookie_lines(&self.headers), name) {
            Found::Value(value) => self.auth.signer().open(&value).map(str::to_owned),
            Found::Absent | Found::Ambiguous => None,
        }
    }

    /// The live session of the request.
    ///
    /// # Errors
    /// [`Refusal::Unauthorized`] without one; the database's.
    pub async fn require_session(&self) -> Result<(Carried, Live), AuthError> {
        let carried = self.carried().ok_or(Refusal::Unauthorized)?;
        match self.auth.find_session(&carried.token).await? {
            Lookup::Live(live) => Ok((carried, *live)),
            Lookup::Gone => Err(Refusal::Unauthorized.into()),
        }
    }

    /// Refuses requests that another site made the browser send. Requests with cookies must name a trusted origin; a first
    /// sign-in without cookies must, if it comes from a browser.
    fn check_origin(&self, is_entry: bool) -> Result<(), Refusal> {
        let has = |name: &str| self.header(name).is_some();
        if self.headers.contains_key(header::COOKIE) {
            return self.check_named_origin();
        }
        if !is_entry {
            return Ok(());
        }
        if self.header("sec-fetch-site") == Some("cross-site") && self.header("sec-fetch-mode") == Some("navigate") {
            return Err(Refusal::CrossSiteNavigation);
        }
        let from_browser = ["sec-fetch-site", "sec-fetch-mode", "sec-fetch-dest", "origin", "referer"];
        if from_browser.into_iter().any(has) { self.check_named_origin() } else { Ok(()) }
    }

    fn check_named_origin(&self) -> Result<(), Refusal> {
        let named = self.header("origin").or_else(|| self.header("referer"));
        let named = named.filter(|origin| *origin != "null").ok_or(Refusal::MissingOrigin)?;
        if self.trusts(|host| self.auth.config().trusted.allows(named, host)) {
            Ok(())
        } else {
            Err(Refusal::InvalidOrigin)
        }
    }

    /// Refuses redirects to where we do not trust, in the body and in the query.
    fn check_targets(&self) -> Result<(), AuthError> {
        let in_body = [
            ("callbackURL", "callbackURL", Refusal::InvalidCallbackUrl),
            ("redirectTo", "redirectURL", Refusal::InvalidRedirectUrl),
            ("errorCallbackURL", "errorCallbackURL", Refusal::InvalidErrorCallbackUrl),
            ("newUserCallbackURL", "newUserCallbackURL", Refusal::InvalidNewUserCallbackUrl),
        ];
        for (name, label, refusal) in in_body {
            match self.body.get(name) {
                None | Some(Value::Null) => {}
                Some(Value::String(target)) if target.is_empty() || self.trusts_target(target) => {}
                Some(Value::String(_)) => return Err(refusal.into()),
                Some(_) => return Err(AuthError::Invalid(format!("Invalid {label}: expected a string"))),
            }
        }
        match self.query("callbackURL") {
            Some(target) if !self.trusts_target(target) => Err(Refusal::InvalidCallbackUrl.into()),
            _ => Ok(()),
        }
    }

    fn trusts_target(&self, target: &str) -> bool {
        self.trusts(|host| self.auth.config().trusted.allows_target(target, host))
    }

    /// Asks with the host of the request and with the one a proxy says it was: a page of another site can set neither.
    fn trusts(&self, ask: impl Fn(Option<&str>) -> bool) -> bool {
        ask(self.header("host")) || ask(self.header("x-forwarded-host"))
    }
}

/// The `Cookie` headers that are text.
pub fn cookie_lines(headers: &HeaderMap) -> Vec<&str> {
    headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok()).collect()
}

/// The value of a `Bearer` header; the scheme's case does not matter (RFC 9110 §11.1).
pub fn bearer_value(header: &str) -> Option<&str> {
    let (scheme, value) = header.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(value.trim()).filter(|value| !value.is_empty())
}

fn query_of(uri: &Uri) -> Vec<(String, String)> {
    url::form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()).into_owned().collect()
}

fn unreadable(rejection: BytesRejection) -> Refused {
    match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Refused::BodyTooLarge,
        _ => Refused::BodyBroken,
    }
}

/// Reads the body: JSON, or where a page without scripts posts also a form.
fn read_body(headers: &HeaderMap, bytes: &[u8], form_allowed: bool) -> Result<Map<String, Value>, Refused> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if bytes.is_empty() {
        return Ok(Map::new());
    }
    match kind.as_str() {
        "application/json" => match serde_json::from_slice(bytes) {
            Ok(Value::Object(body)) => Ok(body),
            Ok(_) => Err(AuthError::Invalid("[body] Invalid input: expected object".to_owned()).into()),
            Err(_) => Err(Refused::BodyNotJson),
        },
        "application/x-www-form-urlencoded" if form_allowed => {
            Ok(url::form_urlencoded::parse(bytes).map(|(name, value)| (name.into_owned(), value.into())).collect())
        }
        _ => Err(Refused::BodyType),
    }
}
