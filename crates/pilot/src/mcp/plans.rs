//! Plans that wait for a yes. They are kept here and not by the client, so that nothing but what was planned can be done.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;

use crate::plan::Plan;

/// Most plans that wait; the oldest makes room.
const MOST: usize = 32;

/// The plans of one server.
#[derive(Clone, Default)]
pub struct Plans(Arc<Mutex<HashMap<String, Waiting>>>);

/// A plan, and what is known about it.
#[derive(Clone)]
pub struct Waiting {
    /// The plan.
    pub plan: Plan,
    /// Why untrusted text may have played a part, if it may.
    pub tainted: Option<String>,
    /// The question that was last asked about it, under a name that nobody can guess.
    pub question: Option<String>,
}

impl Plans {
    /// Keeps a plan and gives its hash.
    pub fn keep(&self, plan: Plan, tainted: Option<String>) -> String {
        let hash = plan.hash();
        let mut plans = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Timestamp::now();
        plans.retain(|_, waiting| !waiting.plan.is_expired(now));
        if plans.len() >= MOST {
            let oldest = plans.iter().min_by_key(|(_, w)| w.plan.made_at).map(|(hash, _)| hash.clone());
            oldest.map(|oldest| plans.remove(&oldest));
        }
        plans.insert(hash.clone(), Waiting { plan, tainted, question: None });
        hash
    }

    /// The plan with this hash, or the one whose hash begins so (12 characters at least).
    pub fn get(&self, hash: &str) -> Option<Waiting> {
        let plans = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut fits = plans.iter().filter(|(whole, _)| hash.len() >= 12 && whole.starts_with(hash));
        let (_, found) = fits.next().filter(|(_, w)| !w.plan.is_expired(Timestamp::now()))?;
        fits.next().is_none().then(|| found.clone())
    }

    /// Remembers what is being asked about a plan.
    pub fn asking(&self, hash: &str, question: &str) {
        let mut plans = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(waiting) = plans.get_mut(hash) {
            waiting.question = Some(question.to_owned());
        }
    }

    /// Takes a plan out: it is carried out or declined once.
    pub fn take(&self, hash: &str) -> Option<Waiting> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(hash)
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;

    #[test]
    fn plans_are_found_by_hash_and_used_once() {
        let plans = Plans::default();
        let hash = plans.keep(Plan::new("a"), None);
        plans.keep(Plan::new("b"), None);
        assert_eq!(plans.get(&hash[..12]).map(|w| w.plan.purpose).as_deref(), Some("a"));
        assert!(plans.get(&hash[..11]).is_none() && plans.get("").is_none());
        assert!(plans.take(&hash).is_some() && plans.take(&hash).is_none() && plans.get(&hash).is_none());
    }

    #[test]
    fn plans_expire_and_do_not_pile_up() {
        let plans = Plans::default();
        let mut old = Plan::new("old");
        old.made_at -= SignedDuration::from_mins(11);
        let hash = plans.keep(old, None);
        assert!(plans.get(&hash).is_none());
        let hashes: Vec<String> = (0..MOST + 5).map(|n| plans.keep(Plan::new(n.to_string()), None)).collect();
        assert_eq!(hashes.iter().filter(|hash| plans.get(hash).is_some()).count(), MOST);
    }
}
