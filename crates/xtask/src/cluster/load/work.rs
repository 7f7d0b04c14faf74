//! The requests: mostly reads, many writes, some sign-ins; every fifth on a new connection.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use serde_json::json;
use tokio::time::{Instant, sleep_until};

use super::{Client, Outcome, Shared, User, lock};

/// Counts requests over all loads of this process, so that no idempotency key is used twice.
static NUMBER: AtomicU64 = AtomicU64::new(0);

/// Sends requests at the rate until the load ends.
pub async fn pump(address: String, users: Arc<Vec<User>>, rate: u32, started: Instant, shared: Arc<Shared>) {
    let client = Client::new(&address);
    let gap = Duration::from_secs(1) / rate;
    let mut due = started;
    while !shared.stopping() {
        sleep_until(due).await;
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let user = usize::try_from(number).unwrap_or_default() % users.len();
        let (client, users, shared) = (client.clone(), Arc::clone(&users), Arc::clone(&shared));
        shared.in_flight.fetch_add(1, Ordering::Relaxed);
        tokio::spawn(async move {
            let result = request(&client, &users[user], number).await;
            lock(&shared.outcomes).push(Outcome {
                due: due.duration_since(started),
                took: due.elapsed(),
                failure: result.err().map(|error| format!("{error:#}")),
            });
            shared.in_flight.fetch_sub(1, Ordering::Relaxed);
        });
        due += gap;
    }
}

async fn request(client: &Client, user: &User, number: u64) -> anyhow::Result<()> {
    let keep = !number.is_multiple_of(5);
    let token = Some(user.token.as_str());
    match number % 100 {
        0 => {
            let body = json!({ "email": user.email, "password": user.password });
            client.send("POST", "/api/auth/sign-in/email", None, &[], Some(&body), keep).await?;
        }
        1..=30 => {
            let body = json!({ "title": format!("Load {number}") });
            let key = format!("load-{}-{number}", std::process::id());
            let answer =
                client.send("POST", "/api/tasks", token, &[("idempotency-key", &key)], Some(&body), keep).await?;
            anyhow::ensure!(answer["id"].is_string(), "the new task has no id");
        }
        31..=40 => {
            client.send("GET", "/api/stats", token, &[], None, keep).await?;
        }
        41..=45 => {
            client.send("GET", "/sign-in", None, &[], None, keep).await?;
        }
        _ => {
            client.send("GET", "/api/tasks?limit=20", token, &[], None, keep).await?;
        }
    }
    Ok(())
}
