//! One task with everything about it.

use axum::{extract::Path, response::Response};
use futures::try_join;
use maud::{Markup, html};
use todo_client::{OperationJson, TaskList};
use todo_domain::{reminder::Reminder, wire::TaskJson};

use super::{
    Outcome, answer, history,
    layout::{Page, Shelf, icon},
    list::priority_name,
    row::{RowStyle, row},
};
use crate::{
    locale::{dates::DueText, key, repeat},
    markdown,
    visitor::{Reader, Visitor},
};

/// `GET /task/{number or id}`
pub async fn show(visitor: Visitor, Path(task): Path<String>) -> Response {
    answer(&visitor, page(&visitor, &task).await)
}

async fn page(visitor: &Visitor, id: &str) -> Outcome {
    let client = &visitor.client;
    let (profile, shelf, task) = try_join!(client.profile(), Shelf::load(client, visitor.parts), client.task(id))?;
    let id = task.id.to_string();
    let parent = async {
        match task.parent_id {
            Some(parent) => client.task(&parent.to_string()).await.map(Some),
            None => Ok(None),
        }
    };
    let (subtasks, operations, parent) = try_join!(client.subtasks(&id), client.operations(Some(&id)), parent)?;
    let reader = Reader::new(visitor, profile);
    let detail = Detail {
        reader: &reader,
        shelf: &shelf,
        task: &task,
        parent: parent.as_ref(),
        subtasks: &subtasks,
        operations: &operations,
    };
    let main = detail.render();
    Ok(Page { reader: &reader, shelf: &shelf, title: &task.title, main, chat_is_main: false }.answer(visitor.parts))
}

struct Detail<'a> {
    reader: &'a Reader,
    shelf: &'a Shelf,
    task: &'a TaskJson,
    parent: Option<&'a TaskJson>,
    subtasks: &'a TaskList,
    operations: &'a [OperationJson],
}

/// Leads that the form offers, in minutes.
const LEADS: [(u32, crate::locale::Key); 4] = [
    (0, key::TASK_REMINDER_AT),
    (10, key::TASK_REMINDER_10M),
    (60, key::TASK_REMINDER_1H),
    (1440, key::TASK_REMINDER_1D),
];

