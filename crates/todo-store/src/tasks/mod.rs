//! Tasks as rows.

mod counts;
pub(crate) mod filter;
pub(crate) mod list;
mod record;
pub(crate) mod write;

use jiff::{
    Timestamp, ToSpan,
    civil::{Date, DateTime},
    tz::TimeZone,
};
use todo_domain::{
    Due, Priority, Recurrence, Reminder, Status, Task,
    id::{TaskRef, UserId},
    search,
};
use uuid::Uuid;

pub(crate) use record::Record;

use crate::{
    db::{FromRow, Row, Tx, Val},
    error::{Result, StoreError},
    vals,
};

/// The columns that make a [`Task`], in the order in which it is read, for a table called `t`.
pub(crate) const COLUMNS: &str = "t.id, t.number, t.user_id, t.title, t.description, t.priority, t.labels, t.project_id, \
     t.due_sort, t.due_at, t.due_zone, t.reminders, t.recurrence, t.recurrence_anchor, t.series_id, t.occurrence, \
     t.duration_minutes, t.parent_id, t.position, t.created_at, t.updated_at, t.completed_at, t.version";

/// How many columns that is.
pub(crate) const COLUMN_COUNT: usize = 23;

impl FromRow for Task {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        let completed_at: Option<Timestamp> = row.get(21)?;
        Ok(Self {
            id: row.get(0)?,
            number: row.get(1)?,
            user_id: UserId::new(row.get::<String>(2)?),
            title: row.get(3)?,
            description: row.get(4)?,
            status: if completed_at.is_some() { Status::Completed } else { Status::Pending },
            priority: Priority::from_rank(i16::try_from(row.get::<i64>(5)?).unwrap_or_default()),
            labels: names_from_json(row.get(6)?)?,
            project_id: row.get(7)?,
            due: due_from_row(row.get(8)?, row.get(9)?, row.get(10)?),
            reminders: reminders_from_json(row.get(11)?)?,
            recurrence: recurrence_from_text(row.get(12)?, row.get(13)?)?,
            series_id: row.get(14)?,
            occurrence: row.get(15)?,
            duration_minutes: row.get::<Option<i64>>(16)?.and_then(|minutes| u32::try_from(minutes).ok()),
            parent_id: row.get(17)?,
            position: row.get(18)?,
            created_at: row.get(19)?,
            updated_at: row.get(20)?,
            completed_at,
            version: row.get(22)?,
        })
    }
}

fn damaged(what: &str, error: impl std::fmt::Display) -> StoreError {
    StoreError::Corrupt(format!("{what} of a task: {error}"))
}

fn names_from_json(json: Option<String>) -> Result<Vec<String>> {
    let Some(json) = json else { return Ok(Vec::new()) };
    let mut names: Vec<String> = serde_json::from_str(&json).map_err(|error| damaged("labels", error))?;
    names.sort_by_cached_key(|name| name.to_lowercase());
    Ok(names)
}

/// NULL for none, so that a plain task costs nothing.
pub(crate) fn names_to_json(names: &[String]) -> Option<String> {
    (!names.is_empty()).then(|| serde_json::Value::from(names).to_string())
}

fn reminders_from_json(json: Option<String>) -> Result<Vec<Reminder>> {
    json.map_or(Ok(Vec::new()), |json| serde_json::from_str(&json).map_err(|error| damaged("reminders", error)))
}

fn reminders_to_json(reminders: &[Reminder]) -> Option<String> {
    let texts: Vec<String> = reminders.iter().map(ToString::to_string).collect();
    names_to_json(&texts)
}

pub(crate) fn recurrence_from_text(rule: Option<String>, anchor: Option<String>) -> Result<Option<Recurrence>> {
    let Some(rule) = rule else { return Ok(None) };
    let rule: Recurrence = rule.parse().map_err(|error| damaged("recurrence", error))?;
    let anchor =
        anchor.map(|anchor| anchor.parse().map_err(|error| damaged("recurrence anchor", error))).transpose()?;
    Ok(Some(rule.with_anchor(anchor.unwrap_or_default())))
}

/// The zone of a due date as it is stored: an IANA name, or a fixed offset.
fn zone_to_text(zone: &TimeZone) -> String {
    zone.iana_name().map_or_else(
        || zone.to_fixed_offset().map_or_else(|_| "UTC".to_owned(), |offset| offset.to_string()),
        str::to_owned,
    )
}

/// A zone that is not known any more is read as UTC: the instant stays right.
fn zone_from_text(text: &str) -> TimeZone {
    jiff::fmt::temporal::DateTimeParser::new().parse_time_zone(text).unwrap_or(TimeZone::UTC)
}

/// Microseconds in a day.
const DAY: i64 = 86_400_000_000;
/// The day from which clock readings are counted.
const EPOCH: Date = Date::constant(1970, 1, 1);

/// Microseconds of a clock reading since the beginning of 1970 by the same clock: the sort key of due dates, which is the same
/// for every reader.
pub(crate) fn civil_micros(at: DateTime) -> i64 {
    let days = i64::from((at.date() - EPOCH).get_days());
    let seconds = i64::from(at.hour()) * 3600 + i64::from(at.minute()) * 60 + i64::from(at.second());
    days * DAY + seconds * 1_000_000 + i64::from(at.subsec_nanosecond() / 1000)
}

