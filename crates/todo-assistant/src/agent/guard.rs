//! Which calls of a model are made at once, and which wait for the user's yes.
//!
//! A model obeys what it reads, and it reads titles and notes that anybody may have written. So once a prompt has text from the
//! task list in it, a call that changes something is made only when the user's own words ask for it: a word for that kind of
//! change, and the task by number or by words of its title. Everything else is held and asked about. For deleting this holds in any
//! prompt; deleting several tasks, and changing tasks by a description, is always asked about, as the built-in assistant does.

use std::collections::HashMap;

use serde_json::{Value, json};
use todo_domain::{Task, search};
use uuid::Uuid;

use super::vocabulary;
use crate::{
    builtin::{Fit, Held, HeldCall, Lexicon, Memory, Wanted},
    tools::{self, Effect, ToolContext, ToolError},
};

/// What becomes of a call.
pub(super) enum Verdict {
    /// It is made.
    Run,
    /// The user is asked.
    Hold(Box<Held>),
}

/// How surely the user's words name a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Named {
    /// Some words agree, or it was spoken of before.
    Loosely,
    /// By its number, or by all words of its title.
    Plainly,
}

/// The judge of one answer.
pub(super) struct Guard<'a> {
    lexicon: &'static Lexicon,
    memory: &'a Memory,
    /// The user's words that ask: the message, and the one before where it is still open.
    asking: Vec<Vec<String>>,
    /// All of the user's words in the conversation, for what a new task may say.
    said: String,
    /// The prompt has text from the task list.
    pub(super) tainted: bool,
    /// The message reads like a no, a doubt: every change is asked about.
    wary: bool,
    /// The loosely named task that was let through, by kind: "the dentist task" is one.
    loose: HashMap<Effect, Uuid>,
}

impl<'a> Guard<'a> {
    /// `said` are the user's messages, the last one last; `open` whether the one before it may still be waiting for its effect.
    pub(super) fn new(
        lexicon: &'static Lexicon,
        memory: &'a Memory,
        said: &[String],
        open: bool,
        tainted: bool,
        wary: bool,
    ) -> Self {
        let asking = said.iter().rev().take(if open { 2 } else { 1 }).map(|text| search::words(text)).collect();
        Self { lexicon, memory, asking, said: said.join("\n"), tainted, wary, loose: HashMap::new() }
    }

    /// Whether a call is made. Arguments that a tool would refuse are let through to it, for it says best what is wrong.
    pub(super) async fn judge(
        &mut self,
        context: &ToolContext,
        tool: &'static str,
        input: &Value,
    ) -> Result<Verdict, ToolError> {
        let Some(effect) = Effect::of(tool, input) else { return Ok(Verdict::Run) };
        let Some(tasks) = about(context, tool, input).await? else { return Ok(Verdict::Run) };
        if tool == "bulk_update" && tasks.is_empty() || self.lets_through(effect, tool, input, &tasks) {
            return Ok(Verdict::Run);
        }
        let call = HeldCall { tool: tool.to_owned(), input: bound(tool, input, &tasks) };
        Ok(Verdict::Hold(Box::new(Held { call, effect, tasks })))
    }

    fn lets_through(&mut self, effect: Effect, tool: &str, input: &Value, tasks: &[Task]) -> bool {
        if self.wary {
            return false;
        }
        let several = tasks.len() > 1;
        if several && (effect == Effect::Delete || !input["where"].is_null()) {
            return false;
        }
        // Deleting is asked for in words or not at all.
        if !self.tainted && effect != Effect::Delete {
            return true;
        }
        match effect {
            Effect::Add => self.are_own_words(input["title"].as_str().unwrap_or_default()),
            Effect::Undo => self.asks_for(Effect::Undo),
            _ if !self.asks_for(effect) => false,
            _ if tool == "bulk_update" => tasks.iter().all(|task| self.names(task) == Some(Named::Plainly)),
            _ => tasks.iter().all(|task| match self.names(task) {
                Some(Named::Plainly) => self.has_own_texts(input),
                Some(Named::Loosely) => {
                    *self.loose.entry(effect).or_insert(task.id) == task.id && self.has_own_texts(input)
                }
                None => false,
            }),
        }
    }

