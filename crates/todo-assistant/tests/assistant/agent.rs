//! A model at work on the household: what it may do, what it may not, and what happens when it fails.

use std::time::Duration;

use serde_json::{Value, json};
use todo_assistant::{
    chat::{self, Answer, Event, Limits, Started},
    model::{Api, Model},
    tools::ToolContext,
};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use uuid::Uuid;

use crate::{
    provider::{self, Answer as Said, Provider, calls, fragments, text},
    support,
};

fn limits() -> Limits {
    Limits { per_minute: 1000, wait: Duration::from_secs(5), lease: Duration::from_secs(60) }
}

async fn begin(context: &ToolContext, model: &Model, conversation: Option<Uuid>, message: &str) -> chat::Turn {
    match chat::start(context.clone(), "en", conversation, message, None, limits()).await.unwrap() {
        Started::Turn(turn) => turn.with_model(Some(model.clone())),
        Started::Known(run) => panic!("{run} is known"),
    }
}

async fn say(context: &ToolContext, model: &Model, conversation: Option<Uuid>, message: &str) -> Answer {
    let (sink, mut events) = unbounded_channel();
    let answer = begin(context, model, conversation, message).await.answer(sink).await.unwrap();
    assert_eq!(streamed(&mut events), answer.response, "what is streamed is what is stored");
    answer
}

fn streamed(events: &mut UnboundedReceiver<Event>) -> String {
    let mut text = String::new();
    while let Ok(event) = events.try_recv() {
        if let Event::TextDelta { delta } = event {
            text.push_str(&delta);
        }
    }
    text
}

type Failing = Box<dyn Fn() -> Said + Send + Sync>;

fn tools_of(answer: &Answer) -> Vec<&str> {
    answer.tool_calls.iter().map(|call| call.tool.as_str()).collect()
}

/// The last message of a request, and its role.
fn last(body: &Value) -> (&str, &str) {
    let message = body["messages"].as_array().and_then(|all| all.last()).unwrap();
    (message["role"].as_str().unwrap(), message["content"].as_str().unwrap_or_default())
}

