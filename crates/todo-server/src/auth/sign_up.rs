//! Signing up with address and password.

use serde_json::{Value, json};
use todo_auth::SignUp;

use super::incoming::Incoming;
use super::reply::{Refused, Reply, user_json};

/// `POST /sign-up/email`
pub async fn by_email(incoming: Incoming) -> Result<Reply, Refused> {
    let mut fields = incoming.fields();
    let new = SignUp {
        name: fields.text("name"),
        email: fields.email("email"),
        password: fields.new_secret("password"),
        image: fields.optional_text("image"),
        callback: fields.optional_text("callbackURL"),
        remember: fields.flag("rememberMe", true),
    };
    fields.finish()?;
    let done = incoming.auth.sign_up(new, &incoming.client).await?;
    let token = done.session.as_ref().map_or(Value::Null, |session| session.token.clone().into());
    let reply = Reply::json(json!({ "token": token, "user": user_json(&done.user) }));
    Ok(match &done.session {
        Some(session) => reply.with_session(&incoming.auth, session),
        None => reply,
    })
}
