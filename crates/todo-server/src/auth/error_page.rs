//! `GET /error`: where a failed link leads when nobody gave it a better place.

use axum::response::{Html, IntoResponse, Response};
use maud::{DOCTYPE, html};

use super::incoming::Incoming;

/// Longest code that is shown.
const CODE_MAX: usize = 64;

/// Shows the code, which anybody may have written into the link: only if it looks like one, and escaped.
pub async fn page(incoming: Incoming) -> Response {
    let given = incoming.query("error").unwrap_or_default();
    let looks_like_a_code = !given.is_empty()
        && given.len() <= CODE_MAX
        && given.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte));
    let code = if looks_like_a_code { given } else { "UNKNOWN" };
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { "Error" }
            }
            body {
                main {
                    h1 { "That did not work" }
                    p { "Code: " code { (code) } }
                    p { "The link may be old or used already. Ask for a new one." }
                    p { a href="/" { "Go to the start page" } }
                }
            }
        }
    };
    let policy = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";
    ([(http::header::CONTENT_SECURITY_POLICY, policy)], Html(page.into_string())).into_response()
}
