//! The assistant: beside the list on wide screens, a page of its own on a phone. The conversation itself is brought by a script.

use axum::response::Response;
use futures::try_join;
use maud::{Markup, html};

use super::{
    Outcome, answer,
    layout::{Page, Shelf, icon},
};
use crate::{
    locale::key,
    visitor::{Reader, Visitor},
};

/// `GET /chat`
pub async fn show(visitor: Visitor) -> Response {
    answer(&visitor, page(&visitor).await)
}

async fn page(visitor: &Visitor) -> Outcome {
    let client = &visitor.client;
    let (profile, shelf) = try_join!(client.profile(), Shelf::load(client, visitor.parts))?;
    let reader = Reader::new(visitor, profile);
    let main = html! { section.chat #chat aria-label=(reader.say(key::CHAT_TITLE)) { (panel(&reader, true)) } };
    Ok(Page { reader: &reader, shelf: &shelf, title: reader.say(key::CHAT_TITLE), main, chat_is_main: true }
        .answer(visitor.parts))
}

/// The panel beside the list.
pub fn aside(reader: &Reader) -> Markup {
    html! { aside.chat #chat aria-label=(reader.say(key::CHAT_TITLE)) { (panel(reader, false)) } }
}

/// `heads` says that the page has no other heading.
fn panel(reader: &Reader, heads: bool) -> Markup {
    html! {
        header {
            @if heads { h1 { (reader.say(key::CHAT_TITLE)) } } @else { h2 { (reader.say(key::CHAT_TITLE)) } }
            button.icon-button type="button" data-chat="history" aria-label=(reader.say(key::CHAT_HISTORY)) { (icon("history")) }
            button.icon-button type="button" data-chat="new" aria-label=(reader.say(key::CHAT_NEW)) { (icon("plus")) }
        }
        div.messages tabindex="0" role="log" aria-live="off" aria-label=(reader.say(key::CHAT_TITLE)) {
            div.welcome {
                (icon("spark"))
                p.greeting { (reader.say(key::CHAT_GREETING)) }
                p { (reader.say(key::CHAT_HINT)) }
                @for starter in [key::CHAT_STARTER_1, key::CHAT_STARTER_2, key::CHAT_STARTER_3] {
                    button.starter type="button" dir="auto" { (reader.say(starter)) }
                }
            }
            noscript { p.hint { (reader.say(key::CHAT_NO_SCRIPT)) } }
        }
        form.composer {
            textarea name="message" rows="1" maxlength="4000" dir="auto" required aria-label=(reader.say(key::CHAT_LABEL))
                placeholder=(reader.say(key::CHAT_PLACEHOLDER)) enterkeyhint="send" {}
            button.send aria-label=(reader.say(key::CHAT_SEND)) { (icon("send")) }
        }
        p.hidden role="status" aria-live="polite" data-chat="spoken" {}
    }
}
