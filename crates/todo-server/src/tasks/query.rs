//! The query string of a list of tasks. Unknown names and values are refused, never ignored.

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use serde::Deserialize;
use todo_domain::{
    DomainError, Filter, Status, TaskQuery, filter, language,
    query::{Order, PAGE_DEFAULT, PAGE_MAX, SortKey, Start},
    wire,
};
use utoipa::IntoParams;
use uuid::Uuid;

/// What may be asked of a list.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListParams {
    /// The filter language: `(today | overdue) & !@waiting`.
    #[param(required = false)]
    filter: Option<String>,
    /// `all`, `pending` or `completed`.
    #[param(required = false)]
    status: Option<String>,
    /// The same as a flag.
    #[param(required = false)]
    completed: Option<bool>,
    /// One or several of `none,low,medium,high,urgent`.
    #[param(required = false)]
    priority: Option<String>,
    /// Labels, by name or id; all must be there.
    #[serde(alias = "labels", alias = "tag", alias = "tags")]
    #[param(required = false)]
    label: Option<String>,
    /// A project by name or id; `none` is the inbox.
    #[serde(alias = "category", alias = "project_id", alias = "category_id")]
    #[param(required = false)]
    project: Option<String>,
    /// Words in title or notes.
    #[serde(alias = "q")]
    #[param(required = false)]
    search: Option<String>,
    /// When due, in words: `today`, `overdue`, `next 7 days`, `none`.
    #[param(required = false)]
    due: Option<String>,
    /// Due on this day or later.
    #[serde(alias = "due_date_from")]
    #[param(required = false)]
    due_after: Option<String>,
    /// Due on this day or earlier.
    #[serde(alias = "due_date_to")]
    #[param(required = false)]
    due_before: Option<String>,
    /// Made at this instant or later.
    #[param(required = false)]
    created_after: Option<String>,
    /// Made at this instant or earlier.
    #[param(required = false)]
    created_before: Option<String>,
    /// Changed at this instant or later.
    #[param(required = false)]
    updated_after: Option<String>,
    /// Changed at this instant or earlier.
    #[param(required = false)]
    updated_before: Option<String>,
    /// Completed at this instant or later.
    #[param(required = false)]
    completed_after: Option<String>,
    /// Completed at this instant or earlier.
    #[param(required = false)]
    completed_before: Option<String>,
    /// Subtasks of this task.
    #[param(required = false)]
    parent_id: Option<Uuid>,
    /// `created_at`, `updated_at`, `completed_at`, `due_date`, `priority`, `title`, `position`, `number` or `relevance`.
    #[serde(alias = "sort")]
    #[param(required = false)]
    sort_by: Option<String>,
    /// `asc` or `desc`.
    #[serde(alias = "sort_order")]
    #[param(required = false)]
    order: Option<String>,
    /// 1 to 100.
    #[serde(alias = "page_size")]
    #[param(required = false, minimum = 1, maximum = 100)]
    limit: Option<u32>,
    /// From the end of the page before (`next_cursor`).
    #[param(required = false)]
    cursor: Option<String>,
    /// Skip so many.
    #[param(required = false, maximum = 1_000_000)]
    offset: Option<u64>,
    /// Page number from 1, instead of `offset`.
    #[param(required = false, minimum = 1, maximum = 10_000)]
    page: Option<u64>,
}

impl ListParams {
    /// Whether an order was asked for.
    #[must_use]
    pub const fn is_sorted(&self) -> bool {
        self.sort_by.is_some()
    }

    /// The question that is asked.
    ///
    /// # Errors
    /// A validation error that names the parameter.
    pub fn into_query(self, context: &language::Context) -> Result<TaskQuery, DomainError> {
        let zone = context.now.time_zone();
        let mut found = match &self.filter {
            Some(text) => filter::parse(text, context)?,
            None => Filter::All,
        };
        let mut also = |condition: Filter| {
            let before = std::mem::replace(&mut found, Filter::All);
            found = before.and(condition);
        };
        match self.status.as_deref().map(str::trim) {
            None | Some("all" | "") => {}
            Some(text) => also(Filter::Status(Status::parse(text).ok_or_else(|| {
                DomainError::invalid(
                    "status",
                    format!("`{}` is no status; use all, pending or completed.", text.escape_debug()),
                )
            })?)),
        }
        if let Some(done) = self.completed {
            also(Filter::Status(if done { Status::Completed } else { Status::Pending }));
        }
        if let Some(levels) = &self.priority {
            let any = names(levels)
                .map(|name| wire::priority(name).map(|level| Filter::Priority { min: level, max: level }))
                .collect::<Result<Vec<_>, _>>()?;
            also(one_of(any, "priority")?);
        }
        if let Some(labels) = &self.label {
            for name in names(labels) {
                also(match Uuid::try_parse(name) {
                    Ok(id) => Filter::LabelId(id),
                    Err(_) => Filter::Label(todo_domain::text::label_name(name)?),
                });
            }
        }
        match self.project.as_deref().map(str::trim) {
            None | Some("") => {}
            Some("none" | "inbox") => also(!Filter::AnyProject),
            Some(name) => also(match Uuid::try_parse(name) {
                Ok(id) => Filter::ProjectId(id),
                Err(_) => Filter::Project(todo_domain::text::project_name(name)?),
            }),
        }
        if let Some(text) = self.search.as_deref().map(str::trim).filter(|text| !text.is_empty()) {
            also(Filter::Text(text.chars().take(500).collect()));
        }
        if let Some(text) = self.due.as_deref().map(str::trim).filter(|text| !text.is_empty()) {
            also(filter::parse_due(text, context)?);
        }
        let due =
            (day("due_after", self.due_after.as_deref(), zone)?, day("due_before", self.due_before.as_deref(), zone)?);
        if due != (None, None) {
            in_order("due_after", &due.0, &due.1)?;
            also(Filter::Due { from: due.0, to: due.1 });
        }
        let range = |after, from: &Option<String>, before, to: &Option<String>| {
            let from = instant(after, from.as_deref(), zone, false)?;
            let to = instant(before, to.as_deref(), zone, true)?;
            in_order(after, &from, &to)?;
            Ok::<_, DomainError>((from.is_some() || to.is_some()).then_some((from, to)))
        };
        if let Some((from, to)) = range("created_after", &self.created_after, "created_before", &self.created_before)? {
            also(Filter::Created { from, to });
        }
        if let Some((from, to)) = range("updated_after", &self.updated_after, "updated_before", &self.updated_before)? {
            also(Filter::Updated { from, to });
        }
        let completed = range("completed_after", &self.completed_after, "completed_before", &self.completed_before)?;
        if let Some((from, to)) = completed {
            also(Filter::Completed { from, to });
        }
        if let Some(parent) = self.parent_id {
            also(Filter::Parent(parent));
        }
        self.page_of(found)
    }

