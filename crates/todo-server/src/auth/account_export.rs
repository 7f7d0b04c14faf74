//! Everything that is kept about a user, as one JSON document that is written while it is read: memory stays small however much
//! there is. No secrets: no tokens, no hashes, no keys.

use std::collections::HashMap;

use axum::{extract::State, response::Response};
use futures::{Stream, StreamExt as _, TryStreamExt as _, stream::BoxStream};
use serde::Serialize;
use serde_json::{Value, json};
use todo_domain::transfer::Entry;
use todo_service::Problem;

use super::own_api::{ActivityEntry, TokenJson};
use crate::{
    caller::Caller,
    download::{Broken, Outgoing, download},
    openapi::Refusals,
    routes::{Routes, routes},
    state::AppState,
};

/// What the document says it is, and the version of its shape. A number is added when a field changes its meaning; new fields and
/// sections don't need one.
const SCHEMA: &str = "todo-account";
const SCHEMA_VERSION: u32 = 1;
/// The route of the export.
pub fn router() -> Routes {
    Routes::new().routes(routes!(export))
}

/// Export everything that is kept about you
///
/// Profile, settings, sessions, activity, tokens (without their secrets), labels, projects, filters, tasks, history, conversations
/// with messages, runs and tool calls, push subscriptions and webhooks. `POST /import` takes the tasks of such a file.
#[utoipa::path(get, path = "/export/account", tag = "transfer",
    responses((status = 200, description = "The file", body = serde_json::Value), Refusals))]
async fn export(State(state): State<AppState>, caller: Caller) -> Result<Response, Problem> {
    // What fails at the start is still a refusal; later only breaking off is left.
    let about = about(&state, &caller).await.map_err(Problem::from)?;
    Ok(download("application/json", "todo-account.json", |file| async move {
        let mut document = Document { file, sections: 0 };
        write(&mut document, &state, &caller, about).await?;
        Ok(document.end())
    }))
}

/// The account itself.
struct About {
    profile: Value,
    sign_in_methods: Vec<Value>,
    sessions: Vec<Value>,
    tokens: Vec<TokenJson>,
}

/// Reads what is small.
async fn about(state: &AppState, caller: &Caller) -> Result<About, AccountProblem> {
    let id = caller.principal.user_id.as_str();
    let user = state.auth.user(id).await?;
    let profile = user.map_or_else(
        || json!({ "id": id }),
        |user| {
            json!({
                "id": user.id, "name": user.name, "email": user.email, "email_verified": user.email_verified,
                "image": user.image, "created_at": user.created_at, "updated_at": user.updated_at,
            })
        },
    );
    let methods = state.auth.list_accounts(id).await?;
    let sign_in_methods =
        methods.iter().map(|way| json!({ "provider": way.provider_id, "created_at": way.created_at })).collect();
    let sessions = state.auth.list_sessions(id).await?;
    let sessions = sessions
        .iter()
        .map(|session| {
            json!({
                "created_at": session.created_at, "updated_at": session.updated_at, "expires_at": session.expires_at,
                "ip": session.ip_address, "user_agent": session.user_agent,
            })
        })
        .collect();
    let tokens = state.auth.list_tokens(id).await?.iter().map(TokenJson::from).collect();
    Ok(About { profile, sign_in_methods, sessions, tokens })
}

/// Lets `?` turn errors of accounts into problem documents.
struct AccountProblem(Problem);

impl From<todo_auth::AuthError> for AccountProblem {
    fn from(error: todo_auth::AuthError) -> Self {
        Self(super::principal::problem(error))
    }
}

impl From<AccountProblem> for Problem {
    fn from(problem: AccountProblem) -> Self {
        problem.0
    }
}

