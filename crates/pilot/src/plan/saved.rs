//! Plans in files: one person makes them, another one approves them by their hash.

use std::path::Path;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{Plan, Verb};
use crate::exit::Error;
use crate::report::Door;

/// How long a saved plan may wait.
const LIFETIME: SignedDuration = SignedDuration::from_hours(24);

/// What a plan file holds.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct File {
    kind: String,
    hash: String,
    made_by: String,
    plan: Plan,
}

const KIND: &str = "PilotPlan";

impl Plan {
    /// Whether a redactor finds something in what the plan would send: then it must not be written down.
    pub fn holds_secrets(&self) -> bool {
        let door = Door::default();
        self.steps.iter().any(|step| step.target.kind == "Secret" || door.value(&step.body) != step.body)
    }

    /// Writes the plan to a file that only its owner can read.
    ///
    /// # Errors
    /// When it holds secrets, or can't be written.
    pub fn save(&self, path: &Path, made_by: &str) -> Result<(), Error> {
        if self.holds_secrets() {
            return Err(Error::Refused("the plan holds a secret and is not written to a file".to_owned()));
        }
        if self.steps.iter().any(|step| step.verb == Verb::Helm) {
            return Err(Error::Refused(
                "a plan for the helm program is carried out at once: its chart may change meanwhile".to_owned(),
            ));
        }
        let file = File { kind: KIND.to_owned(), hash: self.hash(), made_by: made_by.to_owned(), plan: self.clone() };
        let text = serde_json::to_string_pretty(&file).map_err(|e| Error::Usage(e.to_string()))?;
        crate::audit::write_private(path, text.as_bytes()).map_err(|e| Error::Usage(format!("{}: {e}", path.display())))
    }

    /// Reads a plan, and who made it.
    ///
    /// # Errors
    /// When it is no plan, was changed since, or is too old.
    pub fn open(path: &Path, now: Timestamp) -> Result<(Self, String), Error> {
        let wrong = |why: String| Error::Usage(format!("{}: {why}", path.display()));
        let text = std::fs::read_to_string(path).map_err(|e| wrong(e.to_string()))?;
        let file: File = serde_json::from_str(&text).map_err(|e| wrong(format!("not a saved plan: {e}")))?;
        if file.kind != KIND {
            return Err(wrong(format!("not a saved plan: kind is {:?}", file.kind)));
        }
        if file.plan.hash() != file.hash {
            return Err(Error::Refused(format!("{}: the plan was changed after it was saved", path.display())));
        }
        if now.duration_since(file.plan.made_at) > LIFETIME {
            return Err(Error::Refused(format!("{}: the plan is older than a day; make it again", path.display())));
        }
        // The class is not believed but found out again: a file is input.
        let mut plan = file.plan;
        for step in &mut plan.steps {
            let fresh = super::Step::new(step.verb, step.target.clone(), step.patch_type, step.body.clone());
            step.class = step.class.max(fresh.class);
        }
        Ok((plan, file.made_by))
    }
}
