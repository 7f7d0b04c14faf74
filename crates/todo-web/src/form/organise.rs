//! Making, renaming and deleting projects, labels and saved filters.

use axum::{Form, extract::Path, response::Response};
use serde::Deserialize;
use uuid::Uuid;

use super::{Done, What, answer};
use crate::{page::label_path, visitor::Visitor};

/// What these forms send; the condition only for filters.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Place {
    name: String,
    query: String,
}

fn made(operation: Option<String>, list: String) -> Done {
    Done { goes: true, ..Done::new(What::Added, operation, list) }
}

fn saved(operation: Option<String>, list: String) -> Done {
    Done { goes: true, ..Done::new(What::Saved, operation, list) }
}

/// The list is gone with its name.
fn gone(operation: Option<String>) -> Done {
    Done { goes: true, ..Done::new(What::Deleted, operation, "/all".to_owned()) }
}

/// `POST /projects`
pub async fn create_project(visitor: Visitor, Form(place): Form<Place>) -> Response {
    let outcome = visitor.client.create_project(place.name.trim()).await;
    answer(&visitor, outcome.map(|done| made(done.operation, format!("/project/{}", done.value.id))))
}

/// `POST /projects/{id}`
pub async fn rename_project(visitor: Visitor, Path(id): Path<Uuid>, Form(place): Form<Place>) -> Response {
    let outcome = visitor.client.rename_project(id, place.name.trim()).await;
    answer(&visitor, outcome.map(|done| saved(done.operation, format!("/project/{id}"))))
}

/// `POST /projects/{id}/delete`
pub async fn delete_project(visitor: Visitor, Path(id): Path<Uuid>) -> Response {
    let outcome = visitor.client.delete_project(id).await;
    answer(&visitor, outcome.map(|done| gone(done.operation)))
}

/// `POST /labels`
pub async fn create_label(visitor: Visitor, Form(place): Form<Place>) -> Response {
    let outcome = visitor.client.create_label(place.name.trim()).await;
    answer(&visitor, outcome.map(|done| made(done.operation, label_path(&done.value.name))))
}

/// `POST /labels/{id}`
pub async fn rename_label(visitor: Visitor, Path(id): Path<Uuid>, Form(place): Form<Place>) -> Response {
    let outcome = visitor.client.rename_label(id, place.name.trim()).await;
    answer(&visitor, outcome.map(|done| saved(done.operation, label_path(&done.value.name))))
}

/// `POST /labels/{id}/delete`
pub async fn delete_label(visitor: Visitor, Path(id): Path<Uuid>) -> Response {
    let outcome = visitor.client.delete_label(id).await;
    answer(&visitor, outcome.map(|done| gone(done.operation)))
}

/// `POST /filters`
pub async fn create_filter(visitor: Visitor, Form(place): Form<Place>) -> Response {
    let outcome = visitor.client.create_filter(place.name.trim(), place.query.trim()).await;
    answer(&visitor, outcome.map(|filter| made(None, format!("/filter/{}", filter.id))))
}

/// `POST /filters/{id}`
pub async fn update_filter(visitor: Visitor, Path(id): Path<Uuid>, Form(place): Form<Place>) -> Response {
    let outcome = visitor.client.update_filter(id, place.name.trim(), place.query.trim()).await;
    answer(&visitor, outcome.map(|_| saved(None, format!("/filter/{id}"))))
}

/// `POST /filters/{id}/delete`
pub async fn delete_filter(visitor: Visitor, Path(id): Path<Uuid>) -> Response {
    let outcome = visitor.client.delete_filter(id).await;
    answer(&visitor, outcome.map(|()| gone(None)))
}
