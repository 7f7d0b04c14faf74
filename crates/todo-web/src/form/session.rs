//! Signing up, in and out.

use axum::{
    Form,
    response::{IntoResponse, Redirect, Response},
};
use http::{HeaderValue, header};
use serde::Deserialize;
use todo_client::{ClientError, Credentials, Entered, Identity, NewAccount, ProfilePatch};

use super::back;
use crate::{
    locale::key,
    page::{
        self,
        recover::{VERIFIED, check_mail},
        sign,
    },
    visitor::Visitor,
};

/// What both forms send.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Fields {
    name: String,
    email: String,
    password: String,
    remember: String,
    next: String,
    timezone: String,
    date_order: Option<String>,
    week_start: Option<String>,
}

/// `POST /sign-in`
pub async fn sign_in(visitor: Visitor, Form(fields): Form<Fields>) -> Response {
    let credentials = Credentials {
        email: fields.email.trim(),
        password: &fields.password,
        remember_me: !fields.remember.is_empty(),
    };
    let outcome = visitor.client.sign_in(&credentials).await;
    enter(&visitor, &fields, false, outcome)
}

/// `POST /sign-up`
pub async fn sign_up(visitor: Visitor, Form(fields): Form<Fields>) -> Response {
    let account = NewAccount {
        name: fields.name.trim(),
        email: fields.email.trim(),
        password: &fields.password,
        callback: Some(VERIFIED),
    };
    let outcome = visitor.client.sign_up(&account).await;
    if let Ok(Entered { token: Some(token), .. }) = &outcome
        && !fields.timezone.is_empty()
    {
        // The browser knows the zone and the customs; an account works without them too, so a refusal is no reason to stop.
        let given = |field: &Option<String>| field.clone().filter(|value| !value.is_empty());
        let patch = ProfilePatch {
            timezone: Some(fields.timezone.clone()),
            date_order: given(&fields.date_order),
            week_start: given(&fields.week_start),
            ..ProfilePatch::default()
        };
        if let Err(error) = visitor.client.acting_as(Identity::bearer(token)).update_profile(&patch).await {
            tracing::info!(%error, "the browser's time zone was not taken");
        }
    }
    enter(&visitor, &fields, true, outcome)
}

/// `POST /sign-out`
pub async fn sign_out(visitor: Visitor) -> Response {
    match visitor.client.sign_out().await {
        Ok(left) => {
            let mut response = with_cookies(Redirect::to("/sign-in").into_response(), left);
            // What the service worker kept for reading offline belongs to the person who leaves.
            response.headers_mut().insert("clear-site-data", HeaderValue::from_static("\"cache\", \"storage\""));
            response
        }
        Err(error) => page::answer(&visitor, Err(error)),
    }
}

fn enter(visitor: &Visitor, fields: &Fields, new: bool, outcome: Result<Entered, ClientError>) -> Response {
    match outcome {
        // No session yet: the address has to be proven first.
        Ok(Entered { token: None, .. }) => check_mail(visitor, fields.email.trim()),
        Ok(entered) => with_cookies(Redirect::to(back(&fields.next)).into_response(), entered),
        Err(ClientError::Refused { code: Some(code), .. }) if code == "EMAIL_NOT_VERIFIED" => {
            check_mail(visitor, fields.email.trim())
        }
        Err(error) => match reason(visitor, error) {
            Ok(reason) => {
                let (next, name, email) = (&fields.next, &fields.name, &fields.email);
                let filled = sign::Filled { next, name, email, error: Some(reason), notice: None };
                sign::render(visitor, new, &filled)
            }
            Err(error) => page::answer(visitor, Err(error)),
        },
    }
}

/// What a form says about its refusal; any other failure is handed back.
pub(super) fn reason(visitor: &Visitor, error: ClientError) -> Result<String, ClientError> {
    match error {
        ClientError::Refused { status: http::StatusCode::TOO_MANY_REQUESTS, retry_after: Some(wait), .. } => {
            Ok(visitor.language.say_with(key::ERROR_RATE_HINT, &[("n", &wait.as_secs().max(1).to_string())]))
        }
        ClientError::Refused { status, detail, .. } if status.is_client_error() => Ok(detail),
        other => Err(other),
    }
}

/// Hands the session's cookies on to the browser.
pub(super) fn with_cookies(mut response: Response, entered: Entered) -> Response {
    for cookie in entered.cookies {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}
