//! From a due reminder to one message for each of the user's browsers.
//!
//! Every replica runs this. A reminder becomes its deliveries in one transaction, under the claim of whoever took it; each delivery is
//! then claimed, sent and taken off by itself. So replicas never send the same message twice, and what a process that died had claimed is
//! taken up when its claim has expired. A message that the push service has accepted but whose receipt was lost is sent again
//! under the same topic and tag, so that a browser shows it once.

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use futures::future;
use jiff::{SignedDuration, Timestamp, Zoned};
use serde_json::json;
use sha2::{Digest as _, Sha256};
use todo_domain::{Due, Task, id::TaskRef};
use todo_store::{
    PushSubscription, StoreError,
    jobs::{Job, PUSH, PushJob, REMINDER},
};

use super::{
    DELIVERIES,
    deliver::{Message, Outcome, Sender},
    encrypt::Receiver,
    endpoint,
};
use crate::state::AppState;

/// How long whoever claims may take: longer than the longest wait for a push service.
const LEASE: Duration = Duration::from_secs(30);
/// Jobs that are claimed at once.
const AT_ONCE: u32 = 20;
/// The longest wait before looking again: a reminder that another replica has written is late by no more.
const PAUSE: Duration = Duration::from_secs(3);
/// A reminder later than this reminds nobody any more.
const USEFUL_FOR: SignedDuration = SignedDuration::from_hours(24);
/// Push services keep a message for a browser that is away until this long after it was due.
const KEPT_FOR: SignedDuration = SignedDuration::from_hours(1);
/// Most characters of a title in a message, which has little room.
const TITLE_MAX: usize = 200;

/// Sends reminders as they come due, until the process stops. Without keys there is nothing to send: reminders then only leave the
/// queue when another replica, which may already have keys, has left them alone for a while.
///
/// # Errors
/// When the certificates for TLS can't be read.
pub async fn run(state: AppState) -> anyhow::Result<()> {
    let push = &state.config.push;
    let tls = crate::tls::client(state.config.auth.certificates.as_deref())?;
    let sender = push.vapid.clone().map(|vapid| Sender::new(vapid, tls, push.anywhere));
    loop {
        let busy = match round(&state, sender.as_ref()).await {
            Ok(done) => done > 0,
            Err(error) => {
                tracing::debug!(%error, "reminders can't be read right now");
                false
            }
        };
        let pause = if busy { Duration::ZERO } else { PAUSE };
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = state.shutdown.listening_should_end() => return Ok(()),
        }
    }
}

/// Takes up what is due; answers how many jobs that were.
async fn round(state: &AppState, sender: Option<&Sender>) -> Result<usize, StoreError> {
    let now = state.clock.now();
    let due = |before: Timestamp| async move {
        let next = future::try_join(state.store.next_job_at(REMINDER), state.store.next_job_at(PUSH)).await?;
        Ok::<_, StoreError>((next.0.is_some_and(|at| at <= before), next.1.is_some_and(|at| at <= before)))
    };
    let Some(sender) = sender else {
        let stale = now.checked_sub(KEPT_FOR).unwrap_or(Timestamp::MIN);
        if !due(stale).await?.0 {
            return Ok(0);
        }
        let jobs = state.store.claim_jobs(REMINDER, stale, LEASE, AT_ONCE).await?;
        future::try_join_all(jobs.iter().map(|job| state.store.finish_job(job))).await?;
        return Ok(jobs.len());
    };
    let (reminders, messages) = due(now).await?;
    let mut done = 0;
    if reminders {
        let jobs = state.store.claim_jobs(REMINDER, now, LEASE, AT_ONCE).await?;
        for job in &jobs {
            state.store.fan_out_reminder(job, now).await?;
        }
        done += jobs.len();
    }
    if reminders || messages {
        let jobs = state.store.claim_jobs(PUSH, now, LEASE, AT_ONCE).await?;
        future::try_join_all(jobs.iter().map(|job| deliver(state, sender, job))).await?;
        done += jobs.len();
    }
    Ok(done)
}

