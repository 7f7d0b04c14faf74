//! Signing in and up.

use axum::{extract::Query, response::Response};
use maud::{Markup, html};
use serde::Deserialize;

use super::layout::{bare, icon};
use crate::{
    assets,
    form::back,
    locale::{Key, key},
    visitor::{Reader, Visitor},
};

/// Where to go afterwards.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Next {
    /// Path on this site.
    next: String,
    /// What happened before: `password` after a new password was chosen.
    notice: String,
}

/// The address of the sign-in page that leads on to `next`.
pub fn address(next: &str) -> String {
    let next: String = url::form_urlencoded::byte_serialize(next.as_bytes()).collect();
    format!("/sign-in?next={next}")
}

/// `GET /sign-in`
pub async fn sign_in(visitor: Visitor, Query(next): Query<Next>) -> Response {
    let notice = (next.notice == "password").then_some(key::RESET_DONE);
    render(&visitor, false, &Filled { next: &next.next, notice, ..Filled::default() })
}

/// `GET /sign-up`
pub async fn sign_up(visitor: Visitor, Query(next): Query<Next>) -> Response {
    render(&visitor, true, &Filled { next: &next.next, ..Filled::default() })
}

/// What the form already says.
#[derive(Debug, Default)]
pub struct Filled<'a> {
    /// Where to go afterwards.
    pub next: &'a str,
    /// Name.
    pub name: &'a str,
    /// E-mail address.
    pub email: &'a str,
    /// Why it was refused.
    pub error: Option<String>,
    /// What happened before.
    pub notice: Option<Key>,
}

/// The page, also after a refusal.
pub fn render(visitor: &Visitor, new: bool, filled: &Filled<'_>) -> Response {
    let reader = Reader::nobody(visitor);
    let title = reader.say(if new { key::SIGN_UP } else { key::SIGN_IN });
    let mut response = bare(&reader, title, form(&reader, new, filled));
    if filled.error.is_some() {
        *response.status_mut() = http::StatusCode::UNPROCESSABLE_ENTITY;
    }
    response
}

fn form(reader: &Reader, new: bool, filled: &Filled<'_>) -> Markup {
    let (here, other) = if new { ("/sign-up", "/sign-in") } else { ("/sign-in", "/sign-up") };
    let next = back(filled.next);
    let other = if next == "/today" { other.to_owned() } else { format!("{other}?next={next}") };
    html! {
        div.sign {
            div.mark-large { (icon("mark")) }
            h1 { (reader.say(if new { key::SIGN_UP_TITLE } else { key::SIGN_IN_TITLE })) }
            p.sub { (reader.say(key::APP_TAGLINE)) }
            @if let Some(notice) = filled.notice { p.sub role="status" { (reader.say(notice)) } }
            form method="post" action=(here) data-plain {
                @if let Some(error) = &filled.error { p.error #error role="alert" { (error) } }
                input type="hidden" name="next" value=(next);
                @if new {
                    input type="hidden" name="timezone" value="";
                    input type="hidden" name="date_order" value="";
                    input type="hidden" name="week_start" value="";
                    script type="module" src=(assets::url("zone.js")) {}
                    label { span { (reader.say(key::SIGN_NAME)) }
                        input name="name" autocomplete="name" required maxlength="100" value=(filled.name) autofocus; }
                }
                label { span { (reader.say(key::SIGN_EMAIL)) }
                    input type="email" name="email" autocomplete="username" required maxlength="254" value=(filled.email) autofocus[!new]
                        aria-describedby=[filled.error.is_some().then_some("error")]; }
                label { span { (reader.say(key::SIGN_PASSWORD)) }
                    input type="password" name="password" required minlength=[new.then_some("8")] maxlength="128"
                        autocomplete=(if new { "new-password" } else { "current-password" })
                        aria-describedby=[new.then_some("password-hint")]; }
                @if new { p.hint #password-hint { (reader.say(key::SIGN_PASSWORD_HINT)) } }
                @else {
                    label.tick { input type="checkbox" name="remember" value="1" checked; span { (reader.say(key::SIGN_REMEMBER)) } }
                }
                button.primary { (reader.say(if new { key::SIGN_UP } else { key::SIGN_IN })) }
            }
            @if !new { p.other { a href="/forgot-password" { (reader.say(key::SIGN_FORGOT)) } } }
            p.other {
                (reader.say(if new { key::SIGN_HAVE_ACCOUNT } else { key::SIGN_NO_ACCOUNT })) " "
                a href=(other) { (reader.say(if new { key::SIGN_IN } else { key::SIGN_UP })) }
            }
        }
    }
}
