//! Runs one hot path a number of times, for `cargo xtask bench instructions`, which counts its instructions:
//! `cargo run --release -p todo-server --example hot_paths -- create 1000`.
//!
//! The whole router over SQLite in memory, on one thread, without a network: what is left depends on our code only.

use std::collections::BTreeMap;

use anyhow::Context as _;
use axum::{
    Router,
    body::{Body, Bytes, to_bytes},
};
use http::Request;
use serde_json::Value;
use todo_server::{Config, Defaults, router, serve};
use todo_service::logs;
use tower::ServiceExt;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Tasks that stand there before reading begins.
const SEEDED: u64 = 100;

fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let (Some(path), Some(Ok(times))) = (arguments.next(), arguments.next().map(|text| text.parse())) else {
        anyhow::bail!("say which path and how often: create 1000");
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(run(&path, times))
}

async fn run(path: &str, times: u64) -> anyhow::Result<()> {
    let vars = BTreeMap::from([
        ("DATABASE_URL", "sqlite::memory:"),
        ("BETTER_AUTH_SECRET", "a secret that is long enough for a measurement"),
        ("RATE_LIMIT_PER_MINUTE", "1000000000"),
        ("CHAT_RATE_LIMIT_PER_MINUTE", "0"),
        ("AUTH_RATE_LIMITS", "false"),
    ]);
    let config = Config::read(&vars, Defaults::backend())?;
    // As in production, where a span is made for every request.
    logs::start(&config.log_level, config.log_format)?;
    let store = serve::open_store(&config)?;
    store.migrate().await?;
    let state = serve::state(config, store)?;
    let app = router::router(&state);
    let account = r#"{"name":"Bench","email":"bench@example.com","password":"correct horse battery"}"#;
    let made: Value = serde_json::from_slice(&call(&app, "POST", "/api/auth/sign-up/email", "", account).await?)?;
    let token = made["token"].as_str().context("the sign-up answered no token")?;
    for number in 0..SEEDED {
        let title = if number % 10 == 0 { "Prepare the quarterly report" } else { "Water the plants" };
        call(&app, "POST", "/api/tasks", token, &format!("{{\"title\":\"{title} {number}\"}}")).await?;
    }
    for number in 0..times {
        match path {
            "create" => {
                let body = format!("{{\"title\":\"Buy milk and bread {number}\",\"priority\":\"high\"}}");
                call(&app, "POST", "/api/tasks", token, &body).await?
            }
            "list" => call(&app, "GET", "/api/tasks?limit=50", token, "").await?,
            "get" => call(&app, "GET", &format!("/api/tasks/{}", number % SEEDED + 1), token, "").await?,
            "search" => call(&app, "GET", "/api/search?q=quarterly", token, "").await?,
            "quick_add" => {
                let body = r#"{"text":"Call the dentist tomorrow at 5pm p1 #health every month"}"#;
                call(&app, "POST", "/api/parse", token, body).await?
            }
            "chat" => call(&app, "POST", "/api/chat", token, r#"{"message":"what is due this week?"}"#).await?,
            _ => anyhow::bail!("there is no path `{path}`"),
        };
    }
    Ok(())
}

async fn call(app: &Router, method: &str, path: &str, token: &str, body: &str) -> anyhow::Result<Bytes> {
    let mut request = Request::builder().method(method).uri(path).header("content-type", "application/json");
    if !token.is_empty() {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    let answer = app.clone().oneshot(request.body(Body::from(body.to_owned()))?).await?;
    let status = answer.status();
    let bytes = to_bytes(answer.into_body(), usize::MAX).await?;
    anyhow::ensure!(status.is_success(), "{method} {path}: {status} {}", String::from_utf8_lossy(&bytes));
    Ok(bytes)
}
