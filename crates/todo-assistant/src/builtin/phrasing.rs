//! Words for tasks and dates, in the language of the answer. Templates come from the lexicon's `[say]` section.

use jiff::{Zoned, civil::Date};
use todo_domain::{Due, Priority, Recurrence, Task};

use super::lexicon::Lexicon;
use crate::tools::Selection;

/// The words of an answer: its language, and the moment at which it is given.
#[derive(Clone, Copy)]
pub(crate) struct Phrasing<'a> {
    pub lexicon: &'a Lexicon,
    pub now: &'a Zoned,
    /// Names of projects, by id.
    pub projects: &'a [(uuid::Uuid, String)],
}

impl Phrasing<'_> {
    /// A template with its places filled.
    pub(crate) fn say(&self, key: &str, places: &[(&str, &str)]) -> String {
        fill(self.lexicon.say(key), places)
    }

    /// A task's title in quotes, with its number.
    pub(crate) fn title(&self, task: &Task) -> String {
        format!("“{}” (#{})", task.title, task.number)
    }

    /// A task in a list: number, title, details.
    pub(crate) fn line(&self, task: &Task) -> String {
        let mut details = self.details(task);
        if task.is_completed() {
            let done = task.completed_at.map(|at| self.day(at.to_zoned(self.now.time_zone().clone()).date()));
            details.insert(0, self.say("detail.done", &[("due", done.as_deref().unwrap_or_default())]));
        } else if task.due.as_ref().is_some_and(|due| due.is_overdue(self.now)) {
            details.push(self.say("overdue.mark", &[]));
        }
        let mark = if task.is_completed() { "✓ " } else { "" };
        match details.is_empty() {
            true => format!("{mark}#{} {}", task.number, task.title),
            false => format!("{mark}#{} {} — {}", task.number, task.title, details.join(", ")),
        }
    }

    /// ", due …" after a title; empty when there is nothing to say.
    pub(crate) fn tail(&self, task: &Task) -> String {
        let details = self.details(task);
        if details.is_empty() { String::new() } else { format!(" — {}", details.join(", ")) }
    }

    fn details(&self, task: &Task) -> Vec<String> {
        let mut details = Vec::new();
        if let Some(due) = &task.due {
            details.push(self.say("detail.due", &[("due", &self.due(due))]));
        }
        if let Some(rule) = &task.recurrence {
            details.push(self.say("detail.repeats", &[("rule", &self.rule(rule))]));
        }
        if task.priority != Priority::None {
            details.push(self.say("detail.priority", &[("priority", self.priority(task.priority))]));
        }
        if !task.labels.is_empty() {
            details.push(self.labels(&task.labels));
        }
        if let Some((_, name)) = self.projects.iter().find(|(id, _)| Some(*id) == task.project_id) {
            details.push(self.say("detail.project", &[("project", name)]));
        }
        details
    }

    pub(crate) fn labels(&self, labels: &[String]) -> String {
        labels.iter().map(|label| format!("@{label}")).collect::<Vec<_>>().join(" ")
    }

    pub(crate) fn rule(&self, rule: &Recurrence) -> String {
        rule.describe()
    }

    pub(crate) fn priority(&self, priority: Priority) -> &str {
        match priority {
            Priority::None => self.lexicon.say("priority.none.name"),
            Priority::Low => self.lexicon.say("priority.low"),
            Priority::Medium => self.lexicon.say("priority.medium"),
            Priority::High => self.lexicon.say("priority.high"),
            Priority::Urgent => self.lexicon.say("priority.urgent"),
        }
    }

    /// A due date relative to now: "tomorrow 17:00", "Friday", "24 Dec 2027".
    pub(crate) fn due(&self, due: &Due) -> String {
        match due {
            Due::Day(day) => self.day(*day),
            Due::At(at) => {
                let here = at.with_time_zone(self.now.time_zone().clone());
                format!("{} {}", self.day(here.date()), here.strftime("%H:%M"))
            }
        }
    }

    /// A day relative to today.
    pub(crate) fn day(&self, day: Date) -> String {
        let today = self.now.date();
        let away = today.until(day).map_or(i32::MAX, |span| span.get_days());
        let weekday = usize::try_from(day.weekday().to_monday_zero_offset()).unwrap_or_default();
        let weekday = self.lexicon.say("weekdays").split_whitespace().nth(weekday).unwrap_or_default();
        let month = usize::try_from(day.month() - 1).unwrap_or_default();
        let month = self.lexicon.say("months").split_whitespace().nth(month).unwrap_or_default();
        let (day_text, year) = (day.day().to_string(), day.year().to_string());
        let places = [("weekday", weekday), ("day", &day_text), ("month", month), ("year", &year)];
        match away {
            0 => self.say("today", &[]),
            1 => self.say("tomorrow", &[]),
            -1 => self.say("yesterday", &[]),
            2..=6 => self.say("day.in.week", &places),
            _ if day.year() == today.year() => self.say("date", &places),
            _ => self.say("date.year", &places),
        }
    }

    /// A description of tasks in words: "open tasks due today with @home".
    pub(crate) fn what(&self, selection: &Selection) -> String {
        let mut words = Vec::new();
        let status = match selection.status.as_deref() {
            Some("pending") => "what.open",
            Some("completed") => "what.completed",
            _ => "what.all",
        };
        words.push(self.say(status, &[]));
        if let Some(due) = &selection.due {
            words.push(match due.as_str() {
                "overdue" => self.say("what.overdue", &[]),
                "none" => self.say("what.undated", &[]),
                "any" => self.say("what.dated", &[]),
                due => self.say("what.due", &[("due", due)]),
            });
        }
        if let Some(days) = &selection.completed {
            words.push(days.clone());
        }
        if let Some(days) = &selection.created {
            words.push(self.say("what.created", &[("days", days)]));
        }
        if !selection.priority.is_empty() {
            let names: Vec<&str> = selection
                .priority
                .iter()
                .map(|name| Priority::parse(name).map_or(name.as_str(), |priority| self.priority(priority)))
                .collect();
            words.push(self.say("what.priority", &[("priority", &names.join(" / "))]));
        }
        words.extend(selection.labels.iter().map(|label| format!("@{label}")));
        match selection.project.as_deref() {
            Some("none") => words.push(self.say("what.inbox", &[])),
            Some(project) => words.push(self.say("detail.project", &[("project", project)])),
            None => {}
        }
        for text in selection.topic.iter().chain(&selection.search) {
            words.push(self.say("what.about", &[("text", text)]));
        }
        if selection.recurring {
            words.push(self.say("what.recurring", &[]));
        }
        if selection.unlabelled {
            words.push(self.say("what.unlabelled", &[]));
        }
        words.join(" ")
    }
}