impl Detail<'_> {
    fn render(&self) -> Markup {
        let (reader, task) = (self.reader, self.task);
        let act = if task.completed { "reopen" } else { "complete" };
        html! {
            article.detail data-id=(task.id) data-done[task.completed] {
                p.crumbs { a.back href="/all" { (icon("back")) (reader.say(key::TASK_BACK)) } }
                header {
                    button.check form="f" formaction={ "/tasks/" (task.id) "/" (act) } data-do=(act) data-p=(task.priority)
                        aria-label={ (reader.say_with(if task.completed { key::TASK_REOPEN } else { key::TASK_COMPLETE }, &[("title", &task.title)])) } {}
                    h1 { bdi { (task.title) } }
                }
                @if let Some(notes) = task.description.as_deref().filter(|notes| !notes.trim().is_empty()) {
                    div.prose dir="auto" { (markdown::render(notes)) }
                }
                @if let Some(parent) = self.parent {
                    p.hint { (reader.say(key::TASK_PART_OF)) " " a href={ "/task/" (parent.number) } { bdi { (parent.title) } } }
                }
                (self.form())
                // Subtasks have none of their own.
                @if self.parent.is_none() { (self.subtasks()) }
                @if !self.operations.is_empty() {
                    section { h2 { (reader.say(key::TASK_HISTORY)) } (history::operations(reader, self.operations)) }
                }
                footer {
                    small { (reader.say_with(key::TASK_CREATED, &[("date", &reader.dates.instant(task.created_at))])) " · #" (task.number) }
                    button.danger form="f" formaction={ "/tasks/" (task.id) "/delete" } data-do="delete" {
                        (icon("trash")) (reader.say(key::TASK_DELETE))
                    }
                }
            }
        }
    }

    fn subtasks(&self) -> Markup {
        let reader = self.reader;
        html! {
            section {
                h2 { (reader.say(key::TASK_SUBTASKS)) }
                ul.tasks { @for subtask in &self.subtasks.tasks { (row(reader, self.shelf, subtask, RowStyle::default())) } }
                form.add method="post" action="/tasks" {
                    input type="hidden" name="back" value=(reader.here);
                    input type="hidden" name="parent_id" value=(self.task.id);
                    label.plus for="subtask" { (icon("plus")) span.hidden { (reader.say(key::TASK_ADD_SUBTASK)) } }
                    div.field { input #subtask name="text" required maxlength="200" dir="auto" autocomplete="off" placeholder=(reader.say(key::TASK_ADD_SUBTASK)); }
                }
            }
        }
    }

    fn form(&self) -> Markup {
        let (reader, task) = (self.reader, self.task);
        let due = task.due_date.as_deref().and_then(|text| DueText::parse(text, reader.dates.now.time_zone()));
        let day = due.as_ref().map(|due| due.day().to_string());
        let time = match &due {
            Some(DueText::At(at)) => Some(at.strftime("%H:%M").to_string()),
            _ => None,
        };
        html! {
            form.fields #edit method="post" action={ "/tasks/" (task.id) } {
                input type="hidden" name="back" value=(reader.here);
                input type="hidden" name="whole" value="1";
                label.wide { span { (reader.say(key::TASK_TITLE)) }
                    input name="title" required maxlength="200" dir="auto" value=(task.title) autocomplete="off";
                }
                label.wide { span { (reader.say(key::TASK_NOTES)) }
                    textarea name="description" rows="3" maxlength="10000" dir="auto" placeholder=(reader.say(key::TASK_NOTES_HINT)) {
                        (task.description.as_deref().unwrap_or_default())
                    }
                }
                label { span { (reader.say(key::TASK_DAY)) } input type="date" name="day" value=[day]; }
                label { span { (reader.say(key::TASK_TIME)) } input type="time" name="time" value=[time]; }
                label { span { (reader.say(key::TASK_PRIORITY)) }
                    select name="priority" {
                        @for priority in ["none", "low", "medium", "high", "urgent"] {
                            option value=(priority) selected[priority == task.priority] { (reader.say(priority_name(priority))) }
                        }
                    }
                }
                label { span { (reader.say(key::TASK_PROJECT)) }
                    input name="project" list="projects" dir="auto" autocomplete="off" maxlength="100" placeholder=(reader.say(key::TASK_NO_PROJECT))
                        value=[task.project_id.and_then(|id| self.shelf.project(&id.to_string())).map(|project| &project.name)];
                    datalist #projects { @for project in &self.shelf.projects { option value=(project.name) {} } }
                }
                label { span { (reader.say(key::TASK_LABELS)) }
                    input name="labels" dir="auto" autocomplete="off" placeholder=(reader.say(key::TASK_LABELS_HINT)) value=(task.labels.join(", "));
                }
                label { span { (reader.say(key::TASK_REPEAT)) }
                    input name="recurrence" autocomplete="off" placeholder=(reader.say(key::TASK_REPEAT_PLACEHOLDER))
                        value=[repeat::words(reader.language, task)];
                }
                (self.reminder())
                div.wide.end {
                    @if task.recurrence.is_some() {
                        label.tick { input type="checkbox" name="after" value="1" checked[task.recurrence_anchor.as_deref() == Some("completion")];
                            span { (reader.say(key::TASK_FROM_COMPLETION)) } }
                    }
                    button.primary { (reader.say(key::TASK_SAVE)) }
                }
            }
        }
    }

    fn reminder(&self) -> Markup {
        let reader = self.reader;
        let now = self.task.reminders.as_slice();
        let lead = match now {
            [Reminder::Before { minutes }] => LEADS.iter().map(|(lead, _)| *lead).find(|lead| lead == minutes),
            _ => None,
        };
        // Several, or one that is not offered, are kept or given up as they are.
        let others: Vec<String> = now.iter().filter(|_| lead.is_none()).map(|each| self.when(each)).collect();
        html! {
            label { span { (reader.say(key::TASK_REMINDERS)) }
                select name="reminder" {
                    option value="" selected[now.is_empty()] { (reader.say(key::TASK_REMINDER_NONE)) }
                    @for (minutes, name) in LEADS {
                        option value={ "-PT" (minutes) "M" } selected[lead == Some(minutes)] { (reader.say(name)) }
                    }
                    @if !others.is_empty() { option value="keep" selected { (others.join(", ")) } }
                }
            }
        }
    }

    fn when(&self, reminder: &Reminder) -> String {
        match reminder {
            Reminder::At(at) => self.reader.dates.instant(*at),
            Reminder::Before { minutes } => match LEADS.iter().find(|(lead, _)| lead == minutes) {
                Some((_, name)) => self.reader.say(*name).to_owned(),
                None => reminder.to_string(),
            },
        }
    }
}
