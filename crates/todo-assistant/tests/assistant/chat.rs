//! Turns of a conversation through the store: recorded, resumable, one at a time, limited.

use crate::support;
use std::time::Duration;

use todo_assistant::{
    chat::{self, Answer, ChatError, Event, Limits, Started},
    tools::ToolContext,
};
use todo_domain::id::UserId;
use tokio::sync::mpsc::unbounded_channel;
use uuid::Uuid;

fn limits() -> Limits {
    Limits { per_minute: 1000, wait: Duration::from_secs(5), lease: Duration::from_secs(30) }
}

async fn say(context: &ToolContext, conversation: Option<Uuid>, text: &str) -> Answer {
    match chat::start(context.clone(), "en", conversation, text, None, limits()).await.unwrap() {
        Started::Turn(turn) => turn.answer(unbounded_channel().0).await.unwrap(),
        Started::Known(run) => panic!("{run} is known"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conversation_goes_on_from_the_database() {
    let context = support::household().await;
    let first = say(&context, None, "show work tasks").await;
    assert_eq!(first.tool_calls.len(), 1);
    let second = say(&context, Some(first.conversation_id), "complete the second one").await;
    assert_eq!(second.tool_calls[0].tool, "complete_task");
    assert_eq!(second.operation_ids.len(), 1);
    let tasks = support::tasks(&context).await;
    assert!(tasks[&6].is_completed());
    let page = context.scope.messages(first.conversation_id, 50, None).await.unwrap().unwrap();
    let said: Vec<(&str, &str)> = page.messages.iter().map(|m| (m.role.as_str(), m.content.as_str())).collect();
    assert_eq!(said[0], ("user", "show work tasks"));
    assert_eq!(said[3], ("assistant", second.response.as_str()));
    let list = context.scope.conversations(10, 0).await.unwrap();
    assert_eq!(list[0].title, "show work tasks");
    assert!(context.scope.delete_conversation(first.conversation_id).await.unwrap());
    assert!(context.scope.messages(first.conversation_id, 50, None).await.unwrap().is_none());
    assert!(support::tasks(&context).await[&6].is_completed(), "tasks outlive their conversation");
}

#[tokio::test(flavor = "multi_thread")]
async fn events_tell_the_story_and_can_be_replayed() {
    let context = support::household().await;
    let Started::Turn(turn) =
        chat::start(context.clone(), "en", None, "complete the dentist task", None, limits()).await.unwrap()
    else {
        panic!("a new message")
    };
    let run = turn.run_id();
    let (sink, mut events) = unbounded_channel();
    let answer = turn.answer(sink).await.unwrap();
    let mut live = Vec::new();
    while let Some(event) = events.recv().await {
        live.push(event);
    }
    let names: Vec<&str> = live.iter().map(Event::name).collect();
    assert_eq!(names.first(), Some(&"run_started"));
    assert!(names.contains(&"question"));
    assert_eq!(names.last(), Some(&"done"));
    let text: String = live
        .iter()
        .filter_map(|e| if let Event::TextDelta { delta } = e { Some(delta.as_str()) } else { None })
        .collect();
    assert_eq!(text, answer.response);
    let replayed = chat::replay(&context.scope, run, 0, Duration::ZERO).await.unwrap();
    assert_eq!(replayed.iter().map(|(_, event)| event.clone()).collect::<Vec<_>>(), live);
    let rest = chat::replay(&context.scope, run, 2, Duration::ZERO).await.unwrap();
    assert_eq!(rest[0].0, 3);
    assert!(matches!(
        chat::replay(&context.scope, Uuid::now_v7(), 0, Duration::ZERO).await,
        Err(ChatError::UnknownRun)
    ));
}

#[tokio::test(flavor = "multi_thread")]
async fn two_messages_at_once_take_turns() {
    let context = support::household().await;
    let conversation = say(&context, None, "hello").await.conversation_id;
    let messages = (0..8).map(|n| {
        let context = context.clone();
        async move { say(&context, Some(conversation), &format!("add task number {n}x")).await }
    });
    let answers = futures::future::join_all(messages).await;
    assert_eq!(answers.iter().map(|answer| answer.tool_calls.len()).sum::<usize>(), 8);
    let page = context.scope.messages(conversation, 100, None).await.unwrap().unwrap();
    let roles: Vec<&str> = page.messages.iter().map(|message| message.role.as_str()).collect();
    assert!(roles.chunks(2).all(|pair| pair == ["user", "assistant"]), "{roles:?}");
    assert_eq!(support::tasks(&context).await.len(), 20);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_busy_conversation_refuses_after_a_while_and_a_dead_run_lets_go() {
    let context = support::household().await;
    let conversation = say(&context, None, "hello").await.conversation_id;
    let short = Limits { wait: Duration::from_millis(60), ..limits() };
    let claimed = chat::start(context.clone(), "en", Some(conversation), "add x1", None, limits()).await.unwrap();
    let refused = chat::start(context.clone(), "en", Some(conversation), "add x2", None, short).await;
    assert!(matches!(refused, Err(ChatError::Busy)));
    // The process of the claim dies; its lease runs out.
    drop(claimed);
    let mut later = context.clone();
    later.language.now = later.language.now.checked_add(jiff::Span::new().seconds(31)).unwrap();
    assert!(matches!(chat::start(later, "en", Some(conversation), "add x3", None, short).await, Ok(Started::Turn(_))));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_key_is_answered_once() {
    let context = support::household().await;
    let key = || Some("k-1".to_owned());
    let Started::Turn(turn) = chat::start(context.clone(), "en", None, "add buy bread", key(), limits()).await.unwrap()
    else {
        panic!("a new key")
    };
    let run = turn.run_id();
    turn.answer(unbounded_channel().0).await.unwrap();
    let again = chat::start(context.clone(), "en", None, "add buy bread", key(), limits()).await.unwrap();
    assert!(matches!(again, Started::Known(known) if known == run));
    let other = chat::start(context.clone(), "en", None, "add buy butter", key(), limits()).await;
    assert!(matches!(other, Err(ChatError::KeyReused)));
    assert_eq!(support::tasks(&context).await.len(), 13);
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_and_floods_are_turned_away() {
    let (store, context) = support::home().await;
    let conversation = say(&context, None, "show my tasks").await.conversation_id;
    let nobody = chat::start(context.clone(), "en", Some(Uuid::now_v7()), "hi", None, limits()).await;
    assert!(matches!(nobody, Err(ChatError::UnknownConversation)));
    let few = Limits { per_minute: 3, ..limits() };
    for _ in 0..2 {
        assert!(matches!(chat::start(context.clone(), "en", None, "hi", None, few).await, Ok(Started::Turn(_))));
    }
    let flood = chat::start(context.clone(), "en", None, "hi", None, few).await;
    assert!(matches!(flood, Err(ChatError::TooMany { retry_after }) if retry_after <= Duration::from_secs(60)));
    // Another user has a limit of their own, and sees nothing of the first one's.
    let eve = ToolContext { scope: store.user(&UserId::new("eve")), ..context.clone() };
    assert!(matches!(
        chat::start(eve.clone(), "en", Some(conversation), "hi", None, few).await,
        Err(ChatError::UnknownConversation)
    ));
    assert!(eve.scope.conversations(10, 0).await.unwrap().is_empty());
    assert!(eve.scope.messages(conversation, 10, None).await.unwrap().is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_is_heard_before_the_next_tool() {
    let context = support::household().await;
    let Started::Turn(turn) = chat::start(context.clone(), "en", None, "add buy bread", None, limits()).await.unwrap()
    else {
        panic!("a new message")
    };
    assert!(context.scope.request_stop(turn.run_id()).await.unwrap());
    let run = turn.run_id();
    let answer = turn.answer(unbounded_channel().0).await.unwrap();
    assert_eq!(answer.status, "stopped");
    assert!(answer.tool_calls.is_empty());
    assert_eq!(support::tasks(&context).await.len(), 12);
    assert!(!context.scope.request_stop(run).await.unwrap(), "it has ended");
}
