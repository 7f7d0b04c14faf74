//! How the program ends: exit codes, and errors as one line that names what is wrong and what to do.

use std::process::ExitCode;

/// Why a command did not give an answer.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The command line or a file given on it is wrong.
    #[error("{0}")]
    Usage(String),
    /// The cluster can't be reached, or does not know who we are.
    #[error("{0}")]
    Unreachable(String),
    /// The cluster says no.
    #[error("{0}")]
    Forbidden(String),
    /// A change was refused or declined.
    #[error("{0}")]
    Refused(String),
    /// Nothing of that name.
    #[error("{0}")]
    NotFound(String),
    /// The answer could not be written.
    #[error("cannot write the answer: {0}")]
    Output(std::io::Error),
}

impl Error {
    /// The exit code: 2 usage, 3 cluster unreachable, 4 permission missing, 5 change refused.
    pub fn code(&self) -> u8 {
        match self {
            Self::Usage(_) | Self::NotFound(_) | Self::Output(_) => 2,
            Self::Unreachable(_) => 3,
            Self::Forbidden(_) => 4,
            Self::Refused(_) => 5,
        }
    }
}

/// How a command that gave an answer ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing at or above the threshold.
    Clean,
    /// Findings at or above the threshold.
    Findings,
    /// A requested section could not be read for lack of permission.
    Incomplete,
    /// A change was made, was not well, and was taken back.
    RolledBack,
}

impl From<Outcome> for ExitCode {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Clean => Self::SUCCESS,
            Outcome::Findings => Self::from(1),
            Outcome::Incomplete => Self::from(4),
            Outcome::RolledBack => Self::from(6),
        }
    }
}
