//! `todo-frontend`: the page in front of a backend elsewhere.

mod frontend;

use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    frontend::main()
}
