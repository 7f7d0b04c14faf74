//! Forms of the pages. Each calls the API and leads back; our scripts get the outcome as JSON instead.

pub mod organise;
pub mod recover;
pub mod session;
pub mod settings;
pub mod tasks;

use std::collections::BTreeMap;

use axum::{
    Json,
    response::{IntoResponse, Redirect, Response},
};
use http::{HeaderValue, header};
use serde::Serialize;
use serde_json::json;
use todo_client::ClientError;

use crate::{
    locale::{Key, key},
    page,
    visitor::Visitor,
};

/// A change that was made.
pub(crate) struct Done {
    /// Its name in the flash cookie.
    pub what: What,
    /// By which it can be undone.
    pub operation: Option<String>,
    /// What takes it back, where no operation does.
    pub reverse: Option<Reverse>,
    /// Where to go.
    pub back: String,
    /// A script goes there as well; else it stays where it is.
    pub goes: bool,
}

impl Done {
    /// A change after which a script stays where it is.
    pub(crate) const fn new(what: What, operation: Option<String>, back: String) -> Self {
        Self { what, operation, reverse: None, back, goes: false }
    }
}

/// A form that takes a change back.
#[derive(Serialize)]
pub(crate) struct Reverse {
    /// Its route.
    pub action: String,
    /// What it sends.
    pub fields: BTreeMap<&'static str, String>,
}

/// Kinds of changes that the page tells about.
#[derive(Clone, Copy)]
pub(crate) enum What {
    Added,
    Completed,
    Reopened,
    Deleted,
    Saved,
    Undone,
}

impl What {
    const fn name(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Completed => "completed",
            Self::Reopened => "reopened",
            Self::Deleted => "deleted",
            Self::Saved => "saved",
            Self::Undone => "undone",
        }
    }

    const fn text(self) -> Key {
        match self {
            Self::Added => key::DONE_ADDED,
            Self::Completed => key::DONE_COMPLETED,
            Self::Reopened => key::DONE_REOPENED,
            Self::Deleted => key::DONE_DELETED,
            Self::Saved => key::DONE_SAVED,
            Self::Undone => key::DONE_UNDONE,
        }
    }
}

/// Answers a form: back to the page with a word about what was done, or JSON for a script.
pub(crate) fn answer(visitor: &Visitor, outcome: Result<Done, ClientError>) -> Response {
    let done = match outcome {
        Ok(done) => done,
        Err(error) => return page::answer(visitor, Err(error)),
    };
    if visitor.is_script() {
        let said = visitor.language.say(done.what.text());
        let go = done.goes.then_some(done.back);
        return Json(json!({ "said": said, "operation": done.operation, "reverse": done.reverse, "go": go }))
            .into_response();
    }
    let mut response = Redirect::to(&done.back).into_response();
    let flash = format!(
        "flash={}:{}; Path=/; Max-Age=60; HttpOnly; SameSite=Lax",
        done.what.name(),
        done.operation.unwrap_or_default()
    );
    if let Ok(flash) = HeaderValue::from_str(&flash) {
        response.headers_mut().append(header::SET_COOKIE, flash);
    }
    response
}

/// A path on this site to go back to; anything else leads to today's list, so that no form can send people elsewhere.
#[must_use]
pub fn back(path: &str) -> &str {
    let ours = path.starts_with('/')
        && !path.starts_with("//")
        && !path.contains('\\')
        && !path.chars().any(char::is_control)
        && path.len() < 2000;
    if ours { path } else { "/today" }
}

#[cfg(test)]
mod tests {
    use super::back;

    #[test]
    fn forms_lead_back_to_this_site_only() {
        for ours in ["/today", "/project/1?sort=due", "/search?q=%2F%2F"] {
            assert_eq!(back(ours), ours);
        }
        for theirs in
            ["", "//evil.example", "https://evil.example", "/\\evil.example", "/a\r\nSet-Cookie: x=1", "javascript:x"]
        {
            assert_eq!(back(theirs), "/today", "{theirs:?}");
        }
    }
}
