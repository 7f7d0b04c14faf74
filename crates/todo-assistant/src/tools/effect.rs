//! What a tool call does to tasks, as far as its name and arguments tell.

use serde_json::Value;

/// A kind of change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Effect {
    /// New tasks.
    Add,
    /// Done.
    Complete,
    /// Not done after all.
    Reopen,
    /// Gone.
    Delete,
    /// Other fields.
    Change,
    /// A change taken back.
    Undo,
}

impl Effect {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::Add, Self::Complete, Self::Reopen, Self::Delete, Self::Change, Self::Undo];

    /// What a call would do; `None` when it only reads.
    #[must_use]
    pub fn of(tool: &str, input: &Value) -> Option<Self> {
        match tool {
            "add_task" => Some(Self::Add),
            "complete_task" => Some(Self::Complete),
            "reopen_task" => Some(Self::Reopen),
            "delete_task" => Some(Self::Delete),
            "undo" => Some(Self::Undo),
            "bulk_update" if input["dry_run"] == true => None,
            "bulk_update" => Some(match input["action"].as_str() {
                Some("complete") => Self::Complete,
                Some("reopen") => Self::Reopen,
                Some("delete") => Self::Delete,
                _ => Self::Change,
            }),
            name if super::find(name).is_some_and(|tool| tool.annotations.read_only) => None,
            _ => Some(Self::Change),
        }
    }

    /// Its name, as keys of the lexicon have it.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Add => "add",
            Self::Complete => "complete",
            Self::Reopen => "reopen",
            Self::Delete => "delete",
            Self::Change => "change",
            Self::Undo => "undo",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_tool_that_writes_has_an_effect() {
        for tool in super::super::all() {
            assert_eq!(Effect::of(tool.name, &json!({})).is_none(), tool.annotations.read_only, "{}", tool.name);
        }
        assert_eq!(Effect::of("bulk_update", &json!({ "action": "delete" })), Some(Effect::Delete));
        assert_eq!(Effect::of("bulk_update", &json!({ "action": "delete", "dry_run": true })), None);
    }
}
