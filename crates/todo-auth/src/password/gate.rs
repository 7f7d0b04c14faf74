//! The gate before hashing: how many passwords are hashed at once, how many may wait, and equal cost for every refusal.
//!
//! One hash takes tens of MiB and tens of milliseconds of a core. Without a gate a flood of sign-ins would exhaust the
//! memory of a small pod and starve every other request.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::hash::{self, ARGON2_MEMORY_MIB, Memory, SCRYPT_MEMORY_MIB, Stored};
use crate::error::AuthError;

/// How much the gate lets through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GateLimits {
    /// Memory that all running hashes together may take, in MiB.
    pub memory_mib: u32,
    /// How many may run at once, whatever their memory.
    pub concurrent: u32,
    /// How many may wait; one more is turned away.
    pub waiting: usize,
    /// The longest wait.
    pub patience: Duration,
}

impl Default for GateLimits {
    /// 40 MiB (two argon2id hashes or one scrypt), half the cores, 32 waiting for at most 5 s.
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, |n| n.get());
        Self {
            memory_mib: 40,
            concurrent: u32::try_from(cores / 2).unwrap_or(1).max(1),
            waiting: 32,
            patience: Duration::from_secs(5),
        }
    }
}

/// The outcome of a check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The password is right. `rehash` holds the hash in today's form when the stored one is outdated.
    Right {
        /// The new hash to store, if any.
        rehash: Option<String>,
    },
    /// The password is wrong, or there is nothing to check it against.
    Wrong,
}

/// Hashes and checks passwords, a few at a time.
#[derive(Clone, Debug)]
pub struct Gate {
    limits: GateLimits,
    memory: Arc<Semaphore>,
    running: Arc<Semaphore>,
    waiting: Arc<AtomicUsize>,
    /// What the last hash worked in, kept while others wait.
    kept: Arc<Mutex<Option<Memory>>>,
    /// Whether scrypt hashes exist. While they do, every refusal pays for both kinds of hash, so that the time tells
    /// neither whether an address is known nor how old its hash is.
    legacy: Arc<AtomicBool>,
}

impl Gate {
    /// A gate with these limits.
    #[must_use]
    pub fn new(limits: GateLimits) -> Self {
        let memory_mib = limits.memory_mib.max(SCRYPT_MEMORY_MIB);
        Self {
            limits: GateLimits { memory_mib, ..limits },
            memory: Arc::new(Semaphore::new(memory_mib as usize)),
            running: Arc::new(Semaphore::new(limits.concurrent.max(1) as usize)),
            waiting: Arc::default(),
            kept: Arc::default(),
            legacy: Arc::default(),
        }
    }

    /// Says that the database holds Better Auth's scrypt hashes.
    pub fn expect_legacy_hashes(&self) {
        self.legacy.store(true, Ordering::Relaxed);
    }

    /// Turns a request away at once, before it costs anything else, when the queue is full.
    ///
    /// # Errors
    /// [`AuthError::Busy`].
    pub fn require_room(&self) -> Result<(), AuthError> {
        if self.waiting.load(Ordering::Acquire) < self.limits.waiting { Ok(()) } else { Err(AuthError::Busy) }
    }

    /// Hashes a new password.
    ///
    /// # Errors
    /// [`AuthError::Busy`] when too many wait already.
    pub async fn hash(&self, password: &str) -> Result<String, AuthError> {
        let password = password.to_owned();
        self.run(ARGON2_MEMORY_MIB, move |memory| hash::create(&password, memory))
            .await?
            .ok_or(AuthError::Internal("hashing a password"))
    }

    /// Checks a password against the stored hash. `None` (no such account) costs the same as a wrong password.
    ///
    /// # Errors
    /// [`AuthError::Busy`] when too many wait already.
    pub async fn check(&self, stored: Option<&str>, password: &str) -> Result<Verdict, AuthError> {
        let password = password.to_owned();
        let stored = stored.map(str::to_owned);
        if stored.as_deref().and_then(Stored::parse).is_some_and(|s| matches!(s, Stored::Scrypt { .. })) {
            self.expect_legacy_hashes();
        }
        let legacy = self.legacy.load(Ordering::Relaxed);
        let needed = stored.as_deref().and_then(Stored::parse).map_or(0, |stored| stored.memory_mib());
        let floor = if legacy { SCRYPT_MEMORY_MIB } else { ARGON2_MEMORY_MIB };
        self.run(needed.max(floor), move |memory| check_now(stored.as_deref(), &password, legacy, memory)).await
    }

