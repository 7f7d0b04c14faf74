//! Filters as SQL: one text for both engines, except for full text.
//!
//! Every condition is true or false, never NULL, so that it can be negated.

use jiff::{SignedDuration, Timestamp, Zoned, civil::Date};
use todo_domain::{Filter, Status, id::UserId, search};

use super::{civil_micros, day_end_micros, write::namespace};
use crate::{
    db::{Dialect, Val},
    labels::name_key,
};

/// Clock readings differ by at most this much between any two zones, in microseconds (from UTC-12 to UTC+14).
const ZONES_APART: i64 = 26 * 3_600_000_000;

/// Words of the user who asks, on PostgreSQL. Words are the user's own by their prefix already; written so that the planner does
/// not take this for the better way in than the index of words.
pub(crate) const OWN_WORDS: &str = "w.user_id || '' = $1";

/// A condition on the table `t`, with its parameters. `$1` is the user.
pub(crate) struct Where {
    dialect: Dialect,
    namespace: String,
    now: Zoned,
    pub params: Vec<Val>,
}

impl Where {
    pub fn new(dialect: Dialect, user: &UserId, now: &Zoned) -> Self {
        Self { dialect, namespace: namespace(user), now: now.clone(), params: vec![user.into()] }
    }

    /// Adds a parameter; answers its place.
    pub fn bind(&mut self, value: impl Into<Val>) -> String {
        self.params.push(value.into());
        format!("${}", self.params.len())
    }

    /// The condition.
    pub fn sql(&mut self, filter: &Filter) -> String {
        match filter {
            Filter::All => "TRUE".into(),
            Filter::Not(inner) => format!("NOT ({})", self.sql(inner)),
            Filter::And(all) => self.joined(all, " AND ", "TRUE"),
            Filter::Or(any) => self.joined(any, " OR ", "FALSE"),
            Filter::Status(Status::Pending) => "t.completed_at IS NULL".into(),
            Filter::Status(Status::Completed) => "t.completed_at IS NOT NULL".into(),
            Filter::Priority { min, max } => {
                let (min, max) = (self.bind(min.rank()), self.bind(max.rank()));
                format!("t.priority BETWEEN {min} AND {max}")
            }
            Filter::Label(name) => self.label(name),
            Filter::LabelId(id) => {
                let id = self.bind(*id);
                format!("t.id IN (SELECT tl.task_id FROM task_labels tl WHERE tl.user_id = $1 AND tl.label_id = {id})")
            }
            Filter::AnyLabel => "t.labels IS NOT NULL".into(),
            Filter::Project(name) => {
                let key = self.bind(name_key(name));
                format!(
                    "(t.project_id IS NOT NULL AND t.project_id IN \
                     (SELECT p.id FROM projects p WHERE p.user_id = $1 AND p.name_key = {key}))"
                )
            }
            Filter::ProjectId(id) => {
                let id = self.bind(*id);
                format!("(t.project_id IS NOT NULL AND t.project_id = {id})")
            }
            Filter::AnyProject => "t.project_id IS NOT NULL".into(),
            Filter::Due { from, to } => self.due(*from, *to),
            Filter::Overdue => self.overdue(),
            Filter::Created { from, to } => self.between("t.created_at", *from, *to),
            Filter::Updated { from, to } => self.between("t.updated_at", *from, *to),
            Filter::Completed { from, to } => self.between("t.completed_at", *from, *to),
            Filter::Text(text) => self.text(text),
            Filter::Recurring => "t.recurrence IS NOT NULL".into(),
            Filter::Subtask => "t.parent_id IS NOT NULL".into(),
            Filter::Parent(id) => {
                let id = self.bind(*id);
                format!("(t.parent_id IS NOT NULL AND t.parent_id = {id})")
            }
            Filter::Reminder => "t.reminders IS NOT NULL".into(),
        }
    }

    fn joined(&mut self, filters: &[Filter], with: &str, none: &str) -> String {
        if filters.is_empty() {
            return none.into();
        }
        let parts: Vec<String> = filters.iter().map(|filter| self.sql(filter)).collect();
        format!("({})", parts.join(with))
    }

    fn label(&mut self, name: &str) -> String {
        let key = name_key(name);
        let condition = match key.strip_suffix('*') {
            Some("") => return "t.labels IS NOT NULL".into(),
            Some(prefix) => {
                let (from, to) = (self.bind(prefix), self.bind(format!("{prefix}{}", char::MAX)));
                format!("l.name_key >= {from} AND l.name_key < {to}")
            }
            None => {
                let key = self.bind(key);
                format!("l.name_key = {key}")
            }
        };
        format!(
            "t.id IN (SELECT tl.task_id FROM task_labels tl JOIN labels l ON l.user_id = tl.user_id AND l.id = tl.label_id \
             WHERE tl.user_id = $1 AND l.user_id = $1 AND {condition})"
        )
    }

