//! From a request to its answer.

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
    routing::post,
};
use serde_json::{Value, json};
use todo_assistant::chat::{Started, Turn};
use todo_service::Problem;
use todo_store::conversations::{TITLE_MAX, TurnRow};
use uuid::Uuid;

use super::{
    ids::{self, Part},
    reading::{conversation, no_item, no_thread, page_of_items, threads},
    request::{Feedback, Input, Paging, Request, Submission},
    stream::{Opening, complete, created, live, replaced},
    thread::{Page, items, question, thread},
};
use crate::{
    caller::Caller,
    chat::begin::{Saying, answer as answer_turn, begin},
    errors::problem,
    extract::{self, Json},
    state::AppState,
};

/// Most items that are rated at once.
const ITEMS_MAX: usize = 100;

/// `/chatkit`, and the same under `/api` where other servers of this protocol have it.
pub fn router() -> Router<AppState> {
    Router::new().route("/chatkit", post(answer)).route("/api/chatkit", post(answer))
}

async fn answer(
    State(state): State<AppState>,
    caller: Caller,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    extract::require_json(&headers)?;
    // Whatever can't be read is the same to this protocol: a bad request.
    let request = Request::read(&body).map_err(|problem| Problem { status: StatusCode::BAD_REQUEST, ..problem })?;
    let door = Door { state, caller };
    match request {
        Request::Create { input } => door.create(&input).await,
        Request::Say { thread_id, input } => {
            let conversation = conversation(&door.caller.scope, &thread_id).await?.id;
            door.say(conversation, &message(&input)?, Vec::new()).await
        }
        Request::Reply { thread_id, item_id, input } => door.reply(&thread_id, &item_id, input).await,
        Request::Retry { thread_id, item_id } => door.retry(&thread_id, &item_id).await,
        Request::Get { thread_id } => {
            let row = conversation(&door.caller.scope, &thread_id).await?;
            let items = page_of_items(&door.caller.scope, row.id, &Paging::first()).await?;
            Ok(Json(thread(&row, items)).into_response())
        }
        Request::Threads(paging) => Ok(Json(threads(&door.caller.scope, &paging).await?).into_response()),
        Request::Items { thread_id, limit, order, after } => {
            let paging = Paging { limit, order, after };
            let row = conversation(&door.caller.scope, &thread_id).await?;
            Ok(Json(page_of_items(&door.caller.scope, row.id, &paging).await?).into_response())
        }
        Request::Feedback { thread_id, item_ids, kind } => door.feedback(&thread_id, &item_ids, kind).await,
        Request::Rename { thread_id, title } => door.rename(&thread_id, &title).await,
        Request::Delete { thread_id } => {
            let id = ids::conversation(&thread_id).ok_or_else(no_thread)?;
            match door.caller.scope.delete_conversation(id).await.map_err(problem)? {
                true => Ok(Json(json!({})).into_response()),
                false => Err(no_thread()),
            }
        }
        Request::ClientTool {} => Err(unsupported("This server calls no tools in the page.")),
        Request::Action {} | Request::SyncAction {} => Err(unsupported("This server shows no widgets.")),
        Request::Attach {} | Request::Detach {} => Err(unsupported("This server takes no files.")),
        Request::Transcribe {} => Err(unsupported("This server takes no dictation.")),
    }
}

fn unsupported(detail: &'static str) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, "UNSUPPORTED", detail)
}

/// The text of a message.
fn message(input: &Input) -> Result<String, Problem> {
    if input.attachments.is_empty() { Ok(input.text()) } else { Err(unsupported("This server takes no files.")) }
}

struct Door {
    state: AppState,
    caller: Caller,
}

impl Door {
    async fn create(&self, input: &Input) -> Result<Response, Problem> {
        let text = message(input)?;
        let turn = self.begin(Saying::Message { conversation: None, text: &text, key: None }).await?;
        let row =
            self.caller.scope.conversation(turn.conversation_id()).await.map_err(problem)?.ok_or_else(no_thread)?;
        let first = vec![created(thread(&row, Page::new(Vec::new(), false)))];
        Ok(stream(*turn, Some(&text), first))
    }

    async fn say(&self, conversation: Uuid, text: &str, first: Vec<Value>) -> Result<Response, Problem> {
        let turn = self.begin(Saying::Message { conversation: Some(conversation), text, key: None }).await?;
        Ok(stream(*turn, Some(text), first))
    }

