//! `todo`: everything in one program. Without a command it serves the page and the API; with one it adds, lists and changes tasks
//! here or on a server.

mod cli;
mod home;
mod serve;
mod session;
mod table;

use std::process::ExitCode;

use clap::Parser;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let arguments = cli::Arguments::parse();
    match cli::run(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("todo: {error:#}");
            ExitCode::FAILURE
        }
    }
}
