//! `todo-backend`: the API as a service of its own, on PostgreSQL.

use std::{io::Write as _, process::ExitCode, time::Duration};

use clap::{Parser, Subcommand};
use todo_server::{Config, Defaults, auth::admin, config, openapi, router, selftest::Selftest, serve};
use todo_service::{
    config::{Environment, Vars},
    logs, probe,
};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The backend of todo.
#[derive(Debug, Parser)]
#[command(name = "todo-backend", version, about)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the API (default)
    Serve,
    /// Bring the database's schema up to date
    Migrate {
        /// Wait so long for the database to come up, such as 180s
        #[arg(long, value_name = "SPAN", default_value = "0s", value_parser = config::span)]
        wait_db: Duration,
    },
    /// Ask a health endpoint; exit code 0 when it answers 200
    Probe {
        /// Address of the endpoint; /health/live on this machine's PORT when absent
        #[arg(long)]
        url: Option<String>,
    },
    /// Wait out the drain delay (a preStop hook for clusters without a native sleep)
    Drain,
    /// Print the configuration in force, secrets masked
    Config,
    /// Print fresh secrets
    Keygen,
    /// Print the OpenAPI document
    Openapi,
    /// Create, list, lock, reset and remove accounts
    Admin {
        #[command(subcommand)]
        action: admin::Action,
    },
    /// Look at a running installation as a user would
    Selftest(Selftest),
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    match run(cli.command.unwrap_or(Command::Serve)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // One line for people and for the log: what is wrong and what to do.
            eprintln!("todo-backend: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    match command {
        Command::Probe { url } => {
            let port = Environment.get("PORT").unwrap_or_else(|| "8000".into());
            let url = url.unwrap_or_else(|| format!("http://127.0.0.1:{port}/health/live"));
            return runtime.block_on(probe::probe(&url, Duration::from_secs(2)));
        }
        Command::Selftest(selftest) => return runtime.block_on(selftest.run()),
        Command::Openapi => {
            std::io::stdout().write_all(&openapi::document())?;
            return Ok(());
        }
        Command::Keygen => {
            println!("{}", config::fresh_secrets()?);
            return Ok(());
        }
        Command::Serve | Command::Migrate { .. } | Command::Drain | Command::Config | Command::Admin { .. } => {}
    }
    let config = Config::read(&Environment, Defaults::backend())?;
    match command {
        Command::Config => {
            println!("{}", config::table(&config.settings));
            Ok(())
        }
        Command::Admin { action } => runtime.block_on(admin::run(&config, action)),
        Command::Drain => {
            std::thread::sleep(config.grace.delay);
            Ok(())
        }
        Command::Migrate { wait_db } => {
            logs::start(&config.log_level, config.log_format)?;
            runtime.block_on(serve::migrate(&config, wait_db))
        }
        _ => {
            let traces = serve::start_logs(&config, "todo-backend")?;
            let served = runtime.block_on(async {
                let store = serve::open_store(&config)?;
                let state = serve::state(config, store)?;
                let app = router::router(&state);
                serve::serve(&state, app).await
            });
            if let Some(traces) = traces {
                traces.stop();
            }
            served
        }
    }
}
