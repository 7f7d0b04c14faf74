//! Where the database is and how to reach it, read from one URL.

use std::{fmt, path::PathBuf, time::Duration};

use tokio_postgres::config::SslMode;
use url::Url;

use crate::error::{Result, StoreError};

/// The variable that errors name.
const VARIABLE: &str = "DATABASE_URL";

/// How to open a [`Store`](crate::Store).
#[derive(Clone)]
pub struct StoreConfig {
    pub(crate) target: Target,
    /// Most connections to PostgreSQL, or most concurrent readers of SQLite. About four per core of the database serve best.
    pub pool_size: usize,
    /// How long a request waits for a connection before it is told that the database is unavailable.
    pub acquire_timeout: Duration,
    /// How long one unit of work (a transaction) may take.
    pub work_timeout: Duration,
    /// Whether a committed change survives a power cut on SQLite (`synchronous=FULL`). Off, it survives a crash of the program only.
    pub durable: bool,
    shown: String,
}

/// Which engine, and where.
#[derive(Clone)]
pub(crate) enum Target {
    Postgres { config: Box<tokio_postgres::Config>, tls: TlsMode, root_cert: Option<PathBuf>, prepared: bool },
    File(PathBuf),
    Memory,
}

/// What is checked of the server's certificate, as in libpq's `sslmode`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TlsMode {
    /// No TLS, or TLS without a check.
    Unchecked,
    /// The chain is checked, the name is not.
    Chain,
    /// Chain and name are checked.
    Full,
}

impl StoreConfig {
    /// Reads a database URL: `postgres://user:password@host/db?sslmode=verify-full`, `sqlite:/path/to/file.db` or
    /// `sqlite::memory:`.
    ///
    /// PostgreSQL takes libpq's parameters (`sslmode`, `sslrootcert`, `options`, `connect_timeout`, `application_name`, …) and
    /// `pgbouncer=true` for transaction poolers, which can't keep prepared statements.
    ///
    /// # Errors
    /// [`StoreError::Config`] that names `DATABASE_URL` and the remedy; it never repeats the password.
    pub fn from_url(text: &str) -> Result<Self> {
        let text = text.trim();
        let (target, shown) = match text.split_once(':').map(|(scheme, _)| scheme.to_ascii_lowercase()) {
            Some(scheme) if scheme == "sqlite" => sqlite(text)?,
            Some(scheme) if scheme == "postgres" || scheme == "postgresql" || scheme.starts_with("postgresql+") => {
                postgres(text)?
            }
            _ => {
                return Err(wrong(
                    "is neither a PostgreSQL nor a SQLite URL; write postgres://user:password@host/database or sqlite:/path/to/file.db",
                ));
            }
        };
        let pool_size = match target {
            Target::Postgres { .. } => 8,
            Target::File(_) | Target::Memory => 4,
        };
        Ok(Self {
            target,
            pool_size,
            acquire_timeout: Duration::from_secs(5),
            work_timeout: Duration::from_secs(30),
            durable: true,
            shown,
        })
    }

    /// Whether the database is PostgreSQL (else SQLite).
    #[must_use]
    pub const fn is_postgres(&self) -> bool {
        matches!(self.target, Target::Postgres { .. })
    }

    /// The URL without its password, for logs and for `todo config`.
    #[must_use]
    pub fn redacted_url(&self) -> &str {
        &self.shown
    }

    /// Whether this is the embedded database.
    #[must_use]
    pub const fn is_sqlite(&self) -> bool {
        !matches!(self.target, Target::Postgres { .. })
    }
}

impl fmt::Debug for StoreConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoreConfig")
            .field("url", &self.shown)
            .field("pool_size", &self.pool_size)
            .finish_non_exhaustive()
    }
}

fn wrong(detail: impl Into<String>) -> StoreError {
    StoreError::Config { variable: VARIABLE, detail: detail.into() }
}

fn sqlite(text: &str) -> Result<(Target, String)> {
    let rest = &text["sqlite:".len()..];
    let path = rest.strip_prefix("//").unwrap_or(rest);
    let path = path.split_once('?').map_or(path, |(path, _)| path);
    match path {
        "" => Err(wrong("names no file; write sqlite:/path/to/file.db or sqlite::memory:")),
        ":memory:" => Ok((Target::Memory, "sqlite::memory:".into())),
        path => Ok((Target::File(path.into()), format!("sqlite:{path}"))),
    }
}

