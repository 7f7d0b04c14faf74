//! Pages. Each asks the API, then renders.

pub mod account;
pub mod chat;
pub mod fixed;
pub mod history;
mod layout;
pub mod list;
mod manage;
mod plot;
pub mod problem;
pub mod recover;
mod row;
pub mod settings;
pub mod sign;
pub mod stats;
pub mod task;

pub use layout::label_path;

use axum::response::{IntoResponse, Redirect, Response};
use todo_client::ClientError;

use crate::visitor::Visitor;

/// Outcome of a page.
pub(crate) type Outcome = Result<Response, ClientError>;

/// `GET /`: today's list.
pub async fn home() -> Redirect {
    Redirect::temporary("/today")
}

/// The page, or what stands in for it when the API refused.
pub(crate) fn answer(visitor: &Visitor, outcome: Outcome) -> Response {
    outcome.unwrap_or_else(|error| {
        if error.is_signed_out() && !visitor.is_script() {
            Redirect::to(&sign::address(&visitor.here)).into_response()
        } else {
            problem::page(visitor, &error)
        }
    })
}