async fn write(document: &mut Document, state: &AppState, caller: &Caller, about: About) -> Result<(), Broken> {
    let scope = &caller.scope;
    document.value("schema", &SCHEMA).await?;
    document.value("schema_version", &SCHEMA_VERSION).await?;
    document.value("exported_at", &caller.now.timestamp()).await?;
    document.value("profile", &about.profile).await?;
    document.value("settings", &caller.settings).await?;
    document.value("sign_in_methods", &about.sign_in_methods).await?;
    document.value("sessions", &about.sessions).await?;
    document.value("tokens", &about.tokens).await?;
    let activity = state.auth.whole_activity(caller.principal.user_id.as_str());
    let activity = activity.map_ok(|page| page.into_iter().map(ActivityEntry::from).collect::<Vec<_>>());
    document.rows("activity", activity).await?;
    document.value("labels", &scope.labels().await?).await?;
    let projects = scope.projects().await?;
    document.value("projects", &projects).await?;
    document.value("saved_filters", &scope.saved_filters().await?).await?;
    let names: HashMap<_, _> = projects.iter().map(|project| (project.id, project.name.as_str())).collect();
    let tasks = scope.export_all(&caller.now).map_ok(|tasks| {
        let name = |task: &todo_domain::Task| task.project_id.and_then(|id| names.get(&id).copied());
        tasks.iter().map(|task| Entry::new(task, name(task))).collect::<Vec<_>>()
    });
    document.rows("tasks", tasks).await?;
    document.rows("history", scope.export_history()).await?;
    document.rows("conversations", scope.export_conversations()).await?;
    document.rows("messages", scope.export_messages()).await?;
    document.rows("agent_runs", scope.export_runs()).await?;
    document.rows("tool_calls", scope.export_tool_calls()).await?;
    document.value("push_subscriptions", &scope.push_subscriptions().await?).await?;
    document.value("webhooks", &scope.webhooks().await?).await
}

/// Rows as JSON, chunk by chunk.
type Lines<'a> = BoxStream<'a, Result<Vec<Vec<u8>>, Broken>>;

/// A JSON object that is sent section by section.
struct Document {
    file: Outgoing,
    sections: usize,
}

impl Document {
    /// A section that is at hand.
    async fn value(&mut self, name: &str, value: &impl Serialize) -> Result<(), Broken> {
        self.name(name)?;
        self.json(value)?;
        self.file.send_if_full().await
    }

    /// A section that is an array, chunk by chunk, a row on each line.
    async fn rows<T: Serialize, E>(
        &mut self,
        name: &str,
        chunks: impl Stream<Item = Result<Vec<T>, E>> + Send,
    ) -> Result<(), Broken>
    where
        Broken: From<E>,
    {
        let lines = chunks.map(|chunk| chunk?.iter().map(|row| Ok(serde_json::to_vec(row)?)).collect());
        self.lines(name, Box::pin(lines)).await
    }

    /// [`Self::rows`] once they are written, the same for every kind of row.
    async fn lines(&mut self, name: &str, mut chunks: Lines<'_>) -> Result<(), Broken> {
        self.name(name)?;
        self.text(b"[");
        let mut first = true;
        while let Some(chunk) = chunks.next().await {
            for line in chunk? {
                self.text(if first { b"\n" } else { b",\n" });
                first = false;
                self.text(&line);
                self.file.send_if_full().await?;
            }
        }
        self.text(b"]");
        Ok(())
    }

    fn end(mut self) -> Outgoing {
        self.text(b"\n}\n");
        self.file
    }

    fn name(&mut self, name: &str) -> Result<(), Broken> {
        self.text(if self.sections == 0 { b"{\n" } else { b",\n" });
        self.sections += 1;
        self.json(&name)?;
        self.text(b": ");
        Ok(())
    }

    fn text(&mut self, text: &[u8]) {
        self.file.buffer().extend_from_slice(text);
    }

    fn json(&mut self, value: &impl Serialize) -> Result<(), Broken> {
        Ok(serde_json::to_writer(self.file.buffer(), value)?)
    }
}
