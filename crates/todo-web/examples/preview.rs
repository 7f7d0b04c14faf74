//! The page over an API in memory, for working on its looks: `cargo run -p todo-web --example preview`, then open
//! <http://127.0.0.1:3999> and sign in with anything.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "an errand, not the product")]

#[path = "../tests/support/mod.rs"]
mod support;

use std::sync::{Arc, Mutex};

use serde_json::json;
use todo_client::Client;
use todo_web::WebConfig;

#[tokio::main]
async fn main() {
    let store = support::Shared::new(Mutex::default());
    fill(&mut store.lock().unwrap());
    let api = support::api(Arc::clone(&store));
    let page = todo_web::router(WebConfig { public_url: None, version: "preview" }, Client::in_process(api.clone()));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:3999").await.unwrap();
    axum::serve(listener, page.merge(api)).await.unwrap();
}

fn fill(store: &mut support::Store) {
    let now = jiff::Zoned::now();
    let day = |days: i64| now.date().saturating_add(jiff::Span::new().days(days)).to_string();
    store.add("Send the contract to Lena", json!({ "priority": "urgent", "due_date": day(-2), "labels": ["work"] }));
    store.add(
        "Water the plants",
        json!({ "due_date": day(-1), "recurrence": "FREQ=DAILY", "recurrence_text": "every day" }),
    );
    store.add(
        "Call Ana about the trip",
        json!({ "priority": "high", "due_date": format!("{}T23:00:00+01:00", day(0)), "labels": ["phone/fax"] }),
    );
    store.add("Book the dentist", json!({ "priority": "medium", "due_date": day(0) }));
    store.add("Buy oat milk, bread and coffee", json!({ "due_date": day(0), "project_id": support::PROJECT }));
    store.add(
        "Read the draft",
        json!({ "due_date": day(0), "description": "See [the draft](https://example.org).\n\n- intro\n- **ending**" }),
    );
    store
        .add("Plan the garden", json!({ "due_date": day(5), "project_id": support::PROJECT, "reminders": ["-PT10M"] }));
    store.add("Renew the passport", json!({}));
}
