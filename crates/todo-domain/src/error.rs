//! What can be wrong with what was asked. Doors turn these into their own form (problem document, tool error, exit message).

use std::borrow::Cow;

/// Stable, machine-readable reasons; the text of `error_code` on every door.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Code {
    /// A value is malformed or out of range.
    ValidationError,
    /// The task does not exist, or belongs to somebody else.
    TaskNotFound,
    /// The label does not exist, or belongs to somebody else.
    LabelNotFound,
    /// The project does not exist, or belongs to somebody else.
    ProjectNotFound,
    /// The operation does not exist, or belongs to somebody else.
    OperationNotFound,
    /// The saved filter does not exist, or belongs to somebody else.
    FilterNotFound,
    /// A label of that name exists.
    DuplicateLabel,
    /// A project of that name exists.
    DuplicateProject,
    /// The thing changed since it was read: the version asked for is not the current one.
    VersionConflict,
    /// The operation can't be undone: it was undone already, or what it changed has changed since.
    UndoConflict,
    /// A limit on the number of things was reached.
    LimitReached,
}

impl Code {
    /// The wire form.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ValidationError => "VALIDATION_ERROR",
            Self::TaskNotFound => "TASK_NOT_FOUND",
            Self::LabelNotFound => "TAG_NOT_FOUND",
            Self::ProjectNotFound => "CATEGORY_NOT_FOUND",
            Self::OperationNotFound => "OPERATION_NOT_FOUND",
            Self::FilterNotFound => "FILTER_NOT_FOUND",
            Self::DuplicateLabel => "DUPLICATE_TAG",
            Self::DuplicateProject => "DUPLICATE_CATEGORY",
            Self::VersionConflict => "VERSION_CONFLICT",
            Self::UndoConflict => "UNDO_CONFLICT",
            Self::LimitReached => "LIMIT_REACHED",
        }
    }
}

/// A refusal: why, and which field of the input is to blame.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{detail}")]
pub struct DomainError {
    /// The machine-readable reason.
    pub code: Code,
    /// Name of the input field, in the API's spelling (`due_date`); `None` when no single field is to blame.
    pub field: Option<Cow<'static, str>>,
    /// One sentence for people, with the remedy.
    pub detail: String,
}

impl DomainError {
    /// A refusal that blames no single field.
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Self { code, field: None, detail: detail.into() }
    }

    /// A [`Code::ValidationError`] on `field`.
    pub fn invalid(field: impl Into<Cow<'static, str>>, detail: impl Into<String>) -> Self {
        Self { code: Code::ValidationError, field: Some(field.into()), detail: detail.into() }
    }

    /// The refusal for a missing or foreign task.
    #[must_use]
    pub fn task_not_found() -> Self {
        Self::new(Code::TaskNotFound, "There is no such task.")
    }
}

/// Result of a rule.
pub type Result<T, E = DomainError> = std::result::Result<T, E>;
