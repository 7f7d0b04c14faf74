//! Signed tokens for the API, and the keys that verify them.

use axum::http::header;
use serde_json::json;

use super::incoming::Incoming;
use super::reply::{Refused, Reply};

/// `GET /token`
pub async fn token(incoming: Incoming) -> Result<Reply, Refused> {
    let (_, live) = incoming.require_session().await?;
    let token = incoming.auth.mint(&live.user).await?;
    Ok(Reply::json(json!({ "token": token })).uncached())
}

/// `GET /jwks`
pub async fn jwks(incoming: Incoming) -> Result<Reply, Refused> {
    Ok(Reply::json(incoming.auth.jwks().await?).with(header::CACHE_CONTROL, "public, max-age=60"))
}

/// `GET /ok`
pub async fn ok(_incoming: Incoming) -> Reply {
    Reply::json(json!({ "ok": true }))
}
