//! How much a person wants to be asked.

use std::io::IsTerminal as _;

use crate::cli::WriteArgs;

/// See `docs/pilot.md`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Mode {
    /// Plans are shown, nothing is changed. The default without a terminal
    ReadOnly,
    /// Plans are shown as manifests and patches to be applied by hand
    Suggest,
    /// Every plan needs a yes. The default
    Confirm,
    /// Every step needs a yes, and so does reading logs and configuration
    Paranoid,
    /// What the allow-list has is done without asking; everything else needs a yes
    Auto,
}

impl Mode {
    /// The mode of the command line, or the default for where we run. A yes on the command line is a person's word.
    pub fn of(args: &WriteArgs) -> Self {
        let said_yes = args.yes || !args.yes_delete.is_empty();
        let terminal = std::io::stdin().is_terminal() && std::io::stderr().is_terminal();
        args.mode.unwrap_or(if said_yes || terminal { Self::Confirm } else { Self::ReadOnly })
    }
}
