//! Tool calls that a model wanted and that wait for the user's yes.

use serde_json::Value;
use todo_domain::Task;

use super::Actor;
use crate::{
    builtin::{
        account::{account, named},
        intent::{HeldCall, Intent, Step},
        memory::{Choice, Question, QuestionKind},
        phrasing::Phrasing,
    },
    tools::{self, Effect, Output, ToolError},
};

/// A call that is held, with what it is about.
pub(crate) struct Held {
    /// The call; its tasks are named by their ids, so that a yes means exactly these.
    pub call: HeldCall,
    /// What it would do.
    pub effect: Effect,
    /// The tasks there are that it is about.
    pub tasks: Vec<Task>,
}

/// Asks for a yes.
pub(crate) fn ask_for(held: Vec<Held>, phrasing: &Phrasing<'_>) -> Question {
    let mut lines: Vec<String> = held.iter().flat_map(|held| told(held, phrasing)).collect();
    if held.len() > 1 {
        for line in &mut lines {
            *line = format!("• {}", line.trim_start_matches('¿').trim_end_matches(['?', '؟']));
        }
        lines.insert(0, phrasing.say("confirm.calls", &[]));
    }
    let choices = ["yes", "no"]
        .map(|key| Choice { label: phrasing.lexicon.say(key).to_owned(), task: None, number: None, intent: None })
        .to_vec();
    let calls = held.into_iter().map(|held| held.call).collect();
    let step = Step { intent: Intent::Calls { calls }, said: String::new(), doubt: false };
    Question { prompt: lines.join("\n"), kind: QuestionKind::Confirm, choices, step: Some(step), next: Vec::new() }
}

fn told(held: &Held, phrasing: &Phrasing<'_>) -> Vec<String> {
    let changes = match &held.call.input["changes"] {
        Value::Null => &held.call.input,
        changes => changes,
    };
    let change = fields(changes);
    let key = held.effect.key();
    match (held.effect, held.tasks.as_slice()) {
        (Effect::Add, _) => {
            let title = held.call.input["title"].as_str().unwrap_or_default();
            vec![phrasing.say("confirm.one.add", &[("title", &format!("“{title}”"))])]
        }
        (Effect::Undo, _) => vec![phrasing.say("confirm.undo", &[("count", "1")])],
        (_, [task]) => {
            let title = phrasing.title(task);
            vec![phrasing.say(&format!("confirm.one.{key}"), &[("title", &title), ("change", &change)])]
        }
        (_, tasks) => {
            let count = tasks.len().to_string();
            let mut lines = vec![phrasing.say(&format!("confirm.{key}"), &[("count", &count), ("change", &change)])];
            lines.extend(named(phrasing, tasks));
            lines
        }
    }
}

/// The fields that a change would set, for the eye.
fn fields(changes: &Value) -> String {
    let shown = |value: &Value| match value {
        Value::String(text) => text.chars().take(80).collect(),
        Value::Array(items) => items
            .iter()
            .map(|item| item.as_str().map_or_else(|| item.to_string(), str::to_owned))
            .collect::<Vec<_>>()
            .join(" "),
        other => other.to_string(),
    };
    let fields = changes.as_object().into_iter().flatten();
    fields
        .filter(|(name, _)| !matches!(name.as_str(), "task_id" | "task_ids" | "action"))
        .map(|(name, value)| format!("{}: {}", name.replace('_', " "), shown(value)))
        .collect::<Vec<_>>()
        .join(", ")
}

impl Actor<'_> {
    /// Makes the calls that were held: the user said yes.
    pub(super) async fn carry_out(&mut self, calls: Vec<HeldCall>) -> Result<(), ToolError> {
        let mut done: Vec<(Effect, Output)> = Vec::new();
        for HeldCall { tool, input } in calls {
            // A tool that has left the registry since can't be called.
            let Some(tool) = tools::find(&tool) else { continue };
            let effect = Effect::of(tool.name, &input);
            if let (Some(output), Some(effect)) = (self.call(tool.name, input).await?, effect) {
                done.push((effect, output));
            }
        }
        let about: Vec<Task> = done
            .iter()
            .filter(|(effect, _)| *effect != Effect::Delete)
            .flat_map(|(_, output)| output.tasks.clone())
            .collect();
        self.load_projects(&about).await?;
        let lines = account(&self.phrasing(), &done);
        self.lines.extend(lines);
        self.spoke_of(&about);
        Ok(())
    }
}
