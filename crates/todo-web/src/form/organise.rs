//! Making, renaming and deleting projects, labels and saved filters.

use axum::{Form, extract::Path, response::Response};
use serde::Deserialize;
use todo_client::{Client, ClientError, NewFilter, SavedFilter};
use uuid::Uuid;

use super::{Done, Reverse, What, answer};
use crate::{page::label_path, visitor::Visitor};

/// What these forms send; all but the name only for filters.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Place {
    name: String,
    query: String,
    color: String,
    position: String,
    /// The form takes another change back.
    undo: String,
}

impl Place {
    /// The filter to make.
    fn condition(&self) -> NewFilter<'_> {
        NewFilter {
            name: self.name.trim(),
            query: self.query.trim(),
            color: Some(self.color.as_str()).filter(|color| !color.is_empty()),
            position: self.position.parse().ok(),
        }
    }

    /// A change of a filter. It is no operation, so another form takes it back.
    fn filter_done(&self, what: What, list: String, reverse: Option<Reverse>) -> Done {
        let what = if self.undo.is_empty() { what } else { What::Undone };
        Done { goes: true, reverse, ..Done::new(what, None, list) }
    }
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
    let outcome = visitor.client.create_filter(&place.condition()).await;
    answer(
        &visitor,
        outcome.map(|filter| {
            let reverse = reverse(format!("/filters/{}/delete", filter.id), []);
            place.filter_done(What::Added, format!("/filter/{}", filter.id), Some(reverse))
        }),
    )
}

/// `POST /filters/{id}`
pub async fn update_filter(visitor: Visitor, Path(id): Path<Uuid>, Form(place): Form<Place>) -> Response {
    let outcome = async {
        let before = filter(&visitor.client, id).await?;
        visitor.client.update_filter(id, place.name.trim(), place.query.trim()).await?;
        let reverse =
            before.map(|before| reverse(format!("/filters/{id}"), [("name", before.name), ("query", before.query)]));
        Ok(place.filter_done(What::Saved, format!("/filter/{id}"), reverse))
    };
    answer(&visitor, outcome.await)
}

/// `POST /filters/{id}/delete`
pub async fn delete_filter(visitor: Visitor, Path(id): Path<Uuid>, Form(place): Form<Place>) -> Response {
    let outcome = async {
        let before = filter(&visitor.client, id).await?;
        visitor.client.delete_filter(id).await?;
        let reverse = before.map(|SavedFilter { name, query, color, position, .. }| {
            let position = position.map(|position| position.to_string()).unwrap_or_default();
            let color = color.unwrap_or_default();
            let fields = [("name", name), ("query", query), ("color", color), ("position", position)];
            reverse("/filters".to_owned(), fields)
        });
        Ok(place.filter_done(What::Deleted, "/all".to_owned(), reverse))
    };
    answer(&visitor, outcome.await)
}

/// The filter as it is before a change; none when a repeated request has changed it already.
async fn filter(client: &Client, id: Uuid) -> Result<Option<SavedFilter>, ClientError> {
    Ok(client.filters().await?.into_iter().find(|filter| filter.id == id))
}

/// A form that takes a change back, and says that it does.
fn reverse<const N: usize>(action: String, fields: [(&'static str, String); N]) -> Reverse {
    Reverse { action, fields: fields.into_iter().chain([("undo", "1".to_owned())]).collect() }
}
