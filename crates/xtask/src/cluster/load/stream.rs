//! An event stream that comes back: it remembers the last id, and notices a change that is missing or comes twice.

use std::{sync::Arc, time::Duration};

use http_body_util::BodyExt;
use tokio::time::sleep;

use super::{Client, Shared, User, lock};

/// What the streams saw.
#[derive(Debug, Default)]
pub struct StreamCount {
    /// Changes received.
    pub changes: u64,
    /// Streams that ended and went on elsewhere.
    pub resumed: u64,
    /// Of these, without the server's goodbye.
    pub cut: u64,
    /// What must not happen.
    pub failures: Vec<String>,
    /// Last id per stream and account.
    last: Vec<(String, i64)>,
}

impl StreamCount {
    fn ended(&mut self, ending: anyhow::Result<bool>) {
        match ending {
            Ok(goodbye) => {
                self.resumed += 1;
                self.cut += u64::from(!goodbye);
            }
            Err(error) => self.failures.push(format!("{error:#}")),
        }
    }

    /// At the end all streams of one account must have arrived at the same change.
    pub fn close(&mut self) {
        self.last.sort();
        for pair in self.last.chunk_by(|a, b| a.0 == b.0) {
            let (Some(first), Some(last)) = (pair.first(), pair.last()) else { continue };
            if first.1 != last.1 {
                self.failures
                    .push(format!("one stream of {} ended at change {}, another at {}", first.0, first.1, last.1));
            }
        }
    }
}

/// Follows the account's changes until the task is ended.
pub async fn follow(client: Client, user: User, shared: Arc<Shared>) {
    let slot = {
        let mut streams = lock(&shared.streams);
        streams.last.push((user.email.clone(), 0));
        streams.last.len() - 1
    };
    let mut position: Option<i64> = None;
    loop {
        let ending = follow_once(&client, &user, &mut position, slot, &shared).await;
        lock(&shared.streams).ended(ending);
        sleep(Duration::from_millis(100)).await;
    }
}

/// One connection; answers whether the server said goodbye.
async fn follow_once(
    client: &Client,
    user: &User,
    position: &mut Option<i64>,
    slot: usize,
    shared: &Shared,
) -> anyhow::Result<bool> {
    let id = position.map(|position| position.to_string());
    let headers: Vec<(&str, &str)> = id.as_deref().map(|id| ("last-event-id", id)).into_iter().collect();
    let mut answer = client.open("GET", "/api/events", Some(&user.token), &headers, None, false).await?;
    anyhow::ensure!(answer.status().is_success(), "an event stream was refused: {}", answer.status());
    let mut text = String::new();
    let mut goodbye = false;
    while let Some(frame) = answer.frame().await {
        // A connection that breaks is no loss: the stream goes on from its last id.
        let Ok(frame) = frame else { return Ok(goodbye) };
        let Ok(data) = frame.into_data() else { continue };
        text.push_str(&String::from_utf8_lossy(&data));
        while let Some(end) = text.find("\n\n") {
            let event: String = text.drain(..end + 2).collect();
            goodbye |= take(&event, position)?;
            if let Some(position) = *position {
                let mut streams = lock(&shared.streams);
                streams.changes += u64::from(event.contains("event: change"));
                streams.last[slot].1 = position;
            }
        }
    }
    Ok(goodbye)
}

/// Takes one event; answers whether it was the goodbye.
fn take(event: &str, position: &mut Option<i64>) -> anyhow::Result<bool> {
    let field = |name: &str| event.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
    let Some(kind) = field("event:") else { return Ok(false) };
    let id: i64 =
        field("id:").unwrap_or_default().parse().map_err(|_| anyhow::anyhow!("an event without an id: {event}"))?;
    let expected = match (kind, *position) {
        (_, None) => id,
        ("change", Some(before)) => before + 1,
        ("hello" | "goodbye", Some(before)) => before,
        _ => anyhow::bail!("the stream can't go on after change {position:?}: {kind}"),
    };
    anyhow::ensure!(id == expected, "{kind} has id {id} where {expected} was due");
    *position = Some(id);
    Ok(kind == "goodbye")
}

#[cfg(test)]
mod tests {
    use super::take;

    #[test]
    fn gaps_and_repeats_are_noticed() {
        let mut position = None;
        assert!(!take("event: hello\nid: 4\ndata: {}\n\n", &mut position).unwrap());
        assert!(!take("event: change\nid: 5\ndata: {}\n\n", &mut position).unwrap());
        assert!(take("event: change\nid: 7\ndata: {}\n\n", &mut position).is_err());
        assert!(take("event: change\nid: 5\ndata: {}\n\n", &mut position).is_err());
        assert!(take("event: reset\nid: 9\ndata: {}\n\n", &mut position).is_err());
        assert!(!take(": heartbeat\n\n", &mut position).unwrap());
        assert!(take("event: goodbye\nid: 5\nretry: 500\ndata: {}\n\n", &mut position).unwrap());
        assert_eq!(position, Some(5));
    }
}