    async fn run<T: Send + 'static>(
        &self,
        memory_mib: u32,
        work: impl FnOnce(&mut Memory) -> T + Send + 'static,
    ) -> Result<T, AuthError> {
        let permits = self.enter(memory_mib.min(self.limits.memory_mib)).await?;
        let (kept, waiting) = (Arc::clone(&self.kept), Arc::clone(&self.waiting));
        tokio::task::spawn_blocking(move || {
            let _permits = permits;
            let mut memory = kept.lock().unwrap_or_else(PoisonError::into_inner).take().unwrap_or_default();
            let done = work(&mut memory);
            if waiting.load(Ordering::Acquire) > 0 && memory.is_usual() {
                *kept.lock().unwrap_or_else(PoisonError::into_inner) = Some(memory);
            }
            done
        })
        .await
        .map_err(|_| AuthError::Internal("hashing a password"))
    }

    async fn enter(&self, memory_mib: u32) -> Result<(OwnedSemaphorePermit, OwnedSemaphorePermit), AuthError> {
        let _place = Place::take(&self.waiting, self.limits.waiting).ok_or(AuthError::Busy)?;
        let acquire = async {
            let running = Arc::clone(&self.running).acquire_owned().await;
            let memory = Arc::clone(&self.memory).acquire_many_owned(memory_mib).await;
            running.and_then(|running| memory.map(|memory| (running, memory)))
        };
        tokio::time::timeout(self.limits.patience, acquire)
            .await
            .map_err(|_| AuthError::Busy)?
            .map_err(|_| AuthError::Busy)
    }
}

/// A place in the queue; given back when dropped, also when the client goes away.
struct Place(Arc<AtomicUsize>);

impl Place {
    fn take(waiting: &Arc<AtomicUsize>, limit: usize) -> Option<Self> {
        waiting
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, |n| (n < limit).then_some(n + 1))
            .ok()
            .map(|_| Self(Arc::clone(waiting)))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

fn check_now(stored: Option<&str>, password: &str, legacy: bool, memory: &mut Memory) -> Verdict {
    let parsed = stored.and_then(Stored::parse);
    if let Some(stored) = &parsed
        && stored.matches(password, memory)
    {
        let rehash = stored.is_outdated().then(|| hash::create(password, memory)).flatten();
        return Verdict::Right { rehash };
    }
    let (paid_argon2, paid_scrypt) = match parsed {
        Some(Stored::Argon2(_)) => (true, false),
        Some(Stored::Scrypt { .. }) => (false, true),
        None => (false, false),
    };
    if !paid_argon2 {
        hash::burn_argon2(password, memory);
    }
    if legacy && !paid_scrypt {
        hash::burn_scrypt(password);
    }
    Verdict::Wrong
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn right_wrong_and_unknown() {
        let gate = Gate::new(GateLimits::default());
        let stored = gate.hash("correct horse").await.expect("hash");
        let check = |stored, password| gate.check(stored, password);
        assert_eq!(check(Some(&stored), "correct horse").await.expect("check"), Verdict::Right { rehash: None });
        assert_eq!(check(Some(&stored), "wrong horse").await.expect("check"), Verdict::Wrong);
        assert_eq!(check(None, "correct horse").await.expect("check"), Verdict::Wrong);
        assert_eq!(check(Some("garbage"), "garbage").await.expect("check"), Verdict::Wrong);
    }

    #[tokio::test]
    async fn a_flood_is_turned_away_and_the_rest_is_served() {
        let gate = Gate::new(GateLimits { waiting: 3, concurrent: 1, ..GateLimits::default() });
        let attempts = (0..20).map(|_| gate.check(None, "x"));
        let outcomes = futures::future::join_all(attempts).await;
        let served = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
        assert!((1..=4).contains(&served), "{served} served");
        assert!(outcomes.iter().filter_map(|o| o.as_ref().err()).all(|error| matches!(error, AuthError::Busy)));
        assert_eq!(gate.waiting.load(Ordering::Relaxed), 0, "every place is given back");
        assert!(gate.check(None, "x").await.is_ok(), "the gate opens again");
    }
}
