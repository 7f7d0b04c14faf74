//! The life of the server: open the database, listen, work in the background, drain, stop.

use std::{sync::Arc, time::Duration};

use axum::Router;
use futures::FutureExt as _;
use secrecy::ExposeSecret;
use todo_assistant::model::Model;
use todo_service::{Shutdown, listen, logs, traces::Traces};
use todo_store::{Store, StoreConfig};

use crate::{
    auth,
    config::Config,
    meter, push,
    state::{AppState, Shared},
    tls,
};

/// How long a stream may be away and still resume without reloading.
const EVENTS_KEPT: Duration = Duration::from_secs(7 * 24 * 3600);
/// How long a change can be undone.
const OPERATIONS_KEPT: Duration = Duration::from_secs(90 * 24 * 3600);

/// Opens the database that `DATABASE_URL` names.
///
/// # Errors
/// One line that names the variable and the remedy.
pub fn open_store(config: &Config) -> anyhow::Result<Store> {
    let url = config.database_url.as_ref().ok_or_else(|| {
        anyhow::anyhow!("DATABASE_URL: not set; give the database, such as postgres://user:password@host/todo (or DATABASE_URL_FILE)")
    })?;
    let mut settings = StoreConfig::from_url(url.expose_secret())?;
    if settings.is_postgres() {
        settings.pool_size = config.database_pool_size;
    }
    Ok(Store::open(&settings)?)
}

/// Starts the log and, when a collector is named, the traces; the caller stops them at the end.
///
/// # Errors
/// One line that names the variable and the remedy.
pub fn start_logs(config: &Config, service: &'static str) -> anyhow::Result<Option<Traces>> {
    let endpoint = config.otlp_endpoint.as_deref();
    let traces = endpoint.map(|endpoint| Traces::to(endpoint, service, env!("CARGO_PKG_VERSION"))).transpose()?;
    logs::start_with_traces(&config.log_level, config.log_format, traces.as_ref())?;
    Ok(traces)
}

/// What the handlers share.
///
/// # Errors
/// One line that names the variable of accounts that is wrong.
pub fn state(config: Config, store: Store) -> anyhow::Result<AppState> {
    let auth = auth::setup::service(&config, store.clone())?;
    let proxies = Arc::new(auth::setup::trusted_proxies(&config)?);
    let model = model(&config)?;
    Ok(AppState::from(Shared {
        store,
        auth,
        model,
        proxies,
        clock: config.clock.clone(),
        config: Arc::new(config),
        shutdown: Shutdown::default(),
    }))
}

/// The model behind the assistant.
fn model(config: &Config) -> anyhow::Result<Option<Model>> {
    let Some(settings) = config.model.clone() else { return Ok(None) };
    let variable = settings.profile.key;
    let tls = tls::client(config.auth.certificates.as_deref())?;
    Model::new(settings, tls).map(Some).map_err(|error| anyhow::anyhow!("{variable}: {error}"))
}

/// Serves `app` with the state's port, metrics and drain until a signal comes.
///
/// # Errors
/// When a port can't be opened or a signal handler can't be installed.
pub async fn serve(state: &AppState, app: Router) -> anyhow::Result<()> {
    let config = &state.config;
    todo_service::meter::start(env!("CARGO_PKG_VERSION"))?;
    meter::describe();
    let listener = listen::bind(config.host, config.port).await?;
    let address = listener.local_addr()?;
    if config.metrics_port != 0 {
        let metrics = listen::bind(config.host, config.metrics_port).await?;
        let shutdown = state.shutdown.clone();
        let (limits, grace) = (config.limits, config.grace);
        tokio::spawn(
            async move { listen::serve(metrics, todo_service::meter::router(), limits, &shutdown, grace).await }
                .boxed(),
        );
    }
    tokio::spawn(watch_store(state.clone()).boxed());
    let (auth, stopping) = (state.auth.clone(), state.shutdown.clone());
    tokio::spawn(
        async move {
            tokio::select! {
                () = auth.deliver_mail() => {}
                () = stopping.listening_should_end() => {}
            }
        }
        .boxed(),
    );
    let reminding = state.clone();
    tokio::spawn(
        async move {
            if let Err(error) = push::run(reminding).await {
                tracing::error!(%error, "no reminders are sent");
            }
        }
        .boxed(),
    );
    let stop = state.shutdown.clone();
    let grace = config.grace;
    tokio::spawn(
        async move {
            if let Err(error) = stop.on_signal(grace).await {
                tracing::error!(%error, "signals can't be watched; stopping");
                stop.stop();
            }
        }
        .boxed(),
    );
    if let Some(model) = &config.model {
        let address = &model.base_url;
        tracing::info!(provider = model.profile.name, model = model.model, %address, "a model stands behind the assistant");
        if model.key.is_some() && address.scheme() == "http" {
            tracing::warn!(%address, "BASE_URL is no https address: the key and the tasks go over the network in the clear");
        }
    }
    let environment = config.environment.as_deref();
    tracing::info!(%address, version = env!("CARGO_PKG_VERSION"), environment, "listening");
    listen::serve(listener, app, config.limits, &state.shutdown, grace).await;
    tracing::info!("stopped");
    Ok(())
}

/// Exports what the store knows about itself, and cleans up what has expired.
async fn watch_store(state: AppState) {
    let mut ticks = tokio::time::interval(Duration::from_secs(5));
    let mut round: u64 = 0;
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            () = state.shutdown.listening_should_end() => return,
        }
        meter::pool(state.store.pool_use());
        match state.store.backlog(state.clock.now()).await {
            Ok(backlog) => meter::backlog(&backlog, state.clock.now()),
            Err(error) => tracing::debug!(%error, "the queue can't be measured right now"),
        }
        // Expired keys and old events: every ten minutes is often enough.
        if round.is_multiple_of(120)
            && let Err(error) = state.store.prune(state.clock.now(), EVENTS_KEPT, OPERATIONS_KEPT).await
        {
            tracing::debug!(%error, "could not prune what has expired; trying again in ten minutes");
        }
        if round.is_multiple_of(120)
            && let Err(error) = state.auth.prune().await
        {
            tracing::debug!(%error, "could not prune what of accounts has expired; trying again in ten minutes");
        }
        round += 1;
    }
}

/// Brings the schema up to date, waiting for a database that is still starting.
///
/// # Errors
/// One line that says why the schema can't be brought up to date.
pub async fn migrate(config: &Config, wait: Duration) -> anyhow::Result<()> {
    let store = open_store(config)?;
    let deadline = tokio::time::Instant::now() + wait;
    loop {
        match store.migrate().await {
            Ok(applied) if applied.is_empty() => {
                tracing::info!("the schema is up to date");
                return Ok(());
            }
            Ok(applied) => {
                tracing::info!(?applied, "the schema was brought up to date");
                return Ok(());
            }
            Err(error) if error.is_transient() && tokio::time::Instant::now() < deadline => {
                tracing::info!(%error, "waiting for the database");
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
            Err(error) if error.is_transient() => {
                anyhow::bail!("DATABASE_URL: {error}; check that the database runs and is reachable")
            }
            Err(error) => return Err(error.into()),
        }
    }
}
