//! No task fits, or several do: say so, suggest, ask.

use super::Actor;
use crate::{
    builtin::{
        intent::{Intent, Step},
        memory::{Choice, Question, QuestionKind},
        resolve::{Missing, Resolved},
    },
    tools::ToolError,
};

impl Actor<'_> {
    pub(super) async fn unresolved(&mut self, resolved: Resolved, step: &Step, offer: bool) -> Result<(), ToolError> {
        match resolved {
            Resolved::Tasks { .. } => {}
            Resolved::Which { candidates, suggested, text } => {
                self.lost |= suggested;
                self.load_projects(&candidates).await?;
                let key = match (suggested, candidates.len()) {
                    (false, _) => "which",
                    (true, 1) => "not.found.one",
                    (true, _) => "not.found.closest",
                };
                let title = candidates.first().map(|task| self.phrasing().title(task)).unwrap_or_default();
                let prompt = self.phrasing().say(key, &[("text", &text), ("title", &title)]);
                let choices = candidates
                    .iter()
                    .map(|task| Choice {
                        label: self.phrasing().line(task),
                        task: Some(task.id),
                        number: Some(task.number),
                        intent: None,
                    })
                    .collect();
                let step = Some(Step { doubt: false, ..step.clone() });
                self.ask(Question { prompt, kind: QuestionKind::Which, choices, step, next: Vec::new() });
            }
            Resolved::NotFound(missing) => self.missing(missing, step, offer),
        }
        Ok(())
    }

    pub(super) fn missing(&mut self, missing: Missing, step: &Step, offer: bool) {
        self.lost = true;
        match missing {
            Missing::Words(text) => {
                let first = step.said.split_whitespace().next().unwrap_or_default().to_lowercase();
                let new = matches!(
                    step.intent,
                    Intent::Complete { statement: false, .. } | Intent::Delete { .. } | Intent::Change { .. }
                ) && (self.lexicon.is_verb(&first)
                    || self.lexicon.is("add.if-missing", &[self.lexicon.symbol(&first)])
                    || offer && self.lexicon.is("finish", &[self.lexicon.symbol(&first)]));
                if new {
                    self.offer(&step.said.clone(), "not.found.offer");
                } else {
                    self.say("not.found", &[("text", &text)]);
                }
            }
            Missing::Number(number) => self.say("not.found.number", &[("number", &number.to_string())]),
            Missing::Place(number) => self.say("not.found.place", &[("number", &number.to_string())]),
            Missing::Context => self.say_key("no.list"),
            Missing::Selection(selection) => {
                let what = self.phrasing().what(&selection);
                self.say("nothing.matches", &[("what", &what)]);
            }
        }
    }
}
