//! A small API in memory, spoken to in process: enough of the contract to exercise every page and form.

use std::sync::{Arc, Mutex};

use axum::{
    Json, Router,
    extract::{Path, Query, Request, State},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::{delete, get, patch, post, put},
};
use http::{StatusCode, header};
use jiff::Timestamp;
use serde_json::{Value, json};
use todo_domain::wire::TaskJson;
use uuid::Uuid;

/// What the API holds.
#[derive(Default)]
pub struct Store {
    pub tasks: Vec<TaskJson>,
    undo: Vec<(Uuid, String, Vec<TaskJson>)>,
    next: i64,
    /// Requests as they came: method, path, whether they carried an idempotency key.
    pub seen: Vec<(String, String, Option<String>)>,
    /// Answer every request with this status instead.
    pub failing: Option<StatusCode>,
}

pub type Shared = Arc<Mutex<Store>>;

impl Store {
    fn task(&mut self, title: &str) -> TaskJson {
        self.next += 1;
        let now = Timestamp::now();
        TaskJson {
            id: Uuid::now_v7(),
            number: self.next,
            user_id: "u".into(),
            title: title.into(),
            description: None,
            status: "pending".into(),
            completed: false,
            priority: "none".into(),
            labels: vec![],
            tags: vec![],
            project_id: None,
            category_id: None,
            due_date: None,
            due_timezone: None,
            reminders: vec![],
            recurrence: None,
            recurrence_text: None,
            recurrence_anchor: None,
            series_id: None,
            duration_minutes: None,
            parent_id: None,
            position: self.next as f64,
            created_at: now,
            updated_at: now,
            completed_at: None,
            version: 1,
        }
    }

    /// Adds a task, with changes in the wire's own words.
    pub fn add(&mut self, title: &str, with: Value) -> Uuid {
        let mut task = serde_json::to_value(self.task(title)).unwrap();
        for (name, value) in with.as_object().unwrap() {
            task[name] = value.clone();
        }
        let task: TaskJson = serde_json::from_value(task).unwrap();
        let id = task.id;
        self.tasks.push(task);
        id
    }

