//! The small forms by which projects, labels and saved filters are made, renamed and deleted.

use maud::{Markup, html};

use super::layout::{Shelf, icon};
use crate::{
    locale::{Key, key},
    view::View,
    visitor::Reader,
};

/// Longest condition of a filter, in characters.
const CONDITION_MAX: &str = "2000";

/// What can be made from the side.
#[derive(Clone, Copy)]
pub enum Kind {
    /// A project.
    Project,
    /// A label.
    Label,
    /// A saved filter, which has a condition beside its name.
    Filter,
}

impl Kind {
    const fn route(self) -> &'static str {
        match self {
            Self::Project => "/projects",
            Self::Label => "/labels",
            Self::Filter => "/filters",
        }
    }

    const fn make(self) -> Key {
        match self {
            Self::Project => key::MANAGE_NEW_PROJECT,
            Self::Label => key::MANAGE_NEW_LABEL,
            Self::Filter => key::MANAGE_NEW_FILTER,
        }
    }

    const fn name_max(self) -> &'static str {
        match self {
            Self::Label => "50",
            Self::Project | Self::Filter => "100",
        }
    }
}

/// The form behind the plus beside a heading of the side.
pub fn make(reader: &Reader, kind: Kind) -> Markup {
    html! {
        details.make {
            summary aria-label=(reader.say(kind.make())) { (icon("plus")) }
            form method="post" action=(kind.route()) {
                (name(reader, kind, ""))
                @if matches!(kind, Kind::Filter) { (condition(reader, "")) }
                button.primary { (reader.say(key::ADD_BUTTON)) }
            }
        }
    }
}

/// The form to rename or delete what a list stands for; nothing on lists that always are.
pub fn change(reader: &Reader, view: &View, shelf: &Shelf) -> Markup {
    let (kind, id, now, query) = match view {
        View::Project(id) => match shelf.project(id) {
            Some(project) => (Kind::Project, project.id, &project.name, ""),
            None => return html! {},
        },
        View::Label(name) => match shelf.label(name) {
            Some(label) => (Kind::Label, label.id, &label.name, ""),
            None => return html! {},
        },
        View::Filter(id) => match shelf.filter(id) {
            Some(filter) => (Kind::Filter, filter.id, &filter.name, filter.query.as_str()),
            None => return html! {},
        },
        _ => return html! {},
    };
    let route = format!("{}/{id}", kind.route());
    let is_filter = matches!(kind, Kind::Filter);
    html! {
        details.tools {
            summary aria-label=(reader.say(key::MANAGE_CHANGE)) { (icon("edit")) }
            form method="post" action=(route) {
                (name(reader, kind, now))
                @if is_filter { (condition(reader, query)) }
                button.primary { (reader.say(key::TASK_SAVE)) }
                button.danger formaction={ (route) "/delete" } formnovalidate { (reader.say(key::TASK_DELETE)) }
            }
        }
    }
}

fn name(reader: &Reader, kind: Kind, now: &str) -> Markup {
    html! {
        label { span { (reader.say(key::MANAGE_NAME)) }
            input name="name" value=(now) required maxlength=(kind.name_max()) dir="auto" autocomplete="off";
        }
    }
}

fn condition(reader: &Reader, now: &str) -> Markup {
    html! {
        label { span { (reader.say(key::MANAGE_CONDITION)) }
            input name="query" value=(now) required maxlength=(CONDITION_MAX) placeholder="(today | overdue) & p1" dir="ltr"
                autocomplete="off" autocapitalize="off" spellcheck="false";
        }
    }
}
