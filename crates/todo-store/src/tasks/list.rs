//! Lists of tasks: condition, order, page.

use std::sync::Arc;

use jiff::Zoned;
use todo_domain::{
    Filter, Status, Task, TaskQuery,
    id::{TaskRef, UserId},
    query::{Order, PAGE_MAX, SortKey, Start},
    search,
};
use uuid::Uuid;

use super::{
    COLUMN_COUNT, COLUMNS, due_to_columns,
    filter::{OWN_WORDS, Where, ranking_text, without_ranking_text},
    title_key,
};
use crate::{
    cursor::Cursor,
    db::{Dialect, FromRow, Row, Tx, Val},
    error::Result,
    scope::UserScope,
    vals,
};

/// A page of a list.
#[derive(Clone, Debug, PartialEq)]
pub struct TaskPage {
    /// The tasks, in order.
    pub tasks: Vec<Task>,
    /// How many tasks the filter finds in all, when that was asked for.
    pub total: Option<u64>,
    /// Where the next page starts; `None` on the last one, and when the order is by relevance.
    pub next_cursor: Option<String>,
}

/// Offsets beyond this make a page slow.
const FAR: u64 = 1000;

impl UserScope {
    /// One task.
    ///
    /// # Errors
    /// The database's.
    pub async fn task(&self, one: TaskRef) -> Result<Option<Task>> {
        let (column, value): (_, Val) = match one {
            TaskRef::Id(id) => ("id", id.into()),
            TaskRef::Number(number) => ("number", number.into()),
        };
        let sql = format!("SELECT {COLUMNS} FROM tasks t WHERE t.user_id = $1 AND t.{column} = $2");
        self.db().query_opt(self.identity(), sql, vec![self.user_id().into(), value]).await
    }

    /// The tasks that are named, in that order; unknown ones are left out.
    ///
    /// # Errors
    /// The database's.
    pub async fn tasks_named(&self, refs: &[TaskRef]) -> Result<Vec<Task>> {
        let work = Arc::new((self.user_id().clone(), refs.to_vec()));
        let mut tasks = self
            .db()
            .read(self.identity(), move |tx| {
                let work = work.clone();
                Box::pin(async move { super::load(tx, &work.0, &work.1).await })
            })
            .await?;
        let place = |task: &Task| {
            refs.iter().position(|one| match one {
                TaskRef::Id(id) => *id == task.id,
                TaskRef::Number(number) => *number == task.number,
            })
        };
        tasks.sort_by_key(place);
        tasks.dedup_by_key(|task| task.id);
        Ok(tasks)
    }

    /// The subtasks of a task, in manual order.
    ///
    /// # Errors
    /// The database's.
    pub async fn subtasks(&self, parent: Uuid) -> Result<Vec<Task>> {
        let user = self.user_id().clone();
        self.db()
            .read(self.identity(), move |tx| {
                let user = user.clone();
                Box::pin(async move { super::subtasks(tx, &user, parent).await })
            })
            .await
    }

    /// A page of what the query finds, with the total. `now` carries the reader's zone.
    ///
    /// # Errors
    /// A validation error on `cursor`; the database's.
    pub async fn tasks(&self, query: &TaskQuery, now: &Zoned) -> Result<TaskPage> {
        self.page(query, now, true).await
    }

    /// As [`UserScope::tasks`], without counting.
    ///
    /// # Errors
    /// A validation error on `cursor`; the database's.
    pub async fn tasks_uncounted(&self, query: &TaskQuery, now: &Zoned) -> Result<TaskPage> {
        self.page(query, now, false).await
    }

    /// How many tasks the filter finds.
    ///
    /// # Errors
    /// The database's.
    pub async fn count(&self, filter: &Filter, now: &Zoned) -> Result<u64> {
        let work = Arc::new((self.user_id().clone(), filter.clone(), now.clone()));
        let slow = counter_column(filter).is_none();
        self.db()
            .read_paced(self.identity(), slow, move |tx| {
                let work = work.clone();
                Box::pin(async move { count(tx, &work.0, &work.1, &work.2).await })
            })
            .await
    }

