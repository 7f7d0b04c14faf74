//! One task in a list. The only place that renders it.

use maud::{Markup, html};
use todo_domain::wire::TaskJson;

use super::layout::{Shelf, icon, label_path};
use crate::{
    locale::{dates::DueText, key, repeat},
    visitor::Reader,
};

/// What a list shows of its tasks.
#[derive(Clone, Copy, Debug, Default)]
pub struct RowStyle {
    /// Tasks can be moved by hand.
    pub movable: bool,
    /// Leave out the day, since a heading says it: of every task to come, or of today's.
    pub hide_day: HideDay,
    /// Leave out the project.
    pub hide_project: bool,
}

/// Which days the headings say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum HideDay {
    /// None.
    #[default]
    Never,
    /// Today's.
    Today,
    /// Every one from today on.
    Coming,
}

/// A task as a list item.
pub fn row(reader: &Reader, shelf: &Shelf, task: &TaskJson, style: RowStyle) -> Markup {
    let done = task.completed;
    let named = |name| reader.say_with(name, &[("title", &task.title)]);
    let act = if done { "reopen" } else { "complete" };
    html! {
        li.task #{ "t" (task.id) } data-id=(task.id) data-n=(task.number) data-p=(task.priority) data-done[done] {
            @if style.movable {
                button.grip type="button" aria-label=(named(key::TASK_MOVE)) {}
            }
            button.check form="f" formaction={ "/tasks/" (task.id) "/" (act) } data-do=(act)
                aria-label=(named(if done { key::TASK_REOPEN } else { key::TASK_COMPLETE })) {}
            div.body {
                a.title href={ "/task/" (task.number) } { bdi { (task.title) } }
                (meta(reader, shelf, task, style))
            }
            button.remove form="f" formaction={ "/tasks/" (task.id) "/delete" } data-do="delete"
                aria-label={ (reader.say(key::TASK_DELETE)) ": " (task.title) } {}
        }
    }
}

/// The small line under the title.
fn meta(reader: &Reader, shelf: &Shelf, task: &TaskJson, style: RowStyle) -> Markup {
    let due = task.due_date.as_deref().and_then(|text| DueText::parse(text, reader.dates.now.time_zone()));
    let due = due.filter(|due| !is_said(reader, due, style.hide_day));
    let project = task.project_id.filter(|_| !style.hide_project).and_then(|id| shelf.project(&id.to_string()));
    let notes = task.description.as_deref().is_some_and(|notes| !notes.trim().is_empty());
    let repeats = task.recurrence.is_some();
    if due.is_none() && project.is_none() && task.labels.is_empty() && !notes && !repeats && task.reminders.is_empty() {
        return html! {};
    }
    html! {
        div.meta {
            @if let Some(due) = &due { (due_mark(reader, task, due)) }
            @if repeats {
                span.mark title=[repeat::words(reader.language, task)] {
                    (icon("repeat")) span.hidden { (reader.say(key::TASK_REPEATS)) }
                }
            }
            @if !task.reminders.is_empty() {
                span.mark { (icon("bell")) span.hidden { (reader.say(key::TASK_HAS_REMINDER)) } }
            }
            @if notes { span.mark { (icon("notes")) span.hidden { (reader.say(key::TASK_HAS_NOTES)) } } }
            @if let Some(project) = project {
                a.mark href={ "/project/" (project.id) } { (icon("project")) bdi { (project.name) } }
            }
            @for label in &task.labels { a.label href=(label_path(label)) { bdi { (label) } } }
        }
    }
}

/// Whether the heading above says all of the due date.
fn is_said(reader: &Reader, due: &DueText, headings: HideDay) -> bool {
    let DueText::Day(day) = due else { return false };
    match headings {
        HideDay::Never => false,
        HideDay::Today => *day == reader.dates.today(),
        HideDay::Coming => *day >= reader.dates.today(),
    }
}

/// The due date, red when it is past.
pub fn due_mark(reader: &Reader, task: &TaskJson, due: &DueText) -> Markup {
    let overdue = !task.completed && due.is_overdue(&reader.dates.now);
    let today = !overdue && due.day() == reader.dates.today();
    html! {
        time.due.overdue[overdue].today[today] datetime=[task.due_date.as_deref()] {
            (icon("date")) (reader.dates.due(due))
            @if overdue { span.hidden { " (" (reader.say(key::NAV_OVERDUE)) ")" } }
        }
    }
}