    fn page_of(self, filter: Filter) -> Result<TaskQuery, DomainError> {
        let sort = self.sort_by.as_deref().map(SortKey::parse).transpose()?.unwrap_or_default();
        let order = self.order.as_deref().map(Order::parse).transpose()?.unwrap_or(sort.default_order());
        let limit = self.limit.unwrap_or(PAGE_DEFAULT);
        if !(1..=PAGE_MAX).contains(&limit) {
            return Err(DomainError::invalid("limit", format!("`limit` must be 1 to {PAGE_MAX}.")));
        }
        let start = match (self.cursor, self.offset, self.page) {
            (Some(_), Some(_), _) | (Some(_), _, Some(_)) | (_, Some(_), Some(_)) => {
                return Err(DomainError::invalid("cursor", "Send one of `cursor`, `offset` and `page`."));
            }
            (Some(cursor), None, None) => Start::Cursor(cursor),
            (None, Some(offset), None) if offset <= 1_000_000 => Start::Offset(offset),
            (None, None, Some(page)) if (1..=10_000).contains(&page) => Start::Offset((page - 1) * u64::from(limit)),
            (None, None, None) => Start::Offset(0),
            (None, Some(_), None) => {
                return Err(DomainError::invalid("offset", "`offset` must be at most 1000000; use `cursor`."));
            }
            (None, None, Some(_)) => {
                return Err(DomainError::invalid("page", "`page` must be 1 to 10000; use `cursor`."));
            }
        };
        Ok(TaskQuery { filter, sort, order, limit, start })
    }
}

fn names(list: &str) -> impl Iterator<Item = &str> {
    list.split(',').map(str::trim).filter(|name| !name.is_empty())
}

fn one_of(mut any: Vec<Filter>, field: &'static str) -> Result<Filter, DomainError> {
    match any.len() {
        0 => Err(DomainError::invalid(field, format!("`{field}` must not be empty."))),
        1 => Ok(any.remove(0)),
        _ => Ok(Filter::Or(any)),
    }
}

fn in_order<T: PartialOrd>(field: &'static str, from: &Option<T>, to: &Option<T>) -> Result<(), DomainError> {
    match (from, to) {
        (Some(from), Some(to)) if from > to => {
            Err(DomainError::invalid(field, format!("`{field}` lies after the end of the range.")))
        }
        _ => Ok(()),
    }
}

fn day(field: &'static str, text: Option<&str>, zone: &TimeZone) -> Result<Option<Date>, DomainError> {
    let Some(text) = text.map(str::trim).filter(|text| !text.is_empty()) else { return Ok(None) };
    if let Ok(at) = text.parse::<Timestamp>() {
        return Ok(Some(at.to_zoned(zone.clone()).date()));
    }
    text.parse().map(Some).map_err(|_| wrong(field, text))
}

fn instant(
    field: &'static str,
    text: Option<&str>,
    zone: &TimeZone,
    end: bool,
) -> Result<Option<Timestamp>, DomainError> {
    // A "+" in a query string that was not escaped arrives as a space.
    let Some(text) = text.map(|text| text.trim().replace(' ', "+")).filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    if let Ok(at) = text.parse::<Timestamp>() {
        return Ok(Some(at));
    }
    if let Ok(day) = text.parse::<Date>()
        && text.len() <= 10
    {
        let edge = if end { day.at(23, 59, 59, 999_999_999) } else { day.at(0, 0, 0, 0) };
        return edge.to_zoned(zone.clone()).map(|at| Some(at.timestamp())).map_err(|_| wrong(field, &text));
    }
    let local: jiff::civil::DateTime = text.parse().map_err(|_| wrong(field, &text))?;
    local.to_zoned(zone.clone()).map(|at| Some(at.timestamp())).map_err(|_| wrong(field, &text))
}

fn wrong(field: &'static str, text: &str) -> DomainError {
    let short: String = text.chars().take(60).collect();
    DomainError::invalid(
        field,
        format!("`{}` is no date; write 2026-12-24 or 2026-12-24T18:00:00Z.", short.escape_debug()),
    )
}
