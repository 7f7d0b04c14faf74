//! An application with two users, and a client for each.

use axum::{
    Router,
    body::{Body, to_bytes},
};
use http::{HeaderMap, Method, Request, StatusCode, header};
use serde_json::{Value, json};
use todo_server::{AppState, Config, Defaults, router, serve, state::Shared};
use todo_store::{Store, StoreConfig, testing::TestDb};
use tower::ServiceExt;

/// The application over one database.
pub struct App {
    pub engine: &'static str,
    pub state: AppState,
    pub router: Router,
    db: TestDb,
}

/// A signed-in user.
pub struct User<'a> {
    app: &'a App,
    token: String,
    pub id: String,
}

/// An answer, read to its end.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
    pub json: Value,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    pub fn operation(&self) -> String {
        self.header("operation-id").expect("an operation").to_owned()
    }
}

impl App {
    /// One application for each engine of this machine. The clock stands at a Wednesday morning in Paris.
    pub async fn each() -> Vec<Self> {
        let mut apps = Vec::new();
        for (engine, db) in TestDb::each().await.unwrap() {
            let vars = std::collections::BTreeMap::from([
                ("DATABASE_URL", db.url.as_str()),
                ("BETTER_AUTH_SECRET", "a secret that is long enough for any test of ours"),
                ("TODO_CLOCK", "2026-11-18T10:00[Europe/Paris]"),
                ("AUTH_RATE_LIMITS", "false"),
                ("RATE_LIMIT_PER_MINUTE", "0"),
                ("CHAT_RATE_LIMIT_PER_MINUTE", "10"),
            ]);
            let config = Config::read(&vars, Defaults::backend()).unwrap();
            let state = serve::state(config, db.store.clone()).unwrap();
            let router = router::router(&state);
            apps.push(Self { engine, state, router, db });
        }
        apps
    }

    /// What another process over the same database works with.
    pub fn replica(&self) -> AppState {
        let store = Store::open(&StoreConfig::from_url(&self.db.url).unwrap()).unwrap();
        Shared { store, ..Shared::clone(&self.state) }.into()
    }

    /// A new account.
    pub async fn user(&self, name: &str) -> User<'_> {
        let body = json!({"name": name, "email": format!("{name}@example.com"), "password": "correct horse battery"});
        let request = Request::post("/api/auth/sign-up/email")
            .header("content-type", "application/json")
            .body(Body::from(body.to_string()))
            .unwrap();
        let answer = self.send(request).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        User {
            app: self,
            token: answer.json["token"].as_str().unwrap().to_owned(),
            id: answer.json["user"]["id"].as_str().unwrap().to_owned(),
        }
    }

    pub async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let text = String::from_utf8(to_bytes(body, 64 << 20).await.unwrap().to_vec()).unwrap();
        let json = serde_json::from_str(&text).unwrap_or(Value::Null);
        Answer { status: parts.status, headers: parts.headers, text, json }
    }
}

impl User<'_> {
    pub fn request(&self, method: Method, path: &str) -> http::request::Builder {
        Request::builder().method(method).uri(path).header(header::AUTHORIZATION, format!("Bearer {}", self.token))
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.app.send(self.request(Method::GET, path).body(Body::empty()).unwrap()).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.app.send(self.request(Method::DELETE, path).body(Body::empty()).unwrap()).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.call(Method::POST, path, body).await
    }

    /// A POST that says nothing but where.
    pub async fn poke(&self, path: &str) -> Answer {
        self.app.send(self.request(Method::POST, path).body(Body::empty()).unwrap()).await
    }

    pub async fn call(&self, method: Method, path: &str, body: Value) -> Answer {
        self.with(method, path, body, &[]).await
    }

    pub async fn with(&self, method: Method, path: &str, body: Value, headers: &[(&str, &str)]) -> Answer {
        let mut request = self.request(method, path).header(header::CONTENT_TYPE, "application/json");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.app.send(request.body(Body::from(body.to_string())).unwrap()).await
    }

    /// Makes a task and answers it.
    pub async fn task(&self, body: Value) -> Value {
        let answer = self.post("/api/tasks", body).await;
        assert_eq!(answer.status, 201, "{}", answer.text);
        answer.json
    }

    /// The titles that a list shows.
    pub async fn titles(&self, query: &str) -> Vec<String> {
        let answer = self.get(&format!("/api/tasks?{query}")).await;
        assert_eq!(answer.status, 200, "{query}: {}", answer.text);
        let tasks = answer.json["tasks"].as_array().unwrap();
        tasks.iter().map(|task| task["title"].as_str().unwrap().to_owned()).collect()
    }
}
