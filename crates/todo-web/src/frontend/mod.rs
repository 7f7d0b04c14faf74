//! Life of the process: read the configuration, serve, drain, stop.

mod health;
mod settings;

use std::{process::ExitCode, time::Duration};

use anyhow::Context;
use axum::{Router, middleware};
use clap::{Parser, Subcommand};
use todo_client::Client;
use todo_service::{
    config::{ConfigErrors, Environment},
    listen, logs, meter, observe, probe, shutdown,
};
use todo_web::WebConfig;

use settings::Settings;

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The page of todo, in front of a backend elsewhere.
#[derive(Parser)]
#[command(name = "todo-frontend", version, about)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Serve (the default).
    Serve,
    /// Ask a running server whether it is well; exit 1 if not.
    Probe {
        /// What to ask.
        #[arg(long)]
        url: Option<String>,
    },
    /// Wait for the shutdown delay (a preStop hook in an image without a shell).
    Drain,
    /// Print the configuration in force.
    Config,
    /// Render a page and check the assets without a backend; exit 1 if something is wrong.
    Selftest,
}

/// Runs the program.
pub fn main() -> ExitCode {
    let command = Arguments::parse().command.unwrap_or(Command::Serve);
    let settings = match Settings::read(&Environment) {
        Ok(settings) => settings,
        Err(errors) => return misconfigured(&errors),
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(settings.threads).enable_all().build();
    let outcome =
        runtime.context("the runtime did not start").and_then(|runtime| runtime.block_on(run(command, settings)));
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("todo-frontend: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn misconfigured(errors: &ConfigErrors) -> ExitCode {
    eprintln!("{errors}");
    // EX_CONFIG of sysexits.h.
    ExitCode::from(78)
}

async fn run(command: Command, settings: Settings) -> anyhow::Result<()> {
    match command {
        Command::Serve => serve(settings).await,
        Command::Probe { url } => {
            let url = url.unwrap_or_else(|| format!("http://127.0.0.1:{}/health/live", settings.port));
            probe::probe(&url, Duration::from_secs(3)).await
        }
        Command::Drain => {
            tokio::time::sleep(settings.grace.delay).await;
            Ok(())
        }
        Command::Config => {
            for setting in &settings.all {
                println!("{}={}  # {} ({})", setting.name, setting.value, setting.meaning, setting.source);
            }
            Ok(())
        }
        Command::Selftest => health::selftest(VERSION).await,
    }
}

/// Pages, the way to the backend, and health, on one port.
fn router(settings: &Settings, client: &Client, shutdown: &shutdown::Shutdown) -> Router {
    let config = WebConfig { public_url: settings.public_url.clone(), version: VERSION };
    let https = config.is_https();
    Router::new()
        .merge(health::router(client.clone(), shutdown.clone(), VERSION))
        .merge(todo_web::proxy::router(client.clone(), https, shutdown.clone()))
        .merge(todo_web::router(config, client.clone()))
        .layer(middleware::from_fn(observe::observe))
}

async fn serve(settings: Settings) -> anyhow::Result<()> {
    logs::start(&settings.log_level, settings.log_format)?;
    meter::start(VERSION)?;
    let client = Client::http(&settings.backend)?;
    let shutdown = shutdown::Shutdown::default();
    let router = router(&settings, &client, &shutdown);
    let listener = listen::bind(settings.host, settings.port).await?;
    if settings.metrics_port != 0 {
        let metrics = listen::bind(settings.host, settings.metrics_port).await.context("METRICS_PORT")?;
        let until = shutdown.clone();
        tokio::spawn(async move {
            listen::serve(metrics, meter::router(), listen::Limits::default(), &until, settings.grace).await;
        });
    }
    tracing::info!(address = %listener.local_addr()?, backend = %settings.backend, version = VERSION, "listening");
    let stop = shutdown.clone();
    tokio::spawn(async move {
        if let Err(error) = stop.on_signal(settings.grace).await {
            tracing::error!(%error, "signals can't be received");
            stop.stop();
        }
    });
    listen::serve(listener, router, listen::Limits::default(), &shutdown, settings.grace).await;
    tracing::info!("stopped");
    Ok(())
}
