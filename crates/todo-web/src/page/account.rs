//! The parts of the settings that are about the account itself: its address, and what happened to it.

use maud::{Markup, html};
use todo_client::Activity;

use crate::{
    locale::{Key, key},
    visitor::Reader,
};

/// Entries that are shown; the export has all.
const SHOWN: usize = 20;

/// The e-mail address, whether it is proven, and how it is changed.
pub fn email_card(reader: &Reader) -> Markup {
    let profile = &reader.profile;
    let state = if profile.email_verified { key::SETTINGS_EMAIL_CONFIRMED } else { key::SETTINGS_EMAIL_UNCONFIRMED };
    html! {
        section.card #email {
            h2 { (reader.say(key::SETTINGS_EMAIL)) }
            p { (reader.say_with(state, &[("email", &profile.email)])) }
            @if !profile.email_verified {
                form method="post" action="/settings/email/confirm" data-plain {
                    button.button { (reader.say(key::SETTINGS_EMAIL_CONFIRM)) }
                }
            }
            form.fields method="post" action="/settings/email" data-plain {
                label { span { (reader.say(key::SETTINGS_EMAIL_NEW)) }
                    input type="email" name="email" required maxlength="254" autocomplete="email" aria-describedby="email-hint"; }
                p.hint #email-hint { (reader.say(key::SETTINGS_EMAIL_HINT)) }
                div.end { button.primary { (reader.say(key::SETTINGS_EMAIL_CHANGE)) } }
            }
        }
    }
}

/// What happened to the account and its credentials, newest first.
pub fn activity_card(reader: &Reader, activity: &[Activity]) -> Markup {
    html! {
        section.card #activity {
            h2 { (reader.say(key::SETTINGS_ACTIVITY)) }
            @if activity.is_empty() { p.hint { (reader.say(key::SETTINGS_ACTIVITY_NONE)) } }
            ul.operations {
                @for entry in activity.iter().take(SHOWN) {
                    li {
                        span.what {
                            @match name(&entry.action) {
                                Some(name) => (reader.say(name)),
                                None => (entry.action),
                            }
                            @if let Some(detail) = &entry.detail { " · " bdi { (detail) } }
                            @if entry.outcome != "ok" { " · " strong { (reader.say(key::SETTINGS_ACTIVITY_REFUSED)) } }
                        }
                        small { (reader.dates.instant(entry.at))
                            @if let Some(ip) = &entry.ip { " · " bdi { (ip) } }
                            @if let Some(agent) = &entry.user_agent { " · " bdi { (super::settings::describe(agent)) } } }
                    }
                }
            }
        }
    }
}

fn name(action: &str) -> Option<Key> {
    Some(match action {
        "sign_up" => key::ACTIVITY_SIGN_UP,
        "sign_in" => key::ACTIVITY_SIGN_IN,
        "sign_out" => key::ACTIVITY_SIGN_OUT,
        "sessions_revoked" => key::ACTIVITY_SESSIONS_REVOKED,
        "change_password" => key::ACTIVITY_CHANGE_PASSWORD,
        "reset_requested" => key::ACTIVITY_RESET_REQUESTED,
        "password_reset" => key::ACTIVITY_PASSWORD_RESET,
        "email_verified" => key::ACTIVITY_EMAIL_VERIFIED,
        "email_changed" => key::ACTIVITY_EMAIL_CHANGED,
        "token_created" => key::ACTIVITY_TOKEN_CREATED,
        "token_used" => key::ACTIVITY_TOKEN_USED,
        "token_revoked" => key::ACTIVITY_TOKEN_REVOKED,
        "locked" => key::ACTIVITY_LOCKED,
        "unlocked" => key::ACTIVITY_UNLOCKED,
        _ => return None,
    })
}
