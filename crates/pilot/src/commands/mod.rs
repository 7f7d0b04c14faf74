//! One file per command: it asks for what it needs, calls `pilot_core`, and builds a report.

mod analyze;
mod approve;
mod audit;
mod baseline;
mod cost;
mod diagnose;
mod events;
mod get;
mod helm;
mod image;
mod logs;
mod optimize;
mod performance;
mod policy;
mod record;
mod rules;
mod security;
mod top;
mod write;

pub use diagnose::{causes, target};
pub use get::age;
pub use image::answer as review;
pub use optimize::{is_reviewed, sized};

use std::io::{IsTerminal as _, Write as _};
use std::sync::{Arc, Mutex, PoisonError};

use pilot_core::finding::Finding;
use pilot_core::snapshot::Snapshot;

use crate::cli::{Cli, Command, Diagnose, InputArgs, ModelArgs, OutputArgs, WriteArgs};
use crate::cluster::find_kind;
use crate::exit::{Error, Outcome};
use crate::input::{self, Loaded, Wanted};
use crate::report::{Door, Report};

/// Answers a command.
///
/// # Errors
/// When there is no answer.
pub async fn run(cli: Cli) -> Result<Outcome, Error> {
    let Cli { input, output, write, model, command } = cli;
    let ask = Ask { input, output, write, model, answers: Answers::default() };
    match command {
        Command::Mcp(args) => crate::mcp::serve(&ask, args.http, args.allow_writes).await,
        command => self::command(&ask, command).await,
    }
}

/// Answers a command with flags read before.
///
/// # Errors
/// As [`run`].
pub async fn command(ask: &Ask, command: Command) -> Result<Outcome, Error> {
    paranoid(ask, &command)?;
    match command {
        Command::Say(words) => crate::sentence::run(ask, &words).await,
        Command::Analyze(what) => analyze::run(ask, what).await,
        Command::Optimize(what) => optimize::run(ask, what).await,
        Command::Diagnose(Diagnose::Performance { deployment, usage }) => {
            performance::run(ask, deployment, &usage).await
        }
        Command::Diagnose(Diagnose::Workload { name }) => diagnose::run(ask, name).await,
        Command::SecurityScan(args) => security::run(ask, args).await,
        Command::CostAnalysis(args) => cost::run(ask, args).await,
        Command::Policy(what) => policy::run(ask, what).await,
        Command::Image(what) => image::run(ask, what),
        Command::Get(args) => get::run(ask, args).await,
        Command::Logs(args) => logs::run(ask, args).await,
        Command::Events(args) => events::run(ask, args).await,
        Command::Top(args) => top::run(ask, args).await,
        Command::Scale(args) => write::scale(ask, args).await,
        Command::Restart(args) => write::restart(ask, args).await,
        Command::Undo(args) => write::undo(ask, args).await,
        Command::SetImage(args) => write::set_image(ask, args).await,
        Command::Fix(args) => write::fix(ask, args).await,
        Command::Apply => write::apply(ask).await,
        Command::Delete(args) => write::delete(ask, args).await,
        Command::Approve(args) => approve::run(ask, args).await,
        Command::Audit(args) => audit::run(ask, &args),
        Command::Helm(what) => helm::run(ask, what).await,
        Command::Baseline(what) => baseline::run(ask, what).await,
        Command::Record(args) => record::run(ask, args).await,
        // The server calls commands; none of them may start a server.
        Command::Mcp(_) => Err(Error::Usage("mcp is a command of its own".to_owned())),
    }
}

/// Kinds without which workloads cannot be judged.
pub const WORKLOADS: &[&str] = &["Pod", "Deployment", "ReplicaSet", "StatefulSet", "DaemonSet"];
/// Kinds without which permissions cannot be judged.
pub const PERMISSIONS: &[&str] = &["Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding"];

