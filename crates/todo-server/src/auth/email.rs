//! Proving an address, and changing it.

use std::time::Duration;

use serde_json::{Value, json};
use todo_auth::{AuthError, Proven, Refusal};

use super::incoming::Incoming;
use super::password::with_parameter;
use super::reply::{Refused, Reply, user_json};

/// The least time that an answer to a visitor takes, so that it tells nothing.
const FLOOR: Duration = Duration::from_millis(500);

/// `POST /send-verification-email`
pub async fn send_verification(incoming: Incoming) -> Result<Reply, Refused> {
    let mut fields = incoming.fields();
    let email = fields.email("email");
    let callback = fields.optional_text("callbackURL").filter(|target| !target.is_empty());
    fields.finish()?;
    let done = || Reply::json(json!({ "status": true }));
    let live = match incoming.require_session().await {
        Ok((_, live)) => live,
        Err(AuthError::Refused(Refusal::Unauthorized)) => {
            let (asked, ()) = tokio::join!(
                incoming.auth.request_verification(&email, callback.as_deref()),
                tokio::time::sleep(FLOOR)
            );
            asked?;
            return Ok(done());
        }
        Err(error) => return Err(error.into()),
    };
    if live.user.email != email.to_ascii_lowercase() {
        return Err(Refusal::EmailMismatch.into());
    }
    if live.user.email_verified {
        return Err(Refusal::EmailAlreadyVerified.into());
    }
    incoming.auth.send_verification(&live.user, callback.as_deref()).await?;
    Ok(done())
}

/// `GET /verify-email`: the mailed link.
pub async fn verify(incoming: Incoming) -> Result<Reply, Refused> {
    let callback = incoming.query("callbackURL");
    let proven = incoming.auth.verify_email(incoming.query("token").unwrap_or_default(), &incoming.client).await;
    let user = match (proven, callback) {
        (Ok(_), Some(callback)) => return Ok(Reply::redirect(callback)),
        (Err(AuthError::Refused(Refusal::InvalidToken)), Some(callback)) => {
            return Ok(Reply::redirect(&with_parameter(callback, "error", "INVALID_TOKEN")));
        }
        (Err(AuthError::Refused(Refusal::InvalidToken)), None) => {
            let body = json!({ "message": Refusal::InvalidToken.message(), "code": "INVALID_TOKEN" });
            return Ok(Reply::json(body).status(axum::http::StatusCode::UNAUTHORIZED));
        }
        (Err(error), _) => return Err(error.into()),
        (Ok(Proven::Changed(user)), None) => user_json(&user),
        (Ok(Proven::Verified(_) | Proven::AlreadyVerified), None) => Value::Null,
    };
    Ok(Reply::json(json!({ "status": true, "user": user })))
}

/// `POST /change-email`: the same answer when somebody else has the new address.
pub async fn change(incoming: Incoming) -> Result<Reply, Refused> {
    let mut fields = incoming.fields();
    let email = fields.email("newEmail");
    let callback = fields.optional_text("callbackURL").filter(|target| !target.is_empty());
    fields.finish()?;
    let (_, live) = incoming.require_session().await?;
    incoming.auth.request_email_change(&live.user, &email, callback.as_deref()).await?;
    Ok(Reply::json(json!({ "status": true })))
}