/// The sort key of a day without a clock time: its last microsecond.
pub(crate) fn day_end_micros(day: Date) -> i64 {
    civil_micros(day.at(23, 59, 59, 999_999_000))
}

/// `due_sort`, `due_at` and `due_zone` of a due date.
fn due_to_columns(due: Option<&Due>) -> [Val; 3] {
    match due {
        None => [Val::Null, Val::Null, Val::Null],
        Some(Due::Day(day)) => [day_end_micros(*day).into(), Val::Null, Val::Null],
        Some(Due::At(at)) => {
            [civil_micros(at.datetime()).into(), at.timestamp().into(), zone_to_text(at.time_zone()).into()]
        }
    }
}

fn due_from_row(sort: Option<i64>, at: Option<Timestamp>, zone: Option<String>) -> Option<Due> {
    match (sort, at) {
        (_, Some(at)) => Some(Due::At(at.to_zoned(zone_from_text(zone.as_deref().unwrap_or("UTC"))))),
        (Some(sort), None) => EPOCH.checked_add(sort.div_euclid(DAY).days()).ok().map(Due::Day),
        (None, None) => None,
    }
}

/// What titles are sorted by: without case and accents.
pub(crate) fn title_key(title: &str) -> String {
    search::words(title).join(" ")
}

/// As the databases keep instants.
pub(crate) fn to_micros(at: Timestamp) -> Timestamp {
    Timestamp::from_microsecond(at.as_microsecond()).unwrap_or(at)
}

/// A due date as it will read back: instants in whole microseconds.
pub(crate) fn storable_due(due: Due) -> Due {
    match due {
        Due::At(at) => {
            let zone = zone_from_text(&zone_to_text(at.time_zone()));
            Due::At(to_micros(at.timestamp()).to_zoned(zone))
        }
        day => day,
    }
}

/// The tasks that are named, in no particular order; unknown ones are left out.
pub(crate) async fn load(tx: &Tx, user: &UserId, refs: &[TaskRef]) -> Result<Vec<Task>> {
    match refs {
        [] => Ok(Vec::new()),
        [TaskRef::Id(id)] => {
            let sql = format!("SELECT {COLUMNS} FROM tasks t WHERE t.user_id = $1 AND t.id = $2");
            tx.query(&sql, &vals![user, *id]).await
        }
        [TaskRef::Number(number)] => {
            let sql = format!("SELECT {COLUMNS} FROM tasks t WHERE t.user_id = $1 AND t.number = $2");
            tx.query(&sql, &vals![user, *number]).await
        }
        many => {
            let mut ids = Vec::new();
            let mut numbers = Vec::new();
            for one in many {
                match one {
                    TaskRef::Id(id) => ids.push(*id),
                    TaskRef::Number(number) => numbers.push(*number),
                }
            }
            let dialect = tx.dialect();
            let mut tasks: Vec<Task> = Vec::new();
            if !ids.is_empty() {
                let any = dialect.any_uuid(2);
                let sql = format!("SELECT {COLUMNS} FROM tasks t WHERE t.user_id = $1 AND t.id {any}");
                tasks.extend(tx.query::<Task>(&sql, &vals![user, ids]).await?);
            }
            if !numbers.is_empty() {
                let any = dialect.any_int(2);
                let sql = format!("SELECT {COLUMNS} FROM tasks t WHERE t.user_id = $1 AND t.number {any}");
                tasks.extend(tx.query::<Task>(&sql, &vals![user, numbers]).await?);
            }
            Ok(tasks)
        }
    }
}

/// The subtasks of a task, in manual order.
pub(crate) async fn subtasks(tx: &Tx, user: &UserId, parent: Uuid) -> Result<Vec<Task>> {
    let sql =
        format!("SELECT {COLUMNS} FROM tasks t WHERE t.user_id = $1 AND t.parent_id = $2 ORDER BY t.position, t.id");
    tx.query(&sql, &vals![user, parent]).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn due_dates_come_back_from_their_columns_at_both_ends_of_the_calendar() {
        let at = |text: &str| Due::At(text.parse().unwrap());
        let days =
            [Date::MIN, Date::constant(1969, 12, 31), EPOCH, Date::constant(2026, 11, 18), Date::MAX].map(Due::Day);
        let instants = [at("2026-11-18T17:00:00.123456[Europe/Paris]"), at("1950-03-01T00:00:00+05:30[+05:30]")];
        for due in days.into_iter().chain(instants) {
            let [sort, instant, zone] = due_to_columns(Some(&due));
            let Val::Int(sort) = sort else { panic!("{sort:?}") };
            let instant = if let Val::Time(at) = instant { Some(at) } else { None };
            let zone = if let Val::Text(zone) = zone { Some(zone) } else { None };
            assert_eq!(due_from_row(Some(sort), instant, zone), Some(storable_due(due)));
        }
        assert!(day_end_micros(Date::MIN) < day_end_micros(EPOCH) && day_end_micros(EPOCH) < day_end_micros(Date::MAX));
    }
}
