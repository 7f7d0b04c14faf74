//! Signing in with address and password.

use axum::http::header;
use serde_json::json;

use super::incoming::Incoming;
use super::reply::{Refused, Reply, user_json};

/// `POST /sign-in/email`
pub async fn by_email(incoming: Incoming) -> Result<Reply, Refused> {
    let mut fields = incoming.fields();
    let email = fields.email("email");
    let password = fields.secret("password");
    let remember = fields.flag("rememberMe", true);
    let callback = fields.optional_text("callbackURL").filter(|target| !target.is_empty());
    fields.finish()?;
    let (user, session) = incoming.auth.sign_in(&email, &password, remember, &incoming.client).await?;
    let mut body = json!({ "redirect": callback.is_some(), "token": session.token, "user": user_json(&user) });
    if let Some(callback) = &callback {
        body["url"] = callback.as_str().into();
    }
    let reply = Reply::json(body).with_session(&incoming.auth, &session);
    // The client navigates by the body; the header is for those that read it. The status stays 200.
    Ok(match &callback {
        Some(callback) => reply.with(header::LOCATION, callback),
        None => reply,
    })
}
