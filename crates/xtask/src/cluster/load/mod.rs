//! Load on a running installation: requests at a fixed rate whatever the answers take (open loop), and event streams that come
//! back where they stopped. Latency counts from the moment a request was due, so that a stall is seen by every request it delays.

mod client;
mod measure;
mod stream;
mod work;

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use anyhow::Context;
use serde_json::json;
use tokio::{runtime::Runtime, task::JoinHandle, time::Instant};

pub use client::{Client, User};
pub use measure::{Measured, Outcome};
pub use stream::StreamCount;

/// How much load.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// Requests a second.
    pub rate: u32,
    /// Accounts that share them.
    pub users: usize,
    /// Open event streams.
    pub streams: usize,
}

/// Load that runs in the background.
pub struct Load {
    runtime: Runtime,
    shared: Arc<Shared>,
    pump: JoinHandle<()>,
    streams: Vec<JoinHandle<()>>,
    started: Instant,
}

/// What all requests and streams write to.
struct Shared {
    outcomes: Mutex<Vec<Outcome>>,
    streams: Mutex<StreamCount>,
    in_flight: std::sync::atomic::AtomicUsize,
    stop: tokio::sync::watch::Sender<bool>,
}

impl Shared {
    fn stopping(&self) -> bool {
        *self.stop.borrow()
    }
}

/// Takes the lock, whatever happened to the task that held it before.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Load {
    /// Signs the users up, opens the streams, and begins.
    ///
    /// # Errors
    /// When a user can't sign up.
    pub fn start(address: &str, plan: Plan) -> anyhow::Result<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
        let users = Arc::new(runtime.block_on(sign_up(address, plan.users))?);
        let shared = Arc::new(Shared {
            outcomes: Mutex::default(),
            streams: Mutex::default(),
            in_flight: std::sync::atomic::AtomicUsize::default(),
            stop: tokio::sync::watch::Sender::new(false),
        });
        let streams = (0..plan.streams)
            .map(|index| {
                let user = users[index % users.len()].clone();
                runtime.spawn(stream::follow(Client::new(address), user, Arc::clone(&shared)))
            })
            .collect();
        let started = Instant::now();
        let pump = runtime.spawn(work::pump(address.to_owned(), users, plan.rate, started, Arc::clone(&shared)));
        Ok(Self { runtime, shared, pump, streams, started })
    }

    /// Time since the beginning.
    #[must_use]
    pub fn now(&self) -> Duration {
        self.started.elapsed()
    }

    /// Requests that are waiting for their answer.
    #[must_use]
    pub fn in_flight(&self) -> usize {
        self.shared.in_flight.load(std::sync::atomic::Ordering::Relaxed)
    }

    /// Ends the load: waits for the answers that are due, and until the streams have seen every change.
    #[must_use]
    pub fn finish(self) -> Measured {
        self.shared.stop.send_replace(true);
        self.runtime.block_on(async {
            self.pump.await.ok();
            let waiting = Instant::now();
            while self.shared.in_flight.load(std::sync::atomic::Ordering::Relaxed) > 0
                && waiting.elapsed() < client::PATIENCE
            {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            // The last changes travel for a moment.
            tokio::time::sleep(Duration::from_secs(3)).await;
            for stream in &self.streams {
                stream.abort();
            }
        });
        let outcomes = std::mem::take(&mut *lock(&self.shared.outcomes));
        let mut streams = std::mem::take(&mut *lock(&self.shared.streams));
        streams.close();
        Measured::new(outcomes, streams)
    }
}

/// New accounts, one after another: each costs a password hash.
async fn sign_up(address: &str, count: usize) -> anyhow::Result<Vec<User>> {
    let client = Client::new(address);
    let mut users = Vec::new();
    for index in 0..count {
        users.push(new_user(&client, &format!("load-{index}")).await?);
    }
    Ok(users)
}

/// A new account with a session.
///
/// # Errors
/// When it is refused, also after a few attempts: right after a deployment the cluster's routes lag behind.
pub async fn new_user(client: &Client, name: &str) -> anyhow::Result<User> {
    let email = format!("{name}-{}@example.invalid", std::time::UNIX_EPOCH.elapsed()?.as_nanos());
    let password = format!("correct horse battery {name}");
    let body = json!({ "name": name, "email": email, "password": password });
    let mut attempts = 0;
    let answer = loop {
        attempts += 1;
        match client.send("POST", "/api/auth/sign-up/email", None, &[], Some(&body), false).await {
            Ok(answer) => break answer,
            Err(error) if attempts == 20 => return Err(error.context("can't sign up")),
            Err(_) => tokio::time::sleep(Duration::from_millis(250)).await,
        }
    };
    let token = answer["token"].as_str().context("signing up gave no session")?.to_owned();
    Ok(User { email, password, token })
}
