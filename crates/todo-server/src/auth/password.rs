//! Changing the password, and choosing a new one by a mailed link.

use axum::{
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use serde_json::{Value, json};

use super::incoming::Incoming;
use super::plain_page;
use super::reply::{Refused, Reply, user_json};

/// `POST /change-password`
pub async fn change(incoming: Incoming) -> Result<Reply, Refused> {
    let mut fields = incoming.fields();
    let new = fields.secret("newPassword");
    let current = fields.secret("currentPassword");
    let revoke = fields.flag("revokeOtherSessions", false);
    fields.finish()?;
    let (_, live) = incoming.require_session().await?;
    let session = incoming.auth.change_password(&live, &current, &new, revoke, &incoming.client).await?;
    let token = session.as_ref().map_or(Value::Null, |session| session.token.clone().into());
    let reply = Reply::json(json!({ "token": token, "user": user_json(&live.user) }));
    Ok(match &session {
        Some(session) => reply.with_session(&incoming.auth, session),
        None => reply,
    })
}

/// `POST /verify-password`: whether the signed-in user still knows it.
pub async fn verify(incoming: Incoming) -> Result<Reply, Refused> {
    let mut fields = incoming.fields();
    let password = fields.secret("password");
    fields.finish()?;
    let (_, live) = incoming.require_session().await?;
    incoming.auth.check_password(&live.user, &password, &incoming.client).await?;
    Ok(Reply::json(json!({ "status": true })))
}

/// `POST /request-password-reset`: the same answer for every address.
pub async fn request_reset(incoming: Incoming) -> Result<Reply, Refused> {
    let mut fields = incoming.fields();
    let email = fields.email("email");
    let redirect = fields.optional_text("redirectTo").filter(|target| !target.is_empty());
    fields.finish()?;
    incoming.auth.request_reset(&email, redirect.as_deref(), &incoming.client).await?;
    Ok(Reply::json(json!({
        "status": true,
        "message": "If this email exists in our system, check your email for the reset link",
    })))
}

/// `GET /reset-password/{token}`: the mailed link. It changes nothing; it leads to the page that asks for the new password, which
/// is a plain one of ours when the link names no other.
pub async fn follow_link(incoming: Incoming) -> Result<Response, Refused> {
    let token = incoming.path_token();
    let works = incoming.auth.reset_token_works(token).await?;
    let reply = match (incoming.query("callbackURL"), works) {
        (Some(target), true) => Reply::redirect(&with_parameter(target, "token", token)),
        (Some(target), false) => Reply::redirect(&with_parameter(target, "error", "INVALID_TOKEN")),
        (None, true) => return Ok(plain_page::choose_password(token, incoming.auth.config().password.min_length)),
        (None, false) => Reply::redirect("/api/auth/error?error=INVALID_TOKEN"),
    };
    Ok(reply.uncached().into_response())
}

/// `POST /reset-password`
pub async fn reset(incoming: Incoming) -> Result<Reply, Refused> {
    let mut fields = incoming.fields();
    let password = fields.secret("newPassword");
    let token = fields.optional_text("token");
    fields.finish()?;
    let token = token.as_deref().or_else(|| incoming.query("token")).unwrap_or_default();
    incoming.auth.reset_password(token, &password, &incoming.client).await?;
    if incoming.is_form() {
        return Ok(Reply::redirect("/").status(StatusCode::SEE_OTHER));
    }
    Ok(Reply::json(json!({ "status": true })))
}

/// `target` with one more parameter in its query.
pub fn with_parameter(target: &str, name: &str, value: &str) -> String {
    let (rest, fragment) = target.split_once('#').map_or((target, None), |(rest, fragment)| (rest, Some(fragment)));
    let separator = if rest.contains('?') { '&' } else { '?' };
    let value = todo_auth::cookie::percent_encode(value);
    let fragment = fragment.map(|fragment| format!("#{fragment}")).unwrap_or_default();
    format!("{rest}{separator}{name}={value}{fragment}")
}

#[cfg(test)]
mod tests {
    use super::with_parameter;

    #[test]
    fn parameters_go_before_the_fragment() {
        assert_eq!(with_parameter("/a", "error", "X Y"), "/a?error=X%20Y");
        assert_eq!(with_parameter("/a?b=c#d", "token", "t"), "/a?b=c&token=t#d");
    }
}