    /// The message keeps its place and its id; what came after it goes.
    async fn retry(&self, thread_id: &str, item_id: &str) -> Result<Response, Problem> {
        let conversation = conversation(&self.caller.scope, thread_id).await?.id;
        let message = self.turn(conversation, item_id, Part::Said).await?.id;
        let turn = self.begin(Saying::Again { conversation, message }).await?;
        Ok(stream(*turn, None, Vec::new()))
    }

    async fn begin(&self, saying: Saying<'_>) -> Result<Box<Turn>, Problem> {
        match begin(&self.state, &self.caller, self.caller.now.clone(), saying).await? {
            Started::Turn(turn) => Ok(turn),
            // Only a key finds an earlier run, and this protocol has none.
            Started::Known(_) => Err(Problem::bad_request("This message was sent before.")),
        }
    }

    /// A turn of a thread, by the id of one of its items of the kind `part`.
    async fn turn(&self, conversation: Uuid, item: &str, part: Part) -> Result<TurnRow, Problem> {
        let id = match ids::turn(item) {
            Some((id, found)) if found == part => id,
            _ => return Err(no_item()),
        };
        self.caller.scope.turn(conversation, id).await.map_err(problem)?.ok_or_else(no_item)
    }

    /// The answer to a question is the next message; a question that is passed over stays without one.
    async fn reply(&self, thread_id: &str, item_id: &str, input: Submission) -> Result<Response, Problem> {
        let conversation = conversation(&self.caller.scope, thread_id).await?.id;
        let turn = self.turn(conversation, item_id, Part::Question).await?;
        let asked = question(turn.answer.as_ref().and_then(|answer| answer.memory.as_deref())).ok_or_else(no_item)?;
        let answered = items(conversation, &turn, false).into_iter().find(|(part, _)| *part == Part::Question);
        let mut item = answered.map(|(_, item)| item).ok_or_else(no_item)?;
        let Some(chosen) = input.chosen() else {
            item["status"] = "skipped".into();
            return Ok(complete(vec![replaced(item)]));
        };
        item["inputs"][0]["answer"] = json!({ "values": [chosen], "skipped": false });
        // What is shown for a choice may differ from what chooses it.
        let choice = asked.choices.into_iter().find(|choice| choice.label == chosen);
        let message = choice.map_or(chosen, |choice| choice.value);
        self.say(conversation, &message, vec![replaced(item)]).await
    }

    async fn feedback(&self, thread_id: &str, item_ids: &[String], kind: Feedback) -> Result<Response, Problem> {
        let conversation = conversation(&self.caller.scope, thread_id).await?.id;
        if item_ids.len() > ITEMS_MAX {
            return Err(Problem::bad_request(format!("At most {ITEMS_MAX} items can be rated at once.")));
        }
        let turns: Option<Vec<Uuid>> = item_ids.iter().map(|id| ids::turn(id).map(|(turn, _)| turn)).collect();
        let turns = turns.ok_or_else(no_item)?;
        let wanted = u64::try_from(turns.len()).unwrap_or(u64::MAX);
        let rated = self.caller.scope.rate_answers(conversation, turns, kind.as_str()).await.map_err(problem)?;
        if rated < wanted { Err(no_item()) } else { Ok(Json(json!({})).into_response()) }
    }

    async fn rename(&self, thread_id: &str, title: &str) -> Result<Response, Problem> {
        let id = ids::conversation(thread_id).ok_or_else(no_thread)?;
        let title = title.trim();
        if title.is_empty() || title.chars().count() > TITLE_MAX || title.chars().any(char::is_control) {
            let detail = format!("`title` must be one line of 1 to {TITLE_MAX} characters.");
            return Err(Problem { status: StatusCode::BAD_REQUEST, ..Problem::invalid("title", detail) });
        }
        if !self.caller.scope.rename_conversation(id, title).await.map_err(problem)? {
            return Err(no_thread());
        }
        let row = conversation(&self.caller.scope, thread_id).await?;
        let items = page_of_items(&self.caller.scope, row.id, &Paging::first()).await?;
        Ok(Json(thread(&row, items)).into_response())
    }
}

/// Answers, and tells it as it happens. `said` is shown as the user's item; an item that is there already is not shown again.
fn stream(turn: Turn, said: Option<&str>, first: Vec<Value>) -> Response {
    let (_, events) = answer_turn(turn);
    live(Opening { first, said: said.map(|text| text.trim().to_owned()) }, events)
}
