//! The real router on a fresh database, and a client with a cookie jar.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use axum::{
    Router,
    body::Body,
    extract::ConnectInfo,
    http::{HeaderMap, Method, Request, StatusCode, header},
};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use todo_server::{AppState, Config, Defaults, router, serve};
use todo_store::Store;
use todo_store::testing::TestDb;
use tower::ServiceExt as _;

pub const SECRET: &str = "a-secret-of-at-least-thirty-two-characters";
pub const ORIGIN: &str = "http://localhost:8000";
pub const PASSWORD: &str = "correct horse battery";

/// The program on one database.
#[derive(Clone)]
pub struct Site {
    pub app: Router,
    pub state: AppState,
    pub engine: &'static str,
}

impl Site {
    pub fn new(store: &Store, engine: &'static str, vars: &[(&'static str, &'static str)]) -> Self {
        let mut all =
            BTreeMap::from([("BETTER_AUTH_SECRET", SECRET), ("BETTER_AUTH_URL", ORIGIN), ("METRICS_PORT", "0")]);
        all.extend(vars.iter().copied());
        let config = Config::read(&all, Defaults::backend()).expect("configuration");
        let state = serve::state(config, store.clone()).expect("state");
        let app = router::router(&state);
        Self { app, state, engine }
    }

    /// A browser without cookies.
    pub fn browser(&self) -> Browser {
        Browser {
            site: self.clone(),
            cookies: BTreeMap::new(),
            bearer: None,
            peer: "192.0.2.1".to_owned(),
            extra: Vec::new(),
        }
    }

    /// A browser that has just signed up.
    pub async fn signed_up(&self, email: &str) -> Browser {
        let mut browser = self.browser();
        let answer = browser.sign_up(email).await;
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
        browser
    }
}

/// Runs a test on every engine that the machine has.
pub async fn each(vars: &[(&'static str, &'static str)], test: impl AsyncFn(Site)) {
    for (engine, db) in TestDb::each().await.expect("databases") {
        println!("on {engine}");
        test(Site::new(&db.store, engine, vars)).await;
    }
}

/// A client: keeps cookies, names its origin as a browser on the site does.
#[derive(Clone)]
pub struct Browser {
    site: Site,
    pub cookies: BTreeMap<String, String>,
    pub bearer: Option<String>,
    pub peer: String,
    pub extra: Vec<(&'static str, String)>,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("JSON, got {:?}", self.text))
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    pub fn set_cookies(&self) -> Vec<&str> {
        self.headers.get_all(header::SET_COOKIE).iter().filter_map(|value| value.to_str().ok()).collect()
    }

    /// Status and code of a refusal.
    pub fn refusal(&self) -> (u16, String) {
        let body: Value = serde_json::from_str(&self.text).unwrap_or_default();
        (self.status.as_u16(), body["code"].as_str().unwrap_or_default().to_owned())
    }
}

/// `(status, code)` to compare with [`Answer::refusal`].
pub fn no(status: u16, code: &str) -> (u16, String) {
    (status, code.to_owned())
}

impl Browser {
    pub async fn get(&mut self, path: &str) -> Answer {
        self.send(Method::GET, path, None, &[]).await
    }

    pub async fn post(&mut self, path: &str, body: Value) -> Answer {
        self.send(Method::POST, path, Some(("application/json", body.to_string())), &[]).await
    }

    /// A request below `/api/auth` with everything its own way. Headers given here replace those a browser adds.
    pub async fn send(
        &mut self,
        method: Method,
        path: &str,
        body: Option<(&str, String)>,
        headers: &[(&str, &str)],
    ) -> Answer {
        let path = if path.starts_with("/api/") || path.starts_with("/health") {
            path.to_owned()
        } else {
            format!("/api/auth{path}")
        };
        let mut request = Request::builder().method(method.clone()).uri(path).header(header::HOST, "localhost:8000");
        let replaced = |name: &str| headers.iter().any(|(given, _)| given.eq_ignore_ascii_case(name));
        if !self.cookies.is_empty() && !replaced("cookie") {
            let line: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            request = request.header(header::COOKIE, line.join("; "));
        }
        if method != Method::GET && !replaced("origin") {
            request = request.header(header::ORIGIN, ORIGIN);
        }
        if let Some(bearer) = &self.bearer {
            request = request.header(header::AUTHORIZATION, format!("Bearer {bearer}"));
        }
        for (name, value) in
            self.extra.iter().map(|(name, value)| (*name, value.as_str())).chain(headers.iter().copied())
        {
            if !value.is_empty() {
                request = request.header(name, value);
            }
        }
        let body = match body {
            Some((kind, text)) => {
                request = request.header(header::CONTENT_TYPE, kind);
                Body::from(text)
            }
            None => Body::empty(),
        };
        let mut request = request.body(body).expect("request");
        let peer: SocketAddr = format!("{}:4711", self.peer).parse().expect("peer");
        request.extensions_mut().insert(ConnectInfo(peer));
        let response = self.site.app.clone().oneshot(request).await.expect("infallible");
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.expect("body").to_bytes();
        let answer = Answer {
            status: parts.status,
            headers: parts.headers,
            text: String::from_utf8(bytes.to_vec()).expect("text"),
        };
        assert!(answer.status.as_u16() < 500, "never a 5xx: {answer:?}");
        self.keep_cookies(&answer);
        answer
    }

    fn keep_cookies(&mut self, answer: &Answer) {
        for cookie in answer.set_cookies() {
            let (pair, attributes) = cookie.split_once(';').unwrap_or((cookie, ""));
            let (name, value) = pair.split_once('=').expect("a cookie");
            if attributes.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
    }

    pub async fn sign_up(&mut self, email: &str) -> Answer {
        self.post("/sign-up/email", json!({"name": "Ann", "email": email, "password": PASSWORD})).await
    }

    pub async fn sign_in(&mut self, email: &str, password: &str) -> Answer {
        self.post("/sign-in/email", json!({"email": email, "password": password})).await
    }

    /// The session as `/get-session` tells it.
    pub async fn session(&mut self) -> Value {
        self.get("/get-session").await.json()
    }

    pub async fn user_id(&mut self) -> String {
        self.session().await["user"]["id"].as_str().expect("signed in").to_owned()
    }

    /// The decoded value of the session cookie, `TOKEN.SIGNATURE`.
    pub fn signed_token(&self) -> String {
        todo_auth::cookie::percent_decode(&self.cookies["better-auth.session_token"])
    }
}
