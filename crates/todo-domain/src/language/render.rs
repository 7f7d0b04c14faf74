//! What was understood, written so that it is understood the same again.

use super::{
    context::Context,
    quick_add::{QuickAdd, quick_add},
};
use crate::{Due, Priority, Reminder, recurrence::Anchor};

impl QuickAdd {
    /// One line that [`quick_add`] reads as this same task, with dates and rules in their unmistakable form. Spans and the
    /// question are not part of it.
    ///
    /// Words of the title that would be taken for something else are escaped with backslashes.
    #[must_use]
    pub fn render(&self, context: &Context) -> String {
        let plain = self.render_with(self.title.clone(), context);
        let understood = quick_add(&plain, context);
        if understood.title == self.title && understood.due == self.due && understood.recurrence == self.recurrence {
            return plain;
        }
        let escaped: Vec<String> = self.title.split_whitespace().map(|word| format!("\\{word}")).collect();
        self.render_with(escaped.join(" "), context)
    }

    fn render_with(&self, title: String, context: &Context) -> String {
        let mut words: Vec<String> = Vec::new();
        if !title.is_empty() {
            words.push(title);
        }
        if let Some(rule) = &self.recurrence {
            words.push(rule.to_string());
            if rule.anchor() == Anchor::Completion {
                words.push("after completion".to_owned());
            }
        }
        words.extend(self.due.as_ref().map(|due| render_due(due, context)));
        words.extend(self.priority.and_then(mark_of).map(str::to_owned));
        words.extend(self.labels.iter().map(|label| name('@', label)));
        words.extend(self.project.iter().map(|project| name('#', project)));
        words.extend(self.duration_minutes.map(|minutes| format!("for {}h{}m", minutes / 60, minutes % 60)));
        words.extend(self.reminders.iter().map(|reminder| match reminder {
            Reminder::At(at) => format!("remind me {at}"),
            Reminder::Before { minutes } => format!("!{}h{}m", minutes / 60, minutes % 60),
        }));
        words.join(" ")
    }
}

/// A day as it is, a clock time of the reader's zone without the zone where that says the same instant.
fn render_due(due: &Due, context: &Context) -> String {
    match due {
        Due::Day(day) => day.to_string(),
        Due::At(at) => {
            let local = at.datetime();
            let plain = at.time_zone() == context.now.time_zone()
                && local.to_zoned(at.time_zone().clone()).is_ok_and(|again| again.timestamp() == at.timestamp());
            if plain { local.to_string() } else { at.to_string() }
        }
    }
}

const fn mark_of(priority: Priority) -> Option<&'static str> {
    match priority {
        Priority::None => None,
        Priority::Low => Some("p4"),
        Priority::Medium => Some("p3"),
        Priority::High => Some("p2"),
        Priority::Urgent => Some("p1"),
    }
}

fn name(mark: char, name: &str) -> String {
    format!("{mark}\"{name}\"")
}
