//! iCalendar to-dos (RFC 5545 §3.6.2): content lines, unfolded and unescaped, into tasks and back.

use jiff::{Timestamp, civil, tz::TimeZone};

use super::{Plan, Reader, Writer, unreadable};
use crate::{
    due::Due,
    error::{DomainError, Result},
    priority::Priority,
    recurrence::Recurrence,
    reminder::Reminder,
    task::{NewTask, Status, Task},
};

const STAMP: &str = "%Y%m%dT%H%M%SZ";
const LOCAL: &str = "%Y%m%dT%H%M%S";
const DAY: &str = "%Y%m%d";

pub fn begin() -> String {
    let mut out = Lines::default();
    for line in ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//todo//todo//EN"] {
        out.push(line);
    }
    out.text
}

pub fn tasks(file: &Writer, tasks: &[Task]) -> String {
    let mut out = Lines::default();
    for task in tasks {
        write_task(&mut out, task, file.now);
    }
    out.text
}

pub fn end() -> String {
    "END:VCALENDAR\r\n".to_owned()
}

fn write_task(out: &mut Lines, task: &Task, now: Timestamp) {
    let stamp = |at: Timestamp| at.strftime(STAMP).to_string();
    out.push("BEGIN:VTODO");
    out.push(&format!("UID:{}", task.id));
    out.push(&format!("DTSTAMP:{}", stamp(now)));
    out.push(&format!("CREATED:{}", stamp(task.created_at)));
    out.push(&format!("LAST-MODIFIED:{}", stamp(task.updated_at)));
    out.push(&format!("SUMMARY:{}", escape(&task.title)));
    if let Some(text) = &task.description {
        out.push(&format!("DESCRIPTION:{}", escape(text)));
    }
    match &task.due {
        Some(Due::Day(day)) => out.push(&format!("DUE;VALUE=DATE:{}", day.strftime(DAY))),
        Some(Due::At(at)) => out.push(&format!("DUE:{}", stamp(at.timestamp()))),
        None => {}
    }
    let priority = match task.priority {
        Priority::Urgent => Some(1),
        Priority::High => Some(3),
        Priority::Medium => Some(5),
        Priority::Low => Some(9),
        Priority::None => None,
    };
    if let Some(priority) = priority {
        out.push(&format!("PRIORITY:{priority}"));
    }
    if !task.labels.is_empty() {
        let labels: Vec<String> = task.labels.iter().map(|label| escape(label)).collect();
        out.push(&format!("CATEGORIES:{}", labels.join(",")));
    }
    if let Some(rule) = &task.recurrence {
        out.push(&format!("RRULE:{rule}"));
    }
    if let Some(parent) = task.parent_id {
        out.push(&format!("RELATED-TO:{parent}"));
    }
    match task.completed_at {
        Some(at) => {
            out.push("STATUS:COMPLETED");
            out.push(&format!("COMPLETED:{}", stamp(at)));
            out.push("PERCENT-COMPLETE:100");
        }
        None => out.push("STATUS:NEEDS-ACTION"),
    }
    for reminder in &task.reminders {
        out.push("BEGIN:VALARM");
        out.push("ACTION:DISPLAY");
        out.push(&format!("DESCRIPTION:{}", escape(&task.title)));
        match reminder {
            Reminder::At(at) => out.push(&format!("TRIGGER;VALUE=DATE-TIME:{}", stamp(*at))),
            Reminder::Before { minutes } => out.push(&format!("TRIGGER;RELATED=END:-PT{minutes}M")),
        }
        out.push("END:VALARM");
    }
    out.push("END:VTODO");
}

#[derive(Default)]
struct Lines {
    text: String,
}

impl Lines {
    /// A content line, folded at 75 octets (§3.1) without splitting a character.
    fn push(&mut self, line: &str) {
        let mut width = 0;
        for c in line.chars() {
            if width + c.len_utf8() > 75 {
                self.text.push_str("\r\n ");
                width = 1;
            }
            self.text.push(c);
            width += c.len_utf8();
        }
        self.text.push_str("\r\n");
    }
}

