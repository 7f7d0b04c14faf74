//! The command line.

mod account;
mod chat;
mod files;
mod mcp;
mod parse;
mod tasks;

use std::time::Duration;

use clap::{Args, Parser, Subcommand};
use todo_service::probe;
use url::Url;

use crate::serve;

/// A task list that is yours, answers in a blink and can be talked to.
#[derive(Debug, Parser)]
#[command(name = "todo", version, about, max_term_width = 100)]
pub struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    target: Target,
}

/// Whose tasks, and where.
#[derive(Debug, Args)]
pub struct Target {
    /// Server to speak to, instead of the tasks on this machine
    #[arg(long, global = true, env = "TODO_SERVER", value_name = "URL")]
    server: Option<Url>,
    /// Token for the server (`todo login` stores one)
    #[arg(long, global = true, env = "TODO_TOKEN", value_name = "TOKEN", hide_env_values = true)]
    token: Option<String>,
    /// E-mail of the account, when there are several on this machine
    #[arg(long, global = true, env = "TODO_USER", value_name = "EMAIL")]
    user: Option<String>,
    /// Print JSON
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve page and API (default)
    Serve,
    /// Add a task by sentence: todo add "Call Sam tomorrow 5pm p1 @phone"
    Add(tasks::Add),
    /// List tasks: todo list, todo list "overdue | p1"
    #[command(visible_alias = "ls")]
    List(tasks::List),
    /// Search tasks
    Search(tasks::Search),
    /// Show one task
    Show(tasks::One),
    /// Complete tasks
    #[command(visible_alias = "complete")]
    Done(tasks::Several),
    /// Reopen tasks
    Reopen(tasks::Several),
    /// Change a task
    Edit(tasks::Edit),
    /// Delete tasks
    #[command(visible_alias = "delete")]
    Rm(tasks::Several),
    /// Undo the last change, or the one that is named
    Undo(tasks::Undo),
    /// Talk to the assistant
    Chat(chat::Chat),
    /// Serve the tasks of this machine to an agent over standard input (Model Context Protocol)
    Mcp,
    /// Show what a sentence means
    Parse(parse::Parse),
    /// Export all tasks
    Export(files::Export),
    /// Import a file
    Import(files::Import),
    /// Sign in at a server and keep a token
    Login(account::Login),
    /// Forget the token of a server
    Logout(account::Logout),
    /// Bring the database's schema up to date
    Migrate,
    /// Print the configuration in force, secrets masked
    Config,
    /// Print fresh secrets
    Keygen,
    /// Ask a health endpoint; exit code 0 when it answers 200
    Probe {
        /// Address of the endpoint
        #[arg(long, default_value = "http://127.0.0.1:3000/health/live")]
        url: String,
    },
}

/// Does what was asked.
///
/// # Errors
/// One line for people.
pub fn run(Arguments { command, target }: Arguments) -> anyhow::Result<()> {
    match command.unwrap_or(Command::Serve) {
        Command::Keygen => {
            println!("{}", todo_server::config::fresh_secrets()?);
            Ok(())
        }
        Command::Config => {
            println!("{}", todo_server::config::table(&serve::configuration()?.settings));
            Ok(())
        }
        Command::Parse(parse) => parse.run(target.json),
        Command::Serve => runtime(true)?.block_on(serve::run()),
        command => runtime(false)?.block_on(talk(command, target)),
    }
}

async fn talk(command: Command, target: Target) -> anyhow::Result<()> {
    match command {
        Command::Add(add) => add.run(&target).await,
        Command::List(list) => list.run(&target).await,
        Command::Search(search) => search.run(&target).await,
        Command::Show(show) => show.run(&target).await,
        Command::Done(several) => several.run(&target, todo_client::BulkAction::Complete, "Completed").await,
        Command::Reopen(several) => several.run(&target, todo_client::BulkAction::Reopen, "Reopened").await,
        Command::Rm(several) => several.run(&target, todo_client::BulkAction::Delete, "Deleted").await,
        Command::Edit(edit) => edit.run(&target).await,
        Command::Undo(undo) => undo.run(&target).await,
        Command::Chat(chat) => chat.run(&target).await,
        Command::Mcp => mcp::run(&target).await,
        Command::Export(export) => export.run(&target).await,
        Command::Import(import) => import.run(&target).await,
        Command::Login(login) => login.run().await,
        Command::Logout(logout) => logout.run(),
        Command::Migrate => {
            serve::open(serve::configuration()?).await?;
            println!("The schema is up to date.");
            Ok(())
        }
        Command::Probe { url } => probe::probe(&url, Duration::from_secs(2)).await,
        Command::Serve | Command::Keygen | Command::Config | Command::Parse(_) => Ok(()),
    }
}

fn runtime(server: bool) -> std::io::Result<tokio::runtime::Runtime> {
    let mut builder = if server {
        tokio::runtime::Builder::new_multi_thread()
    } else {
        tokio::runtime::Builder::new_current_thread()
    };
    builder.enable_all().build()
}
