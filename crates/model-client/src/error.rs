//! Why a model gave no usable answer.

use std::time::Duration;

/// A failure of the model or its provider. None of them has changed any data: a turn that is not whole is not acted on.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ModelError {
    /// No connection, or the connection broke before an answer began.
    #[error("the provider can't be reached: {0}")]
    Unreachable(String),
    /// Nothing came for too long.
    #[error("the provider did not answer in time")]
    Timeout,
    /// An HTTP status that is no success.
    #[error("the provider answered {status}: {message}")]
    Status {
        /// The status.
        status: u16,
        /// What the provider said, shortened, without the key.
        message: String,
        /// When to try again, as the provider says.
        retry_after: Option<Duration>,
        /// Whether to try again, where the provider says so (`x-should-retry`).
        should_retry: Option<bool>,
    },
    /// An error that came inside a stream, under status 200.
    #[error("the provider reported {code}: {message}")]
    Reported {
        /// Its code: some providers send a word, some a number.
        code: String,
        /// What the provider said, shortened.
        message: String,
    },
    /// The stream ended before the answer was whole.
    #[error("the answer broke off")]
    BrokenOff,
    /// The answer reached the provider's length limit in the middle of a tool call.
    #[error("the answer was cut at the length limit")]
    Cut,
    /// What came is no answer in the provider's protocol.
    #[error("the answer can't be read: {0}")]
    Garbled(String),
    /// More than [`super::RESPONSE_MAX`] bytes.
    #[error("the answer is too large")]
    TooLarge,
    /// The provider's content filter took the answer away.
    #[error("the provider withheld the answer")]
    Withheld,
    /// Neither text nor a tool call.
    #[error("the answer is empty")]
    Empty,
    /// Invalid tool arguments again and again.
    #[error("the model keeps calling tools with invalid arguments")]
    InvalidCalls,
    /// The answer would cost more than it may.
    #[error("the answer used up its {0}")]
    Budget(Budget),
}

/// What an answer may use only so much of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Budget {
    /// Requests to the model.
    Turns,
    /// Tokens of one answer.
    Tokens,
    /// Tokens of a user in a day.
    DailyTokens,
    /// Time.
    Seconds,
}

impl std::fmt::Display for Budget {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Turns => "turns",
            Self::Tokens => "tokens",
            Self::DailyTokens => "tokens of the day",
            Self::Seconds => "time",
        })
    }
}

impl ModelError {
    /// Stable name for the record of the run, for logs and for metrics.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Unreachable(_) => "MODEL_UNREACHABLE",
            Self::Timeout => "MODEL_TIMEOUT",
            Self::Status { status: 401 | 403, .. } => "MODEL_KEY_REFUSED",
            Self::Status { status: 402, .. } => "MODEL_WITHOUT_CREDIT",
            Self::Status { status: 429, .. } => "MODEL_RATE_LIMITED",
            Self::Status { .. } | Self::Reported { .. } => "MODEL_REFUSED",
            Self::BrokenOff | Self::Cut | Self::Garbled(_) | Self::TooLarge | Self::Empty => "MODEL_BROKEN_ANSWER",
            Self::Withheld => "MODEL_WITHHELD",
            Self::InvalidCalls => "MODEL_INVALID_CALLS",
            Self::Budget(_) => "MODEL_BUDGET",
        }
    }
}
