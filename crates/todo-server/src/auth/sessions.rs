//! The current session, and the user's other ones.

use axum::http::{StatusCode, header};
use serde_json::{Value, json};
use todo_auth::{Refusal, sessions::Lookup};

use super::incoming::Incoming;
use super::reply::{Refused, Reply, SET_AUTH_JWT, session_json, user_json};

/// `GET /get-session`: the session with its user, or `null`; never an error for want of one.
pub async fn get(incoming: Incoming) -> Result<Reply, Refused> {
    let nobody = || Reply::json(Value::Null).uncached();
    let Some(carried) = incoming.carried() else { return Ok(nobody()) };
    let auth = &incoming.auth;
    let Lookup::Live(mut live) = auth.find_session(&carried.token).await? else {
        // Signed by us, but over: the browser may forget it.
        return Ok(nobody().without_session(auth));
    };
    let may_extend = carried.remember && incoming.query("disableRefresh").is_none_or(|value| value == "false");
    let extended = may_extend && auth.extend_if_due(&mut live).await?;
    let jwt = auth.mint(&live.user).await?;
    let body = json!({ "session": session_json(&live.session, &carried.token), "user": user_json(&live.user) });
    let reply = Reply::json(body)
        .uncached()
        .with(SET_AUTH_JWT, &jwt)
        .with(header::ACCESS_CONTROL_EXPOSE_HEADERS, SET_AUTH_JWT.as_str());
    Ok(if extended { reply.with_session_token(auth, &carried.token, true) } else { reply })
}

/// `POST /get-session`: only for a deferred refresh, which we do not have.
pub async fn no_post(_incoming: Incoming) -> Reply {
    Reply::json(json!({
        "message": "POST method requires deferSessionRefresh to be enabled in session config",
        "code": "METHOD_NOT_ALLOWED_DEFER_SESSION_REQUIRED",
    }))
    .status(StatusCode::METHOD_NOT_ALLOWED)
    .with(header::ALLOW, "GET")
}

/// `GET /list-sessions`: for a fresh session only.
pub async fn list(incoming: Incoming) -> Result<Reply, Refused> {
    let (carried, live) = incoming.require_session().await?;
    incoming.auth.require_fresh(&live.session, Refusal::SessionNotFresh)?;
    let sessions = incoming.auth.list_sessions(&live.user.id).await?;
    let json = sessions.iter().map(|session| {
        let own = session.id == live.session.id;
        session_json(session, if own { &carried.token } else { &session.id })
    });
    Ok(Reply::json(json.collect()))
}

/// `POST /revoke-session`: an unknown or foreign token is answered alike.
pub async fn revoke(incoming: Incoming) -> Result<Reply, Refused> {
    let mut fields = incoming.fields();
    let token = fields.text("token");
    fields.finish()?;
    let (_, live) = incoming.require_session().await?;
    incoming.auth.revoke_one(&live.user.id, &token, &incoming.client).await?;
    Ok(Reply::json(json!({ "status": true })))
}

/// `POST /revoke-sessions`: all, the current one included.
pub async fn revoke_all(incoming: Incoming) -> Result<Reply, Refused> {
    let (_, live) = incoming.require_session().await?;
    incoming.auth.revoke_many(&live.user.id, None, &incoming.client).await?;
    Ok(Reply::json(json!({ "status": true })))
}

/// `POST /revoke-other-sessions`
pub async fn revoke_others(incoming: Incoming) -> Result<Reply, Refused> {
    let (_, live) = incoming.require_session().await?;
    incoming.auth.revoke_many(&live.user.id, Some(&live.session.id), &incoming.client).await?;
    Ok(Reply::json(json!({ "status": true })))
}
