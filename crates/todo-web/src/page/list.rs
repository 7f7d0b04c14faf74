//! Lists of tasks.

use axum::{
    extract::{Path, Query},
    response::Response,
};
use futures::try_join;
use maud::{Markup, html};
use todo_client::{Client, ClientError, ListQuery, TaskList};
use todo_domain::{query::PAGE_MAX, wire::TaskJson};

use super::{
    Outcome, answer,
    layout::{Page, Shelf, icon},
    manage,
    row::{HideDay, RowStyle, row},
};
use crate::{
    locale::{Key, dates::DueText, key},
    view::{Grouping, Options, PAGE, SHOWN_MAX, View},
    visitor::{Reader, Visitor},
};

macro_rules! fixed_lists {
    ($($name:ident => $view:ident, $doc:literal;)*) => {$(
        #[doc = $doc]
        pub async fn $name(visitor: Visitor, Query(options): Query<Options>) -> Response {
            answer(&visitor, show(&visitor, View::$view, options).await)
        }
    )*};
}

fixed_lists! {
    today => Today, "`GET /today`";
    upcoming => Upcoming, "`GET /upcoming`";
    overdue => Overdue, "`GET /overdue`";
    inbox => Inbox, "`GET /inbox`";
    all => All, "`GET /all`";
    completed => Completed, "`GET /completed`";
    search => Search, "`GET /search?q=`";
}

macro_rules! named_lists {
    ($($name:ident => $view:ident, $doc:literal;)*) => {$(
        #[doc = $doc]
        pub async fn $name(visitor: Visitor, Path(of): Path<String>, Query(options): Query<Options>) -> Response {
            answer(&visitor, show(&visitor, View::$view(of), options).await)
        }
    )*};
}

named_lists! {
    project => Project, "`GET /project/{id}`";
    label => Label, "`GET /label/{name}`";
    filter => Filter, "`GET /filter/{id}`";
}

async fn show(visitor: &Visitor, view: View, options: Options) -> Outcome {
    let client = &visitor.client;
    let (profile, shelf, list) = if let View::Filter(id) = &view {
        let shelf = Shelf::load(client, visitor.parts).await?;
        let saved = shelf.filter(id).ok_or_else(not_found)?;
        let query = view.query(&options, Some(&saved.query));
        let (profile, list) = try_join!(client.profile(), tasks(client, query, options.n))?;
        (profile, shelf, list)
    } else {
        let query = view.query(&options, None);
        try_join!(client.profile(), Shelf::load(client, visitor.parts), tasks(client, query, options.n))?
    };
    let reader = Reader::new(visitor, profile);
    let title = title(&reader, &view, &options, &shelf).ok_or_else(not_found)?;
    let main = List { reader: &reader, shelf: &shelf, view: &view, options: &options, list: &list }.render(&title);
    Ok(Page { reader: &reader, shelf: &shelf, title: &title, main, chat_is_main: false }.answer(visitor.parts))
}

/// A page of tasks, or as many as a script shows at once.
async fn tasks(client: &Client, mut query: ListQuery, wanted: usize) -> Result<TaskList, ClientError> {
    let wanted = wanted.clamp(PAGE, SHOWN_MAX);
    let limit = |missing: usize| u32::try_from(missing).unwrap_or(PAGE_MAX).min(PAGE_MAX);
    query.limit = Some(limit(wanted));
    let mut list = client.tasks(&query).await?;
    while let Some(cursor) = list.next_cursor.clone().filter(|_| list.tasks.len() < wanted) {
        query.cursor = cursor;
        query.limit = Some(limit(wanted - list.tasks.len()));
        let more = client.tasks(&query).await?;
        list.tasks.extend(more.tasks);
        list.next_cursor = more.next_cursor;
    }
    Ok(list)
}

fn not_found() -> ClientError {
    ClientError::Refused {
        status: http::StatusCode::NOT_FOUND,
        detail: String::new(),
        code: None,
        field: None,
        retry_after: None,
    }
}

fn title(reader: &Reader, view: &View, options: &Options, shelf: &Shelf) -> Option<String> {
    Some(match view {
        View::Project(id) => shelf.project(id)?.name.clone(),
        View::Label(name) => name.clone(),
        View::Filter(id) => shelf.filter(id)?.name.clone(),
        View::Search if !options.q.trim().is_empty() => {
            reader.say_with(key::SEARCH_TITLE, &[("query", options.q.trim())])
        }
        other => reader.say(other.title()).to_owned(),
    })
}

