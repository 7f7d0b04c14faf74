//! From the errors of the rooms below to problem documents.

use axum::http::StatusCode;
use todo_domain::{Code, DomainError};
use todo_service::Problem;
use todo_store::StoreError;

/// The problem document of a store's error.
#[must_use]
pub fn problem(error: StoreError) -> Problem {
    match error {
        StoreError::Domain(error) => domain(error),
        StoreError::Unavailable { .. } => {
            tracing::warn!(%error, "database unavailable");
            Problem::unavailable(
                "DATABASE_UNAVAILABLE",
                2,
                "The database can't be reached right now; try again in a moment.",
            )
        }
        StoreError::IdempotencyMismatch => Problem::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "IDEMPOTENCY_KEY_REUSED",
            "This Idempotency-Key was used for a different request; send a new key.",
        ),
        StoreError::IdempotencyInProgress => Problem {
            retry_after: Some(1),
            ..Problem::new(
                StatusCode::CONFLICT,
                "IDEMPOTENCY_IN_PROGRESS",
                "A request with this Idempotency-Key is still being answered; try again in a moment.",
            )
        },
        other => Problem::internal(&other),
    }
}

fn domain(error: DomainError) -> Problem {
    let status = match error.code {
        Code::ValidationError => StatusCode::UNPROCESSABLE_ENTITY,
        Code::TaskNotFound
        | Code::LabelNotFound
        | Code::ProjectNotFound
        | Code::OperationNotFound
        | Code::FilterNotFound => StatusCode::NOT_FOUND,
        Code::DuplicateLabel | Code::DuplicateProject | Code::UndoConflict => StatusCode::CONFLICT,
        Code::VersionConflict => StatusCode::PRECONDITION_FAILED,
        Code::LimitReached => StatusCode::UNPROCESSABLE_ENTITY,
    };
    Problem { field: error.field, ..Problem::new(status, error.code.as_str(), error.detail) }
}
