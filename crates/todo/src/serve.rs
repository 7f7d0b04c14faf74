//! The all-in-one server: page and API on one port.

use std::net::{IpAddr, Ipv4Addr};

use axum::Router;
use todo_client::Client;
use todo_server::{AppState, Config, Defaults, router, serve};
use todo_service::{config::Environment, logs};
use todo_web::WebConfig;

use crate::home::{Home, Installed};

/// On a laptop: only this machine, and logs for people.
const DEFAULTS: Defaults =
    Defaults { host: IpAddr::V4(Ipv4Addr::LOCALHOST), port: 3000, metrics_port: 0, log_format: logs::Format::Text };

/// The configuration of this installation: the environment, completed by its data folder.
///
/// # Errors
/// What is wrong, each with its variable.
pub fn configuration() -> anyhow::Result<Config> {
    let home = Home::open(&Environment)?;
    let installed = Installed::new(&Environment, &home)?;
    Ok(Config::read(&installed, DEFAULTS)?)
}

/// The state over an open database whose schema is up to date.
///
/// # Errors
/// When the database can't be opened or brought up to date.
pub async fn open(config: Config) -> anyhow::Result<AppState> {
    let store = serve::open_store(&config)?;
    store.migrate().await?;
    serve::state(config, store)
}

/// Page and API as one service.
///
/// # Errors
/// See [`router::router`].
pub fn app(state: &AppState) -> anyhow::Result<Router> {
    let api = router::router(state);
    let web = WebConfig {
        public_url: state.config.auth.base_url.as_deref().and_then(|url| url.parse().ok()),
        ..WebConfig::default()
    };
    let page = todo_web::router(web, Client::in_process(api.clone()));
    // The page knows its own addresses; everything else is the API's, and so are its 404s.
    Ok(page.fallback_service(api))
}

/// Serves until a signal comes.
///
/// # Errors
/// What keeps the program from serving.
pub async fn run() -> anyhow::Result<()> {
    let config = configuration()?;
    let traces = serve::start_logs(&config, "todo")?;
    let address = format!(
        "http://{}:{}",
        if config.host.is_loopback() { "localhost".to_owned() } else { config.host.to_string() },
        config.port
    );
    let state = open(config).await?;
    let app = app(&state)?;
    tracing::info!("todo is at {address}");
    let served = serve::serve(&state, app).await;
    if let Some(traces) = traces {
        tokio::task::spawn_blocking(move || traces.stop()).await?;
    }
    served
}

/// The clock of this program, frozen by `TODO_CLOCK`.
#[must_use]
pub fn clock() -> todo_service::Clock {
    use todo_service::Vars;
    Environment.get("TODO_CLOCK").and_then(|text| text.parse().ok()).unwrap_or_default()
}
