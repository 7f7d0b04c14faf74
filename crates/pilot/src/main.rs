//! `kubectl-pilot`: finds what is wrong in a Kubernetes cluster or in its manifests, names the cause, and says how to
//! put it right. Changes are typed plans that a person confirms.
//!
//! `cli` reads the arguments, `input` and `cluster` and `usage` bring the facts, `pilot_core` judges, `commands` ask and
//! answer, `plan` says what a change would do, `write` carries it out, `audit` remembers it, `report` shows the answer in
//! any format through one door that takes secrets out. `tools` are the same questions for programs, `mcp` their way in, `agent` a
//! model that asks them.

mod agent;
mod audit;
mod cli;
mod cluster;
mod commands;
mod exit;
mod helm;
mod input;
mod mcp;
mod plan;
mod report;
mod sentence;
mod tools;
mod usage;
mod write;

use std::process::ExitCode;

use clap::Parser as _;

fn main() -> ExitCode {
    let cli = match cli::Cli::try_parse_from(sentence::arranged(std::env::args_os())) {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are answers; everything else is a usage error.
            let code = if error.use_stderr() { ExitCode::from(2) } else { ExitCode::SUCCESS };
            let _ = error.print();
            return code;
        }
    };
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("error: the runtime cannot start: {error}");
            return ExitCode::from(2);
        }
    };
    match runtime.block_on(commands::run(cli)) {
        Ok(outcome) => outcome.into(),
        Err(error) => {
            let door = report::Door::default();
            for line in error.to_string().lines() {
                eprintln!("error: {}", door.line(line));
            }
            ExitCode::from(error.code())
        }
    }
}