#[tokio::test(flavor = "multi_thread")]
async fn parallel_calls_are_made_and_answered() {
    let context = support::household().await;
    let provider = Provider::start(|body, at| match at {
        0 => Said::Stream(calls(&[
            ("add_task", json!({ "title": "Buy bread", "due_date": "tomorrow 5pm" })),
            ("list_tasks", json!({ "labels": ["home"] })),
        ])),
        _ => {
            let messages = body["messages"].as_array().unwrap();
            let [.., made, first, second] = messages.as_slice() else { panic!("{messages:?}") };
            assert_eq!(
                (&made["tool_calls"][0]["id"], &made["tool_calls"][1]["id"]),
                (&first["tool_call_id"], &second["tool_call_id"])
            );
            assert!(second["content"].as_str().unwrap().contains("Pay electricity bill"));
            Said::Stream(text("I've added “Buy bread” (#13). Two tasks are at home."))
        }
    })
    .await;
    let answer = say(&context, &provider.model(), None, "put bread on my list and tell me what I have at home").await;
    assert_eq!(tools_of(&answer), ["add_task", "list_tasks"]);
    assert_eq!(answer.response, "I've added “Buy bread” (#13). Two tasks are at home.");
    assert_eq!((answer.model.as_deref(), answer.operation_ids.len()), (Some("scripted"), 1));
    assert_eq!(support::tasks(&context).await[&13].title, "Buy bread");
    let since = jiff::Timestamp::UNIX_EPOCH;
    assert_eq!(context.scope.tokens_since(since).await.unwrap(), 240, "two requests of 120 tokens");
    let page = context.scope.messages(answer.conversation_id, 10, None).await.unwrap().unwrap();
    assert_eq!(page.messages[1].model.as_deref(), Some("scripted"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conversation_is_rebuilt_for_a_model_from_the_database() {
    let context = support::household().await;
    let provider = Provider::start(|_, at| match at {
        0 => Said::Stream(calls(&[("list_tasks", json!({ "labels": ["health"] }))])),
        _ => Said::Stream(text("The dentist.")),
    })
    .await;
    let first = say(&context, &provider.model(), None, "anything about my health?").await;
    // Another process: another client, the same database.
    let second = say(&context, &provider.model(), Some(first.conversation_id), "and what else is there to say?").await;
    assert_eq!(second.response, "The dentist.");
    let asked = provider.asked();
    let roles: Vec<&str> =
        asked[2]["messages"].as_array().unwrap().iter().map(|message| message["role"].as_str().unwrap()).collect();
    assert_eq!(roles, ["system", "user", "assistant", "tool", "assistant", "user"]);
    assert!(asked[2]["messages"][3]["content"].as_str().unwrap().contains("Call the dentist"));
    // What the model showed can be pointed at without it.
    let third = say(
        &context,
        &provider.model_with(|s| s.fast_path = true),
        Some(first.conversation_id),
        "complete the first one",
    )
    .await;
    assert_eq!((tools_of(&third), third.model.as_deref()), (vec!["complete_task"], None));
}

#[tokio::test(flavor = "multi_thread")]
async fn clear_sentences_take_the_fast_path_and_only_them() {
    let context = support::household().await;
    let provider = Provider::start(|_, _| Said::Stream(text("Let me think about it."))).await;
    let model = provider.model_with(|settings| settings.fast_path = true);
    for clear in ["add buy stamps", "show my tasks", "complete 1", "undo", "hello", "complete the dentist task"] {
        let answer = say(&context, &model, None, clear).await;
        assert_eq!(answer.model, None, "{clear}");
    }
    assert!(provider.asked().is_empty());
    for unclear in ["what should I cook for eight people?", "complete the spaceship task", "who are you?", "delete 99"]
    {
        let answer = say(&context, &model, None, unclear).await;
        assert_eq!(answer.model.as_deref(), Some("scripted"), "{unclear}");
    }
    assert_eq!(provider.asked().len(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_fails_costs_nothing_but_its_answer() {
    let broken = fragments(&[("delete_task", json!({ "task_id": 1 }))]);
    let half =
        format!("{}{broken}", text("Deleting it now.").split("data: {\"choices\":[{\"delta\":{}").next().unwrap());
    let script: Vec<(&str, Failing, usize)> = vec![
        ("500", Box::new(|| Said::Status(500, "", "oops".into())), 3),
        (
            "401",
            Box::new(|| Said::Status(401, "", json!({ "error": { "message": "bad key sk-very-secret" } }).to_string())),
            1,
        ),
        ("429 for an hour", Box::new(|| Said::Status(429, "retry-after: 3600\r\n", String::new())), 1),
        ("no retry", Box::new(|| Said::Status(503, "x-should-retry: false\r\n", String::new())), 1),
        ("cut in a call", Box::new(move || Said::Stream(broken.clone())), 3),
        ("cut after text", Box::new(move || Said::Stream(half.clone())), 1),
        ("garbage", Box::new(|| Said::Stream("data: {\"choices\": [oops\n\n".into())), 3),
        ("html", Box::new(|| Said::Stream("<html>Bad gateway</html>".into())), 3),
        ("nothing", Box::new(|| Said::Stream(String::new())), 3),
        (
            "error in the stream",
            Box::new(|| Said::Stream("data: {\"error\":{\"code\":400,\"message\":\"no\"}}\n\ndata: [DONE]\n\n".into())),
            1,
        ),
        ("silence", Box::new(|| Said::Hang(String::new())), 1),
        ("flood", Box::new(|| Said::Flood(12 * 1024 * 1024)), 1),
    ];
    for (name, answer, requests) in script {
        let context = support::household().await;
        let provider = Provider::start(move |_, _| answer()).await;
        let model = provider.model_with(|settings| settings.limits.time = Duration::from_secs(4));
        let answer = say(&context, &model, None, "what could I cook with milk tonight?").await;
        assert!(
            answer.response.contains("The model gave no answer, so I answer without it."),
            "{name}: {}",
            answer.response
        );
        assert_eq!((answer.model, answer.status.as_str()), (None, "ok"), "{name}");
        assert!(answer.tool_calls.is_empty() && answer.operation_ids.is_empty(), "{name}");
        assert_eq!(support::tasks(&context).await.len(), 12, "{name}");
        assert_eq!(provider.asked().len(), requests, "{name}");
    }
    // Nobody there at all, and a sentence that needs no model: it is simply answered.
    let context = support::household().await;
    let answer = say(&context, &provider::model_at("http://127.0.0.1:9/v1", |_| {}), None, "add buy bread").await;
    assert_eq!(tools_of(&answer), ["add_task"]);
    assert!(answer.response.starts_with("The model gave no answer"), "{}", answer.response);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_passes_is_tried_again() {
    let context = support::household().await;
    let provider = Provider::start(|_, at| match at {
        0 => Said::Status(429, "retry-after-ms: 20\r\n", String::new()),
        1 => Said::Stream(fragments(&[("delete_task", json!({ "task_id": 1 }))])),
        _ => Said::Stream(text("Here I am.")),
    })
    .await;
    let answer = say(&context, &provider.model(), None, "are you there?").await;
    assert_eq!((answer.response.as_str(), answer.model.as_deref()), ("Here I am.", Some("scripted")));
    // A field that the provider does not know is left out from then on.
    let provider = Provider::start(|body, _| match body.get("stream_options") {
        Some(_) => Said::Status(400, "", json!({ "error": { "message": "unknown field stream_options" } }).to_string()),
        None => Said::Stream(text("Fine.")),
    })
    .await;
    let model = provider.model();
    for _ in 0..2 {
        assert_eq!(say(&context, &model, None, "are you there?").await.response, "Fine.");
    }
    assert_eq!(provider.asked().len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn bytes_may_come_one_by_one() {
    let context = support::household().await;
    for size in [1, 2, 3, 7] {
        let provider = Provider::start(move |_, at| match at {
            0 => Said::Pieces(
                calls(&[("add_task", json!({ "title": "Čaj 🍵 für Ömer" })), ("list_labels", json!(""))]),
                size,
            ),
            _ => Said::Pieces(text("Čaj 🍵 – prêt."), size),
        })
        .await;
        let answer = say(&context, &provider.model(), None, "tea for Ömer, please: Čaj 🍵 für Ömer").await;
        assert_eq!(answer.tool_calls[0].input["title"], "Čaj 🍵 für Ömer");
        assert_eq!(answer.tool_calls[1].status, "ok", "no arguments at all are an empty object");
        assert!(answer.response.starts_with("Čaj 🍵 – prêt."), "{}", answer.response);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn responses_work_like_chat_completions() {
    let context = support::household().await;
    let provider = Provider::start(|body, at| {
        let event = |json: Value| format!("event: x\ndata: {json}\n\n");
        let completed = event(json!({ "type": "response.completed", "response": { "status": "completed", "usage": { "input_tokens": 9, "output_tokens": 1 } } }));
        match at {
            0 => {
                assert_eq!((&body["store"], body["tools"][0]["name"].as_str()), (&json!(false), Some("add_task")));
                Said::Pieces(
                    event(json!({ "type": "response.output_item.added", "output_index": 0, "item": { "type": "function_call", "id": "fc_1", "call_id": "call_9", "name": "add_task", "arguments": "" } }))
                        + &event(json!({ "type": "response.function_call_arguments.delta", "item_id": "fc_1", "delta": "{\"title\":\"Buy" }))
                        + &event(json!({ "type": "response.function_call_arguments.delta", "item_id": "fc_1", "delta": " bread\"}" }))
                        + &completed,
                    1,
                )
            }
            _ => {
                let items = body["input"].as_array().unwrap();
                assert_eq!(items.last().unwrap()["call_id"], "call_9");
                Said::Stream(event(json!({ "type": "response.output_text.delta", "delta": "Added “Buy bread”." })) + &completed)
            }
        }
    })
    .await;
    let model = provider.model_with(|settings| settings.api = Api::Responses);
    let answer = say(&context, &model, None, "bread is what I should buy").await;
    assert_eq!((answer.response.as_str(), tools_of(&answer)), ("Added “Buy bread”.", vec!["add_task"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reply_can_not_claim_what_did_not_happen() {
    for (said, heard) in [
        ("I've deleted “Buy milk”.", "(That did not happen: nothing of the kind was done.)"),
        (
            "Sure! All your tasks have been completed. Anything else?",
            "Sure! (That did not happen: nothing of the kind was done.) Anything else?",
        ),
        ("You completed two tasks.", "You completed two tasks."),
        ("Ich habe die Aufgabe gelöscht.", "(That did not happen: nothing of the kind was done.)"),
        (
            "J’ai supprimé toutes vos tâches hier soir, promis juré.",
            "J’ai supprimé toutes vos tâches hier soir, promis juré.\n\nNothing was changed.",
        ),
    ] {
        let context = support::household().await;
        let provider = Provider::start(move |_, _| Said::Stream(text(said))).await;
        let answer = say(&context, &provider.model(), None, "please deal with the milk somehow").await;
        assert_eq!(answer.response, heard);
        assert_eq!(support::tasks(&context).await.len(), 12);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn invalid_calls_are_told_to_the_model_twice_at_most() {
    let context = support::household().await;
    let provider = Provider::start(|_, _| Said::Stream(calls(&[("add_task", json!("{\"title\": "))]))).await;
    let answer = say(&context, &provider.model(), None, "what about bread, then?").await;
    assert_eq!(provider.asked().len(), 3);
    assert!(answer.tool_calls.iter().all(|call| call.status == "error"));
    assert!(answer.response.contains("The model gave no answer"));
    let corrected = Provider::start(|body, at| match at {
        0 => Said::Stream(calls(&[("add_task", json!({ "name": "bread" })), ("make_coffee", json!({}))])),
        1 => {
            let (role, content) = last(body);
            assert!(role == "tool" && content.contains("make_coffee"), "{content}");
            Said::Stream(calls(&[("add_task", json!({ "title": "Bread" }))]))
        }
        _ => Said::Stream(text("Added.")),
    })
    .await;
    let answer = say(&context, &corrected.model(), None, "bread!").await;
    assert_eq!(answer.response, "Added.");
    assert_eq!(support::tasks(&context).await.len(), 13);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_does_not_say_whose_tasks_they_are() {
    let context = support::household().await;
    let provider = Provider::start(|_, at| match at {
        0 => Said::Stream(calls(&[
            ("list_tasks", json!({ "user_id": "eve" })),
            ("list_tasks", json!({ "user_id": "ada" })),
        ])),
        _ => Said::Stream(text("Hm.")),
    })
    .await;
    let answer = say(&context, &provider.model(), None, "what does eve have to do?").await;
    let states: Vec<&str> = answer.tool_calls.iter().map(|call| call.status.as_str()).collect();
    assert_eq!(states, ["error", "ok"]);
    assert_eq!(answer.tool_calls[0].output["error"]["field"], "user_id");
}

#[tokio::test(flavor = "multi_thread")]
async fn budgets_end_an_answer() {
    let context = support::household().await;
    let endless = || Provider::start(|_, _| Said::Stream(calls(&[("list_tasks", json!({}))])));
    let provider = endless().await;
    let answer = say(&context, &provider.model_with(|s| s.limits.turns = 3), None, "look around for me").await;
    assert_eq!(provider.asked().len(), 3);
    assert!(answer.response.contains("The model gave no answer"));
    let provider = endless().await;
    say(&context, &provider.model_with(|s| s.limits.tokens = 200), None, "look around for me").await;
    assert_eq!(provider.asked().len(), 2);
    let provider = endless().await;
    let answer = say(&context, &provider.model_with(|s| s.limits.daily_tokens = 100), None, "look around for me").await;
    assert!(provider.asked().is_empty());
    assert!(answer.response.contains("used up for today"), "{}", answer.response);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_that_breaks_off_after_a_change_does_not_make_it_twice() {
    let context = support::household().await;
    let provider = Provider::start(|_, at| match at {
        0 => Said::Stream(calls(&[("add_task", json!({ "title": "Buy bread" }))])),
        _ => Said::Status(400, "", String::new()),
    })
    .await;
    let answer = say(&context, &provider.model(), None, "add buy bread").await;
    assert_eq!(tools_of(&answer), ["add_task"]);
    assert!(answer.response.contains("Added “Buy bread” (#13)"), "{}", answer.response);
    assert_eq!(support::tasks(&context).await.len(), 13);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_and_a_reader_who_leaves_end_the_request() {
    let context = support::household().await;
    let provider = Provider::start(|_, _| Said::Hang(text("Well, let me see").replace("data: [DONE]\n\n", ""))).await;
    let turn = begin(&context, &provider.model(), None, "tell me a long story").await;
    let run = turn.run_id();
    let (sink, _events) = unbounded_channel();
    let answer = tokio::spawn(turn.answer(sink));
    while provider.asked().is_empty() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert!(context.scope.request_stop(run).await.unwrap());
    let answer = answer.await.unwrap().unwrap();
    assert_eq!(answer.status, "stopped");
    assert!(answer.response.ends_with("Stopped."), "{}", answer.response);

    let model = provider.model_with(|settings| settings.limits.patience = Duration::from_millis(50));
    let turn = begin(&context, &model, None, "tell me a long story").await;
    let (sink, events) = unbounded_channel();
    drop(events);
    assert_eq!(turn.answer(sink).await.unwrap().status, "stopped");
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(provider.abandoned(), 2, "both connections are closed");
}