/// Escapes a TEXT value (§3.3.11).
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' | ';' | ',' => {
                escaped.push('\\');
                escaped.push(c);
            }
            '\n' => escaped.push_str("\\n"),
            '\r' => {}
            c => escaped.push(c),
        }
    }
    escaped
}

fn unescape(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some('n' | 'N') => plain.push('\n'),
                Some(other) => plain.push(other),
                None => {}
            },
            c => plain.push(c),
        }
    }
    plain
}

/// One content line: name, parameters, value.
struct Property {
    name: String,
    parameters: Vec<(String, String)>,
    value: String,
}

impl Property {
    fn parse(line: &str) -> Option<Self> {
        let mut quoted = false;
        let colon = line.find(|c| {
            quoted ^= c == '"';
            c == ':' && !quoted
        })?;
        let (head, value) = line.split_at(colon);
        let mut parts = head.split(';');
        let name = parts.next()?.trim().to_ascii_uppercase();
        let parameters = parts
            .filter_map(|part| part.split_once('='))
            .map(|(name, value)| (name.to_ascii_uppercase(), value.trim_matches('"').to_owned()))
            .collect();
        Some(Self { name, parameters, value: value.get(1..)?.to_owned() })
    }

    fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(have, _)| have == name).map(|(_, value)| value.as_str())
    }
}

/// A to-do as it stands in the file.
#[derive(Default)]
struct Todo {
    line: usize,
    properties: Vec<Property>,
    triggers: Vec<Property>,
}

pub fn read(text: &str, reader: &mut Reader<'_>) -> Result<Plan> {
    let mut plan = Plan::default();
    let mut todos: Vec<Todo> = Vec::new();
    let mut open: Option<Todo> = None;
    let mut alarm = false;
    let mut seen_calendar = false;
    for (index, line) in unfold(text) {
        let Some(property) = Property::parse(&line) else { continue };
        match (property.name.as_str(), property.value.to_ascii_uppercase().as_str()) {
            ("BEGIN", "VCALENDAR") => seen_calendar = true,
            ("BEGIN", "VTODO") => open = Some(Todo { line: index, ..Todo::default() }),
            ("END", "VTODO") => todos.extend(open.take()),
            ("BEGIN", "VALARM") => alarm = true,
            ("END", "VALARM") => alarm = false,
            ("BEGIN", "VEVENT" | "VJOURNAL") => plan.skip(index, "It is no to-do."),
            ("TRIGGER", _) if alarm => {
                if let Some(todo) = &mut open {
                    todo.triggers.push(property);
                }
            }
            _ if !alarm => {
                if let Some(todo) = &mut open {
                    todo.properties.push(property);
                }
            }
            _ => {}
        }
    }
    if !seen_calendar {
        return Err(unreadable("it has no BEGIN:VCALENDAR"));
    }
    // Parents first, wherever they stand in the file.
    todos.sort_by_key(|todo| todo.properties.iter().any(|property| property.name == "RELATED-TO"));
    for todo in todos {
        let line = todo.line;
        let task = todo.into_task(reader);
        plan.push(line, task);
    }
    Ok(plan)
}

/// Logical lines with the number of their first physical line (§3.1).
fn unfold(text: &str) -> Vec<(usize, String)> {
    let mut lines: Vec<(usize, String)> = Vec::new();
    for (index, line) in text.lines().enumerate() {
        match (line.strip_prefix([' ', '\t']), lines.last_mut()) {
            (Some(more), Some((_, last))) => last.push_str(more),
            _ => lines.push((index + 1, line.to_owned())),
        }
    }
    lines
}

impl Todo {
    fn get(&self, name: &str) -> Option<&Property> {
        self.properties.iter().find(|property| property.name == name)
    }

    fn text(&self, name: &str) -> Option<String> {
        self.get(name).map(|property| unescape(&property.value))
    }

