//! The frame around every page: lists at the side, the page in the middle, the assistant beside it.

use axum::response::{IntoResponse, Response};
use futures::try_join;
use http::{HeaderName, HeaderValue, header};
use maud::{DOCTYPE, Markup, PreEscaped, html};
use todo_client::{Client, Counts, LabelJson, ProjectJson, Result, SavedFilter};

use super::{
    chat,
    manage::{self, Kind},
};
use crate::{
    assets,
    locale::{Key, key},
    visitor::{Parts, Reader, SCRIPT},
};

/// What the side shows.
#[derive(Debug, Default)]
pub struct Shelf {
    /// Projects that are in use.
    pub projects: Vec<ProjectJson>,
    /// Labels.
    pub labels: Vec<LabelJson>,
    /// Saved filters.
    pub filters: Vec<SavedFilter>,
    /// How many open tasks stand on each list.
    pub counts: Counts,
}

impl Shelf {
    /// Asks for all of it at once, and for the counts where the side is among the `parts`.
    pub async fn load(client: &Client, parts: Parts) -> Result<Self> {
        let counts = async {
            match parts {
                Parts::Main => Ok(Counts::default()),
                Parts::Whole | Parts::Changing => client.counts().await,
            }
        };
        let (mut projects, labels, filters, counts) =
            try_join!(client.projects(), client.labels(), client.filters(), counts)?;
        projects.retain(|project| !project.archived);
        Ok(Self { projects, labels, filters, counts })
    }

    /// The project with that id.
    pub fn project(&self, id: &str) -> Option<&ProjectJson> {
        self.projects.iter().find(|project| project.id.to_string() == id)
    }

    /// The label of that name.
    pub fn label(&self, name: &str) -> Option<&LabelJson> {
        self.labels.iter().find(|label| label.name.to_lowercase() == name.to_lowercase())
    }

    /// The saved filter with that id.
    pub fn filter(&self, id: &str) -> Option<&SavedFilter> {
        self.filters.iter().find(|filter| filter.id.to_string() == id)
    }
}

/// A page inside the frame.
pub struct Page<'a> {
    /// Who reads.
    pub reader: &'a Reader,
    /// What the side shows.
    pub shelf: &'a Shelf,
    /// Title of the window.
    pub title: &'a str,
    /// The main part.
    pub main: Markup,
    /// Scripts beyond the common ones, loaded at once.
    pub chat_is_main: bool,
}

/// Scripts of the first load; `app.js` imports the others, the hints let the browser fetch all at once.
const SCRIPTS: [&str; 7] = ["app.js", "keys.js", "live.js", "page.js", "patch.js", "send.js", "toast.js"];

