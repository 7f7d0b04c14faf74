//! The conversation so far, from the database to the prompt: the latest exchanges that fit, with what their tools returned.

use todo_store::conversations::MessageRow;

use super::prompt::{Fence, OLD_RESULT_MAX};
use crate::{
    chat::AnswerCall,
    model::{Item, ToolCall, estimated_tokens},
    tools,
};

/// The conversation so far.
#[derive(Debug, Default)]
pub(super) struct History {
    /// For the prompt.
    pub items: Vec<Item>,
    /// The user's own words.
    pub said: Vec<String>,
    /// Whether the last answer changed nothing, so that the request before may still be open.
    pub open: bool,
}

/// The latest exchanges of `rows` (oldest first) that cost at most `budget` tokens, whole ones only.
pub(super) fn rebuild(rows: &[MessageRow], budget: u64, fence: &Fence) -> History {
    let mut left = budget;
    let mut exchanges: Vec<Vec<Item>> = Vec::new();
    let mut said = Vec::new();
    let mut exchange: Vec<Item> = Vec::new();
    for row in rows.iter().rev() {
        // Collected backwards, turned round at the end.
        if row.role == "user" {
            exchange.push(Item::User(row.content.clone()));
            let cost: u64 = exchange.iter().map(cost).sum();
            if cost > left {
                break;
            }
            left -= cost;
            said.push(row.content.clone());
            exchanges.push(std::mem::take(&mut exchange));
        } else {
            exchange.extend(answer(row, fence).into_iter().rev());
        }
    }
    let items = exchanges.into_iter().flatten().rev().collect();
    said.reverse();
    let last = rows.iter().rev().find(|row| row.role == "assistant");
    let open = last.is_some_and(|row| calls(row).iter().all(|call| call.operation_id.is_none()));
    History { items, said, open }
}

fn calls(row: &MessageRow) -> Vec<AnswerCall> {
    row.tool_calls.as_deref().and_then(|json| serde_json::from_str(json).ok()).unwrap_or_default()
}

/// An answer with the calls before it.
fn answer(row: &MessageRow, fence: &Fence) -> Vec<Item> {
    let calls: Vec<AnswerCall> = calls(row).into_iter().filter(|call| tools::find(&call.tool).is_some()).collect();
    let id = |call: &AnswerCall| format!("call_{}", call.id.simple());
    let mut items = Vec::new();
    if !calls.is_empty() {
        let made = calls
            .iter()
            .map(|call| ToolCall { id: id(call), name: call.tool.clone(), arguments: call.input.to_string() })
            .collect();
        items.push(Item::Assistant { text: String::new(), calls: made });
        items.extend(
            calls
                .iter()
                .map(|call| Item::Result { call: id(call), output: fence.around(&call.output, OLD_RESULT_MAX) }),
        );
    }
    if !row.content.is_empty() {
        items.push(Item::Assistant { text: row.content.clone(), calls: Vec::new() });
    }
    items
}

fn cost(item: &Item) -> u64 {
    4 + match item {
        Item::User(text) => estimated_tokens(text),
        Item::Assistant { text, calls } => {
            estimated_tokens(text) + calls.iter().map(|call| 8 + estimated_tokens(&call.arguments)).sum::<u64>()
        }
        Item::Result { output, .. } => estimated_tokens(output),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use uuid::Uuid;

    fn row(role: &str, content: &str, tool_calls: Option<String>) -> MessageRow {
        MessageRow {
            id: Uuid::now_v7(),
            role: role.to_owned(),
            content: content.to_owned(),
            tool_calls,
            memory: None,
            created_at: jiff::Timestamp::UNIX_EPOCH,
            model: None,
        }
    }

    #[test]
    fn calls_come_with_their_results_before_the_answer() {
        let id = Uuid::now_v7();
        let call = json!([{ "id": id, "tool": "list_tasks", "input": { "status": "all" }, "output": { "tasks": [] },
            "status": "ok", "duration_ms": 1.0 }]);
        let rows =
            [row("user", "hi", None), row("assistant", "Nothing.", Some(call.to_string())), row("user", "sure?", None)];
        let history = rebuild(&rows, 1_000, &Fence::new());
        assert_eq!(history.said, ["hi", "sure?"]);
        assert!(history.open);
        let [
            Item::User(_),
            Item::Assistant { calls, .. },
            Item::Result { call, .. },
            Item::Assistant { text, .. },
            Item::User(_),
        ] = history.items.as_slice()
        else {
            panic!("{:?}", history.items)
        };
        assert_eq!((calls[0].id.as_str(), text.as_str()), (call.as_str(), "Nothing."));
    }

    #[test]
    fn only_whole_exchanges_that_fit() {
        let rows: Vec<MessageRow> = (0..40)
            .map(|n| row(if n % 2 == 0 { "user" } else { "assistant" }, &format!("{n} {}", "word ".repeat(40)), None))
            .collect();
        let history = rebuild(&rows, 500, &Fence::new());
        assert!(history.items.len() >= 4 && history.items.len().is_multiple_of(2), "{}", history.items.len());
        assert!(matches!(history.items.first(), Some(Item::User(_))));
        let Some(Item::Assistant { text, .. }) = history.items.last() else { panic!("the latest is kept") };
        assert!(text.starts_with("39"));
        assert!(rebuild(&rows, 10, &Fence::new()).items.is_empty());
    }
}