fn postgres(text: &str) -> Result<(Target, String)> {
    // SQLAlchemy's `postgresql+driver://` means the same server.
    let rest = text
        .split_once("://")
        .map(|(_, rest)| rest)
        .ok_or_else(|| wrong("lacks `//`; write postgres://user:password@host/database"))?;
    // The parser's message may quote the URL, password and all, so it isn't passed on.
    let mut url = Url::parse(&format!("postgres://{rest}"))
        .map_err(|_| wrong("is no valid URL; percent-encode special characters in the user name and password"))?;
    let mut tls = TlsMode::Unchecked;
    let mut ssl_mode = SslMode::Prefer;
    let mut root_cert = None;
    let mut prepared = true;
    let mut kept = Vec::new();
    for (name, value) in url.query_pairs() {
        match &*name {
            "sslmode" => {
                (ssl_mode, tls) = match &*value {
                    "disable" => (SslMode::Disable, TlsMode::Unchecked),
                    "allow" | "prefer" => (SslMode::Prefer, TlsMode::Unchecked),
                    "require" => (SslMode::Require, TlsMode::Unchecked),
                    "verify-ca" => (SslMode::Require, TlsMode::Chain),
                    "verify-full" => (SslMode::Require, TlsMode::Full),
                    _ => {
                        return Err(wrong(
                            "has an unknown sslmode; use disable, prefer, require, verify-ca or verify-full",
                        ));
                    }
                };
            }
            "sslrootcert" if value == "system" => {}
            "sslrootcert" => root_cert = Some(PathBuf::from(&*value)),
            "pgbouncer" | "no_prepare" => prepared = !truthy(&value),
            "prepared_statements" | "prepare" => prepared = truthy(&value),
            // Of other drivers, without meaning here.
            "schema"
            | "connection_limit"
            | "pool_timeout"
            | "statement_cache_size"
            | "prepared_statement_cache_size" => {}
            _ => kept.push((name.into_owned(), value.into_owned())),
        }
    }
    // As libpq: `require` with a root certificate means `verify-ca`.
    if root_cert.is_some() && tls == TlsMode::Unchecked && ssl_mode == SslMode::Require {
        tls = TlsMode::Chain;
    }
    let mut shown = url.clone();
    if shown.password().is_some() {
        // Only URLs without a host refuse a password; those have none to hide.
        let _ = shown.set_password(Some("***"));
    }
    let secret = |name: &str| name.eq_ignore_ascii_case("password");
    if url.query_pairs().any(|(name, _)| secret(&name)) {
        let pairs: Vec<_> = url
            .query_pairs()
            .filter(|(name, _)| !secret(name))
            .map(|(n, v)| (n.into_owned(), v.into_owned()))
            .collect();
        shown.query_pairs_mut().clear().extend_pairs(pairs);
    }
    url.set_query(None);
    if !kept.is_empty() {
        url.query_pairs_mut().extend_pairs(&kept);
    }
    // tokio-postgres decodes percent, not `+`.
    let text = match url.query() {
        Some(query) => {
            let query = query.replace('+', "%20");
            url.set_query(Some(&query));
            url.to_string()
        }
        None => url.to_string(),
    };
    let mut config: tokio_postgres::Config = text.parse().map_err(|error: tokio_postgres::Error| {
        let cause = std::error::Error::source(&error).map(ToString::to_string).unwrap_or_default();
        wrong(format!("can't be read ({cause}); write postgres://user:password@host/database?sslmode=require"))
    })?;
    if config.get_hosts().is_empty() {
        return Err(wrong("names no host; write postgres://user:password@host/database"));
    }
    config.ssl_mode(ssl_mode);
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(Duration::from_secs(5));
    }
    if config.get_application_name().is_none() {
        config.application_name("todo");
    }
    config.keepalives_idle(Duration::from_secs(30));
    config.tcp_user_timeout(Duration::from_secs(20));
    Ok((Target::Postgres { config: Box::new(config), tls, root_cert, prepared }, shown.to_string()))
}

fn truthy(value: &str) -> bool {
    matches!(value.to_ascii_lowercase().as_str(), "true" | "1" | "yes" | "on" | "")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(url: &str) -> (SslMode, TlsMode, bool) {
        match StoreConfig::from_url(url).unwrap().target {
            Target::Postgres { config, tls, prepared, .. } => (config.get_ssl_mode(), tls, prepared),
            _ => panic!("{url} is PostgreSQL"),
        }
    }

    #[test]
    fn reads_libpq_parameters() {
        assert_eq!(target("postgres://u:p@h/d"), (SslMode::Prefer, TlsMode::Unchecked, true));
        assert_eq!(target("postgresql://u:p@h:5433/d?sslmode=verify-full"), (SslMode::Require, TlsMode::Full, true));
        assert_eq!(
            target("postgresql+asyncpg://h/d?sslmode=require&sslrootcert=/ca.pem"),
            (SslMode::Require, TlsMode::Chain, true)
        );
        assert_eq!(
            target("postgres://h/d?sslmode=disable&pgbouncer=true"),
            (SslMode::Disable, TlsMode::Unchecked, false)
        );
        match StoreConfig::from_url("postgres://h/d?options=-c%20work_mem%3D8MB&application_name=x+y").unwrap().target {
            Target::Postgres { config, .. } => {
                assert_eq!(config.get_options(), Some("-c work_mem=8MB"));
                assert_eq!(config.get_application_name(), Some("x y"));
            }
            _ => panic!(),
        }
    }

    #[test]
    fn shows_no_password_anywhere() {
        for url in ["postgres://u:hunter2@h/d?sslmode=require", "postgres://u@h/d?password=hunter2"] {
            let config = StoreConfig::from_url(url).unwrap();
            assert!(!format!("{config:?}{}", config.redacted_url()).contains("hunter2"));
        }
        for url in [
            "postgres://u:hunter2@/d?nonsense=1",
            "postgres://u:hunter2@h/d?sslmode=maybe",
            "mysql://u:hunter2@h",
            "postgres:hunter2",
            "postgres://u:hunter2@h:port/d",
        ] {
            let error = StoreConfig::from_url(url).unwrap_err().to_string();
            assert!(error.starts_with("DATABASE_URL: ") && !error.contains("hunter2"), "{error}");
        }
    }

    #[test]
    fn reads_sqlite_paths() {
        for (url, path) in [
            ("sqlite:/a/b.db", "/a/b.db"),
            ("sqlite:///a/b.db", "/a/b.db"),
            ("sqlite:b.db", "b.db"),
            ("sqlite://b.db?mode=rwc", "b.db"),
        ] {
            assert!(
                matches!(StoreConfig::from_url(url).unwrap().target, Target::File(file) if file.to_str() == Some(path)),
                "{url}"
            );
        }
        assert!(matches!(StoreConfig::from_url("sqlite::memory:").unwrap().target, Target::Memory));
        assert!(StoreConfig::from_url("sqlite:").is_err());
    }
}