impl Page<'_> {
    /// The parts of the page that were asked for.
    pub fn answer(self, parts: Parts) -> Response {
        let body = match parts {
            Parts::Whole => self.whole(),
            Parts::Changing => html! { title { (self.window_title()) } (self.side()) (self.middle()) },
            Parts::Main => html! { title { (self.window_title()) } (self.middle()) },
        };
        with_page_headers(self.reader, body)
    }

    fn window_title(&self) -> String {
        format!("{} · {}", self.title, self.reader.say(key::APP_NAME))
    }

    fn whole(&self) -> Markup {
        let reader = self.reader;
        document(
            reader,
            &self.window_title(),
            &html! {
                // What is seen comes first on a slow line, then what makes it lively.
                @for script in SCRIPTS { link rel="modulepreload" fetchpriority="low" href=(assets::url(script)); }
                script type="module" fetchpriority="low" src=(assets::url("app.js")) {}
            },
            &html! {
                a.skip href="#main" { (reader.say(key::NAV_SKIP)) }
                (self.side())
                (self.middle())
                @if !self.chat_is_main { (chat::aside(reader)) }
                (self.tabs())
                form #f method="post" hidden { input type="hidden" name="back" value=(reader.here); }
                div #toasts role="status" aria-live="polite" {}
                div #alerts.hidden role="alert" {}
                script #texts type="application/json" { (PreEscaped(texts(reader))) }
            },
        )
    }

    fn middle(&self) -> Markup {
        html! {
            main #main tabindex="-1" {
                @if let Some((what, operation)) = &self.reader.device.flash {
                    (flash(self.reader, what, operation.as_deref()))
                }
                (self.main)
            }
        }
    }

    fn side(&self) -> Markup {
        let reader = self.reader;
        let counts = &self.shelf.counts;
        let open = |count: i64| u64::try_from(count).unwrap_or(0);
        html! {
            header #side.side {
                div.brand {
                    a href="/today" { (icon("mark")) span { (reader.say(key::APP_NAME)) } }
                    a.close href="#main" aria-label=(reader.say(key::TASK_CLOSE)) { (icon("x")) }
                }
                form.find role="search" action="/search" {
                    (icon("search"))
                    input type="search" name="q" aria-label=(reader.say(key::SEARCH_LABEL)) placeholder=(reader.say(key::SEARCH_PLACEHOLDER))
                        autocomplete="off" value=(search_words(&reader.here));
                }
                nav aria-label=(reader.say(key::NAV_LABEL)) {
                    ul {
                        (self.link("/today", "today", key::NAV_TODAY, counts.today))
                        @if counts.overdue > 0 { (self.link("/overdue", "alert", key::NAV_OVERDUE, counts.overdue)) }
                        (self.link("/upcoming", "upcoming", key::NAV_UPCOMING, counts.upcoming))
                        (self.link("/inbox", "inbox", key::NAV_INBOX, counts.inbox))
                        (self.link("/all", "all", key::NAV_ALL, counts.all))
                        (self.link("/completed", "done", key::NAV_COMPLETED, 0))
                    }
                    (self.section(key::NAV_PROJECTS, Kind::Project, &html! {
                        @for project in &self.shelf.projects {
                            (self.place(&format!("/project/{}", project.id), "project", &project.name, open(project.open_tasks)))
                        }
                    }))
                    (self.section(key::NAV_LABELS, Kind::Label, &html! {
                        @for label in &self.shelf.labels {
                            (self.place(&label_path(&label.name), "label", &label.name, open(label.open_tasks)))
                        }
                    }))
                    (self.section(key::NAV_FILTERS, Kind::Filter, &html! {
                        @for filter in &self.shelf.filters {
                            @let count = counts.filters.get(&filter.id).copied().unwrap_or_default();
                            (self.place(&format!("/filter/{}", filter.id), "filter", &filter.name, count))
                        }
                    }))
                    ul.low {
                        (self.link("/stats", "stats", key::NAV_STATS, 0))
                        (self.link("/history", "history", key::NAV_HISTORY, 0))
                        (self.link("/settings", "settings", key::NAV_SETTINGS, 0))
                    }
                }
                form.account method="post" action="/sign-out" {
                    span.who title=(reader.profile.email) { (reader.profile.name) }
                    button.quiet { (reader.say(key::SIGN_OUT)) }
                }
            }
        }
    }

    /// A heading with what can be made under it, and what is there.
    fn section(&self, title: Key, kind: Kind, places: &Markup) -> Markup {
        html! {
            div.shelf { h2 { (self.reader.say(title)) } (manage::make(self.reader, kind)) }
            @if !places.0.is_empty() { ul { (places) } }
        }
    }

    fn link(&self, path: &str, picture: &str, name: Key, open: u64) -> Markup {
        self.entry(path, picture, &html! { span { (self.reader.say(name)) } }, open)
    }

    fn place(&self, path: &str, picture: &str, name: &str, open: u64) -> Markup {
        self.entry(path, picture, &html! { bdi { (name) } }, open)
    }

    fn entry(&self, path: &str, picture: &str, name: &Markup, open: u64) -> Markup {
        html! {
            li {
                a href=(path) aria-current=[self.current(path)] {
                    (icon(picture)) (name)
                    @if open > 0 { span.count { (open) } }
                }
            }
        }
    }

    fn current(&self, path: &str) -> Option<&'static str> {
        (self.reader.here.split('?').next() == Some(path)).then_some("page")
    }

    /// The bar at the bottom of a phone.
    fn tabs(&self) -> Markup {
        let reader = self.reader;
        let tab = |path: &str, picture: &str, name: Key| {
            html! { a href=(path) aria-current=[self.current(path)] { (icon(picture)) span { (reader.say(name)) } } }
        };
        html! {
            nav.tabs aria-label=(reader.say(key::NAV_MENU)) {
                (tab("/today", "today", key::NAV_TODAY))
                (tab("/upcoming", "upcoming", key::NAV_UPCOMING))
                (tab("/chat", "chat", key::NAV_CHAT))
                (tab("#side", "menu", key::NAV_MENU))
            }
        }
    }
}

