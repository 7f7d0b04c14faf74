//! The write path: plan → dry run → yes → change → check → undo, and a line in the audit log for every step of it.
//!
//! `build` makes plans out of typed actions, `mode` and `consent` decide, `change` sends, `verify` watches what comes of
//! it, `undo` takes it back. Nothing here calls kubectl.

mod allow;
mod build;
mod change;
mod consent;
mod health;
mod mode;
mod run;
mod undo;
mod verify;

use pilot_core::action::Write;

pub use build::{Build, find_release, finish, propose, releases_visible};
pub use consent::{CODE, Consent, confirm_read};
pub use mode::Mode;
pub use run::{execute, execute_into};
pub use undo::remembered;

use crate::commands::Ask;
use crate::exit::{Error, Outcome};

/// Where a change comes from.
#[derive(Debug, Clone, Default)]
pub struct Origin {
    /// The words of the user, or the command.
    pub intent: String,
    /// Ids or keys of the findings behind it.
    pub findings: Vec<String>,
    /// Why untrusted text may have played a part; then nothing is done without a person.
    pub tainted: Option<String>,
    /// The user's own words or a finding ask for it. What does not follow from either needs more than a yes.
    pub grounded: bool,
}

impl Origin {
    /// A command that somebody typed.
    pub fn command(intent: impl Into<String>) -> Self {
        Self { intent: intent.into(), findings: Vec::new(), tainted: None, grounded: true }
    }
}

/// Plans changes and carries them out after the yes.
///
/// # Errors
/// When the plan can't be made, or is refused.
pub async fn run(ask: &Ask, writes: &[Write], origin: Origin) -> Result<Outcome, Error> {
    let plan = propose(ask, writes).await?;
    execute(ask, plan, origin, Consent::Ask).await
}
