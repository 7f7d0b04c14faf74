//! What stands in for a page when something is in the way.

use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use maud::html;
use todo_client::ClientError;

use super::layout::{bare, icon};
use crate::{
    locale::{Language, key},
    visitor::{Reader, SCRIPT, Visitor},
};

/// A failed call as a page, or as JSON for our scripts.
pub fn page(visitor: &Visitor, error: &ClientError) -> Response {
    let reader = Reader::nobody(visitor);
    let (status, picture, title, text) = match error {
        ClientError::Refused { status: StatusCode::NOT_FOUND, .. } => {
            (StatusCode::NOT_FOUND, "search", key::ERROR_NOT_FOUND, reader.say(key::ERROR_NOT_FOUND_HINT).to_owned())
        }
        ClientError::Refused { status: StatusCode::TOO_MANY_REQUESTS, retry_after, .. } => {
            let seconds = retry_after.map_or(10, |wait| wait.as_secs().max(1)).to_string();
            let text = reader.say_with(key::ERROR_RATE_HINT, &[("n", &seconds)]);
            (StatusCode::TOO_MANY_REQUESTS, "clock", key::ERROR_RATE, text)
        }
        ClientError::Refused { status, detail, .. } if status.is_client_error() => {
            (*status, "alert", key::ERROR_TITLE, detail.clone())
        }
        other => {
            tracing::warn!(error = %other, "the API failed");
            (StatusCode::BAD_GATEWAY, "cloud", key::ERROR_TITLE, reader.say(key::ERROR_BACKEND).to_owned())
        }
    };
    let mut response = if visitor.is_script() {
        let field = match error {
            ClientError::Refused { field, .. } => field.clone(),
            _ => None,
        };
        axum::Json(serde_json::json!({ "detail": text, "field": field })).into_response()
    } else {
        bare(
            &reader,
            reader.say(title),
            html! {
                div.empty {
                    (icon(picture))
                    h1 { (reader.say(title)) }
                    p { (text) }
                    p { a.button href=(reader.here) { (reader.say(key::ERROR_RETRY)) } " " a href="/today" { (reader.say(key::ERROR_HOME)) } }
                }
            },
        )
    };
    *response.status_mut() = status;
    if let ClientError::Refused { retry_after: Some(wait), .. } = error {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(wait.as_secs()));
    }
    response
}

/// The page for addresses that lead nowhere.
pub async fn missing(visitor: Visitor) -> Response {
    let nothing = ClientError::Refused {
        status: StatusCode::NOT_FOUND,
        detail: String::new(),
        code: None,
        field: None,
        retry_after: None,
    };
    page(&visitor, &nothing)
}

/// A change that another site sent.
pub fn foreign_form(headers: &HeaderMap) -> Response {
    let language = Language::of_browser(headers);
    let text = language.say(key::ERROR_ORIGIN);
    if headers.contains_key(SCRIPT) {
        return (StatusCode::FORBIDDEN, axum::Json(serde_json::json!({ "detail": text }))).into_response();
    }
    (StatusCode::FORBIDDEN, [(header::CONTENT_TYPE, "text/plain; charset=utf-8")], text).into_response()
}

/// `GET /offline`: what the service worker shows when there is no connection and nothing kept.
pub async fn offline(visitor: Visitor) -> Response {
    let reader = Reader::nobody(&visitor);
    bare(
        &reader,
        reader.say(key::OFFLINE_TITLE),
        html! {
            div.empty {
                (icon("cloud"))
                h1 { (reader.say(key::OFFLINE_TITLE)) }
                p { (reader.say(key::OFFLINE_HINT)) }
                p { a.button href="/today" { (reader.say(key::ERROR_RETRY)) } }
            }
        },
    )
}
