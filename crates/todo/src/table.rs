//! Tasks as a table for people.

use std::io::IsTerminal;

use comfy_table::{Attribute, Cell, Color, ContentArrangement, Table, presets};
use todo_domain::wire::TaskJson;

/// Prints tasks; colours only on a terminal that wants them.
pub fn print(tasks: &[TaskJson], today: jiff::civil::Date) {
    if tasks.is_empty() {
        println!("Nothing here.");
        return;
    }
    let colour = std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
    for task in tasks {
        table.add_row(row(task, today, colour));
    }
    println!("{}", table.trim_fmt());
}

fn row(task: &TaskJson, today: jiff::civil::Date, colour: bool) -> Vec<Cell> {
    let mark = if task.completed { "✓" } else { "○" };
    let mut title = Cell::new(plain(&task.title));
    let mut due = Cell::new(task.due_date.as_deref().map(|due| shown_due(due, today)).unwrap_or_default());
    let mut notes: Vec<String> = Vec::new();
    if task.priority != "none" {
        notes.push(task.priority.clone());
    }
    notes.extend(task.labels.iter().map(|label| format!("@{}", plain(label))));
    notes.extend(task.recurrence_text.clone());
    let mut notes = Cell::new(notes.join(" "));
    if colour {
        let overdue = task.due_date.as_deref().and_then(day).is_some_and(|day| day < today) && !task.completed;
        due = due.fg(if overdue { Color::Red } else { Color::Cyan });
        notes = notes.fg(Color::DarkGrey);
        if task.completed {
            title = title.add_attribute(Attribute::CrossedOut).fg(Color::DarkGrey);
        } else if matches!(task.priority.as_str(), "urgent" | "high") {
            title = title.add_attribute(Attribute::Bold);
        }
    }
    vec![Cell::new(format!("{mark} {}", task.number)), title, due, notes]
}

fn day(due: &str) -> Option<jiff::civil::Date> {
    due.get(..10)?.parse().ok()
}

/// `today 17:00`, `tomorrow`, `2026-12-24`.
fn shown_due(due: &str, today: jiff::civil::Date) -> String {
    let Some(date) = day(due) else { return due.to_owned() };
    let name = match (date - today).get_days() {
        0 => "today".to_owned(),
        1 => "tomorrow".to_owned(),
        -1 => "yesterday".to_owned(),
        _ => date.to_string(),
    };
    match due.get(11..16) {
        Some(time) => format!("{name} {time}"),
        None => name,
    }
}

/// Control characters and terminal escapes stay out of the terminal.
pub fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn due_dates_near_today_have_names() {
        let today = date(2026, 11, 18);
        assert_eq!(shown_due("2026-11-18", today), "today");
        assert_eq!(shown_due("2026-11-19T17:00:00+01:00", today), "tomorrow 17:00");
        assert_eq!(shown_due("2026-12-24", today), "2026-12-24");
    }

    #[test]
    fn escapes_are_neutralised() {
        assert_eq!(plain("a\u{1b}[31mb"), "a\u{fffd}[31mb");
    }
}
