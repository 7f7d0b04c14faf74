//! Todoist's CSV templates: a project a file, subtasks by indent, labels inside the content, dates in words.

use std::collections::HashMap;

use uuid::Uuid;

use super::{Plan, Reader, tables::finish, unreadable};
use crate::{
    error::{DomainError, Result},
    language,
    priority::Priority,
    task::{NewTask, Task},
    wire,
};

const COLUMNS: [&str; 10] =
    ["TYPE", "CONTENT", "DESCRIPTION", "PRIORITY", "INDENT", "AUTHOR", "RESPONSIBLE", "DATE", "DATE_LANG", "TIMEZONE"];

/// Families that are written at once.
const AT_ONCE: usize = 200;

pub fn begin() -> Result<String> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(COLUMNS).map_err(unreadable)?;
    finish(writer)
}

/// The tasks, each with its subtasks right below it: the format knows parents only by indent. Some families at a time.
pub fn families(open: Vec<Task>) -> impl Iterator<Item = Result<String>> + Send {
    let (parents, subtasks): (Vec<Task>, Vec<Task>) = open.into_iter().partition(|task| task.parent_id.is_none());
    let mut below: HashMap<Option<Uuid>, Vec<Task>> = HashMap::new();
    for subtask in subtasks {
        below.entry(subtask.parent_id).or_default().push(subtask);
    }
    let mut parents = parents.into_iter();
    std::iter::from_fn(move || {
        let some: Vec<Task> = parents.by_ref().take(AT_ONCE).collect();
        if some.is_empty() {
            return None;
        }
        let mut writer = csv::Writer::from_writer(Vec::new());
        for task in &some {
            let subtasks = below.remove(&Some(task.id)).unwrap_or_default();
            let family = std::iter::once((task, "1")).chain(subtasks.iter().map(|subtask| (subtask, "2")));
            for (task, indent) in family {
                if let Err(error) = row(&mut writer, task, indent) {
                    return Some(Err(error));
                }
            }
        }
        Some(finish(writer))
    })
}

fn row(writer: &mut csv::Writer<Vec<u8>>, task: &Task, indent: &str) -> Result<()> {
    let mut content = task.title.clone();
    for label in &task.labels {
        content.push_str(" @");
        content.push_str(&label.replace(' ', "_"));
    }
    let priority = match task.priority {
        Priority::Urgent => "1",
        Priority::High => "2",
        Priority::Medium => "3",
        Priority::Low | Priority::None => "4",
    };
    let date = match (&task.recurrence, &task.due) {
        (Some(rule), _) => rule.describe(),
        (None, Some(due)) => wire::due_text(due),
        (None, None) => String::new(),
    };
    let zone = task.due.as_ref().and_then(|due| due.zone_name()).unwrap_or_default();
    let notes = task.description.as_deref().unwrap_or_default();
    writer.write_record(["task", &content, notes, priority, indent, "", "", &date, "en", zone]).map_err(unreadable)
}

pub fn read(text: &str, reader: &mut Reader<'_>) -> Result<Plan> {
    let mut rows = csv::ReaderBuilder::new().flexible(true).trim(csv::Trim::Headers).from_reader(text.as_bytes());
    let header = rows.headers().map_err(unreadable)?.clone();
    let column = |name: &str| header.iter().position(|have| have.eq_ignore_ascii_case(name));
    let (Some(kind), Some(content)) = (column("TYPE"), column("CONTENT")) else {
        return Err(unreadable("its first line must name the columns TYPE and CONTENT"));
    };
    let mut plan = Plan::default();
    let mut parent = None;
    for (index, row) in rows.records().enumerate() {
        let line = index + 2;
        let row = match row {
            Ok(row) => row,
            Err(error) => {
                plan.skip(line, error.to_string());
                continue;
            }
        };
        let cell = |name: &str| column(name).and_then(|at| row.get(at)).map(str::trim).filter(|text| !text.is_empty());
        match row.get(kind).unwrap_or_default().trim().to_ascii_lowercase().as_str() {
            "task" => {
                let top = cell("INDENT").is_none_or(|indent| indent == "1");
                let task = task(row.get(content).unwrap_or_default(), &cell, if top { None } else { parent }, reader);
                if top {
                    parent = task.as_ref().ok().and_then(|task| task.id);
                }
                plan.push(line, task);
            }
            "note" => match (plan.tasks.last_mut(), row.get(content)) {
                // A comment belongs to the task above it.
                (Some(planned), Some(note)) => {
                    let before = planned.task.description.take().map(|text| text + "\n\n").unwrap_or_default();
                    planned.task.description = Some(before + note);
                }
                _ => plan.skip(line, "There is no task above this note."),
            },
            "section" | "meta" | "" => {}
            other => plan.skip(line, format!("`{}` is neither a task, a note nor a section.", other.escape_debug())),
        }
    }
    Ok(plan)
}

fn task<'a>(
    content: &str,
    cell: &dyn Fn(&str) -> Option<&'a str>,
    parent_id: Option<uuid::Uuid>,
    reader: &mut Reader<'_>,
) -> Result<NewTask> {
    let mut labels = Vec::new();
    let mut title = Vec::new();
    for word in content.split_whitespace() {
        match word.strip_prefix('@').filter(|name| name.starts_with(char::is_alphanumeric)) {
            Some(name) => labels.push(name.to_owned()),
            None => title.push(word),
        }
    }
    let priority = match cell("PRIORITY") {
        // An empty cell is what the highest priority looks like in older exports.
        None | Some("1") => Priority::Urgent,
        Some("2") => Priority::High,
        Some("3") => Priority::Medium,
        Some("4") => Priority::None,
        Some(other) => {
            return Err(DomainError::invalid("PRIORITY", format!("`{}` is no priority.", other.escape_debug())));
        }
    };
    let (mut due, mut recurrence) = (None, None);
    if let Some(date) = cell("DATE") {
        if let Some(when) = language::parse_when(date, reader.context) {
            (due, recurrence) = (when.due, when.recurrence);
        } else {
            due = Some(wire::due("DATE", date, None, reader.context)?);
        }
    }
    Ok(NewTask {
        id: Some(reader.id_for("")),
        title: title.join(" "),
        description: cell("DESCRIPTION").map(str::to_owned),
        priority,
        labels,
        due,
        recurrence: if parent_id.is_some() { None } else { recurrence },
        parent_id,
        ..NewTask::default()
    })
}