/// A page on its own, without lists and assistant (sign-in, errors). It needs no script.
pub fn bare(reader: &Reader, title: &str, main: Markup) -> Response {
    let body = document(
        reader,
        &format!("{title} · {}", reader.say(key::APP_NAME)),
        &html! {},
        &html! { main #main.bare { (main) } },
    );
    with_page_headers(reader, body)
}

fn with_page_headers(reader: &Reader, body: Markup) -> Response {
    let mut response = body.into_response();
    let headers = response.headers_mut();
    headers.insert(header::VARY, HeaderValue::from_name(SCRIPT));
    headers.append(header::VARY, HeaderValue::from_static("cookie, accept-language"));
    headers.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(reader.language.tag));
    if reader.device.flash.is_some() {
        headers
            .append(header::SET_COOKIE, HeaderValue::from_static("flash=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax"));
    }
    headers.insert(HeaderName::from_static("x-assets"), HeaderValue::from_static(assets::HASH));
    response
}

fn document(reader: &Reader, title: &str, scripts: &Markup, body: &Markup) -> Markup {
    let theme = Some(reader.device.theme.as_str()).filter(|theme| !theme.is_empty());
    html! {
        (DOCTYPE)
        html lang=(reader.language.tag) dir=(reader.language.direction) data-theme=[theme] data-keys=[reader.device.keys_off.then_some("off")] {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover, interactive-widget=resizes-content";
                title { (title) }
                meta name="description" content=(reader.say(key::APP_DESCRIPTION));
                meta name="color-scheme" content="light dark";
                meta name="theme-color" media="(prefers-color-scheme: light)" content="#faf9f7";
                meta name="theme-color" media="(prefers-color-scheme: dark)" content="#161513";
                link rel="stylesheet" href=(assets::url("app.css"));
                (scripts)
                link rel="icon" href=(assets::url("icon.svg")) type="image/svg+xml";
                link rel="apple-touch-icon" href=(assets::url("icon-192.png"));
                link rel="manifest" href="/manifest.webmanifest";
            }
            body { (body) }
        }
    }
}

/// The scripts' texts as JSON that is safe inside a `script` element.
fn texts(reader: &Reader) -> String {
    let texts: serde_json::Map<_, _> =
        reader.language.script_texts().map(|(name, text)| (name.to_owned(), text.into())).collect();
    serde_json::Value::Object(texts).to_string().replace('<', "\\u003c")
}

fn flash(reader: &Reader, what: &str, operation: Option<&str>) -> Markup {
    let text = match what {
        "added" => key::DONE_ADDED,
        "completed" => key::DONE_COMPLETED,
        "reopened" => key::DONE_REOPENED,
        "deleted" => key::DONE_DELETED,
        "undone" => key::DONE_UNDONE,
        _ => key::DONE_SAVED,
    };
    html! {
        p.flash role="status" {
            span { (reader.say(text)) }
            @if let Some(operation) = operation {
                button.link form="f" formaction={ "/undo/" (operation) } { (reader.say(key::UNDO)) }
            }
        }
    }
}

/// A picture from the sprite.
pub fn icon(name: &str) -> Markup {
    html! { svg.icon aria-hidden="true" { use href={ (assets::url("icons.svg")) "#" (name) } {} } }
}

/// The address of a label's list.
pub fn label_path(name: &str) -> String {
    format!("/label/{}", url::form_urlencoded::byte_serialize(name.as_bytes()).collect::<String>().replace('+', "%20"))
}

fn search_words(here: &str) -> String {
    let query = here.strip_prefix("/search?").unwrap_or_default();
    url::form_urlencoded::parse(query.as_bytes())
        .find(|(name, _)| name == "q")
        .map(|(_, q)| q.into_owned())
        .unwrap_or_default()
}
