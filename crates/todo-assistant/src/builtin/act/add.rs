//! New tasks.

use serde_json::{Value, json};
use todo_domain::{Task, language::quick_add, wire};

use super::{Actor, capital};
use crate::{
    builtin::{
        intent::{Change, Intent, Item, Step, Target},
        lexicon::Lexicon,
        memory::{Choice, Question, QuestionKind},
        token::fold,
    },
    tools::{ToolContext, ToolError},
};

impl Actor<'_> {
    pub(super) async fn add(&mut self, items: Vec<Item>, step: &Step, confirmed: bool) -> Result<(), ToolError> {
        if step.doubt && !confirmed {
            self.offer(&step.said.clone(), "offer.add");
            return Ok(());
        }
        if let [item] = items.as_slice()
            && !confirmed
            && self.ask_for_reading(item)
        {
            return Ok(());
        }
        let mut added: Vec<Task> = Vec::new();
        for item in &items {
            let arguments = self.new_task(item);
            match self.call("add_task", arguments).await? {
                Some(output) => added.extend(output.tasks),
                None if items.len() == 1 => return Ok(()),
                None => {}
            }
        }
        self.spoke_of(&added);
        self.load_projects(&added).await?;
        match added.as_slice() {
            [] => {}
            [task] => {
                let (title, details) = (self.phrasing().title(task), self.phrasing().tail(task));
                self.say("added", &[("title", &title), ("details", &details)]);
            }
            many => self.say_many("added.many", many),
        }
        Ok(())
    }

    /// "buy 2 friday night tickets": a date, or part of the title?
    pub(super) fn ask_for_reading(&mut self, item: &Item) -> bool {
        if item.literal || item.due.is_some() {
            return false;
        }
        let read = quick_add(&item.text, &self.tools.language);
        let Some(doubt) = read.question else { return false };
        let Some(due) = &doubt.reading.due else { return false };
        let phrase = doubt.span.text.clone();
        let due_words = self.phrasing().due(due);
        let dated =
            Item { text: doubt.title_then.clone(), literal: true, due: Some(wire::due_text(due)), ..item.clone() };
        let plain = Item { literal: true, ..Item { text: read.title.clone(), ..item.clone() } };
        let label = |key: &str, title: &str| self.phrasing().say(key, &[("title", title), ("due", &due_words)]);
        let choices = vec![
            choice_of(label("reading.date", &doubt.title_then), Intent::Add { items: vec![dated] }),
            choice_of(label("reading.title", &read.title), Intent::Add { items: vec![plain] }),
        ];
        let prompt = self.phrasing().say("reading", &[("text", &phrase)]);
        self.ask(Question { prompt, kind: QuestionKind::Reading, choices, step: None, next: Vec::new() });
        true
    }

    /// The arguments of `add_task` for a line of quick-add text.
    pub(super) fn new_task(&self, item: &Item) -> Value {
        let marks = item.marks.as_deref().unwrap_or_default();
        let line = if item.literal { marks.to_owned() } else { format!("{} {marks}", item.text) };
        let read = quick_add(&line, &self.tools.language);
        // A line that is nothing but a date is a title after all.
        let whole = item.literal || read.title.trim().is_empty();
        let title = if whole { item.text.clone() } else { read.title };
        let title = if item.lifted { lifted(&title) } else { title };
        let mut arguments = json!({ "title": title });
        if let Some(due) = &item.due {
            arguments["due_date"] = due.clone().into();
        } else if let Some(due) = &read.due {
            arguments["due_date"] = wire::due_text(due).into();
            if let Some(zone) = due.zone_name() {
                arguments["due_timezone"] = zone.into();
            }
        }
        if let Some(rule) = &read.recurrence {
            arguments["recurrence"] = rule.to_string().into();
            arguments["recurrence_anchor"] = rule.anchor().as_str().into();
        }
        let mut reminders: Vec<String> = read.reminders.iter().map(ToString::to_string).collect();
        if item.remind && reminders.is_empty() && read.due.is_some() {
            reminders.push("-PT0M".to_owned());
        }
        if !reminders.is_empty() {
            arguments["reminders"] = reminders.into();
        }
        if let Some(priority) = read.priority {
            arguments["priority"] = priority.as_str().into();
        }
        if !read.labels.is_empty() {
            arguments["labels"] = read.labels.into();
        }
        if let Some(project) = item.project.clone().or(read.project) {
            arguments["project"] = project.into();
        }
        if let Some(minutes) = read.duration_minutes {
            arguments["duration_minutes"] = minutes.into();
        }
        arguments
    }
}

/// "Schedule a meeting tomorrow", "remind me about the party on friday": when no task has that name, a new one is meant.
pub(super) fn new_instead(step: &Step, target: &Target, tools: &ToolContext, lexicon: &Lexicon) -> Option<Item> {
    let Target::Words { text, .. } = target else { return None };
    let Intent::Change { change, .. } = &step.intent else { return None };
    if step.doubt {
        return None;
    }
    if let Change::Remind { when } = change {
        return (!when.ends_with(" before")).then(|| Item {
            text: format!("{text} {when}"),
            remind: true,
            lifted: true,
            ..Item::default()
        });
    }
    let first = step.said.split_whitespace().next()?;
    let symbol = [lexicon.symbol(&fold(first))];
    if lexicon.is("schedule", &symbol) {
        let rest = step.said.get(first.len()..)?.trim_start();
        return Some(Item { text: without_article(rest, lexicon).to_owned(), lifted: true, ..Item::default() });
    }
    let read = quick_add(&step.said, &tools.language);
    let dated = read.due.is_some() || read.recurrence.is_some();
    (dated && lexicon.is("do-or-add", &symbol)).then(|| Item { text: step.said.clone(), ..Item::default() })
}

fn without_article<'t>(text: &'t str, lexicon: &Lexicon) -> &'t str {
    let first = text.split_whitespace().next().unwrap_or_default();
    match lexicon.is("a", &[lexicon.symbol(&fold(first))]) {
        true => text.get(first.len()..).unwrap_or_default().trim_start(),
        false => text,
    }
}

fn choice_of(label: String, intent: Intent) -> Choice {
    Choice { label, task: None, number: None, intent: Some(intent) }
}

/// A title lifted out of a sentence begins with a capital.
fn lifted(title: &str) -> String {
    let first = title.split_whitespace().next().unwrap_or_default();
    let plain = first.chars().all(|c| c.is_lowercase() || c == '\'' || c == '-');
    if plain { capital(title) } else { title.to_owned() }
}
