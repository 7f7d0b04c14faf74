//! A question to the list of tasks: condition, order, page.

use serde::{Deserialize, Serialize};

use crate::{
    error::{DomainError, Result},
    filter::Filter,
};

/// By what a list is ordered; ties are broken by id.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SortKey {
    /// When made.
    #[default]
    CreatedAt,
    /// When changed last.
    UpdatedAt,
    /// When completed; open tasks last.
    CompletedAt,
    /// When due; tasks without a due date last in either direction.
    DueDate,
    /// Priority.
    Priority,
    /// Title, without case and accents.
    Title,
    /// Manual order.
    Position,
    /// Number.
    Number,
    /// How well the text matches (only with a text condition; otherwise as [`SortKey::CreatedAt`]). Offset pages only.
    Relevance,
}

impl SortKey {
    /// Reads the name of a key, with the aliases that clients use.
    ///
    /// # Errors
    /// A validation error on `sort_by` that lists the names.
    pub fn parse(text: &str) -> Result<Self> {
        Ok(match text.trim().to_ascii_lowercase().as_str() {
            "created_at" | "created" => Self::CreatedAt,
            "updated_at" | "updated" => Self::UpdatedAt,
            "completed_at" => Self::CompletedAt,
            "due_date" | "due" => Self::DueDate,
            "priority" => Self::Priority,
            "title" => Self::Title,
            "position" | "manual" => Self::Position,
            "number" => Self::Number,
            "relevance" => Self::Relevance,
            other => {
                return Err(DomainError::invalid(
                    "sort_by",
                    format!(
                        "`{}` is no sort key; use created_at, updated_at, completed_at, due_date, priority, title, position, number or relevance.",
                        other.escape_debug()
                    ),
                ));
            }
        })
    }

    /// The order that people expect of the key when they name none: newest and most urgent first, the rest ascending.
    #[must_use]
    pub const fn default_order(self) -> Order {
        match self {
            Self::CreatedAt | Self::UpdatedAt | Self::CompletedAt | Self::Priority | Self::Relevance => Order::Desc,
            Self::DueDate | Self::Title | Self::Position | Self::Number => Order::Asc,
        }
    }
}

/// Direction of a sort.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Order {
    /// Smallest first.
    Asc,
    /// Greatest first.
    Desc,
}

impl Order {
    /// Reads `asc` or `desc`.
    ///
    /// # Errors
    /// A validation error on `order`.
    pub fn parse(text: &str) -> Result<Self> {
        match text.trim().to_ascii_lowercase().as_str() {
            "asc" | "ascending" => Ok(Self::Asc),
            "desc" | "descending" => Ok(Self::Desc),
            other => {
                Err(DomainError::invalid("order", format!("`{}` is no order; use asc or desc.", other.escape_debug())))
            }
        }
    }
}

/// Where a page starts.
#[derive(Clone, Debug, PartialEq)]
pub enum Start {
    /// So many tasks in.
    Offset(u64),
    /// After the task that a cursor names; the store made the cursor.
    Cursor(String),
}

/// Most tasks on a page.
pub const PAGE_MAX: u32 = 100;
/// Tasks on a page when nothing is said.
pub const PAGE_DEFAULT: u32 = 50;

/// A question to the list.
#[derive(Clone, Debug, PartialEq)]
pub struct TaskQuery {
    /// Which tasks.
    pub filter: Filter,
    /// Order.
    pub sort: SortKey,
    /// Direction.
    pub order: Order,
    /// How many, 1 to [`PAGE_MAX`].
    pub limit: u32,
    /// From where.
    pub start: Start,
}

impl TaskQuery {
    /// The first page of what the filter finds, newest first.
    #[must_use]
    pub fn new(filter: Filter) -> Self {
        Self { filter, sort: SortKey::CreatedAt, order: Order::Desc, limit: PAGE_DEFAULT, start: Start::Offset(0) }
    }

    /// The same question in another order.
    #[must_use]
    pub fn sorted(mut self, sort: SortKey, order: Order) -> Self {
        (self.sort, self.order) = (sort, order);
        self
    }
}
