//! The allow-list of mode auto: verbs × kinds × namespaces, all named.

use std::path::Path;

use pilot_core::action::Class;
use serde::Deserialize;

use crate::exit::Error;
use crate::plan::{Plan, Step};

/// What may be done without asking.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AllowList {
    /// Any of them.
    #[serde(default)]
    allow: Vec<Allowed>,
}

/// Every list must name the step's; an empty list names nothing.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Allowed {
    verbs: Vec<String>,
    kinds: Vec<String>,
    namespaces: Vec<String>,
}

impl AllowList {
    /// Reads a list.
    ///
    /// # Errors
    /// When it can't be read or is not one.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let text = std::fs::read_to_string(path).map_err(|e| Error::Usage(format!("{}: {e}", path.display())))?;
        Self::parse(&text).map_err(|e| Error::Usage(format!("{}: {e}", path.display())))
    }

    fn parse(text: &str) -> Result<Self, String> {
        toml::from_str(text).map_err(|e| e.to_string())
    }

    /// Whether every step is on it. What is destructive never is.
    pub fn has(&self, plan: &Plan) -> bool {
        plan.class() == Class::Write && plan.steps.iter().all(|step| self.allow.iter().any(|a| a.has(step)))
    }
}

impl Allowed {
    fn has(&self, step: &Step) -> bool {
        let named = |list: &[String], word: &str| list.iter().any(|l| l.eq_ignore_ascii_case(word));
        let verb = format!("{:?}", step.verb);
        named(&self.verbs, &verb)
            && named(&self.kinds, &step.target.kind)
            && self.namespaces.contains(&step.target.namespace)
    }
}

#[cfg(test)]
mod tests {
    use pilot_core::model::ObjectRef;
    use serde_json::json;

    use super::*;
    use crate::plan::merge;

    #[test]
    fn only_what_is_named_is_allowed() {
        let list =
            AllowList::parse("[[allow]]\nverbs = ['patch']\nkinds = ['Deployment']\nnamespaces = ['todo']\n").unwrap();
        let plan = |namespace: &str, kind: &str, replicas: i64| {
            let target = ObjectRef {
                api_version: "apps/v1".into(),
                kind: kind.into(),
                namespace: namespace.into(),
                name: "a".into(),
            };
            let mut plan = Plan::new("");
            plan.push(Step::patch(&merge(&target, json!({"spec": {"replicas": replicas}}))));
            plan
        };
        assert!(list.has(&plan("todo", "Deployment", 2)));
        assert!(!list.has(&plan("todo", "Deployment", 0)), "destructive");
        assert!(!list.has(&plan("prod", "Deployment", 2)));
        assert!(!list.has(&plan("todo", "StatefulSet", 2)));
        let mut two = plan("todo", "Deployment", 2);
        two.extend(plan("prod", "Deployment", 2));
        assert!(!list.has(&two), "every step must be allowed");
        assert!(!AllowList::default().has(&plan("todo", "Deployment", 2)));
        assert!(AllowList::parse("[[allow]]\nverbs = ['*']\n").is_err(), "every list must be given");
    }
}
