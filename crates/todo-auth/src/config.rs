//! What the operator decides about accounts.

use secrecy::SecretString;
use url::Url;

use crate::jwt::ExternalKeys;
use crate::mail::Mailer;
use crate::origin::TrustedOrigins;
use crate::password::{GateLimits, Policy};
use crate::secrets::{Secret, Secrets};

/// Settings of accounts and sessions.
#[derive(Clone, Debug)]
pub struct AuthConfig {
    /// Signs cookies and encrypts keys; `BETTER_AUTH_SECRET`.
    pub secrets: Secrets,
    /// Where people reach the program; `BETTER_AUTH_URL`. Links in mails and the issuer of tokens.
    pub base_url: Url,
    /// Who may use cookies and be redirected to.
    pub trusted: TrustedOrigins,
    /// Whether new accounts are taken.
    pub sign_up: bool,
    /// Whether an address must be proven before the first sign-in.
    pub require_verification: bool,
    /// Whether deleting an account takes a link that is mailed.
    pub confirm_deletion: bool,
    /// Rules for new passwords.
    pub password: Policy,
    /// How many passwords are hashed at once.
    pub gate: GateLimits,
    /// Whether requests to the endpoints of accounts are limited per client.
    pub rate_limits: bool,
    /// Whether HS256 tokens under the secret are accepted.
    pub legacy_hs256: bool,
    /// Whose tokens are accepted besides ours.
    pub external: Option<External>,
    /// How mail is sent.
    pub mailer: Mailer,
}

/// A foreign issuer.
#[derive(Clone, Debug)]
pub struct External {
    /// Its keys.
    pub keys: ExternalKeys,
    /// Its name in `iss`; not checked when absent.
    pub issuer: Option<String>,
    /// Our name in `aud`; not checked when absent.
    pub audience: Option<String>,
}

impl AuthConfig {
    /// Settings with Better Auth's defaults: sign-up open, no verification, no limits, no foreign tokens, mail to the log.
    #[must_use]
    pub fn new(secrets: Secrets, base_url: Url, trusted: TrustedOrigins) -> Self {
        Self {
            secrets,
            base_url,
            trusted,
            sign_up: true,
            require_verification: false,
            confirm_deletion: false,
            password: Policy::default(),
            gate: GateLimits::default(),
            rate_limits: false,
            legacy_hs256: false,
            external: None,
            mailer: Mailer::Log,
        }
    }

    /// Whether cookies are only for https.
    #[must_use]
    pub fn secure_cookies(&self) -> bool {
        self.base_url.scheme() == "https"
    }

    /// The origin of the public address: issuer and audience of tokens.
    #[must_use]
    pub fn origin(&self) -> String {
        self.base_url.origin().ascii_serialization()
    }
}

/// The shortest secret that is accepted: 32 characters, Better Auth's own recommendation.
pub const SECRET_MIN_LENGTH: usize = 32;

/// Reads `BETTER_AUTH_SECRET` and `BETTER_AUTH_SECRETS` (`2:new,1:old`, the first in use).
///
/// # Errors
/// What is wrong with them, with the remedy.
pub fn read_secrets(single: Option<SecretString>, numbered: Option<&str>) -> Result<Secrets, String> {
    use secrecy::ExposeSecret as _;

    let mut secrets = Vec::new();
    for entry in numbered.unwrap_or_default().split(',').map(str::trim).filter(|entry| !entry.is_empty()) {
        let (version, value) = entry
            .split_once(':')
            .and_then(|(version, value)| Some((version.trim().parse::<u32>().ok()?, value.trim())))
            .filter(|(_, value)| !value.is_empty())
            .ok_or("each entry must be <number>:<secret>, the one in use first")?;
        if secrets.iter().any(|secret: &Secret| secret.version == Some(version)) {
            return Err(format!("number {version} occurs twice"));
        }
        secrets.push(Secret { version: Some(version), value: value.to_owned().into() });
    }
    secrets.extend(single.map(|value| Secret { version: None, value }));
    if secrets.first().is_some_and(|secret| secret.value.expose_secret().chars().count() < SECRET_MIN_LENGTH) {
        return Err(format!("must have at least {SECRET_MIN_LENGTH} characters; make one with `todo keygen`"));
    }
    Secrets::rotating(secrets).ok_or_else(|| "not set; make one with `todo keygen`".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: &str = "0123456789abcdef0123456789abcdef";

    #[test]
    fn secrets_single_and_numbered() {
        let read = |single: Option<&str>, numbered| read_secrets(single.map(Into::into), numbered);
        assert_eq!(read(Some(LONG), None).expect("one").current(), LONG);
        let both = format!("2:{LONG}-two, 1:{LONG}-one");
        let secrets = read(Some(LONG), Some(&both)).expect("three");
        assert_eq!(secrets.current(), format!("{LONG}-two"));
        assert_eq!(secrets.all().count(), 3);
        for (single, numbered) in [
            (None, None),
            (Some("short"), None),
            (None, Some("x:y")),
            (None, Some("1:")),
            (Some(LONG), Some("no colon")),
        ] {
            assert!(read(single, numbered).is_err(), "{single:?} {numbered:?}");
        }
        assert!(read(None, Some(&format!("1:{LONG},1:{LONG}"))).is_err());
    }
}
