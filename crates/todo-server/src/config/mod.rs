//! The backend's configuration: every environment variable that it knows, each also as `NAME_FILE`.

use std::{net::IpAddr, path::PathBuf, time::Duration};

use secrecy::SecretString;
use todo_assistant::model;
use todo_service::{
    Clock, Reader, Vars,
    config::{ConfigErrors, Setting},
    listen::Limits,
    logs,
    shutdown::Grace,
};

mod models;
mod push;

pub use push::PushSettings;

/// What the backend was told.
#[derive(Clone, Debug)]
pub struct Config {
    /// Address to listen on.
    pub host: IpAddr,
    /// Port of the API.
    pub port: u16,
    /// Port of the metrics; 0 turns them off.
    pub metrics_port: u16,
    /// Database.
    pub database_url: Option<SecretString>,
    /// Connections to PostgreSQL.
    pub database_pool_size: usize,
    /// Level or filter of the log.
    pub log_level: String,
    /// JSON or text.
    pub log_format: logs::Format,
    /// Collector of traces.
    pub otlp_endpoint: Option<String>,
    /// The clock, frozen in tests.
    pub clock: Clock,
    /// How long a stop may take.
    pub grace: Grace,
    /// What a connection may cost.
    pub limits: Limits,
    /// Longest time to answer a request that is no stream.
    pub request_timeout: Duration,
    /// Requests per minute and user; 0 is no limit.
    pub rate_limit: u32,
    /// Chat messages per minute and user; 0 is no limit.
    pub chat_rate_limit: u32,
    /// Networks whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<String>,
    /// Accounts and sessions.
    pub auth: AuthSettings,
    /// The model behind the assistant, when there is one.
    pub model: Option<model::Settings>,
    /// Name of the environment, such as production; stands in the first line of the log.
    pub environment: Option<String>,
    /// Reminders to browsers.
    pub push: PushSettings,
    /// Everything as it is in force, for `config` to print.
    pub settings: Vec<Setting>,
}

/// The variables of accounts and sessions.
#[derive(Clone, Debug)]
pub struct AuthSettings {
    /// Signs cookies and encrypts keys.
    pub secret: Option<SecretString>,
    /// Numbered secrets while one replaces another.
    pub secrets: Option<SecretString>,
    /// Public URL of the site.
    pub base_url: Option<String>,
    /// Further origins whose pages may use cookies.
    pub trusted_origins: Vec<String>,
    /// Whether HS256 tokens under the shared secret are accepted.
    pub legacy_hs256: bool,
    /// Foreign JWKS whose tokens are accepted.
    pub jwks_url: Option<String>,
    /// Their `iss`; not checked when absent.
    pub jwks_issuer: Option<String>,
    /// Their `aud`; not checked when absent.
    pub jwks_audience: Option<String>,
    /// Certificates by which that server is trusted; Mozilla's when absent.
    pub certificates: Option<PathBuf>,
    /// Whether new accounts may be made.
    pub sign_up: bool,
    /// Shortest password, in characters.
    pub password_min_length: usize,
    /// Whether passwords that are easy to guess are refused.
    pub password_blocklist: bool,
    /// Whether an e-mail address must be verified before the first sign-in.
    pub require_verification: bool,
    /// Whether deleting an account takes a link that is mailed.
    pub confirm_deletion: bool,
    /// SMTP server for mail.
    pub smtp_url: Option<SecretString>,
    /// Sender of mail.
    pub mail_from: Option<String>,
    /// Whether Better Auth's default rate limits hold.
    pub rate_limits: bool,
}

/// What differs between the programs that serve the API.
#[derive(Clone, Copy, Debug)]
pub struct Defaults {
    /// Address to listen on.
    pub host: IpAddr,
    /// Port.
    pub port: u16,
    /// Port of the metrics.
    pub metrics_port: u16,
    /// Log for machines or people.
    pub log_format: logs::Format,
}

impl Defaults {
    /// `todo-backend`: in a container, for everybody.
    #[must_use]
    pub const fn backend() -> Self {
        Self {
            host: IpAddr::V4(std::net::Ipv4Addr::UNSPECIFIED),
            port: 8000,
            metrics_port: 9090,
            log_format: logs::Format::Json,
        }
    }
}

