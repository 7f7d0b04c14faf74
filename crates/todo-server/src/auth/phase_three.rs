//! The forms of the Phase III contract: `signup`, `signin`, `refresh`, `signout`, `reset-password-request`. Field names, status
//! codes and error codes are that contract's; the accounts are the same.

use axum::{
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde_json::json;
use todo_auth::{
    AuthError, Refusal, SignUp,
    issuer::ACCESS_SECONDS,
    sessions::{Lookup, NewSession},
};
use todo_service::Problem;
use todo_store::auth::users::User;

use super::incoming::Incoming;
use super::principal::problem;
use super::reply::Reply;

/// What went wrong, in this contract's words.
fn refuse(error: AuthError) -> Problem {
    let unauthorised = |code, detail: &'static str| Problem::unauthenticated(code, detail);
    match error {
        AuthError::Refused(Refusal::InvalidEmailOrPassword) => {
            unauthorised("INVALID_CREDENTIALS", "The e-mail address or the password is wrong.")
        }
        AuthError::Refused(Refusal::Unauthorized) => {
            unauthorised("INVALID_TOKEN", "The token is not valid; sign in again.")
        }
        AuthError::Refused(Refusal::EmailNotVerified) => Problem::new(
            StatusCode::FORBIDDEN,
            "EMAIL_NOT_VERIFIED",
            "Confirm your e-mail address first; a link was sent.",
        ),
        AuthError::Refused(Refusal::UserAlreadyExists) => {
            Problem::new(StatusCode::CONFLICT, "EMAIL_ALREADY_EXISTS", "There is an account with this e-mail address.")
        }
        AuthError::Refused(Refusal::InvalidEmail) => Problem::invalid("email", "This is not an e-mail address."),
        AuthError::Refused(
            weak @ (Refusal::PasswordTooShort | Refusal::PasswordTooLong | Refusal::PasswordTooCommon),
        ) => Problem::invalid("password", weak.message()),
        AuthError::Invalid(problems) => Problem::invalid("body", problems),
        AuthError::Locked { retry_after } => Problem {
            retry_after: u64::try_from(retry_after).ok(),
            ..Problem::new(
                StatusCode::LOCKED,
                "ACCOUNT_LOCKED",
                "Too many failed sign-ins; this account is locked for a while.",
            )
        },
        other => problem(other),
    }
}

/// `POST /signup` `{email, password, password_confirm, name?}`
pub async fn sign_up(incoming: Incoming) -> Result<Response, Problem> {
    let mut fields = incoming.fields();
    let email = fields.email("email");
    let password = fields.new_secret("password");
    let confirm = fields.optional_secret("password_confirm");
    let name = fields.optional_text("name").filter(|name| !name.trim().is_empty());
    fields.finish().map_err(refuse)?;
    if confirm.is_some_and(|confirm| confirm != password) {
        return Err(Problem::invalid("password_confirm", "The two passwords differ."));
    }
    if let Some(missing) = missing_kind(&password) {
        return Err(Problem::invalid("password", format!("The password needs {missing}.")));
    }
    let name = name.unwrap_or_else(|| email.split('@').next().unwrap_or_default().to_owned());
    let new = SignUp { name, email, password, image: None, remember: true, callback: None };
    let done = incoming.auth.sign_up(new, &incoming.client).await.map_err(refuse)?;
    if let Some(session) = &done.session {
        // This contract signs in with a request of its own.
        incoming.auth.end_session(&session.token).await.map_err(refuse)?;
    }
    let message = if done.session.is_some() {
        "The account was created; sign in."
    } else {
        "The account was created; confirm your e-mail address by the link that was sent."
    };
    Ok(Reply::json(json!({ "user_id": done.user.id, "message": message })).status(StatusCode::CREATED).into_response())
}

/// What this contract demands of a password besides its length.
fn missing_kind(password: &str) -> Option<&'static str> {
    let has = |kind: fn(char) -> bool| password.chars().any(kind);
    match (has(char::is_uppercase), has(char::is_lowercase), has(char::is_numeric)) {
        (false, _, _) => Some("an upper-case letter"),
        (_, false, _) => Some("a lower-case letter"),
        (_, _, false) => Some("a digit"),
        _ => None,
    }
}

/// `POST /signin` `{email, password}`
pub async fn sign_in(incoming: Incoming) -> Result<Reply, Problem> {
    let mut fields = incoming.fields();
    let email = fields.email("email");
    let password = fields.secret("password");
    fields.finish().map_err(refuse)?;
    let signed_in = incoming.auth.sign_in(&email, &password, true, &incoming.client).await;
    let (user, session) = signed_in.map_err(refuse)?;
    tokens(&incoming, &user, &session).await
}

/// `POST /refresh` `{refresh_token}`: a new pair; the old refresh token works no more.
pub async fn refresh(incoming: Incoming) -> Result<Reply, Problem> {
    let mut fields = incoming.fields();
    let token = fields.secret("refresh_token");
    fields.finish().map_err(refuse)?;
    let Lookup::Live(live) = incoming.auth.find_session(&token).await.map_err(refuse)? else {
        return Err(refuse(Refusal::Unauthorized.into()));
    };
    // Two requests with the same token: one of them finds it gone.
    if incoming.auth.end_session(&token).await.map_err(refuse)?.is_none() {
        return Err(refuse(Refusal::Unauthorized.into()));
    }
    let session = incoming.auth.start_session(&live.user, true, &incoming.client).await.map_err(refuse)?;
    tokens(&incoming, &live.user, &session).await
}

async fn tokens(incoming: &Incoming, user: &User, session: &NewSession) -> Result<Reply, Problem> {
    let access = incoming.auth.mint_access(user, &session.session.id).await.map_err(refuse)?;
    Ok(Reply::json(json!({
        "access_token": access,
        "refresh_token": session.token,
        "token_type": "Bearer",
        "expires_in": ACCESS_SECONDS,
        "user_id": user.id,
    }))
    .uncached())
}

/// `POST /signout`: ends the session of `refresh_token`, or of the access token in the header.
pub async fn sign_out(incoming: Incoming) -> Result<Reply, Problem> {
    let mut fields = incoming.fields();
    let token = fields.optional_secret("refresh_token");
    fields.finish().map_err(refuse)?;
    if let Some(token) = token {
        incoming.auth.sign_out(&token, &incoming.client).await.map_err(refuse)?;
    } else if let Some(bearer) = incoming.bearer() {
        incoming.auth.sign_out_bearer(bearer, &incoming.client).await.map_err(refuse)?;
    }
    Ok(Reply::json(json!({ "message": "Signed out." })))
}

/// `POST /reset-password-request` `{email}`: the same answer for every address.
pub async fn request_reset(incoming: Incoming) -> Result<Reply, Problem> {
    let mut fields = incoming.fields();
    let email = fields.email("email");
    fields.finish().map_err(refuse)?;
    incoming.auth.request_reset(&email, None, &incoming.client).await.map_err(refuse)?;
    Ok(Reply::json(json!({ "message": "If there is an account with this address, a link was sent to it." })))
}

#[cfg(test)]
mod tests {
    use super::missing_kind;

    #[test]
    fn kinds_of_characters() {
        assert_eq!(missing_kind("Secret12"), None);
        for weak in ["secret12", "SECRET12", "SecretXY"] {
            assert!(missing_kind(weak).is_some(), "{weak}");
        }
    }
}
