//! Which list a page shows, and the question to the API behind it.

use serde::Deserialize;
use todo_client::ListQuery;

use crate::locale::{Key, key};

/// A list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum View {
    /// Overdue and due today.
    Today,
    /// Whatever has a date, by day.
    Upcoming,
    /// Past due.
    Overdue,
    /// In no project.
    Inbox,
    /// All open tasks.
    All,
    /// Completed tasks, latest first.
    Completed,
    /// Tasks of a project, by id.
    Project(String),
    /// Tasks with a label, by name.
    Label(String),
    /// A saved filter, by id.
    Filter(String),
    /// Tasks that match the words in `q`.
    Search,
}

/// What the address says beside the list.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Options {
    /// Words to search for.
    pub q: String,
    /// Order: `due`, `priority`, `title`, `created`, `manual`, or empty for the list's own.
    pub sort: String,
    /// Headings: `project`, `priority`, `label`, `due`, `none`, or empty for the list's own.
    pub group: String,
    /// Where the page starts.
    pub cursor: String,
    /// Also completed tasks: `completed` or `all`.
    pub status: String,
    /// How many tasks a script shows at once, at most [`SHOWN_MAX`].
    pub n: usize,
}

/// How a list is divided by headings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grouping {
    /// Not at all.
    None,
    /// Overdue, today, later.
    Today,
    /// By due day.
    Due,
    /// By project.
    Project,
    /// By priority.
    Priority,
    /// By first label.
    Label,
}

/// Tasks on a page.
pub const PAGE: usize = 50;
/// Most tasks that one page shows; more are reached page by page.
pub const SHOWN_MAX: usize = 1000;

impl View {
    /// Its own title, where it doesn't come from the person's data.
    #[must_use]
    pub const fn title(&self) -> Key {
        match self {
            Self::Today => key::NAV_TODAY,
            Self::Upcoming => key::NAV_UPCOMING,
            Self::Overdue => key::NAV_OVERDUE,
            Self::Inbox => key::NAV_INBOX,
            Self::Completed => key::NAV_COMPLETED,
            Self::Search => key::SEARCH_LABEL,
            Self::All | Self::Project(_) | Self::Label(_) | Self::Filter(_) => key::NAV_ALL,
        }
    }

    /// The question to the API. A saved filter brings its condition with it.
    #[must_use]
    pub fn query(&self, options: &Options, saved: Option<&str>) -> ListQuery {
        let mut query = ListQuery {
            status: "pending".to_owned(),
            search: options.q.trim().to_owned(),
            cursor: options.cursor.clone(),
            ..ListQuery::default()
        };
        match self {
            Self::Today => "today | overdue".clone_into(&mut query.filter),
            Self::Upcoming => "!no date".clone_into(&mut query.filter),
            Self::Overdue => "overdue".clone_into(&mut query.filter),
            Self::Inbox => "none".clone_into(&mut query.project),
            Self::All | Self::Search => {}
            Self::Completed => "completed".clone_into(&mut query.status),
            Self::Project(id) => id.clone_into(&mut query.project),
            Self::Label(name) => name.clone_into(&mut query.label),
            Self::Filter(_) => saved.unwrap_or_default().clone_into(&mut query.filter),
        }
        if matches!(options.status.as_str(), "completed" | "all") {
            options.status.clone_into(&mut query.status);
        }
        let (sort, order) = match options.sort.as_str() {
            "due" => ("due_date", "asc"),
            "priority" => ("priority", "desc"),
            "title" => ("title", "asc"),
            "created" => ("created_at", "desc"),
            "manual" => ("position", "asc"),
            _ => match self {
                Self::Today | Self::Upcoming | Self::Overdue => ("due_date", "asc"),
                Self::Completed => ("completed_at", "desc"),
                Self::Search | Self::Filter(_) => ("created_at", "desc"),
                Self::Inbox | Self::All | Self::Project(_) | Self::Label(_) => ("position", "asc"),
            },
        };
        sort.clone_into(&mut query.sort_by);
        order.clone_into(&mut query.order);
        query
    }

    /// How this list is divided.
    #[must_use]
    pub fn grouping(&self, options: &Options) -> Grouping {
        match options.group.as_str() {
            "none" => Grouping::None,
            "project" => Grouping::Project,
            "priority" => Grouping::Priority,
            "label" => Grouping::Label,
            "due" => Grouping::Due,
            _ if !options.sort.is_empty() => Grouping::None,
            _ => match self {
                Self::Today => Grouping::Today,
                Self::Upcoming => Grouping::Due,
                _ => Grouping::None,
            },
        }
    }

    /// Whether tasks can be moved by hand in this order.
    #[must_use]
    pub fn is_manual(&self, options: &Options) -> bool {
        options.sort == "manual"
            || options.sort.is_empty()
                && matches!(self, Self::Inbox | Self::All | Self::Project(_) | Self::Label(_))
                && self.grouping(options) == Grouping::None
    }
}