    async fn page(&self, query: &TaskQuery, now: &Zoned, counted: bool) -> Result<TaskPage> {
        let counter = counter_column(&query.filter);
        let mut list = List::new(self.user_id(), query, now)?;
        list.counter = counter.filter(|_| counted);
        let quick = ranking_text(&query.filter).is_none()
            && (!counted || counter.is_some())
            && !matches!(query.start, Start::Offset(FAR..));
        let list = Arc::new(list);
        self.db()
            .read_paced(self.identity(), !quick, move |tx| {
                let list = list.clone();
                Box::pin(async move {
                    if !counted {
                        return list.page(tx).await;
                    }
                    let count = || count(tx, &list.user, &list.query.filter, &list.now);
                    if counter.is_none() {
                        let (page, total) = futures::try_join!(list.page(tx), count())?;
                        return Ok(TaskPage { total: Some(total), ..page });
                    }
                    let page = list.page(tx).await?;
                    match page.total {
                        Some(_) => Ok(page),
                        // The counter comes with the tasks; here are none.
                        None => Ok(TaskPage { total: Some(count().await?), ..page }),
                    }
                })
            })
            .await
    }
}

/// The counter that answers a count without counting.
fn counter_column(filter: &Filter) -> Option<&'static str> {
    match filter {
        Filter::All => Some("tasks"),
        Filter::Status(Status::Pending) => Some("open"),
        Filter::Status(Status::Completed) => Some("tasks - open"),
        _ => None,
    }
}

async fn count(tx: &Tx, user: &UserId, filter: &Filter, now: &Zoned) -> Result<u64> {
    let row: Option<(i64,)> = match counter_column(filter) {
        Some(column) => {
            tx.query_opt(&format!("SELECT {column} FROM counters WHERE user_id = $1"), &vals![user]).await?
        }
        None => {
            let (sql, params) = counting(tx.dialect(), user, filter, now);
            tx.query_opt(&sql, &params).await?
        }
    };
    Ok(row.and_then(|row| u64::try_from(row.0).ok()).unwrap_or(0))
}

fn counting(dialect: Dialect, user: &UserId, filter: &Filter, now: &Zoned) -> (String, Vec<Val>) {
    let mut condition = Where::new(dialect, user, now);
    let sql = condition.sql(filter);
    // SQLite takes "of this user" for rarer than "has this word" and walks all their tasks. A plus keeps it from the user's index
    // (https://sqlite.org/optoverview.html, unary "+").
    let plus = if dialect == Dialect::Sqlite && ranking_text(filter).is_some() { "+" } else { "" };
    (format!("SELECT count(*) FROM tasks t WHERE {plus}t.user_id = $1 AND {sql}"), condition.params)
}

/// The column of a sort key, and whether it can be NULL.
pub(crate) const fn sort_column(sort: SortKey) -> (&'static str, bool) {
    match sort {
        SortKey::CreatedAt | SortKey::Relevance => ("t.created_at", false),
        SortKey::UpdatedAt => ("t.updated_at", false),
        SortKey::CompletedAt => ("t.completed_at", true),
        SortKey::DueDate => ("t.due_sort", true),
        SortKey::Priority => ("t.priority", false),
        SortKey::Title => ("t.title_key", false),
        SortKey::Position => ("t.position", false),
        SortKey::Number => ("t.number", false),
    }
}

/// The value of the sort key of a task.
fn key_of(task: &Task, sort: SortKey) -> Val {
    match sort {
        SortKey::CreatedAt | SortKey::Relevance => task.created_at.into(),
        SortKey::UpdatedAt => task.updated_at.into(),
        SortKey::CompletedAt => task.completed_at.into(),
        SortKey::DueDate => {
            let [sort, ..] = due_to_columns(task.due.as_ref());
            sort
        }
        SortKey::Priority => task.priority.rank().into(),
        SortKey::Title => title_key(&task.title).into(),
        SortKey::Position => task.position.into(),
        SortKey::Number => task.number.into(),
    }
}

/// A question that is being answered.
pub(crate) struct List {
    user: UserId,
    query: TaskQuery,
    now: Zoned,
    limit: u32,
    after: Option<Cursor>,
    /// What of the counters comes along with every task, so that the total costs no statement of its own.
    counter: Option<&'static str>,
}

/// A task of a list, with the counter that was asked for.
struct Listed(Task, Option<i64>);

impl FromRow for Listed {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self(Task::from_row(row)?, row.get(COLUMN_COUNT)?))
    }
}

/// Which rows of a sort key that can be NULL.
#[derive(Clone, Copy, PartialEq)]
enum Part {
    /// All rows: the key is never NULL.
    Whole,
    /// Those with a key, in its order.
    Keyed,
    /// Those without, by id: they come last in either direction.
    Rest,
}

