//! What was changed, by whom, each with its undo.

use axum::response::Response;
use futures::try_join;
use maud::{Markup, html};
use todo_client::OperationJson;

use super::{
    Outcome, answer,
    layout::{Page, Shelf, icon},
};
use crate::{
    locale::key,
    visitor::{Reader, Visitor},
};

/// `GET /history`
pub async fn show(visitor: Visitor) -> Response {
    answer(&visitor, page(&visitor).await)
}

async fn page(visitor: &Visitor) -> Outcome {
    let client = &visitor.client;
    let (profile, shelf, list) =
        try_join!(client.profile(), Shelf::load(client, visitor.parts), client.operations(None))?;
    let reader = Reader::new(visitor, profile);
    let title = reader.say(key::NAV_HISTORY);
    let main = html! {
        header.head { h1 { (title) } }
        @if list.is_empty() {
            div.empty { (icon("history")) h2 { (reader.say(key::HISTORY_EMPTY)) } p { (reader.say(key::HISTORY_EMPTY_HINT)) } }
        } @else { (operations(&reader, &list)) }
    };
    Ok(Page { reader: &reader, shelf: &shelf, title, main, chat_is_main: false }.answer(visitor.parts))
}

/// Changes as a list.
pub fn operations(reader: &Reader, list: &[OperationJson]) -> Markup {
    html! {
        ul.operations {
            @for operation in list {
                li data-undone[operation.undone_at.is_some()] {
                    span.what dir="auto" { (operation.summary) }
                    small {
                        (reader.dates.instant(operation.created_at)) " · " (door(reader, &operation.door))
                        @if operation.undone_at.is_some() { " · " (reader.say(key::HISTORY_UNDONE)) }
                    }
                    @if operation.undone_at.is_none() && operation.kind != "undo" {
                        button.quiet form="f" formaction={ "/undo/" (operation.id) } data-do="undo"
                            aria-label={ (reader.say(key::UNDO)) ": " (operation.summary) } { (icon("undo")) (reader.say(key::UNDO)) }
                    }
                }
            }
        }
    }
}

fn door<'a>(reader: &Reader, door: &'a str) -> &'a str {
    let name = match door {
        "rest" => key::HISTORY_DOOR_REST,
        "page" => key::HISTORY_DOOR_PAGE,
        "chat" => key::HISTORY_DOOR_CHAT,
        "mcp" => key::HISTORY_DOOR_MCP,
        "cli" => key::HISTORY_DOOR_CLI,
        "caldav" => key::HISTORY_DOOR_CALDAV,
        "import" => key::HISTORY_DOOR_IMPORT,
        other => return other,
    };
    reader.say(name)
}