    fn into_task(self, reader: &mut Reader<'_>) -> Result<NewTask> {
        let home = reader.context.now.time_zone().clone();
        let due = self.get("DUE").map(|property| due(property, &home)).transpose()?;
        let completed_at = self.get("COMPLETED").and_then(|property| instant(&property.value, &home));
        let done = completed_at.is_some()
            || self.get("STATUS").is_some_and(|property| property.value.eq_ignore_ascii_case("COMPLETED"));
        let rule: Option<Recurrence> = self
            .get("RRULE")
            .map(|property| property.value.parse())
            .transpose()
            .map_err(|error| DomainError::invalid("RRULE", format!("{error}")))?;
        let parent_id = self.text("RELATED-TO").and_then(|source| reader.known(&source));
        let priority = match self.get("PRIORITY").and_then(|property| property.value.trim().parse::<u8>().ok()) {
            Some(1) => Priority::Urgent,
            Some(2..=4) => Priority::High,
            Some(5) => Priority::Medium,
            Some(6..=9) => Priority::Low,
            _ => Priority::None,
        };
        let labels = self
            .properties
            .iter()
            .filter(|property| property.name == "CATEGORIES")
            .flat_map(|property| split_list(&property.value))
            .filter(|label| !label.trim().is_empty())
            .collect();
        let reminders = self.triggers.iter().filter_map(|trigger| reminder(trigger, &home)).collect();
        Ok(NewTask {
            id: Some(reader.id_for(&self.text("UID").unwrap_or_default())),
            title: self.text("SUMMARY").unwrap_or_default(),
            description: self.text("DESCRIPTION"),
            status: if done { Status::Completed } else { Status::Pending },
            priority,
            labels,
            due,
            reminders,
            recurrence: if parent_id.is_some() { None } else { rule },
            parent_id,
            created_at: self.get("CREATED").and_then(|property| instant(&property.value, &home)),
            completed_at,
            ..NewTask::default()
        })
    }
}

/// Splits at commas that are not escaped.
fn split_list(value: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut chars = value.chars();
    while let Some(c) = chars.next() {
        if c == ',' {
            parts.push(String::new());
        } else if let Some(part) = parts.last_mut() {
            part.push(c);
            if c == '\\' {
                part.extend(chars.next());
            }
        }
    }
    parts.iter().map(|part| unescape(part)).collect()
}

fn due(property: &Property, home: &TimeZone) -> Result<Due> {
    let value = property.value.trim();
    let wrong = || DomainError::invalid("DUE", format!("`{}` is no date.", value.escape_debug()));
    if property.parameter("VALUE") == Some("DATE") || value.len() == 8 {
        return civil::Date::strptime(DAY, value).map(Due::Day).map_err(|_| wrong());
    }
    let zone = property.parameter("TZID").and_then(|name| TimeZone::get(name).ok()).unwrap_or_else(|| home.clone());
    match value.ends_with('Z') {
        true => instant(value, home).map(|at| Due::At(at.to_zoned(zone))).ok_or_else(wrong),
        false => {
            civil::DateTime::strptime(LOCAL, value).and_then(|at| at.to_zoned(zone)).map(Due::At).map_err(|_| wrong())
        }
    }
}

fn instant(value: &str, home: &TimeZone) -> Option<Timestamp> {
    let value = value.trim();
    let (format, zone) = if value.ends_with('Z') { (STAMP, TimeZone::UTC) } else { (LOCAL, home.clone()) };
    civil::DateTime::strptime(format, value).and_then(|at| at.to_zoned(zone)).ok().map(|at| at.timestamp())
}

fn reminder(trigger: &Property, home: &TimeZone) -> Option<Reminder> {
    match trigger.parameter("VALUE") {
        Some("DATE-TIME") => instant(&trigger.value, home).map(Reminder::At),
        _ if trigger.value.starts_with('-') => Reminder::parse(&trigger.value).ok(),
        _ => (trigger.value.trim_start_matches('+') == "PT0S").then_some(Reminder::Before { minutes: 0 }),
    }
}
