//! Answers under `/api/auth`: Better Auth's JSON, cookies and headers.

use axum::{
    body::Body,
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};
use todo_auth::{
    Auth, AuthError,
    cookie::{self, Lifetime, Name},
    sessions::{LIFETIME_SECONDS, NewSession},
    wire_time,
};
use todo_store::StoreError;
use todo_store::auth::{sessions::Session, users::User};

/// An answer on its way.
pub struct Reply {
    status: StatusCode,
    body: Option<Value>,
    headers: Vec<(HeaderName, HeaderValue)>,
}

/// Carries a session token to clients that use no cookies.
pub const SET_AUTH_TOKEN: HeaderName = HeaderName::from_static("set-auth-token");
/// Carries a signed token beside the session.
pub const SET_AUTH_JWT: HeaderName = HeaderName::from_static("set-auth-jwt");

impl Reply {
    /// 200 with JSON.
    pub const fn json(body: Value) -> Self {
        Self { status: StatusCode::OK, body: Some(body), headers: Vec::new() }
    }

    /// A redirect that a browser follows with GET.
    pub fn redirect(target: &str) -> Self {
        Self { status: StatusCode::FOUND, body: None, headers: Vec::new() }.with(header::LOCATION, target)
    }

    /// Another status.
    pub const fn status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }

    /// One more header. A value that can't be one is left out.
    pub fn with(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.push((name, value));
        }
        self
    }

    /// Hands a new session to the client: by cookie, and by `set-auth-token`.
    pub fn with_session(self, auth: &Auth, new: &NewSession) -> Self {
        self.with_session_token(auth, &new.token, new.remember)
    }

    /// Sets the session's cookie anew.
    pub fn with_session_token(self, auth: &Auth, token: &str, remember: bool) -> Self {
        let secure = auth.config().secure_cookies();
        let signed = auth.signer().sign(token);
        let lifetime = if remember { Lifetime::Seconds(LIFETIME_SECONDS) } else { Lifetime::Browser };
        let reply = self
            .with(header::SET_COOKIE, &cookie::set_cookie(Name::SessionToken, &signed, lifetime, secure))
            .with(SET_AUTH_TOKEN, &signed)
            .with(header::ACCESS_CONTROL_EXPOSE_HEADERS, SET_AUTH_TOKEN.as_str());
        if remember {
            return reply;
        }
        let flag = auth.signer().sign("true");
        reply.with(header::SET_COOKIE, &cookie::set_cookie(Name::DontRemember, &flag, Lifetime::Browser, secure))
    }

    /// Removes all cookies of the session.
    pub fn without_session(self, auth: &Auth) -> Self {
        let secure = auth.config().secure_cookies();
        [Name::SessionToken, Name::SessionData, Name::DontRemember].into_iter().fold(self, |reply, name| {
            reply.with(header::SET_COOKIE, &cookie::set_cookie(name, "", Lifetime::Expired, secure))
        })
    }

    /// Forbids every cache to keep it.
    pub fn uncached(self) -> Self {
        self.with(header::CACHE_CONTROL, "no-store").with(header::PRAGMA, "no-cache")
    }
}

impl IntoResponse for Reply {
    fn into_response(self) -> Response {
        let body = self.body.map(|body| body.to_string());
        let mut response = Response::new(body.clone().map_or_else(Body::empty, Body::from));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        if body.is_some() {
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        for (name, value) in self.headers {
            headers.append(name, value);
        }
        // Whatever stands here is about one user.
        headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
        response
    }
}

/// A refusal on its way: `{"message", "code"}`.
pub enum Refused {
    /// By the service.
    By(AuthError),
    /// The body has more bytes than are read.
    BodyTooLarge,
    /// The body broke off.
    BodyBroken,
    /// The body is no JSON.
    BodyNotJson,
    /// The body is of a kind that is not read here.
    BodyType,
}

impl<E: Into<AuthError>> From<E> for Refused {
    fn from(error: E) -> Self {
        Self::By(error.into())
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let error = |status: u16, code: &str, message: &str| {
            let body = if code.is_empty() {
                json!({ "message": message })
            } else {
                json!({ "message": message, "code": code })
            };
            Reply::json(body).status(StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST))
        };
        let too_many = |seconds: i64| {
            let seconds = seconds.to_string();
            error(429, "", "Too many requests. Please try again later.")
                .with(HeaderName::from_static("x-retry-after"), &seconds)
                .with(header::RETRY_AFTER, &seconds)
        };
        let cause = match self {
            Self::By(cause) => cause,
            Self::BodyTooLarge => return error(413, "PAYLOAD_TOO_LARGE", "Request body is too large").into_response(),
            Self::BodyBroken => return error(400, "BAD_REQUEST", "Request body could not be read").into_response(),
            Self::BodyNotJson => return error(400, "BAD_REQUEST", "Invalid JSON in request body").into_response(),
            Self::BodyType => {
                let message = "Content-Type is not allowed. Allowed types: application/json";
                return error(415, "UNSUPPORTED_MEDIA_TYPE", message).into_response();
            }
        };
        match cause {
            AuthError::Refused(refusal) => {
                let (status, code, message) = refusal.parts();
                let reply = error(status, code, message);
                if status == 401 { reply.with(header::WWW_AUTHENTICATE, "Bearer") } else { reply }
            }
            AuthError::Invalid(message) => error(400, "VALIDATION_ERROR", &message),
            AuthError::RateLimited { retry_after } | AuthError::Locked { retry_after } => too_many(retry_after),
            AuthError::Busy => too_many(1),
            AuthError::Store(cause @ StoreError::Unavailable { .. }) => {
                tracing::warn!(error = %cause, "database unavailable");
                error(503, "DATABASE_UNAVAILABLE", "The database can't be reached right now; try again in a moment.")
                    .with(header::RETRY_AFTER, "2")
            }
            other => {
                tracing::error!(error = %other, "request failed");
                error(500, "INTERNAL_SERVER_ERROR", "Internal Server Error")
            }
        }
        .into_response()
    }
}

/// A user as clients see one.
pub fn user_json(user: &User) -> Value {
    json!({
        "id": user.id,
        "name": user.name,
        "email": user.email,
        "emailVerified": user.email_verified,
        "image": user.image,
        "createdAt": wire_time(user.created_at),
        "updatedAt": wire_time(user.updated_at),
    })
}

/// A session as clients see one. `token` is the raw token of the caller's own session, and a mere handle (the id) for others:
/// a script on the page must not be able to take over the other devices.
pub fn session_json(session: &Session, token: &str) -> Value {
    json!({
        "id": session.id,
        "userId": session.user_id,
        "token": token,
        "expiresAt": wire_time(session.expires_at),
        "createdAt": wire_time(session.created_at),
        "updatedAt": wire_time(session.updated_at),
        "ipAddress": session.ip_address.as_deref().unwrap_or_default(),
        "userAgent": session.user_agent.as_deref().unwrap_or_default(),
    })
}