struct List<'a> {
    reader: &'a Reader,
    shelf: &'a Shelf,
    view: &'a View,
    options: &'a Options,
    list: &'a TaskList,
}

impl List<'_> {
    fn render(&self, title: &str) -> Markup {
        let reader = self.reader;
        let movable = self.view.is_manual(self.options);
        html! {
            header.head {
                div {
                    h1 { bdi { (title) } }
                    p.sub {
                        @if *self.view == View::Today {
                            (reader.dates.weekday(reader.dates.today())) ", " (reader.dates.date(reader.dates.today(), false)) " · "
                        }
                        (reader.language.count(self.list.total))
                    }
                }
                div.acts {
                    (manage::change(reader, self.view, self.shelf))
                    button #select.icon-button type="button" aria-label=(reader.say(key::MANAGE_SELECT)) { (icon("done")) }
                    (self.tools())
                }
            }
            @if !matches!(self.view, View::Completed | View::Search | View::Overdue) { (self.add()) }
            div #list data-movable[movable] {
                @if self.list.tasks.is_empty() { (self.empty()) } @else { (self.groups(movable)) }
            }
            @if let Some(cursor) = &self.list.next_cursor {
                p.more { a.button #more rel="next" href=(self.next(cursor)) { (reader.say(key::MORE)) } }
            }
        }
    }

    /// The field in which tasks are written.
    fn add(&self) -> Markup {
        let reader = self.reader;
        let (field, value) = match self.view {
            View::Today => ("due", "today"),
            View::Project(id) => ("project_id", id.as_str()),
            View::Label(name) => ("label", name.as_str()),
            _ => ("", ""),
        };
        html! {
            form.add #add method="post" action="/tasks" {
                input type="hidden" name="back" value=(reader.here);
                @if !field.is_empty() { input type="hidden" name=(field) value=(value); }
                label.plus for="text" { (icon("plus")) span.hidden { (reader.say(key::ADD_LABEL)) } }
                div.field {
                    div.marks aria-hidden="true" {}
                    textarea #text name="text" rows="1" required maxlength="8000" dir="auto" placeholder=(reader.say(key::ADD_PLACEHOLDER))
                        autocomplete="off" enterkeyhint="done" {}
                }
                button.primary { (reader.say(key::ADD_BUTTON)) }
            }
        }
    }

    /// Sort and group.
    fn tools(&self) -> Markup {
        let reader = self.reader;
        let choice = |name: &str, label: Key, now: &str, options: &[(&str, Key)]| {
            html! {
                label { span { (reader.say(label)) }
                    select name=(name) {
                        @for (value, text) in options { option value=(value) selected[*value == now] { (reader.say(*text)) } }
                    }
                }
            }
        };
        html! {
            details.tools {
                summary aria-label={ (reader.say(key::SORT_LABEL)) ", " (reader.say(key::GROUP_LABEL)) } { (icon("sliders")) }
                form {
                    @if !self.options.q.is_empty() { input type="hidden" name="q" value=(self.options.q); }
                    (choice("sort", key::SORT_LABEL, &self.options.sort, &[
                        ("", key::SORT_DEFAULT), ("due", key::SORT_DUE), ("priority", key::SORT_PRIORITY),
                        ("title", key::SORT_TITLE), ("created", key::SORT_CREATED), ("manual", key::SORT_MANUAL),
                    ]))
                    (choice("group", key::GROUP_LABEL, &self.options.group, &[
                        ("", key::SORT_DEFAULT), ("none", key::GROUP_NONE), ("due", key::GROUP_DUE), ("project", key::GROUP_PROJECT),
                        ("priority", key::GROUP_PRIORITY), ("label", key::GROUP_BY_LABEL),
                    ]))
                    button.primary { (reader.say(key::APPLY)) }
                }
            }
        }
    }

    fn groups(&self, movable: bool) -> Markup {
        let grouping = self.view.grouping(self.options);
        let style = RowStyle {
            movable,
            hide_day: match grouping {
                Grouping::Due => HideDay::Coming,
                Grouping::Today => HideDay::Today,
                _ => HideDay::Never,
            },
            hide_project: grouping == Grouping::Project || matches!(self.view, View::Project(_)),
        };
        let rows = |tasks: &[&TaskJson]| {
            html! { ul.tasks { @for task in tasks { (row(self.reader, self.shelf, task, style)) } } }
        };
        if grouping == Grouping::None {
            return rows(&self.list.tasks.iter().collect::<Vec<_>>());
        }
        let mut groups: Vec<(String, Vec<&TaskJson>)> = Vec::new();
        for task in &self.list.tasks {
            let heading = self.heading(grouping, task);
            match groups.iter_mut().find(|(name, _)| *name == heading) {
                Some((_, tasks)) => tasks.push(task),
                None => groups.push((heading, vec![task])),
            }
        }
        html! {
            @for (heading, tasks) in &groups {
                section.group { h2 { bdi { (heading) } span.count { (tasks.len()) } } (rows(tasks)) }
            }
        }
    }

    fn heading(&self, grouping: Grouping, task: &TaskJson) -> String {
        let reader = self.reader;
        let due = task.due_date.as_deref().and_then(|text| DueText::parse(text, reader.dates.now.time_zone()));
        match grouping {
            Grouping::None => String::new(),
            Grouping::Today | Grouping::Due => match due {
                None => reader.say(key::GROUP_NO_DATE).to_owned(),
                Some(due) if due.day() < reader.dates.today() && !task.completed => {
                    reader.say(key::NAV_OVERDUE).to_owned()
                }
                Some(due) if grouping == Grouping::Today => reader
                    .say(if due.day() == reader.dates.today() { key::NAV_TODAY } else { key::GROUP_LATER })
                    .to_owned(),
                Some(due) => reader.dates.heading(due.day()),
            },
            Grouping::Project => task
                .project_id
                .and_then(|id| self.shelf.project(&id.to_string()))
                .map_or_else(|| reader.say(key::GROUP_NO_PROJECT).to_owned(), |project| project.name.clone()),
            Grouping::Priority => reader.say(priority_name(&task.priority)).to_owned(),
            Grouping::Label => {
                task.labels.first().cloned().unwrap_or_else(|| reader.say(key::GROUP_NO_LABEL).to_owned())
            }
        }
    }

    fn empty(&self) -> Markup {
        let reader = self.reader;
        if !self.options.q.trim().is_empty() {
            let text = reader.say_with(key::SEARCH_NONE, &[("query", self.options.q.trim())]);
            return html! { div.empty { (icon("search")) h2 { (text) } p { (reader.say(key::SEARCH_NONE_HINT)) } } };
        }
        let (title, hint, example) = match self.view {
            View::Today => (key::EMPTY_TODAY, key::EMPTY_TODAY_HINT, true),
            View::Inbox => (key::EMPTY_INBOX, key::EMPTY_INBOX_HINT, true),
            View::Upcoming => (key::EMPTY_UPCOMING, key::EMPTY_UPCOMING_HINT, true),
            View::All => (key::EMPTY_ALL, key::EMPTY_ALL_HINT, true),
            View::Overdue => (key::EMPTY_OVERDUE, key::EMPTY_OVERDUE_HINT, false),
            View::Completed => (key::EMPTY_COMPLETED, key::EMPTY_COMPLETED_HINT, false),
            View::Project(_) | View::Label(_) | View::Filter(_) | View::Search => {
                (key::EMPTY_LIST, key::EMPTY_LIST_HINT, false)
            }
        };
        html! {
            div.empty {
                (icon("sun"))
                h2 { (reader.say(title)) }
                p { (reader.say(hint)) }
                @if example {
                    form method="post" action="/tasks" {
                        input type="hidden" name="back" value=(reader.here);
                        p { (reader.say(key::EMPTY_TRY)) " "
                            button.link name="text" value=(reader.say(key::EMPTY_EXAMPLE)) { "“" (reader.say(key::EMPTY_EXAMPLE)) "”" }
                        }
                    }
                }
            }
        }
    }

    fn next(&self, cursor: &str) -> String {
        let path = self.reader.here.split('?').next().unwrap_or("/");
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        let o = self.options;
        for (name, value) in [("q", &o.q), ("sort", &o.sort), ("group", &o.group), ("status", &o.status)] {
            if !value.is_empty() {
                query.append_pair(name, value);
            }
        }
        query.append_pair("cursor", cursor);
        format!("{path}?{}", query.finish())
    }
}

/// The name of a priority.
pub fn priority_name(priority: &str) -> Key {
    match priority {
        "low" => key::PRIORITY_LOW,
        "medium" => key::PRIORITY_MEDIUM,
        "high" => key::PRIORITY_HIGH,
        "urgent" => key::PRIORITY_URGENT,
        _ => key::PRIORITY_NONE,
    }
}
