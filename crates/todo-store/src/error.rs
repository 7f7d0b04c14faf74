//! What can go wrong in the store. Doors translate: [`StoreError::Domain`] is the caller's fault, [`StoreError::Unavailable`] is
//! a 503 that may be tried again, everything else is ours.

use std::error::Error as StdError;

use todo_domain::error::{Code, DomainError};

/// Result of a store function.
pub type Result<T, E = StoreError> = std::result::Result<T, E>;

/// Why a store function failed.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// What was asked breaks a rule of the domain.
    #[error(transparent)]
    Domain(#[from] DomainError),
    /// A configuration value is wrong.
    #[error("{variable}: {detail}")]
    Config {
        /// The environment variable to blame.
        variable: &'static str,
        /// What is wrong, and the remedy.
        detail: String,
    },
    /// The idempotency key was used before, with a different request.
    #[error("this idempotency key was used for a different request; use a new key")]
    IdempotencyMismatch,
    /// The request with this idempotency key is still being worked on.
    #[error("the request with this idempotency key is still in progress; try again later")]
    IdempotencyInProgress,
    /// The database can't be reached, or has no connection to spare. Nothing was written.
    #[error("the database is unavailable: {detail}")]
    Unavailable {
        /// What was tried.
        detail: String,
        /// The driver's error.
        #[source]
        source: Option<Box<dyn StdError + Send + Sync>>,
    },
    /// The connection died while a commit was on its way: the change may have been written or not.
    #[error("the database connection was lost during commit; the change may or may not have been made")]
    Unknown(#[source] Box<dyn StdError + Send + Sync>),
    /// The database refused a statement.
    #[error("database error: {0}")]
    Database(#[source] Box<dyn StdError + Send + Sync>),
    /// A stored value can't be read back.
    #[error("stored data is damaged: {0}")]
    Corrupt(String),
    /// The schema and this program do not fit together.
    #[error("{0}")]
    Schema(String),
}

impl StoreError {
    /// The domain's reason, when the caller is to blame.
    #[must_use]
    pub fn code(&self) -> Option<Code> {
        match self {
            Self::Domain(error) => Some(error.code),
            _ => None,
        }
    }

    /// Whether trying again may help and can't do harm.
    #[must_use]
    pub const fn is_transient(&self) -> bool {
        matches!(self, Self::Unavailable { .. })
    }

    pub(crate) fn unavailable(detail: impl Into<String>) -> Self {
        Self::Unavailable { detail: detail.into(), source: None }
    }
}

impl From<tokio_postgres::Error> for StoreError {
    fn from(error: tokio_postgres::Error) -> Self {
        use tokio_postgres::error::SqlState;
        let transient = match error.code() {
            // 57P0x: shutdown, crash, cannot connect now; 53300: too many connections; 08xxx: connection exceptions;
            // 40001, 40P01: aborted by concurrency; nothing of the transaction is kept.
            Some(code) => {
                [
                    &SqlState::ADMIN_SHUTDOWN,
                    &SqlState::CRASH_SHUTDOWN,
                    &SqlState::CANNOT_CONNECT_NOW,
                    &SqlState::TOO_MANY_CONNECTIONS,
                    &SqlState::T_R_SERIALIZATION_FAILURE,
                    &SqlState::T_R_DEADLOCK_DETECTED,
                    &SqlState::LOCK_NOT_AVAILABLE,
                ]
                .contains(&code)
                    || code.code().starts_with("08")
            }
            None => error.is_closed() || error.source().is_some_and(|source| source.is::<std::io::Error>()),
        };
        if transient {
            let detail = error.as_db_error().map_or_else(|| "connection lost".to_owned(), |db| db.message().to_owned());
            Self::Unavailable { detail, source: Some(Box::new(error)) }
        } else {
            Self::Database(Box::new(error))
        }
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(rusqlite::ErrorCode::DatabaseBusy | rusqlite::ErrorCode::DatabaseLocked) => Self::Unavailable {
                detail: "the SQLite file is locked by another program".into(),
                source: Some(Box::new(error)),
            },
            Some(rusqlite::ErrorCode::DiskFull) => {
                Self::Unavailable { detail: "the disk is full".into(), source: Some(Box::new(error)) }
            }
            Some(rusqlite::ErrorCode::CannotOpen) => {
                Self::Unavailable { detail: "the SQLite file can't be opened".into(), source: Some(Box::new(error)) }
            }
            _ => Self::Database(Box::new(error)),
        }
    }
}

impl From<deadpool_postgres::PoolError> for StoreError {
    fn from(error: deadpool_postgres::PoolError) -> Self {
        use deadpool_postgres::{PoolError, TimeoutType};
        match error {
            PoolError::Backend(error) => {
                let detail = error.as_db_error().map_or_else(
                    || error.source().map_or_else(|| error.to_string(), |source| format!("{error}: {source}")),
                    |db| db.message().to_owned(),
                );
                Self::Unavailable { detail: format!("can't connect ({detail})"), source: Some(Box::new(error)) }
            }
            PoolError::Timeout(TimeoutType::Wait) => Self::unavailable("all connections of the pool are in use"),
            PoolError::Timeout(_) => Self::unavailable("connecting took too long"),
            other => Self::Unavailable { detail: "no connection from the pool".into(), source: Some(Box::new(other)) },
        }
    }
}