impl List {
    pub fn new(user: &UserId, query: &TaskQuery, now: &Zoned) -> Result<Self> {
        Self::of_length(user, query, now, query.limit.clamp(1, PAGE_MAX))
    }

    /// With pages of any length, for exports.
    pub fn of_length(user: &UserId, query: &TaskQuery, now: &Zoned, limit: u32) -> Result<Self> {
        let mut query = query.clone();
        let ranked = ranking_text(&query.filter).is_some_and(|text| !search::query(text).is_empty());
        if query.sort == SortKey::Relevance && !ranked {
            query.sort = SortKey::CreatedAt;
        }
        let after = match &query.start {
            Start::Offset(_) => None,
            Start::Cursor(cursor) => Some(Cursor::decode(cursor, user, &question(&query))?),
        };
        Ok(Self { user: user.clone(), query, now: now.clone(), limit, after, counter: None })
    }

    pub async fn page(&self, tx: &Tx) -> Result<TaskPage> {
        let wanted = self.limit as usize + 1;
        let mut tasks = Vec::new();
        let mut total = None;
        let nullable = sort_column(self.query.sort).1;
        let parts: &[Part] = match (nullable, &self.after, &self.query.start) {
            (true, Some(cursor), _) if cursor.rest => &[Part::Rest],
            (true, Some(_), _) | (true, None, Start::Offset(0)) => &[Part::Keyed, Part::Rest],
            _ => &[Part::Whole],
        };
        for part in parts {
            if tasks.len() < wanted {
                let (sql, params) = self.statement(tx.dialect(), *part, wanted - tasks.len());
                let listed: Vec<Listed> = tx.query(&sql, &params).await?;
                total = total.or(listed.first().and_then(|first| first.1));
                tasks.extend(listed.into_iter().map(|listed| listed.0));
            }
        }
        let more = tasks.len() > self.limit as usize;
        tasks.truncate(self.limit as usize);
        let next_cursor = tasks.last().filter(|_| more && self.query.sort != SortKey::Relevance).map(|last| {
            let key = key_of(last, self.query.sort);
            Cursor { rest: nullable && key == Val::Null, key, id: last.id }.encode(&self.user, &question(&self.query))
        });
        Ok(TaskPage { tasks, total: total.and_then(|total| u64::try_from(total).ok()), next_cursor })
    }

    fn statement(&self, dialect: Dialect, part: Part, limit: usize) -> (String, Vec<Val>) {
        let mut condition = Where::new(dialect, &self.user, &self.now);
        if self.query.sort == SortKey::Relevance {
            return self.by_relevance(dialect, condition, limit);
        }
        let mut filter = condition.sql(&self.query.filter);
        let (column, nullable) = sort_column(self.query.sort);
        // Numbers need no id to break ties.
        let unique = self.query.sort == SortKey::Number;
        let (direction, beyond) = match self.query.order {
            Order::Asc => ("ASC", ">"),
            Order::Desc => ("DESC", "<"),
        };
        let same_part = self.after.as_ref().filter(|cursor| cursor.rest == (part == Part::Rest));
        match part {
            Part::Keyed => filter = format!("{filter} AND {column} IS NOT NULL"),
            Part::Rest => filter = format!("{filter} AND {column} IS NULL"),
            Part::Whole => {}
        }
        if let Some(cursor) = same_part {
            filter = match part {
                _ if unique => format!("{filter} AND {column} {beyond} {}", condition.bind(cursor.key.clone())),
                Part::Rest => format!("{filter} AND t.id {beyond} {}", condition.bind(cursor.id)),
                _ => {
                    let (key, id) = (condition.bind(cursor.key.clone()), condition.bind(cursor.id));
                    format!("{filter} AND ({column}, t.id) {beyond} ({key}, {id})")
                }
            };
        }
        let order = match part {
            _ if unique => format!("{column} {direction}"),
            Part::Whole if nullable => format!("({column} IS NULL), {column} {direction}, t.id {direction}"),
            // For the rest the key says nothing, but keeps the planner to the index that has these rows together.
            _ => format!("{column} {direction}, t.id {direction}"),
        };
        let limit = condition.bind(i64::try_from(limit).unwrap_or(i64::MAX));
        let offset = match self.query.start {
            Start::Offset(offset) if offset > 0 => {
                format!(" OFFSET {}", condition.bind(i64::try_from(offset).unwrap_or(i64::MAX)))
            }
            _ => String::new(),
        };
        let sql = format!(
            "SELECT {COLUMNS}, {} FROM tasks t WHERE t.user_id = $1 AND {filter} ORDER BY {order} LIMIT {limit}{offset}",
            self.counter()
        );
        (sql, condition.params)
    }

