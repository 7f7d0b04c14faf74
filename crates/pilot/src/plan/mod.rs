//! Typed plans: what a change would do, found out by a server-side dry run. Nothing here writes; [`crate::write`] carries
//! a plan out.

mod diff;
mod digest;
mod dry_run;
mod impact;
mod owners;
mod request;
mod saved;
mod step;

use jiff::{SignedDuration, Timestamp};
use pilot_core::action::Class;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::report::{Part, Report};

pub use diff::{diff, pruned, way_back};
pub use digest::{canonical, sha256};
pub use dry_run::{refused, state};
pub use impact::impact;
pub use request::send;
pub use step::{Step, Verb, merge, object_ref, template};

/// How long a plan may wait for its yes.
pub const LIFETIME: SignedDuration = SignedDuration::from_mins(10);

/// A list of changes with one purpose.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Plan {
    /// What it is for.
    pub purpose: String,
    /// When it was made.
    pub made_at: Timestamp,
    /// Address of the API server it was made for; empty without a live cluster.
    #[serde(default)]
    pub server: String,
    /// The changes, in order.
    pub steps: Vec<Step>,
    /// What happens besides: pods that restart, Services without endpoints, budgets, autoscalers.
    #[serde(default)]
    pub impact: Vec<String>,
    /// What to know before saying yes.
    #[serde(default)]
    pub remarks: Vec<String>,
    /// Keys of the findings it is to remove; looked for again afterwards.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<String>,
}

impl Plan {
    /// An empty plan.
    pub fn new(purpose: impl Into<String>) -> Self {
        Self {
            purpose: purpose.into(),
            made_at: Timestamp::now(),
            server: String::new(),
            steps: Vec::new(),
            impact: Vec::new(),
            remarks: Vec::new(),
            findings: Vec::new(),
        }
    }

    /// Adds a change.
    pub fn push(&mut self, step: Step) {
        self.steps.push(step);
    }

    /// Adds a remark, once.
    pub fn remark(&mut self, text: impl Into<String>) {
        let text = text.into();
        if !self.remarks.contains(&text) {
            self.remarks.push(text);
        }
    }

    /// Takes in another plan: one yes for both.
    pub fn extend(&mut self, other: Self) {
        if self.purpose.is_empty() {
            self.purpose = other.purpose;
        } else if !other.purpose.is_empty() {
            self.purpose = format!("{}; {}", self.purpose, other.purpose);
        }
        self.steps.extend(other.steps);
        self.findings.extend(other.findings);
        other.remarks.into_iter().for_each(|remark| self.remark(remark));
    }

    /// How dangerous it is: as its worst step.
    pub fn class(&self) -> Class {
        self.steps.iter().map(|s| s.class).max().unwrap_or(Class::Read)
    }

    /// The names to be typed before it is carried out, without repeats.
    pub fn names_to_type(&self) -> Vec<&str> {
        let mut names: Vec<&str> =
            self.steps.iter().filter(|s| s.class == Class::Destructive).map(Step::name_to_type).collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// SHA-256 over what is done to which objects in which state: a yes is to this, and to nothing else.
    pub fn hash(&self) -> String {
        let steps: Vec<Value> = self.steps.iter().map(Step::identity).collect();
        sha256(&canonical(&json!({"server": self.server, "purpose": self.purpose, "steps": steps})))
    }

    /// Whether it has waited too long.
    pub fn is_expired(&self, now: Timestamp) -> bool {
        now.duration_since(self.made_at) > LIFETIME
    }

    /// Adds the plan to a report.
    pub fn show(&self, report: &mut Report) {
        report.heading(format!("Plan: {}", self.purpose));
        if self.steps.is_empty() {
            report.text("nothing to change");
        }
        for (number, step) in self.steps.iter().enumerate() {
            let danger = if step.class == Class::Destructive { " (destructive)" } else { "" };
            report.text(format!("{}. {} {}{danger}", number + 1, step.verb.word(), step.target));
            report.parts.push(Part::Literal(step.shown()));
            for owner in &step.owners {
                report.text(format!("fields: {owner}"));
            }
        }
        for line in &self.impact {
            report.text(format!("effect: {line}"));
        }
        for remark in &self.remarks {
            report.text(format!("note: {remark}"));
        }
        if !self.steps.is_empty() {
            report.text(format!("plan {}", &self.hash()[..12]));
        }
    }

    /// The plan as JSON, with its hash.
    pub fn data(&self) -> Value {
        let mut data = serde_json::to_value(self).unwrap_or_default();
        data["hash"] = json!(self.hash());
        data["class"] = json!(self.class());
        data
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pilot_core::model::ObjectRef;

    fn scale(replicas: i64, version: &str, state: &str) -> Plan {
        let target = ObjectRef {
            api_version: "apps/v1".into(),
            kind: "Deployment".into(),
            namespace: "a".into(),
            name: "b".into(),
        };
        let mut step = Step::patch(&merge(&target, json!({"spec": {"replicas": replicas}})));
        step.resource_version = version.to_owned();
        step.state = state.to_owned();
        let mut plan = Plan::new("scale");
        plan.push(step);
        plan
    }

    #[test]
    fn a_yes_is_bound_to_what_is_done_and_to_the_state_it_was_planned_for() {
        let hash = scale(3, "1", "s").hash();
        assert_eq!(hash.len(), 64);
        assert_eq!(scale(3, "1", "s").hash(), hash);
        assert_ne!(scale(4, "1", "s").hash(), hash);
        assert_ne!(scale(3, "1", "t").hash(), hash);
        let mut elsewhere = scale(3, "1", "s");
        elsewhere.server = "https://other".to_owned();
        assert_ne!(elsewhere.hash(), hash);
    }

    #[test]
    fn a_plan_does_not_wait_for_ever() {
        let plan = scale(1, "1", "s");
        assert!(!plan.is_expired(plan.made_at + SignedDuration::from_mins(9)));
        assert!(plan.is_expired(plan.made_at + SignedDuration::from_mins(11)));
    }

    #[test]
    fn what_takes_away_or_is_shared_is_destructive() {
        assert_eq!(scale(1, "", "").class(), Class::Write);
        assert_eq!(scale(0, "", "").class(), Class::Destructive);
        assert_eq!(scale(0, "", "").names_to_type(), ["b"]);
    }
}
