//! Forms of the pages behind mailed links.

use axum::{
    Form,
    response::{IntoResponse as _, Redirect, Response},
};
use serde::Deserialize;
use todo_client::ClientError;

use super::session::reason;
use crate::{
    page::{
        self,
        recover::{Again, Asked, RESET, VERIFIED, ask, choose, dead, sent},
    },
    visitor::Visitor,
};

/// What asking for a link sends.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Address {
    email: String,
}

/// What choosing a password sends.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Choice {
    token: String,
    password: String,
}

/// `POST /forgot-password`
pub async fn forgot(visitor: Visitor, Form(fields): Form<Address>) -> Response {
    let email = fields.email.trim();
    let outcome = visitor.client.request_password_reset(email, RESET).await;
    asked(&visitor, Again::Password, email, outcome)
}

/// `POST /verify-email`
pub async fn verify(visitor: Visitor, Form(fields): Form<Address>) -> Response {
    let email = fields.email.trim();
    let outcome = visitor.client.send_verification(email, VERIFIED).await;
    asked(&visitor, Again::Verification, email, outcome)
}

fn asked(visitor: &Visitor, again: Again, email: &str, outcome: todo_client::Result<()>) -> Response {
    match outcome {
        Ok(()) => sent(visitor, again, email),
        Err(error) => match reason(visitor, error) {
            Ok(reason) => ask(visitor, &Asked { email, error: Some(reason) }),
            Err(error) => page::answer(visitor, Err(error)),
        },
    }
}

/// `POST /reset-password`
pub async fn reset(visitor: Visitor, Form(fields): Form<Choice>) -> Response {
    match visitor.client.reset_password(&fields.token, &fields.password).await {
        Ok(()) => Redirect::to("/sign-in?notice=password").into_response(),
        Err(ClientError::Refused { code: Some(code), .. }) if code == "INVALID_TOKEN" => {
            dead(&visitor, Again::Password)
        }
        Err(error) => match reason(&visitor, error) {
            Ok(reason) => choose(&visitor, &fields.token, Some(&reason)),
            Err(error) => page::answer(&visitor, Err(error)),
        },
    }
}