/// Fills `{places}`; what a value itself contains is left as it is.
fn fill(template: &str, places: &[(&str, &str)]) -> String {
    let mut out = String::with_capacity(template.len() + 32);
    let mut rest = template;
    while let Some(open) = rest.find('{') {
        let (before, from) = rest.split_at(open);
        out.push_str(before);
        let Some(close) = from.find('}') else { break };
        let name = from.get(1..close).unwrap_or_default();
        if let Some((_, value)) = places.iter().find(|(place, _)| *place == name) {
            out.push_str(value);
        }
        rest = from.get(close + 1..).unwrap_or_default();
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::builtin::lexicon;

    #[test]
    fn values_are_not_templates() {
        assert_eq!(fill("Added {title}{details}.", &[("title", "{count}"), ("details", "")]), "Added {count}.");
    }

    #[test]
    fn days_are_told_as_people_say_them() {
        let now: Zoned = "2026-11-18T10:00[Europe/Paris]".parse().unwrap();
        let phrasing = Phrasing { lexicon: lexicon::of("en"), now: &now, projects: &[] };
        let day = |text: &str| phrasing.day(text.parse().unwrap());
        assert_eq!(day("2026-11-18"), "today");
        assert_eq!(day("2026-11-17"), "yesterday");
        assert_eq!(day("2026-11-23"), "Monday");
        assert_eq!(day("2026-12-24"), "Thursday 24 Dec");
        assert_eq!(day("2027-01-02"), "2 Jan 2027");
    }
}
