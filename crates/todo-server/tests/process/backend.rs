//! A running `todo-backend`, and how to speak with it.

use std::io::Read as _;
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use axum::body::Body;
use http::{Method, Request, StatusCode, header};
use http_body_util::BodyExt as _;
use hyper_util::client::legacy::{Client, connect::HttpConnector};
use hyper_util::rt::TokioExecutor;
use serde_json::Value;

/// The process; killed when dropped.
pub struct Backend {
    child: Child,
    port: u16,
    client: Client<HttpConnector, Body>,
}

/// A port that was free a moment ago.
pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a port").port()
}

impl Backend {
    /// Starts the program on a migrated database and waits until it is ready.
    pub async fn start(database: &str, vars: &[(&str, &str)]) -> Self {
        let port = free_port();
        let child = Command::new(env!("CARGO_BIN_EXE_todo-backend"))
            .env_clear()
            .envs([("DATABASE_URL", database), ("HOST", "127.0.0.1"), ("METRICS_PORT", "0")])
            .envs([("BETTER_AUTH_SECRET", "a-secret-of-at-least-thirty-two-characters")])
            .env("PORT", port.to_string())
            .envs(vars.iter().copied())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let client = Client::builder(TokioExecutor::new()).build_http();
        let backend = Self { child, port, client };
        let deadline = Instant::now() + Duration::from_secs(20);
        while backend.try_call(Method::GET, "/health/ready", None, None).await != Some(StatusCode::OK) {
            assert!(Instant::now() < deadline, "not ready after 20 s");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        backend
    }

    async fn try_call(
        &self,
        method: Method,
        path: &str,
        bearer: Option<&str>,
        body: Option<Value>,
    ) -> Option<StatusCode> {
        self.send(method, path, bearer, body).await.map(|(status, _)| status)
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        bearer: Option<&str>,
        body: Option<Value>,
    ) -> Option<(StatusCode, String)> {
        let mut request = Request::builder().method(method).uri(format!("http://127.0.0.1:{}{path}", self.port));
        if let Some(bearer) = bearer {
            request = request.header(header::AUTHORIZATION, format!("Bearer {bearer}"));
        }
        let body = match body {
            Some(body) => {
                request = request.header(header::CONTENT_TYPE, "application/json");
                Body::from(body.to_string())
            }
            None => Body::empty(),
        };
        let answer = self.client.request(request.body(body).expect("a request")).await.ok()?;
        let status = answer.status();
        let bytes = answer.into_body().collect().await.ok()?.to_bytes();
        Some((status, String::from_utf8_lossy(&bytes).into_owned()))
    }

    pub async fn get(&self, path: &str, bearer: &str) -> StatusCode {
        self.try_call(Method::GET, path, Some(bearer), None).await.expect("an answer")
    }

    pub async fn post(&self, path: &str, body: Value) -> (StatusCode, String) {
        self.send(Method::POST, path, None, Some(body)).await.expect("an answer")
    }

    /// Kills it without warning (SIGKILL) and answers what it had logged.
    pub fn kill(mut self) -> String {
        self.child.kill().expect("kills");
        let mut log = String::new();
        for stream in [
            self.child.stdout.take().map(|s| Box::new(s) as Box<dyn std::io::Read>),
            self.child.stderr.take().map(|s| Box::new(s) as Box<dyn std::io::Read>),
        ]
        .into_iter()
        .flatten()
        {
            let mut stream = stream;
            // What is no text was not logged by us.
            let _ = stream.read_to_string(&mut log);
        }
        log
    }
}

impl Drop for Backend {
    fn drop(&mut self) {
        // It may be gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