    fn record(&mut self, summary: String) -> [(&'static str, String); 1] {
        let id = Uuid::now_v7();
        let before = self.tasks.clone();
        self.undo.push((id, summary, before));
        [("operation-id", id.to_string())]
    }

    fn find(&self, id: &str) -> Option<usize> {
        self.tasks.iter().position(|task| task.id.to_string() == id || task.number.to_string() == id)
    }
}

pub const PROJECT: Uuid = Uuid::from_u128(0x0192_0000_0000_7000_8000_0000_0000_0001);

/// The API over this store.
pub fn api(store: Shared) -> Router {
    Router::new()
        .route("/api/tasks", get(list).post(create))
        .route("/api/tasks/quick", post(quick))
        .route("/api/tasks/bulk", post(bulk))
        .route("/api/parse", post(parse))
        .route("/api/tasks/{id}", get(one).patch(change).delete(remove))
        .route("/api/tasks/{id}/complete", post(complete))
        .route("/api/tasks/{id}/reopen", post(reopen))
        .route("/api/tasks/{id}/subtasks", get(|| async { Json(json!({ "tasks": [], "total": 0 })) }))
        .route("/api/operations", get(operations))
        .route("/api/operations/{id}/undo", post(undo))
        .route("/api/projects", get(projects).post(place))
        .route("/api/projects/{id}", patch(place).delete(no_place))
        .route("/api/labels", get(labels).post(place))
        .route("/api/labels/{id}", patch(place).delete(no_place))
        .route("/api/filters", get(filters).post(place))
        .route("/api/filters/{id}", put(place).delete(no_place))
        .route("/api/counts", get(counts))
        .route(
            "/api/events",
            get(|| async { ([(header::CONTENT_TYPE, "text/event-stream")], "event: hello\ndata: {}\n\n") }),
        )
        .route("/api/profile", get(profile).put(profile))
        .route("/api/stats", get(stats))
        .route("/api/tokens", get(|| async { Json(json!({ "tokens": [] })) }).post(token))
        .route("/api/activity", get(activity))
        .route("/api/tokens/{id}", delete(|| async { StatusCode::NO_CONTENT }))
        .route(
            "/api/import",
            post(|| async {
                let skipped = json!([{ "line": 2, "why": "no title" }]);
                Json(json!({ "dry_run": true, "imported": 3, "preview": ["A", "B", "C"], "skipped": skipped, "operations": [] }))
            }),
        )
        .layer(middleware::from_fn_with_state(store.clone(), signed_in))
        .route("/api/auth/sign-in/email", post(sign_in))
        .route("/api/auth/sign-up/email", post(sign_in))
        .route("/api/auth/sign-out", post(sign_out))
        .route("/api/auth/list-sessions", get(sessions))
        .route("/api/auth/delete-user", post(sign_out))
        .route("/api/auth/request-password-reset", post(done))
        .route("/api/auth/send-verification-email", post(done))
        .route("/api/auth/change-email", post(done))
        .route("/api/auth/reset-password", post(reset_password))
        .with_state(store)
}

async fn signed_in(State(store): State<Shared>, request: Request, next: Next) -> Response {
    let key = request.headers().get("idempotency-key").and_then(|key| key.to_str().ok()).map(str::to_owned);
    let failing = {
        let mut store = store.lock().unwrap();
        store.seen.push((request.method().to_string(), request.uri().path().to_owned(), key));
        store.failing
    };
    if let Some(status) = failing {
        return (status, [(header::RETRY_AFTER, "7")], Json(json!({ "detail": "refused on purpose" }))).into_response();
    }
    let cookie = request.headers().get(header::COOKIE).and_then(|value| value.to_str().ok()).unwrap_or("");
    if !cookie.contains("session=good") {
        return (StatusCode::UNAUTHORIZED, Json(json!({ "detail": "Sign in first.", "code": "UNAUTHENTICATED" })))
            .into_response();
    }
    next.run(request).await
}

async fn sign_in(Json(body): Json<Value>) -> Response {
    if body["email"] == "unproven@example.org" {
        let problem = json!({ "message": "Email not verified", "code": "EMAIL_NOT_VERIFIED" });
        return (StatusCode::FORBIDDEN, Json(problem)).into_response();
    }
    if body["password"] == "wrong-password" {
        let problem = json!({ "message": "Invalid email or password", "code": "INVALID_EMAIL_OR_PASSWORD" });
        return (StatusCode::UNAUTHORIZED, Json(problem)).into_response();
    }
    let cookie = "session=good; Path=/; HttpOnly; SameSite=Lax";
    ([(header::SET_COOKIE, cookie)], Json(json!({ "token": "t", "user": { "name": "Ana" } }))).into_response()
}

async fn done() -> Json<Value> {
    Json(json!({ "status": true }))
}

async fn reset_password(Json(body): Json<Value>) -> Response {
    let refusal = match (body["token"].as_str(), body["newPassword"].as_str()) {
        (Some("good"), Some("short")) => json!({ "message": "Password too short", "code": "PASSWORD_TOO_SHORT" }),
        (Some("good"), _) => return done().await.into_response(),
        _ => json!({ "message": "Invalid token", "code": "INVALID_TOKEN" }),
    };
    (StatusCode::BAD_REQUEST, Json(refusal)).into_response()
}

async fn activity() -> Json<Value> {
    let entry = |action: &str, outcome: &str| json!({ "action": action, "outcome": outcome, "ip": "203.0.113.7", "user_agent": "curl/8", "detail": null, "at": "2026-11-20T08:00:00Z" });
    Json(
        json!({ "activity": [entry("sign_in", "wrong_credentials"), entry("change_password", "ok"), entry("<new>", "ok")] }),
    )
}

async fn sign_out() -> impl IntoResponse {
    ([(header::SET_COOKIE, "session=; Max-Age=0; Path=/")], Json(json!({ "success": true })))
}

async fn list(State(store): State<Shared>, Query(query): Query<Vec<(String, String)>>) -> Json<Value> {
    let value = |name: &str| query.iter().find(|(n, _)| n == name).map(|(_, v)| v.clone()).unwrap_or_default();
    let store = store.lock().unwrap();
    let search = value("search").to_lowercase();
    let all: Vec<&TaskJson> = store
        .tasks
        .iter()
        .filter(|task| {
            value("status") == "all"
                || task.status == if value("status").is_empty() { "pending".into() } else { value("status") }
        })
        .filter(|task| task.title.to_lowercase().contains(&search))
        .filter(|task| value("filter") != "no project" || task.project_id.is_none())
        .filter(|task| !value("filter").contains("today") || task.due_date.is_some())
        .collect();
    let skip: usize = value("cursor").parse().unwrap_or(0);
    let limit: usize = value("limit").parse().unwrap_or(50);
    let next = (all.len() > skip + limit).then(|| (skip + limit).to_string());
    Json(
        json!({ "total": all.len(), "tasks": all.iter().skip(skip).take(limit).collect::<Vec<_>>(), "next_cursor": next }),
    )
}

async fn create(State(store): State<Shared>, Json(body): Json<Value>) -> Response {
    let mut store = store.lock().unwrap();
    let title = body["title"].as_str().unwrap_or_default().to_owned();
    let operation = store.record(format!("Added “{title}”"));
    let mut with = body.clone();
    with.as_object_mut().unwrap().retain(|name, _| name != "project" && name != "place");
    let id = store.add(&title, with);
    let task = store.tasks.iter().find(|task| task.id == id).unwrap().clone();
    (StatusCode::CREATED, operation, Json(task)).into_response()
}

async fn quick(State(store): State<Shared>, Json(body): Json<Value>) -> Response {
    let mut store = store.lock().unwrap();
    let text = body["text"].as_str().unwrap_or_default().to_owned();
    let operation = store.record(format!("Added “{text}”"));
    for line in text.lines() {
        store.add(line, json!({}));
    }
    (StatusCode::CREATED, operation, Json(json!({ "tasks": [] }))).into_response()
}

/// Understands `p1` only.
async fn parse(Json(body): Json<Value>) -> Json<Value> {
    let text = body["text"].as_str().unwrap_or_default();
    let title = text.replace(" p1", "");
    let spans: Vec<Value> = text
        .find(" p1")
        .map(|at| {
            let start = text[..=at].encode_utf16().count();
            json!({ "start": at + 1, "end": at + 3, "utf16_start": start, "utf16_end": start + 2, "kind": "priority", "text": "p1" })
        })
        .into_iter()
        .collect();
    let priority = (!spans.is_empty()).then_some("urgent");
    Json(
        json!({ "title": title, "due": null, "rrule": null, "priority": priority, "labels": [], "project": null, "spans": spans }),
    )
}

fn missing() -> Response {
    (StatusCode::NOT_FOUND, Json(json!({ "detail": "No such task.", "code": "NOT_FOUND" }))).into_response()
}

async fn one(State(store): State<Shared>, Path(id): Path<String>) -> Response {
    let store = store.lock().unwrap();
    store.find(&id).map_or_else(missing, |at| Json(store.tasks[at].clone()).into_response())
}

async fn change(State(store): State<Shared>, Path(id): Path<String>, Json(body): Json<Value>) -> Response {
    let mut store = store.lock().unwrap();
    let Some(at) = store.find(&id) else { return missing() };
    let summary = format!("Changed “{}”", store.tasks[at].title);
    let operation = store.record(summary);
    let mut task = serde_json::to_value(&store.tasks[at]).unwrap();
    for (name, value) in body.as_object().unwrap() {
        if task.get(name).is_some() {
            task[name] = value.clone();
        }
    }
    store.tasks[at] = serde_json::from_value(task).unwrap();
    (operation, Json(store.tasks[at].clone())).into_response()
}

fn set_done(store: &Shared, id: &str, done: bool) -> Response {
    let mut store = store.lock().unwrap();
    let Some(at) = store.find(id) else { return missing() };
    let summary = format!("Completed “{}”", store.tasks[at].title);
    let operation = store.record(summary);
    store.tasks[at].completed = done;
    store.tasks[at].status = if done { "completed" } else { "pending" }.into();
    (operation, Json(store.tasks[at].clone())).into_response()
}

async fn complete(State(store): State<Shared>, Path(id): Path<String>) -> Response {
    set_done(&store, &id, true)
}

async fn reopen(State(store): State<Shared>, Path(id): Path<String>) -> Response {
    set_done(&store, &id, false)
}

async fn remove(State(store): State<Shared>, Path(id): Path<String>) -> Response {
    let mut store = store.lock().unwrap();
    let Some(at) = store.find(&id) else { return missing() };
    let summary = format!("Deleted “{}”", store.tasks[at].title);
    let operation = store.record(summary);
    store.tasks.remove(at);
    (StatusCode::NO_CONTENT, operation).into_response()
}

async fn bulk(State(store): State<Shared>, Json(body): Json<Value>) -> Response {
    let mut store = store.lock().unwrap();
    let operation = store.record("Changed several".into());
    for id in body["tasks"].as_array().unwrap() {
        if let Some(at) = store.find(id.as_str().unwrap()) {
            if body["action"] == "delete" {
                store.tasks.remove(at);
            } else {
                store.tasks[at].status = "completed".into();
                store.tasks[at].completed = true;
            }
        }
    }
    (operation, Json(json!({ "tasks": [] }))).into_response()
}

async fn operations(State(store): State<Shared>) -> Json<Value> {
    let store = store.lock().unwrap();
    let list: Vec<Value> = store
        .undo
        .iter()
        .rev()
        .map(|(id, summary, _)| json!({ "id": id, "kind": "update", "summary": summary, "door": "chat", "created_at": Timestamp::now() }))
        .collect();
    Json(json!({ "operations": list }))
}

async fn undo(State(store): State<Shared>, Path(id): Path<Uuid>) -> Response {
    let mut store = store.lock().unwrap();
    let Some(at) = store.undo.iter().position(|(operation, ..)| *operation == id) else { return missing() };
    let (.., before) = store.undo.remove(at);
    store.tasks = before;
    Json(json!({ "operation": {} })).into_response()
}

async fn projects() -> Json<Value> {
    Json(json!({ "projects": [{ "id": PROJECT, "name": "Home & <Garden>", "open_tasks": 2, "archived": false }] }))
}

async fn labels() -> Json<Value> {
    Json(json!({ "labels": [{ "id": Uuid::nil(), "name": "phone/fax", "open_tasks": 1 }] }))
}

async fn filters() -> Json<Value> {
    Json(
        json!({ "filters": [{ "id": Uuid::nil(), "name": "Hot", "query": "p1", "color": "#aa0000", "position": 2.0 }] }),
    )
}

/// A project, a label or a filter as it was sent.
async fn place(State(store): State<Shared>, Json(body): Json<Value>) -> Response {
    let operation = store.lock().unwrap().record("Changed a list".into());
    (operation, Json(json!({ "id": PROJECT, "name": body["name"], "query": body["query"] }))).into_response()
}

async fn no_place(State(store): State<Shared>) -> Response {
    let operation = store.lock().unwrap().record("Deleted a list".into());
    (StatusCode::NO_CONTENT, operation).into_response()
}

async fn counts() -> Json<Value> {
    let filter = json!({ Uuid::nil().to_string(): 7 });
    Json(json!({ "all": 12, "today": 3, "overdue": 1, "upcoming": 5, "inbox": 9, "filters": filter }))
}

async fn profile() -> Json<Value> {
    Json(
        json!({ "name": "Ana", "email": "ana@example.org", "timezone": "Europe/Paris", "week_start": "monday", "date_order": "dmy", "locale": null }),
    )
}

async fn stats() -> Json<Value> {
    let days: Vec<Value> =
        (1..=14).map(|day| json!({ "date": format!("2026-11-{day:02}"), "completed": day % 5, "created": 2, "overdue": 14 - day })).collect();
    let projects =
        json!([{ "name": "Home & <Garden>", "open": 2, "completed": 5 }, { "name": null, "open": 4, "completed": 1 }]);
    Json(json!({ "open": 6, "completed": 41, "overdue": 1, "streak_days": 12, "days": days, "projects": projects }))
}

async fn token() -> Json<Value> {
    Json(json!({ "id": "1", "name": "laptop", "token": "todo_secret_shown_once", "created_at": Timestamp::now() }))
}

async fn sessions() -> Json<Value> {
    let agent = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/156.0 Safari/537.36";
    Json(
        json!([{ "id": "s", "token": "tok", "userAgent": agent, "ipAddress": "203.0.113.7", "createdAt": "2026-11-20T08:00:00Z" }]),
    )
}
