//! The pages behind mailed links: a new password, a proven address. They work without scripts and without being signed in.

use axum::{extract::Query, response::Response};
use http::{HeaderValue, StatusCode, header};
use maud::{Markup, html};
use serde::Deserialize;

use super::layout::{bare, icon};
use crate::{
    locale::{Key, key},
    visitor::{Reader, Visitor},
};

/// Where the links of our mails lead.
pub const RESET: &str = "/reset-password";
/// See [`RESET`].
pub const VERIFIED: &str = "/verified";

/// What a mailed link brings along.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Link {
    token: String,
    error: String,
}

/// `GET /forgot-password`
pub async fn forgot(visitor: Visitor) -> Response {
    ask(&visitor, &Asked::default())
}

/// `GET /reset-password`: where the link of the mail leads, with its token or with why there is none.
pub async fn reset(visitor: Visitor, Query(link): Query<Link>) -> Response {
    if link.token.is_empty() || !link.error.is_empty() {
        return dead(&visitor, Again::Password);
    }
    choose(&visitor, &link.token, None)
}

/// `GET /verified`: where the link that proves an address leads.
pub async fn verified(visitor: Visitor, Query(link): Query<Link>) -> Response {
    if !link.error.is_empty() {
        return dead(&visitor, Again::Verification);
    }
    let reader = Reader::nobody(&visitor);
    page(
        &reader,
        key::VERIFY_DONE_TITLE,
        html! {
            p.sub { (reader.say(key::VERIFY_DONE)) }
            p.other { a.button href="/today" { (reader.say(key::VERIFY_GO)) } }
        },
    )
}

/// What the form for a link says.
#[derive(Debug, Default)]
pub struct Asked<'a> {
    /// E-mail address.
    pub email: &'a str,
    /// Why it was refused.
    pub error: Option<String>,
}

/// Which link to ask for again.
#[derive(Clone, Copy, Debug)]
pub enum Again {
    /// For a new password.
    Password,
    /// To prove an address.
    Verification,
}

impl Again {
    const fn action(self) -> &'static str {
        match self {
            Self::Password => "/forgot-password",
            Self::Verification => "/verify-email",
        }
    }
}

/// Asks for the address to which a link for a new password goes.
pub fn ask(visitor: &Visitor, asked: &Asked<'_>) -> Response {
    let reader = Reader::nobody(visitor);
    let response = page(
        &reader,
        key::FORGOT_TITLE,
        html! {
            p.sub { (reader.say(key::FORGOT_HINT)) }
            (address_form(&reader, Again::Password, asked))
            (sign_in_link(&reader))
        },
    );
    refused_if(response, asked.error.is_some())
}

/// A link is on its way, or not: nobody learns who has an account.
pub fn sent(visitor: &Visitor, again: Again, email: &str) -> Response {
    let reader = Reader::nobody(visitor);
    let text = match again {
        Again::Password => key::FORGOT_SENT,
        Again::Verification => key::VERIFY_SENT,
    };
    page(
        &reader,
        key::FORGOT_SENT_TITLE,
        html! {
            p.sub role="status" { (reader.say_with(text, &[("email", email)])) }
            p.hint { (reader.say(key::FORGOT_SENT_HINT)) }
            (sign_in_link(&reader))
        },
    )
}

/// The account is made, or known, and its address has to be proven.
pub fn check_mail(visitor: &Visitor, email: &str) -> Response {
    let reader = Reader::nobody(visitor);
    page(
        &reader,
        key::VERIFY_CHECK_TITLE,
        html! {
            p.sub role="status" { (reader.say_with(key::VERIFY_CHECK, &[("email", email)])) }
            p.hint { (reader.say(key::FORGOT_SENT_HINT)) }
            form method="post" action=(Again::Verification.action()) data-plain {
                input type="hidden" name="email" value=(email);
                button.button { (reader.say(key::VERIFY_AGAIN)) }
            }
            (sign_in_link(&reader))
        },
    )
}

/// The form for the new password.
pub fn choose(visitor: &Visitor, token: &str, error: Option<&str>) -> Response {
    let reader = Reader::nobody(visitor);
    let response = page(
        &reader,
        key::RESET_TITLE,
        html! {
            p.sub { (reader.say(key::RESET_HINT)) }
            form method="post" action=(RESET) data-plain {
                @if let Some(error) = error { p.error #error role="alert" { (error) } }
                input type="hidden" name="token" value=(token);
                label { span { (reader.say(key::SETTINGS_PASSWORD_NEW)) }
                    input type="password" name="password" required minlength="8" maxlength="128" autocomplete="new-password" autofocus
                        aria-describedby=(if error.is_some() { "error password-hint" } else { "password-hint" }); }
                p.hint #password-hint { (reader.say(key::SIGN_PASSWORD_HINT)) }
                button.primary { (reader.say(key::RESET_SAVE)) }
            }
        },
    );
    refused_if(response, error.is_some())
}

/// A link that was used or has expired, and the way to a new one.
pub fn dead(visitor: &Visitor, again: Again) -> Response {
    let reader = Reader::nobody(visitor);
    let response = page(
        &reader,
        key::LINK_DEAD_TITLE,
        html! {
            p.sub role="alert" { (reader.say(key::LINK_DEAD)) }
            (address_form(&reader, again, &Asked::default()))
            (sign_in_link(&reader))
        },
    );
    refused_if(response, true)
}

fn address_form(reader: &Reader, again: Again, asked: &Asked<'_>) -> Markup {
    html! {
        form method="post" action=(again.action()) data-plain {
            @if let Some(error) = &asked.error { p.error #error role="alert" { (error) } }
            label { span { (reader.say(key::SIGN_EMAIL)) }
                input type="email" name="email" autocomplete="username" required maxlength="254" value=(asked.email) autofocus
                    aria-describedby=[asked.error.is_some().then_some("error")]; }
            button.primary { (reader.say(key::FORGOT_SEND)) }
        }
    }
}

fn sign_in_link(reader: &Reader) -> Markup {
    html! { p.other { a href="/sign-in" { (reader.say(key::SIGN_IN)) } } }
}

fn page(reader: &Reader, title: Key, main: Markup) -> Response {
    let title = reader.say(title);
    let mut response =
        bare(reader, title, html! { div.sign { div.mark-large { (icon("mark")) } h1 { (title) } (main) } });
    let headers = response.headers_mut();
    // The address may hold a token: it is neither kept nor passed on.
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    response
}

fn refused_if(mut response: Response, refused: bool) -> Response {
    if refused {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    response
}
