//! Pages of the backend itself, for links that lead nowhere better: they work where only the backend runs.

use axum::response::{Html, IntoResponse as _, Response};
use maud::{DOCTYPE, Markup, html};

use super::incoming::Incoming;

/// Longest code that is shown.
const CODE_MAX: usize = 64;

/// `GET /error`: shows the code, which anybody may have written into the link: only if it looks like one, and escaped.
pub async fn error(incoming: Incoming) -> Response {
    let given = incoming.query("error").unwrap_or_default();
    let looks_like_a_code = !given.is_empty()
        && given.len() <= CODE_MAX
        && given.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte));
    let code = if looks_like_a_code { given } else { "UNKNOWN" };
    page(
        "That did not work",
        &html! {
            p { "Code: " code { (code) } }
            p { "The link may be old or used already. Ask for a new one." }
            p { a href="/" { "Go to the start page" } }
        },
    )
}

/// The form behind a link for a new password that names no other page.
pub fn choose_password(token: &str, min_length: usize) -> Response {
    page(
        "Choose a new password",
        &html! {
            form method="post" action="/api/auth/reset-password" {
                input type="hidden" name="token" value=(token);
                p {
                    label for="password" { "New password, at least " (min_length) " characters" }
                    br;
                    input id="password" type="password" name="newPassword" minlength=(min_length)
                        autocomplete="new-password" required autofocus;
                }
                p { button { "Save" } }
            }
        },
    )
}

fn page(title: &str, body: &Markup) -> Response {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) }
            }
            body { main { h1 { (title) } (body) } }
        }
    };
    let headers = [
        (
            http::header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
        ),
        (http::header::CACHE_CONTROL, "no-store"),
        // The address holds the token; it must not travel on.
        (http::header::REFERRER_POLICY, "same-origin"),
    ];
    (headers, Html(page.into_string())).into_response()
}