    fn between(&mut self, column: &str, from: Option<Timestamp>, to: Option<Timestamp>) -> String {
        let mut parts = vec![format!("{column} IS NOT NULL")];
        if let Some(from) = from {
            parts.push(format!("{column} >= {}", self.bind(from)));
        }
        if let Some(to) = to {
            parts.push(format!("{column} <= {}", self.bind(to)));
        }
        format!("({})", parts.join(" AND "))
    }

    /// Days by the calendar; instants by the reader's zone. The first bounds are wide enough for any zone and let the index help.
    fn due(&mut self, from: Option<Date>, to: Option<Date>) -> String {
        let zone = self.now.time_zone().clone();
        let start = |day: Date| day.to_zoned(zone.clone()).map_or(Timestamp::MIN, |at| at.timestamp());
        let mut wide = vec!["t.due_sort IS NOT NULL".to_owned()];
        let (mut days, mut instants) = (vec!["t.due_at IS NULL".to_owned()], vec!["t.due_at IS NOT NULL".to_owned()]);
        if let Some(from) = from {
            let day = day_start_micros(from);
            wide.push(format!("t.due_sort >= {}", self.bind(day.saturating_sub(ZONES_APART))));
            days.push(format!("t.due_sort >= {}", self.bind(day)));
            instants.push(format!("t.due_at >= {}", self.bind(start(from))));
        }
        if let Some(to) = to {
            let day = day_end_micros(to);
            wide.push(format!("t.due_sort <= {}", self.bind(day.saturating_add(ZONES_APART))));
            days.push(format!("t.due_sort <= {}", self.bind(day)));
            let end = to.tomorrow().map_or(Timestamp::MAX, start);
            instants.push(format!("t.due_at < {}", self.bind(end)));
        }
        if from.is_none() && to.is_none() {
            return "t.due_sort IS NOT NULL".into();
        }
        format!("({} AND (({}) OR ({})))", wide.join(" AND "), days.join(" AND "), instants.join(" AND "))
    }

    fn overdue(&mut self) -> String {
        let now = self.now.timestamp();
        let latest = now.checked_add(SignedDuration::from_hours(26)).unwrap_or(Timestamp::MAX);
        let latest = self.bind(latest.as_microsecond());
        let today = self.bind(day_start_micros(self.now.date()));
        let now = self.bind(now);
        format!(
            "(t.completed_at IS NULL AND t.due_sort IS NOT NULL AND t.due_sort <= {latest} AND \
             ((t.due_at IS NULL AND t.due_sort < {today}) OR (t.due_at IS NOT NULL AND t.due_at <= {now})))"
        )
    }

    fn text(&mut self, text: &str) -> String {
        let Some(query) = self.text_query(text) else { return "FALSE".into() };
        let query = self.bind(query);
        match self.dialect {
            Dialect::Postgres => {
                format!(
                    "t.id IN (SELECT w.task_id FROM task_words w WHERE {OWN_WORDS} AND w.words @@ {query}::text::tsquery)"
                )
            }
            Dialect::Sqlite => format!("t.row IN (SELECT rowid FROM task_words WHERE task_words MATCH {query})"),
        }
    }

    /// The words in the engine's own query language, each as a prefix. `None` when there are none.
    pub fn text_query(&self, text: &str) -> Option<String> {
        let words = search::query(text);
        let terms: Vec<String> = words
            .iter()
            .map(|word| match self.dialect {
                Dialect::Postgres => format!("'{}{word}':*", self.namespace),
                Dialect::Sqlite => format!("\"{}{word}\"*", self.namespace),
            })
            .collect();
        let and = match self.dialect {
            Dialect::Postgres => " & ",
            Dialect::Sqlite => " AND ",
        };
        (!terms.is_empty()).then(|| terms.join(and))
    }
}

fn day_start_micros(day: Date) -> i64 {
    civil_micros(day.to_datetime(jiff::civil::Time::midnight()))
}

/// The text that all results contain, by which they can be ranked.
pub(crate) fn ranking_text(filter: &Filter) -> Option<&str> {
    match filter {
        Filter::Text(text) => Some(text),
        Filter::And(all) => all.iter().find_map(ranking_text),
        _ => None,
    }
}

/// The filter without the text by which results are ranked, which the ranking query asks for itself.
pub(crate) fn without_ranking_text(filter: &Filter) -> Filter {
    match filter {
        Filter::Text(_) => Filter::All,
        Filter::And(all) => {
            let mut rest = all.clone();
            if let Some(index) = rest.iter().position(|one| ranking_text(one).is_some()) {
                rest[index] = without_ranking_text(&all[index]);
            }
            Filter::And(rest)
        }
        other => other.clone(),
    }
}
