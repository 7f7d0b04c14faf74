//! Accounts over HTTP: Better Auth's surface under `/api/auth`, and who is calling for everything else.
//!
//! - [`incoming`]: what every request under `/api/auth` goes through, in Better Auth's order: rate limit, body, origin, redirect
//!   targets. Handlers take it as their only argument and decide nothing but what to ask of [`todo_auth`].
//! - [`principal`]: the caller of the API, by cookie, session token, signed token or personal token.
//! - [`setup`]: from the configuration to the service.

mod account_export;
pub mod admin;
mod client;
mod cross_origin;
mod email;
mod incoming;
mod jwks_client;
mod keys;
mod own_api;
mod password;
mod phase_three;
mod plain_page;
mod principal;
mod profile;
mod reply;
mod request_limit;
mod sessions;
pub mod setup;
mod sign_in;
mod sign_out;
mod sign_up;
mod values;

use axum::{
    Router,
    http::StatusCode,
    middleware::from_fn,
    routing::{get, post},
};

pub use client::TrustedProxies;
pub use cross_origin::cross_origin;
pub use own_api::router as user_router;
pub use principal::{Established, Principal, require};
pub use profile::{rename, who};
pub use request_limit::limit_requests;

use crate::{meter, state::AppState};

/// Everything under `/api/auth`. Unknown addresses and wrong methods answer 404 with an empty body, as Better Auth does.
pub fn router(_state: AppState) -> Router<AppState> {
    Router::new().nest("/api/auth", endpoints())
}

fn endpoints() -> Router<AppState> {
    Router::new()
        .route("/sign-up/email", post(sign_up::by_email).route_layer(from_fn(meter::sign_up)))
        .route("/sign-in/email", post(sign_in::by_email).route_layer(from_fn(meter::sign_in)))
        .route("/sign-out", post(sign_out::sign_out))
        .route("/get-session", get(sessions::get).post(sessions::no_post))
        .route("/list-sessions", get(sessions::list))
        .route("/revoke-session", post(sessions::revoke))
        .route("/revoke-sessions", post(sessions::revoke_all))
        .route("/revoke-other-sessions", post(sessions::revoke_others))
        .route("/change-password", post(password::change))
        .route("/request-password-reset", post(password::request_reset))
        .route("/reset-password", post(password::reset))
        .route("/reset-password/{token}", get(password::follow_link))
        .route("/verify-password", post(password::verify))
        .route("/update-user", post(profile::update))
        .route("/delete-user", post(profile::delete))
        .route("/delete-user/callback", get(profile::confirm_deletion))
        .route("/list-accounts", get(profile::accounts))
        .route("/change-email", post(email::change))
        .route("/send-verification-email", post(email::send_verification))
        .route("/verify-email", get(email::verify))
        .route("/token", get(keys::token))
        .route("/jwks", get(keys::jwks))
        .route("/ok", get(keys::ok))
        .route("/error", get(plain_page::error))
        .route("/signup", post(phase_three::sign_up).route_layer(from_fn(meter::sign_up)))
        .route("/signin", post(phase_three::sign_in).route_layer(from_fn(meter::sign_in)))
        .route("/refresh", post(phase_three::refresh))
        .route("/signout", post(phase_three::sign_out))
        .route("/reset-password-request", post(phase_three::request_reset))
        .method_not_allowed_fallback(nothing)
        .fallback(nothing)
}

async fn nothing() -> StatusCode {
    StatusCode::NOT_FOUND
}