    /// The counter as a column.
    fn counter(&self) -> String {
        self.counter.map_or_else(
            || "CAST(NULL AS bigint)".to_owned(),
            |column| format!("(SELECT {column} FROM counters WHERE user_id = $1)"),
        )
    }

    fn by_relevance(&self, dialect: Dialect, mut condition: Where, limit: usize) -> (String, Vec<Val>) {
        let filter = condition.sql(&without_ranking_text(&self.query.filter));
        let text = ranking_text(&self.query.filter).and_then(|text| condition.text_query(text)).unwrap_or_default();
        let text = condition.bind(text);
        let (from, rank) = match dialect {
            Dialect::Postgres => (
                format!(
                    "task_words w JOIN tasks t ON t.id = w.task_id WHERE {OWN_WORDS} AND w.words @@ {text}::text::tsquery AND "
                ),
                format!("-ts_rank(w.words, {text}::text::tsquery)"),
            ),
            Dialect::Sqlite => (
                format!("task_words JOIN tasks t ON t.row = task_words.rowid WHERE task_words MATCH {text} AND "),
                "bm25(task_words, 4.0, 1.0)".to_owned(),
            ),
        };
        // Best first, whichever direction of order was asked for by default; the worst first is possible too.
        let direction = match self.query.order {
            Order::Desc => "ASC",
            Order::Asc => "DESC",
        };
        let limit = condition.bind(i64::try_from(limit).unwrap_or(i64::MAX));
        let offset = match self.query.start {
            Start::Offset(offset) => condition.bind(i64::try_from(offset).unwrap_or(i64::MAX)),
            Start::Cursor(_) => condition.bind(0_i64),
        };
        let sql = format!(
            "SELECT {COLUMNS}, {} FROM {from} t.user_id = $1 AND {filter} ORDER BY {rank} {direction}, t.id DESC LIMIT {limit} OFFSET {offset}",
            self.counter()
        );
        (sql, condition.params)
    }
}

#[cfg(feature = "testing")]
use crate::db::Repeat;

#[cfg(feature = "testing")]
impl UserScope {
    /// The database's plans for the statements that answer a query, with what they really touched on PostgreSQL.
    ///
    /// # Errors
    /// As [`UserScope::tasks`].
    pub async fn explain(&self, query: &TaskQuery, now: &Zoned) -> Result<String> {
        let list = List::new(self.user_id(), query, now)?;
        let parts: &[Part] = match sort_column(list.query.sort).1 {
            true => &[Part::Keyed, Part::Rest],
            false => &[Part::Whole],
        };
        let mut plans = Vec::new();
        for part in parts {
            let (sql, params) = list.statement(self.db().dialect(), *part, list.limit as usize + 1);
            plans.push(self.plan(&sql, params).await?);
        }
        Ok(plans.join("\n"))
    }

    /// As [`explain`](Self::explain), of the statement that counts.
    ///
    /// # Errors
    /// The database's.
    pub async fn explain_count(&self, filter: &Filter, now: &Zoned) -> Result<String> {
        let (sql, params) = counting(self.db().dialect(), self.user_id(), filter, now);
        self.plan(&sql, params).await
    }

    async fn plan(&self, sql: &str, params: Vec<Val>) -> Result<String> {
        let lines: Vec<String> = match self.db().dialect() {
            Dialect::Postgres => {
                let sql = format!("EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF) {sql}");
                // Analysing runs the statement; only a writing transaction takes what is no `SELECT`.
                let lines: Vec<(String,)> =
                    self.db().execute_returning(self.identity(), Repeat::Safe, sql, params).await?;
                lines.into_iter().map(|line| line.0).collect()
            }
            Dialect::Sqlite => {
                let sql = format!("EXPLAIN QUERY PLAN {sql}");
                let lines: Vec<(i64, i64, i64, String)> = self.db().query(self.identity(), sql, params).await?;
                lines.into_iter().map(|line| line.3).collect()
            }
        };
        Ok(lines.join("\n"))
    }
}

/// What a cursor belongs to: the condition and the order.
fn question(query: &TaskQuery) -> String {
    format!("{:?} {:?} {:?}", query.filter, query.sort, query.order)
}
