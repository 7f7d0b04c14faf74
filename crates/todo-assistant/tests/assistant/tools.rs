//! The tools against a real store: shapes of the contract, refusals that name the argument, rules of rescheduling.

use crate::support;
use serde_json::{Value, json};
use todo_assistant::tools::{self, ToolContext};

async fn call(context: &ToolContext, tool: &str, arguments: Value) -> Value {
    tools::call(context, tool, arguments).await.unwrap_or_else(|error| panic!("{tool}: {error}")).json
}

async fn refused(context: &ToolContext, tool: &str, arguments: Value) -> (String, Option<String>) {
    let error = tools::call(context, tool, arguments.clone()).await.expect_err(&format!("{tool} {arguments}"));
    (error.code().to_owned(), error.field().map(str::to_owned))
}

#[test]
fn every_tool_is_described() {
    let names: Vec<&str> = tools::all().iter().map(|tool| tool.name).collect();
    for name in [
        "add_task",
        "list_tasks",
        "complete_task",
        "delete_task",
        "update_task",
        "reopen_task",
        "reschedule",
        "set_recurrence",
        "search_tasks",
        "bulk_update",
        "undo",
        "summarize_day",
        "list_labels",
        "list_projects",
    ] {
        assert!(names.contains(&name), "{name}");
    }
    for tool in tools::all() {
        let schema = tool.schema();
        assert_eq!(schema["type"], "object", "{}", tool.name);
        assert_eq!(schema["additionalProperties"], false, "{}", tool.name);
        assert!(schema["properties"]["user_id"].is_object(), "{}", tool.name);
        assert!(!(tool.annotations.read_only && tool.annotations.destructive), "{}", tool.name);
        for required in schema["required"].as_array().unwrap() {
            assert!(schema["properties"][required.as_str().unwrap()].is_object(), "{}: {required}", tool.name);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_contract_shapes() {
    let context = support::household().await;
    let added =
        call(&context, "add_task", json!({ "user_id": "ada", "title": "Pay rent", "description": "March" })).await;
    assert_eq!(
        (&added["task_id"], &added["status"], &added["title"]),
        (&json!(13), &json!("created"), &json!("Pay rent"))
    );
    assert!(added["operation_id"].is_string());
    let done = call(&context, "complete_task", json!({ "task_id": 13 })).await;
    assert_eq!((&done["task_id"], &done["status"]), (&json!(13), &json!("completed")));
    let again = call(&context, "complete_task", json!({ "task_id": 13 })).await;
    assert!(again["operation_id"].is_null(), "completing twice changes nothing");
    let list = call(&context, "list_tasks", json!({ "status": "completed" })).await;
    let list = list.as_array().unwrap();
    assert!(list.iter().all(|task| task["completed"] == true && task["id"].is_i64() && task["title"].is_string()));
    assert_eq!(list.len(), 3);
    let updated = call(&context, "update_task", json!({ "task_id": "13", "title": "Pay the rent" })).await;
    assert_eq!((&updated["status"], &updated["title"]), (&json!("updated"), &json!("Pay the rent")));
    let deleted = call(&context, "delete_task", json!({ "task_id": 13 })).await;
    assert_eq!((&deleted["task_id"], &deleted["status"]), (&json!(13), &json!("deleted")));
    let undone = call(&context, "undo", json!({ "operation_id": deleted["operation_id"] })).await;
    assert_eq!(undone["status"], "undone");
    assert!(support::tasks(&context).await.contains_key(&13));
}

#[tokio::test(flavor = "multi_thread")]
async fn refusals_name_the_argument() {
    let context = support::household().await;
    let field = |name: &str| ("VALIDATION_ERROR".to_owned(), Some(name.to_owned()));
    assert_eq!(refused(&context, "add_task", json!({})).await, field("title"));
    assert_eq!(refused(&context, "add_task", json!({ "title": " " })).await, field("title"));
    assert_eq!(refused(&context, "add_task", json!({ "title": "x".repeat(201) })).await, field("title"));
    assert_eq!(refused(&context, "add_task", json!({ "title": "x", "colour": "red" })).await, field("colour"));
    assert_eq!(refused(&context, "add_task", json!({ "title": "x", "priority": "huge" })).await, field("priority"));
    assert_eq!(refused(&context, "add_task", json!({ "title": "x", "due_date": "someday" })).await, field("due_date"));
    assert_eq!(refused(&context, "add_task", json!({ "title": 7 })).await, field("title"));
    assert_eq!(refused(&context, "add_task", json!({ "title": "x", "user_id": "eve" })).await, field("user_id"));
    assert_eq!(refused(&context, "complete_task", json!({ "task_id": "x" })).await, field("task_id"));
    assert_eq!(refused(&context, "complete_task", json!({})).await, field("task_id"));
    assert_eq!(refused(&context, "complete_task", json!({ "task_id": 99 })).await.0, "TASK_NOT_FOUND");
    assert_eq!(refused(&context, "list_tasks", json!({ "status": "half" })).await, field("status"));
    assert_eq!(refused(&context, "list_tasks", json!({ "limit": 0 })).await, field("limit"));
    assert_eq!(
        refused(&context, "list_tasks", json!({ "due_date_from": "2026-12-02", "due_date_to": "2026-12-01" })).await,
        field("due_date_from")
    );
    assert_eq!(refused(&context, "reschedule", json!({ "task_id": 1 })).await, field("due"));
    assert_eq!(refused(&context, "reschedule", json!({ "task_id": 1, "by": "a while" })).await, field("by"));
    assert_eq!(refused(&context, "set_recurrence", json!({ "task_id": 1, "rule": "sometimes" })).await, field("rule"));
    assert_eq!(refused(&context, "bulk_update", json!({ "action": "complete" })).await, field("task_ids"));
    assert_eq!(refused(&context, "search_tasks", json!({ "query": "…" })).await, field("query"));
    assert_eq!(refused(&context, "add_task", json!([1])).await, field("arguments"));
    assert_eq!(refused(&context, "drop_tables", json!({})).await.0, "UNKNOWN_TOOL");
    assert_eq!(support::tasks(&context).await.len(), 12, "a refusal writes nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_date_keeps_rule_and_clock() {
    let context = support::household().await;
    for (tool, arguments, due) in [
        ("reschedule", json!({ "task_id": 5, "due": "tomorrow" }), "2026-11-19T18:00:00+01:00"),
        ("update_task", json!({ "task_id": 5, "due_date": "2026-11-25" }), "2026-11-25T18:00:00+01:00"),
        ("reschedule", json!({ "task_id": 5, "due": "8pm" }), "2026-11-25T20:00:00+01:00"),
        ("reschedule", json!({ "task_id": 5, "by": "1 week" }), "2026-12-02T20:00:00+01:00"),
        ("reschedule", json!({ "task_id": 5, "by": "-2 hours" }), "2026-12-02T18:00:00+01:00"),
        ("reschedule", json!({ "task_id": 8, "by": "1 month" }), "2027-01-15"),
    ] {
        let output = call(&context, tool, arguments.clone()).await;
        assert_eq!(output["task"]["due_date"], due, "{tool} {arguments}");
    }
    assert!(support::tasks(&context).await[&5].recurrence.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn bulk_is_one_operation_and_dry_runs_change_nothing() {
    let context = support::household().await;
    let selection = json!({ "project": "work", "status": "pending" });
    let dry = call(&context, "bulk_update", json!({ "action": "delete", "where": selection, "dry_run": true })).await;
    assert_eq!(dry["count"], 2);
    assert_eq!(support::tasks(&context).await.len(), 12);
    let gone = call(&context, "bulk_update", json!({ "action": "delete", "where": selection })).await;
    assert_eq!(gone["count"], 2);
    assert_eq!(support::tasks(&context).await.len(), 10);
    call(&context, "undo", json!({})).await;
    assert_eq!(support::tasks(&context).await.len(), 12);
}
