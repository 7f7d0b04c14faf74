//! The user's own account: name, picture, ways of signing in, deletion.

use axum::http::HeaderName;
use serde_json::{Value, json};
use todo_auth::{AuthError, Principal, Refusal, wire_time};
use todo_service::Problem;

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

/// `POST /delete-user`: the account and everything in it.
pub async fn delete(incoming: Incoming) -> Result<Reply, Refused> {
    let mut fields = incoming.fields();
    let password = fields.optional_secret("password");
    let token = fields.optional_text("token");
    fields.finish()?;
    let (_, live) = incoming.require_session().await?;
    incoming.auth.delete_account(&live, password.as_deref(), token.as_deref(), &incoming.client).await?;
    Ok(Reply::json(json!({ "success": true, "message": "User deleted" }))
        .without_session(&incoming.auth)
        .with(HeaderName::from_static("clear-site-data"), "\"cache\", \"storage\""))
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

/// Name and address of the caller; empty for users of a foreign issuer, whom we have no account of.
///
/// # Errors
/// The database's.
pub async fn who(state: &AppState, principal: &Principal) -> Result<(String, String), Problem> {
    let user = match &principal.user {
        Some(user) => Some(user.clone()),
        None => state.auth.user(principal.user_id.as_str()).await.map_err(problem)?,
    };
    Ok(user.map(|user| (user.name, user.email)).unwrap_or_default())
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
