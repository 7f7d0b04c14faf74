//! The service that the doors use: settings, database, keys and clock in one handle.

use std::net::IpAddr;
use std::sync::Arc;

use jiff::Timestamp;
use todo_store::Store;
use todo_store::auth::accounts;
use tokio::sync::Notify;

use crate::config::AuthConfig;
use crate::cookie::Signer;
use crate::error::AuthError;
use crate::issuer::Issuer;
use crate::password::Gate;

/// Tells the time.
pub type Now = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// Accounts and sessions. Cheap to clone.
#[derive(Clone)]
pub struct Auth {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) config: AuthConfig,
    pub(crate) store: Store,
    pub(crate) signer: Signer,
    pub(crate) gate: Gate,
    pub(crate) issuer: Issuer,
    /// Rings when a mail was posted.
    pub(crate) mail: Notify,
    now: Now,
}

/// Where a request comes from, for sessions and the audit trail.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Client {
    /// Address, as far as it is trusted.
    pub ip: Option<IpAddr>,
    /// `User-Agent`, cut to a sane length.
    pub user_agent: Option<String>,
}

impl Client {
    /// The address as text.
    #[must_use]
    pub fn ip_text(&self) -> Option<String> {
        self.ip.map(|ip| ip.to_string())
    }

    /// The network that counts as one client: an IPv4 address, or the first 64 bits of an IPv6 address.
    #[must_use]
    pub fn network(&self) -> String {
        match self.ip.map(|ip| ip.to_canonical()) {
            None => "no-trusted-ip".to_owned(),
            Some(IpAddr::V4(ip)) => ip.to_string(),
            Some(IpAddr::V6(ip)) => {
                let [a, b, c, d, ..] = ip.segments();
                format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
            }
        }
    }
}

impl Auth {
    /// A service on `store`. Nothing is read yet.
    #[must_use]
    pub fn new(config: AuthConfig, store: Store, now: Now) -> Self {
        let signer = Signer::new(&config.secrets);
        let gate = Gate::new(config.gate);
        Self {
            inner: Arc::new(Inner { config, store, signer, gate, issuer: Issuer::default(), mail: Notify::new(), now }),
        }
    }

    /// Looks at what was taken over. Until it has run, refusals may take less time than for an account of Better Auth.
    ///
    /// # Errors
    /// The database's.
    pub async fn warm_up(&self) -> Result<(), AuthError> {
        if accounts::any_legacy_hash(&self.inner.store).await? {
            self.inner.gate.expect_legacy_hashes();
        }
        Ok(())
    }

    /// The settings.
    #[must_use]
    pub fn config(&self) -> &AuthConfig {
        &self.inner.config
    }

    /// Signs and opens cookie values.
    #[must_use]
    pub fn signer(&self) -> &Signer {
        &self.inner.signer
    }

    pub(crate) fn store(&self) -> &Store {
        &self.inner.store
    }

    pub(crate) fn now(&self) -> Timestamp {
        // Whole milliseconds, so that what is stored is what was answered.
        let now = (self.inner.now)();
        Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now)
    }
}

/// `time` moved by so many seconds; stays at the end of the calendar.
pub(crate) fn after(time: Timestamp, seconds: i64) -> Timestamp {
    time.checked_add(jiff::SignedDuration::from_secs(seconds)).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks() {
        let network = |ip: &str| Client { ip: Some(ip.parse().expect("ip")), user_agent: None }.network();
        assert_eq!(network("192.0.2.7"), "192.0.2.7");
        assert_eq!(network("::ffff:192.0.2.7"), "192.0.2.7");
        assert_eq!(network("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64");
        assert_eq!(network("2001:db8:1:2:ffff::1"), network("2001:db8:1:2::2"));
        assert_eq!(Client::default().network(), "no-trusted-ip");
    }
}