/// Sends one message, unless it has lost its reason.
async fn deliver(state: &AppState, sender: &Sender, job: &Job) -> Result<(), StoreError> {
    let now = state.clock.now();
    let store = &state.store;
    let Some((user, push)) = job.user.as_ref().zip(serde_json::from_value::<PushJob>(job.payload.clone()).ok()) else {
        return store.fail_job(job, now, "the job can't be read", true).await;
    };
    let scope = store.user(user);
    let (task, subscription, settings) = future::try_join3(
        scope.task(TaskRef::Id(push.task_id)),
        scope.push_subscription(push.subscription_id),
        scope.settings(),
    )
    .await?;
    let late = now.duration_since(push.at) > USEFUL_FOR;
    let open = task.filter(|task| !task.is_completed() && !late);
    let (Some(task), Some(subscription)) = (open, subscription) else {
        count("expired");
        return store.finish_job(job).await;
    };
    let zone = settings.zone().unwrap_or_else(|| state.clock.home_zone());
    let text = text(&task, &push.at.to_zoned(zone.clone()));
    let topic = topic(&task, push.at);
    let ttl = ttl(&task, &push.at.to_zoned(zone), now);
    let outcome = send(state, sender, &subscription, &text, ttl, &topic).await;
    let job_id = job.id;
    match outcome {
        Outcome::Delivered => {
            count("delivered");
            store.finish_job(job).await
        }
        Outcome::Gone => {
            count("gone");
            scope.delete_push_subscription(subscription.id).await?;
            store.finish_job(job).await
        }
        Outcome::Later(error, pause) => {
            count("retried");
            tracing::warn!(error, job_id, attempt = job.attempts, "a reminder could not be sent yet");
            let not_before = pause.and_then(|pause| now.checked_add(pause).ok());
            store.fail_job_until(job, now, &error, not_before).await
        }
        Outcome::Refused(error) => {
            count("refused");
            tracing::error!(error, job_id, "a reminder was refused; check VAPID_SUBJECT and the keys if this goes on");
            store.fail_job(job, now, &error, true).await
        }
    }
}

async fn send(
    state: &AppState,
    sender: &Sender,
    subscription: &PushSubscription,
    text: &[u8],
    ttl: Duration,
    topic: &str,
) -> Outcome {
    // Checked again: the rules may be stricter than when it was kept.
    let endpoint = match endpoint::parse(&subscription.endpoint, state.config.push.anywhere) {
        Ok(endpoint) => endpoint,
        Err(wrong) => return Outcome::Refused(format!("the endpoint {wrong}")),
    };
    match Receiver::parse(&subscription.p256dh, &subscription.auth) {
        Ok(receiver) => sender.send(&Message { endpoint: &endpoint, receiver: &receiver, text, ttl, topic }).await,
        Err((field, wrong)) => Outcome::Refused(format!("{field} {wrong}")),
    }
}

fn count(outcome: &'static str) {
    metrics::counter!(DELIVERIES, "outcome" => outcome).increment(1);
}

/// What the browser's worker shows.
fn text(task: &Task, at: &Zoned) -> Vec<u8> {
    let title: String = task.title.chars().take(TITLE_MAX).collect();
    let body = match &task.due {
        None => at.strftime("%Y-%m-%d %H:%M").to_string(),
        Some(Due::Day(day)) => day.to_string(),
        Some(Due::At(due)) => {
            let due = due.with_time_zone(at.time_zone().clone());
            let format = if due.date() == at.date() { "%H:%M" } else { "%Y-%m-%d %H:%M" };
            due.strftime(format).to_string()
        }
    };
    let url = format!("/task/{}", task.number);
    json!({
        "title": title,
        "body": body,
        "tag": topic(task, at.timestamp()),
        "url": url,
        "task_id": task.id,
        "data": { "url": url },
    })
    .to_string()
    .into_bytes()
}

/// One reminder of one task, in 32 characters that tell the push service nothing.
fn topic(task: &Task, at: Timestamp) -> String {
    let digest = Sha256::digest(format!("{}:{}", task.id, at.as_microsecond()));
    URL_SAFE_NO_PAD.encode(&digest[..24])
}

/// Kept until an hour after the task is due, or after the reminder when that is later.
fn ttl(task: &Task, at: &Zoned, now: Timestamp) -> Duration {
    let due = task.due.as_ref().map_or(at.timestamp(), |due| due.overdue_from(at.time_zone()));
    let left = due.max(at.timestamp()).checked_add(KEPT_FOR).unwrap_or(Timestamp::MAX).duration_since(now);
    Duration::try_from(left).unwrap_or_default().clamp(Duration::from_secs(60), Duration::from_secs(28 * 24 * 3600))
}