impl Config {
    /// Reads everything.
    ///
    /// # Errors
    /// All mistakes together, each naming its variable.
    pub fn read(vars: &dyn Vars, defaults: Defaults) -> Result<Self, ConfigErrors> {
        let mut reader = Reader::new(vars);
        let mut config = Self {
            host: reader.value("HOST", defaults.host, "Address to listen on"),
            port: reader.value("PORT", defaults.port, "Port to listen on"),
            metrics_port: reader.value("METRICS_PORT", defaults.metrics_port, "Port of the metrics, 0 for none"),
            database_url: reader.secret("DATABASE_URL", "Database: postgres://… or sqlite:path"),
            database_pool_size: reader.value("DATABASE_POOL_SIZE", 8, "Connections to PostgreSQL, 1 to 200"),
            log_level: reader.value("LOG_LEVEL", "info".to_owned(), "error, warn, info, debug or trace"),
            log_format: reader.value("LOG_FORMAT", defaults.log_format, "json or text"),
            otlp_endpoint: reader.text(
                "OTEL_EXPORTER_OTLP_ENDPOINT",
                "Collector of traces (OTLP over HTTP), such as http://collector:4318",
            ),
            clock: reader.value("TODO_CLOCK", Clock::System, "Freezes the clock, for tests and demonstrations"),
            grace: Grace {
                delay: reader.duration("SHUTDOWN_DELAY", Duration::ZERO, "How long to go on serving after SIGTERM"),
                timeout: reader.duration(
                    "SHUTDOWN_TIMEOUT",
                    Duration::from_secs(20),
                    "How long requests in flight may take at a stop",
                ),
            },
            limits: Limits {
                connections: reader.value("MAX_CONNECTIONS", 20_000, "Connections at once"),
                head_timeout: reader.duration(
                    "HEADER_TIMEOUT",
                    Duration::from_secs(10),
                    "How long a client may take to send the head of a request",
                ),
                write_timeout: reader.duration(
                    "WRITE_TIMEOUT",
                    Duration::from_secs(60),
                    "How long a client may take nothing of what is sent to it",
                ),
            },
            request_timeout: reader.duration(
                "REQUEST_TIMEOUT",
                Duration::from_secs(30),
                "Longest time to answer a request",
            ),
            rate_limit: reader.value("RATE_LIMIT_PER_MINUTE", 1000, "Requests per minute and user, 0 for no limit"),
            chat_rate_limit: reader.value(
                "CHAT_RATE_LIMIT_PER_MINUTE",
                60,
                "Chat messages per minute and user, 0 for no limit",
            ),
            trusted_proxies: reader
                .list("TRUSTED_PROXIES", "Networks whose X-Forwarded-For is believed, such as 10.0.0.0/8"),
            auth: AuthSettings::read(&mut reader),
            model: models::read(&mut reader),
            environment: reader.text("ENVIRONMENT", "Name of the environment, such as production"),
            push: PushSettings::default(),
            settings: Vec::new(),
        };
        if !(1..=200).contains(&config.database_pool_size) {
            reader.refuse("DATABASE_POOL_SIZE", "must be 1 to 200; about 4 per core of the database is best");
        }
        config.push = PushSettings::read(&mut reader, config.auth.base_url.as_deref());
        config.settings = reader.finish()?;
        Ok(config)
    }
}

impl AuthSettings {
    fn read(reader: &mut Reader<'_>) -> Self {
        let base_url = reader.text("BETTER_AUTH_URL", "Public URL of the site, such as https://todo.example.com");
        let mut trusted_origins =
            reader.list("TRUSTED_ORIGINS", "Further origins whose pages may use the API with cookies");
        trusted_origins.extend(reader.list("ALLOWED_ORIGINS", "The same, under its older name"));
        // What protects a public site would only be in the way on a laptop.
        let public = base_url.as_deref().is_some_and(|url| url.starts_with("https://"));
        Self {
            secret: reader.secret("BETTER_AUTH_SECRET", "Signs cookies and encrypts keys; make one with `todo keygen`"),
            secrets: reader.secret("BETTER_AUTH_SECRETS", "Numbered secrets while one replaces another: 2:new,1:old"),
            base_url,
            trusted_origins,
            legacy_hs256: reader.flag("AUTH_LEGACY_HS256", false, "Accept HS256 tokens under BETTER_AUTH_SECRET"),
            jwks_url: reader.text("BETTER_AUTH_JWKS_URL", "Foreign JWKS whose tokens are accepted"),
            jwks_issuer: reader.text("BETTER_AUTH_JWKS_ISSUER", "What their iss must be"),
            jwks_audience: reader.text("BETTER_AUTH_JWKS_AUDIENCE", "What their aud must contain"),
            certificates: reader.text("SSL_CERT_FILE", "Certificates to trust instead of Mozilla's").map(PathBuf::from),
            sign_up: reader.flag("SIGN_UP", true, "Whether new accounts may be made"),
            password_min_length: reader.value("PASSWORD_MIN_LENGTH", 8, "Shortest password, in characters"),
            password_blocklist: reader.flag(
                "PASSWORD_BLOCKLIST",
                public,
                "Refuse passwords that are easy to guess; default: on for https",
            ),
            require_verification: reader.flag(
                "REQUIRE_EMAIL_VERIFICATION",
                false,
                "E-mail must be verified before the first sign-in",
            ),
            confirm_deletion: reader.flag(
                "CONFIRM_ACCOUNT_DELETION",
                false,
                "Deleting an account takes a link that is mailed",
            ),
            smtp_url: reader.secret("SMTP_URL", "Mail server, such as smtps://user:password@mail.example.com"),
            mail_from: reader.text("MAIL_FROM", "Sender of mail"),
            rate_limits: reader.flag(
                "AUTH_RATE_LIMITS",
                public,
                "Limit sign-in, sign-up and reset per address; default: on for https",
            ),
        }
    }
}

/// Reads a span of time on the command line, as the variables do.
///
/// # Errors
/// What to write instead.
pub fn span(text: &str) -> Result<Duration, &'static str> {
    todo_service::config::parse_span(text)
}

/// The settings as a table for people.
#[must_use]
pub fn table(settings: &[Setting]) -> String {
    let width = settings.iter().map(|setting| setting.name.len()).max().unwrap_or_default();
    settings
        .iter()
        .map(|Setting { name, value, source, meaning }| format!("{name:width$}  {value}  ({source}) — {meaning}"))
        .collect::<Vec<_>>()
        .join("\n")
}

/// Fresh secrets as lines of an environment file.
///
/// # Errors
/// When the system gives no random bytes.
pub fn fresh_secrets() -> anyhow::Result<String> {
    let (public, private) =
        crate::push::vapid::generate().map_err(|_| anyhow::anyhow!("the system gives no random bytes"))?;
    let secret = todo_auth::keygen::secret();
    Ok(format!("BETTER_AUTH_SECRET={secret}\nVAPID_PUBLIC_KEY={public}\nVAPID_PRIVATE_KEY={private}"))
}
