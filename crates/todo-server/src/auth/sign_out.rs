//! Signing out.

use axum::http::HeaderName;
use serde_json::json;

use super::incoming::Incoming;
use super::reply::{Refused, Reply};

/// `POST /sign-out`: always succeeds and always removes the cookies, session or not.
pub async fn sign_out(incoming: Incoming) -> Result<Reply, Refused> {
    if let Some(carried) = incoming.carried() {
        incoming.auth.sign_out(&carried.token, &incoming.client).await?;
    }
    Ok(Reply::json(json!({ "success": true }))
        .without_session(&incoming.auth)
        .with(HeaderName::from_static("clear-site-data"), "\"cache\""))
}
