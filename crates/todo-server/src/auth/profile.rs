//! The user's own account: name, picture, ways of signing in, deletion.

use axum::http::{HeaderName, StatusCode};
use serde_json::{Value, json};
use todo_auth::{AuthError, Principal, Refusal, wire_time};
use todo_service::Problem;
use todo_store::auth::users::User;

use super::incoming::Incoming;
use super::principal::problem;
use super::reply::{Refused, Reply};
use crate::state::AppState;

/// Longest name, in characters.
const NAME_MAX: usize = 100;

/// What a user can't change about themself.
const PROTECTED: [&str; 6] = ["id", "emailVerified", "createdAt", "updatedAt", "banned", "role"];

/// `POST /update-user`
pub async fn update(incoming: Incoming) -> Result<Reply, Refused> {
    let (carried, live) = incoming.require_session().await?;
    if incoming.body.get("email").is_some_and(|email| !email.is_null()) {
        return Err(Refusal::EmailCanNotBeUpdated.into());
    }
    // Fields that the user has but may not set. Others are ignored, as Better Auth does.
    if incoming.body.keys().any(|key| PROTECTED.contains(&key.as_str())) {
        return Err(Refusal::FieldNotAllowed.into());
    }
    let mut fields = incoming.fields();
    let name = fields.optional_text("name");
    let image = fields.nullable_text("image");
    fields.finish()?;
    let image = image.as_ref().map(Option::as_deref);
    incoming.auth.update_profile(&live.user.id, name.as_deref(), image).await?;
    Ok(Reply::json(json!({ "status": true })).with_session_token(&incoming.auth, &carried.token, carried.remember))
}

/// `POST /delete-user`: the account and everything in it, at once or, where that is wanted, by a link that is mailed.
pub async fn delete(incoming: Incoming) -> Result<Reply, Refused> {
    let mut fields = incoming.fields();
    let password = fields.optional_secret("password");
    let token = fields.optional_text("token");
    let callback = fields.optional_text("callbackURL").filter(|target| !target.is_empty());
    fields.finish()?;
    let (_, live) = incoming.require_session().await?;
    let (password, token, callback) = (password.as_deref(), token.as_deref(), callback.as_deref());
    if incoming.auth.delete_account(&live, password, token, callback, &incoming.client).await? {
        return Ok(gone(Reply::json(json!({ "success": true, "message": "User deleted" })), &incoming));
    }
    Ok(Reply::json(json!({ "success": true, "message": "Verification email sent" })))
}

/// `GET /delete-user/callback`: the mailed link. Only the browser that is signed in to the account can follow it, so that nobody
/// else's preview of the mail removes it.
pub async fn confirm_deletion(incoming: Incoming) -> Result<Reply, Refused> {
    let token = incoming.query("token").unwrap_or_default();
    let outcome = match incoming.require_session().await {
        Ok((_, live)) => incoming.auth.confirm_deletion(&live.user, token, &incoming.client).await,
        Err(error) => Err(error),
    };
    // Better Auth answers both with 404; a person who followed the link gets a page.
    let (message, code) = match (outcome, incoming.query("callbackURL")) {
        (Ok(()), Some(callback)) => return Ok(gone(Reply::redirect(callback), &incoming)),
        (Ok(()), None) => {
            return Ok(gone(Reply::json(json!({ "success": true, "message": "User deleted" })), &incoming));
        }
        (Err(AuthError::Refused(Refusal::Unauthorized)), _) => ("Failed to get user info", "FAILED_TO_GET_USER_INFO"),
        (Err(AuthError::Refused(Refusal::InvalidToken)), _) => (Refusal::InvalidToken.message(), "INVALID_TOKEN"),
        (Err(error), _) => return Err(error.into()),
    };
    if incoming.query("callbackURL").is_some() {
        return Ok(Reply::redirect(&format!("/api/auth/error?error={code}")));
    }
    Ok(Reply::json(json!({ "message": message, "code": code })).status(StatusCode::NOT_FOUND))
}

fn gone(reply: Reply, incoming: &Incoming) -> Reply {
    reply.without_session(&incoming.auth).with(HeaderName::from_static("clear-site-data"), "\"cache\", \"storage\"")
}

/// `GET /list-accounts`
pub async fn accounts(incoming: Incoming) -> Result<Reply, Refused> {
    let (_, live) = incoming.require_session().await?;
    let accounts = incoming.auth.list_accounts(&live.user.id).await?;
    let json = accounts.iter().map(|account| {
        let scopes: Vec<_> = account.scope.as_deref().unwrap_or_default().split(',').map(str::trim).collect();
        json!({
            "id": account.id,
            "providerId": account.provider_id,
            "accountId": account.account_id,
            "userId": live.user.id,
            "createdAt": wire_time(account.created_at),
            "updatedAt": wire_time(account.updated_at),
            "scopes": scopes.into_iter().filter(|scope| !scope.is_empty()).collect::<Vec<_>>(),
        })
    });
    Ok(Reply::json(json.collect::<Vec<Value>>().into()))
}

/// The account of the caller; none for users of a foreign issuer.
///
/// # Errors
/// The database's.
pub async fn who(state: &AppState, principal: &Principal) -> Result<Option<User>, Problem> {
    match &principal.user {
        Some(user) => Ok(Some(user.clone())),
        None => state.auth.user(principal.user_id.as_str()).await.map_err(problem),
    }
}

/// Changes the caller's name.
///
/// # Errors
/// 422 when it is empty or too long; the database's.
pub async fn rename(state: &AppState, principal: &Principal, name: &str) -> Result<(), Problem> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > NAME_MAX || name.contains('\0') {
        return Err(Problem::invalid("name", format!("Give a name of 1 to {NAME_MAX} characters.")));
    }
    let update = state.auth.update_profile(principal.user_id.as_str(), Some(name), None);
    update.await.map_err(|error: AuthError| problem(error))
}