    fn asks_for(&self, effect: Effect) -> bool {
        let asks = |stems: &[String]| vocabulary::all().iter().any(|vocabulary| vocabulary.asks_for(effect, stems));
        let mentioned = self.asking.iter().any(|words| asks(&vocabulary::stems(words)));
        // "Bought the milk": every verb in the past reports something done.
        mentioned || effect == Effect::Complete && self.asking.iter().flatten().any(|word| self.is_past(word))
    }

    fn is_past(&self, word: &str) -> bool {
        self.lexicon.is("past", &[self.lexicon.symbol(word)])
    }

    fn names(&self, task: &Task) -> Option<Named> {
        let number = task.number.to_string();
        if self.asking.iter().any(|words| words.contains(&number)) {
            return Some(Named::Plainly);
        }
        let title = Wanted::new(&task.title, self.lexicon);
        let fit = self.asking.iter().filter_map(|words| title.fit(&words.join(" "))).min();
        match fit {
            Some(Fit::Some) => Some(Named::Loosely),
            Some(_) => Some(Named::Plainly),
            None => self.points_at(task).then_some(Named::Loosely),
        }
    }

    /// "it", "the second one", "both": a word that points, and a task that was shown or spoken of.
    fn points_at(&self, task: &Task) -> bool {
        let known = self.memory.mentioned.contains(&task.id) || self.memory.shown.contains(&task.id);
        known
            && self.asking.iter().flatten().any(|word| {
                let symbol = [self.lexicon.symbol(word)];
                ["it", "both", "them", "rest", "ordinal", "ordinal.short", "last", "first"]
                    .iter()
                    .any(|class| self.lexicon.is(class, &symbol))
            })
    }

    /// New texts of a change must be the user's: titles, notes, names of labels and projects.
    fn has_own_texts(&self, input: &Value) -> bool {
        let changes = if input["changes"].is_object() { &input["changes"] } else { input };
        let lists =
            ["labels", "add_labels"].into_iter().flat_map(|field| changes[field].as_array().into_iter().flatten());
        let texts = ["title", "description", "project"].into_iter().map(|field| &changes[field]);
        lists.chain(texts).filter_map(Value::as_str).all(|text| self.are_own_words(text))
    }

    /// Whether at least half of the words are words that the user said.
    fn are_own_words(&self, text: &str) -> bool {
        let words: Vec<String> = search::words(text);
        let significant: Vec<&String> =
            words.iter().filter(|word| !self.lexicon.is("stop", &[self.lexicon.symbol(word)])).collect();
        let own = significant
            .iter()
            .filter(|word| Wanted::new(word, self.lexicon).fit(&self.said).is_some_and(|fit| fit < Fit::Some))
            .count();
        own * 2 >= significant.len() && own > 0
    }
}

/// The tasks there are that a call is about; `None` when the tool will refuse it anyway.
async fn about(context: &ToolContext, tool: &str, input: &Value) -> Result<Option<Vec<Task>>, ToolError> {
    let look = match tool {
        "add_task" | "undo" => return Ok(Some(Vec::new())),
        "bulk_update" => {
            let mut look = input.clone();
            look["dry_run"] = true.into();
            look
        }
        _ => json!({ "action": "complete", "task_ids": [input["task_id"]], "dry_run": true }),
    };
    match tools::call(context, "bulk_update", look).await {
        Ok(output) if output.tasks.is_empty() && tool != "bulk_update" => Ok(None),
        Ok(output) => Ok(Some(output.tasks)),
        Err(error @ ToolError::Store(_)) => Err(error),
        Err(_) => Ok(None),
    }
}

/// The call with its tasks named by their ids, so that a later yes means exactly these.
fn bound(tool: &str, input: &Value, tasks: &[Task]) -> Value {
    let mut input = input.clone();
    let ids: Vec<Uuid> = tasks.iter().map(|task| task.id).collect();
    if let Some(fields) = input.as_object_mut() {
        fields.remove("user_id");
        match (tool, ids.as_slice()) {
            ("add_task" | "undo", _) => {}
            ("bulk_update", _) => {
                fields.remove("where");
                fields.insert("task_ids".to_owned(), json!(ids));
            }
            (_, [id]) => {
                fields.insert("task_id".to_owned(), json!(id));
            }
            _ => {}
        }
    }
    input
}