/// Mode paranoid: what containers and configuration say is read after a yes only.
fn paranoid(ask: &Ask, command: &Command) -> Result<(), Error> {
    use crate::write::{Mode, confirm_read};
    let what = match command {
        Command::Logs(args) => format!("the log of {}", args.name.as_deref().unwrap_or("a file")),
        Command::Get(args) if matches!(find_kind(&args.kind).map(|k| k.kind), Some("ConfigMap" | "Secret")) => {
            format!("{} {}", args.kind, args.name.as_deref().unwrap_or(""))
        }
        _ => return Ok(()),
    };
    match (ask.write.mode, &ask.answers) {
        (Some(Mode::Paranoid), Answers::Printed) => confirm_read(&what),
        (Some(Mode::Paranoid), Answers::Kept(_)) => {
            Err(Error::Refused(format!("{what} was not read: mode paranoid needs a yes at the terminal")))
        }
        _ => Ok(()),
    }
}

/// What every command is given.
#[derive(Debug, Clone)]
pub struct Ask {
    /// Where the objects come from.
    pub input: InputArgs,
    /// How to answer.
    pub output: OutputArgs,
    /// How to change.
    pub write: WriteArgs,
    /// The model behind sentences.
    pub model: ModelArgs,
    /// Where answers go.
    pub answers: Answers,
}

/// Where answers go.
#[derive(Debug, Clone, Default)]
pub enum Answers {
    /// To standard output, or to the file that was named.
    #[default]
    Printed,
    /// To a program that asked: nothing is printed, and nobody is at the keyboard.
    Kept(Arc<Mutex<Vec<Report>>>),
}

impl Ask {
    /// Reads the input.
    ///
    /// # Errors
    /// As [`input::load`].
    pub async fn load(&self, wanted: Wanted) -> Result<Loaded, Error> {
        input::load(&self.input, wanted).await
    }

    /// Whether a live cluster is the input.
    pub fn is_live(&self) -> bool {
        self.input.filename.is_empty() && self.input.from_snapshot.is_none()
    }

    /// The namespace asked for.
    pub fn namespace(&self) -> Option<&str> {
        self.input.cluster.namespace.as_deref()
    }

    /// Puts findings into the report: those that are to be shown; all of them count for the exit code.
    pub fn show(&self, report: &mut Report, findings: &[Finding]) {
        report.worst = findings.iter().map(|f| f.severity).min();
        report.findings = findings.iter().filter(|f| f.severity.at_least(self.output.severity)).cloned().collect();
    }

    /// As [`Self::answer`], but an answer for which one of `needed` kinds could not be read is incomplete.
    ///
    /// # Errors
    /// When it can't be written.
    pub fn answer_about(&self, report: &Report, snapshot: &Snapshot, needed: &[&str]) -> Result<Outcome, Error> {
        let outcome = self.answer(report)?;
        let blind = snapshot.gaps.iter().any(|gap| needed.contains(&gap.kind.as_str()));
        Ok(if blind { Outcome::Incomplete } else { outcome })
    }

    /// Writes the report and says how the command ends.
    ///
    /// # Errors
    /// When it can't be written.
    pub fn answer(&self, report: &Report) -> Result<Outcome, Error> {
        match &self.answers {
            Answers::Printed => self.print(report)?,
            Answers::Kept(kept) => kept.lock().unwrap_or_else(PoisonError::into_inner).push(report.clone()),
        }
        let fails = report.worst.is_some_and(|worst| worst.at_least(self.output.fail_on));
        Ok(if fails { Outcome::Findings } else { Outcome::Clean })
    }

    fn print(&self, report: &Report) -> Result<(), Error> {
        let terminal = self.output.out.is_none() && std::io::stdout().is_terminal();
        let colour = terminal && !self.output.no_color && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty());
        let width = terminal.then(|| console_width().max(60));
        let text = report.render(self.output.format, colour, width, &Door::default());
        match &self.output.out {
            Some(path) => std::fs::write(path, text).map_err(|e| Error::Usage(format!("{}: {e}", path.display())))?,
            None => {
                let mut out = std::io::stdout().lock();
                match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
                    // A reader that has seen enough (`| head`) is no error.
                    Err(e) if e.kind() == std::io::ErrorKind::BrokenPipe => {}
                    other => other.map_err(Error::Output)?,
                }
            }
        }
        Ok(())
    }
}

fn console_width() -> u16 {
    comfy_table::Table::new().width().or_else(|| std::env::var("COLUMNS").ok()?.parse().ok()).unwrap_or(120)
}
