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
    locale::{Language, key},
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
                    @let said = said(reader.language, &operation.summary);
                    span.what dir="auto" { (said) }
                    small {
                        (reader.dates.instant(operation.created_at)) " · " (door(reader, &operation.door))
                        @if operation.undone_at.is_some() { " · " (reader.say(key::HISTORY_UNDONE)) }
                    }
                    @if operation.undone_at.is_none() && operation.kind != "undo" {
                        button.quiet form="f" formaction={ "/undo/" (operation.id) } data-do="undo"
                            aria-label={ (reader.say(key::UNDO)) ": " (said) } { (icon("undo")) (reader.say(key::UNDO)) }
                    }
                }
            }
        }
    }
}

/// What was done, in the reader's language. The store writes one line in English of a known shape: `Completed “Buy milk”`,
/// `Deleted 3 tasks`, `Undid: Added label “home”`; any other stays as it is.
fn said(language: &Language, summary: &str) -> String {
    for (prefix, name) in [("Undid: ", key::HISTORY_UNDID), ("Redid: ", key::HISTORY_REDID)] {
        if let Some(rest) = summary.strip_prefix(prefix) {
            return language.say_with(name, &[("what", &said(language, rest))]);
        }
    }
    change(language, summary).unwrap_or_else(|| summary.to_owned())
}

fn change(language: &Language, summary: &str) -> Option<String> {
    let (verb, what) = summary.split_once(' ')?;
    let verb = language.say(match verb {
        "Added" => key::DONE_ADDED,
        "Changed" => key::HISTORY_CHANGED,
        "Completed" => key::DONE_COMPLETED,
        "Deleted" => key::DONE_DELETED,
        "Reopened" => key::DONE_REOPENED,
        _ => return None,
    });
    let name = |text: &str| text.strip_prefix('“').and_then(|text| text.strip_suffix('”')).map(str::to_owned);
    let named = |key, text| Some(language.say_with(key, &[("name", &name(text)?)]));
    let what = match what.split_once(' ') {
        Some((count, "tasks")) if count.parse::<u64>().is_ok() => language.count(count.parse().ok()?),
        Some(("label", label)) => named(key::HISTORY_LABEL, label)?,
        Some(("project", project)) => named(key::HISTORY_PROJECT, project)?,
        _ => named(key::HISTORY_TASK, what)?,
    };
    Some(language.say_with(key::HISTORY_DID, &[("verb", verb), ("what", &what)]))
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

#[cfg(test)]
mod tests {
    use super::said;
    use crate::locale::LANGUAGES;

    #[test]
    fn changes_are_told_in_the_readers_language() {
        let known = [
            "Added “Buy milk”",
            "Changed “a “b” c”",
            "Completed 3 tasks",
            "Reopened “x”",
            "Deleted label “home”",
            "Changed project “Work”",
            "Undid: Deleted “x”",
            "Redid: Added 2 tasks",
        ];
        let [english, others @ ..] = LANGUAGES else { panic!("no languages") };
        for summary in known {
            assert_eq!(said(english, summary), summary);
            for language in others {
                let said = said(language, summary);
                let verbs = ["Added", "Changed", "Completed", "Reopened", "Deleted", "Undid", "Redid", "tasks"];
                assert!(!verbs.iter().any(|verb| said.contains(verb)), "{}: {said}", language.tag);
            }
        }
        let german = LANGUAGES.iter().find(|language| language.tag == "de").unwrap();
        assert_eq!(said(german, "Undid: Completed “Buy milk”"), "Rückgängig: Erledigt: „Buy milk“");
        assert_eq!(said(german, "Something else"), "Something else");
    }
}
