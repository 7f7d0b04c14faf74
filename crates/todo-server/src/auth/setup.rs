//! From the configuration to the service.

use std::sync::Arc;

use anyhow::{Context as _, anyhow};
use futures::FutureExt as _;
use secrecy::ExposeSecret as _;
use todo_auth::Auth;
use todo_auth::config::{AuthConfig, External, read_secrets};
use todo_auth::jwt::ExternalKeys;
use todo_auth::mail::Mailer;
use todo_auth::origin::TrustedOrigins;
use todo_auth::password::Policy;
use todo_store::Store;
use url::Url;

use super::client::TrustedProxies;
use super::jwks_client;
use crate::config::{AuthSettings, Config};

/// The service of accounts, as configured.
///
/// # Errors
/// One line that names the variable and the remedy.
pub fn service(config: &Config, store: Store) -> anyhow::Result<Auth> {
    // Sessions and limits live in real time, also when the clock of the tasks is frozen.
    let now = Arc::new(jiff::Timestamp::now);
    let auth = Auth::new(settings(config)?, store, now);
    let warming = auth.clone();
    if let Ok(runtime) = tokio::runtime::Handle::try_current() {
        runtime.spawn(
            async move {
                if let Err(error) = warming.warm_up().await {
                    tracing::debug!(%error, "the database's hashes could not be looked at yet");
                }
            }
            .boxed(),
        );
    }
    Ok(auth)
}

/// The proxies whose word is taken.
///
/// # Errors
/// One line that names the variable and the remedy.
pub fn trusted_proxies(config: &Config) -> anyhow::Result<TrustedProxies> {
    TrustedProxies::parse(&config.trusted_proxies)
        .map_err(|text| anyhow!("TRUSTED_PROXIES: `{text}` is no network; write one such as 10.0.0.0/8"))
}

fn settings(config: &Config) -> anyhow::Result<AuthConfig> {
    let given = &config.auth;
    let numbered = given.secrets.as_ref().map(|secrets| secrets.expose_secret());
    let secrets =
        read_secrets(given.secret.clone(), numbered).map_err(|problem| anyhow!("BETTER_AUTH_SECRET: {problem}"))?;
    let base_url = base_url(config)?;
    let trusted = TrustedOrigins::new(&base_url, &given.trusted_origins, given.base_url.is_none())
        .map_err(|problem| anyhow!("TRUSTED_ORIGINS: {problem}"))?;
    trusted_proxies(config)?;
    Ok(AuthConfig {
        sign_up: given.sign_up,
        require_verification: given.require_verification,
        confirm_deletion: given.confirm_deletion,
        password: Policy { min_length: given.password_min_length, refuse_guessable: given.password_blocklist },
        rate_limits: given.rate_limits,
        legacy_hs256: given.legacy_hs256,
        external: external(given)?,
        mailer: mailer(given)?,
        ..AuthConfig::new(secrets, base_url, trusted)
    })
}

fn base_url(config: &Config) -> anyhow::Result<Url> {
    let text = config.auth.base_url.clone().unwrap_or_else(|| format!("http://localhost:{}", config.port));
    Url::parse(&text).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host()).with_context(|| {
        format!("BETTER_AUTH_URL: `{text}` is no web address; write one such as https://todo.example.com")
    })
}

fn mailer(given: &AuthSettings) -> anyhow::Result<Mailer> {
    match (&given.smtp_url, &given.mail_from) {
        (None, _) => Ok(Mailer::Log),
        (Some(_), None) => Err(anyhow!("MAIL_FROM: not set; SMTP_URL needs a sender, such as Todo <todo@example.com>")),
        (Some(url), Some(from)) => {
            Mailer::smtp(url, from).map_err(|(variable, problem)| anyhow!("{variable}: {problem}"))
        }
    }
}

fn external(given: &AuthSettings) -> anyhow::Result<Option<External>> {
    let Some(url) = &given.jwks_url else { return Ok(None) };
    let url = Url::parse(url)
        .ok()
        .filter(|url| matches!(url.scheme(), "http" | "https"))
        .with_context(|| format!("BETTER_AUTH_JWKS_URL: `{url}` is no web address"))?;
    Ok(Some(External {
        keys: ExternalKeys::new(jwks_client::fetcher(url, given.certificates.as_deref())?),
        issuer: given.jwks_issuer.clone(),
        audience: given.jwks_audience.clone(),
    }))
}
