//! Making tasks.

use todo_domain::{
    Command, DomainError, NewTask, Operation, Outcome, Status, Task, command::Context, id::TaskRef, task::ProjectRef,
};
use uuid::Uuid;

use super::{Change, Unit, check_count, conclude, summary, unit::STEP};
use crate::{
    db::{Dialect, Val},
    error::Result,
    events::{EventTask, Payload, TaskChange},
    scope::UserScope,
    tasks::{Record, storable_due, to_micros, write},
    vals,
};

pub(super) async fn create(mut unit: Unit<'_>, tasks: Vec<NewTask>) -> Result<Outcome> {
    check_count(tasks.len())?;
    refuse_known_ids(&mut unit, &tasks).await?;
    let mut ids = Vec::with_capacity(tasks.len());
    for new in tasks {
        let new = new.check()?;
        let labels = unit.canonical_labels(new.labels.clone()).await?;
        let project_id = match (&new.project, new.parent_id) {
            (Some(project), _) => Some(unit.project(project).await?),
            // A subtask belongs where its parent does.
            (None, Some(parent)) => unit.parent(parent, None).await?.project_id,
            (None, None) => None,
        };
        if let Some(parent) = new.parent_id {
            unit.parent(parent, None).await?;
        }
        let (number, position) = (unit.next_number(), unit.next_position());
        let task = build(&unit.now, unit.user.clone(), new, labels, project_id, number, position)?;
        ids.push(task.id);
        unit.put(task);
    }
    conclude(unit, "create", "Added", &ids, &[]).await
}

async fn refuse_known_ids(unit: &mut Unit<'_>, tasks: &[NewTask]) -> Result<()> {
    let chosen: Vec<TaskRef> = tasks.iter().filter_map(|task| task.id).map(TaskRef::Id).collect();
    let known = crate::tasks::load(unit.tx, unit.user, &chosen).await?;
    let doubled = chosen.iter().enumerate().any(|(index, id)| chosen[..index].contains(id));
    if !known.is_empty() || doubled {
        return Err(
            DomainError::invalid("id", "A task with this `id` exists; leave `id` out or choose another.").into()
        );
    }
    Ok(())
}

fn build(
    now: &jiff::Zoned,
    user: todo_domain::UserId,
    new: NewTask,
    labels: Vec<String>,
    project_id: Option<Uuid>,
    number: i64,
    position: f64,
) -> Result<Task> {
    let at = to_micros(now.timestamp());
    let due = match (new.due, &new.recurrence) {
        (None, Some(rule)) => rule.first_due(now),
        (due, _) => due,
    };
    Ok(Task {
        id: new.id.unwrap_or_else(Uuid::now_v7),
        number,
        user_id: user,
        title: new.title,
        description: new.description,
        status: new.status,
        priority: new.priority,
        labels,
        project_id,
        due: due.map(storable_due),
        reminders: new.reminders,
        series_id: new.recurrence.is_some().then(Uuid::now_v7),
        recurrence: new.recurrence,
        occurrence: 1,
        duration_minutes: new.duration_minutes,
        parent_id: new.parent_id,
        position,
        created_at: new.created_at.map_or(at, to_micros),
        updated_at: at,
        completed_at: match new.status {
            Status::Completed => Some(new.completed_at.map_or(at, to_micros)),
            Status::Pending => None,
        },
        version: 1,
    })
}

/// Makes one plain task on PostgreSQL in a single statement that is a transaction by itself: one round trip, and the user's
/// counters are locked only for its length. `None` when the command is anything else.
pub(super) async fn in_one_round_trip(
    scope: &UserScope,
    command: &Command,
    context: &Context,
) -> Result<Option<Outcome>> {
    let Command::Create(tasks) = command else { return Ok(None) };
    let [new] = tasks.as_slice() else { return Ok(None) };
    let plain = new.id.is_none()
        && new.labels.is_empty()
        && new.parent_id.is_none()
        && new.reminders.is_empty()
        && !matches!(new.project, Some(ProjectRef::Name(_) | ProjectRef::Id(_)));
    if !plain || scope.db().dialect() != Dialect::Postgres {
        return Ok(None);
    }
    let task = build(&context.now, scope.user_id().clone(), new.clone().check()?, Vec::new(), None, 0, 0.0)?;
    let operation = Operation {
        id: Uuid::now_v7(),
        kind: "create".into(),
        summary: summary("Added", std::slice::from_ref(&task)),
        door: context.door,
        created_at: task.updated_at,
        undone_at: None,
    };
    let (number, position) = scope.db().write_one(statement(), &values(&task, &operation)?).await?;
    let task = Task { number, position, ..task };
    Ok(Some(Outcome { operation: Some(operation), tasks: vec![task], ..Outcome::default() }))
}

fn values(task: &Task, operation: &Operation) -> Result<Vec<Val>> {
    let mut values = write::values(task);
    let changes = Change::write_all(&[Change::Task { before: None, after: Some(Box::new(Record::from(task))) }])?;
    // The statement puts the number in.
    let event = EventTask { id: task.id, number: 0, change: TaskChange::Created };
    let payload = serde_json::to_string(&Payload { tasks: vec![event], ..Payload::default() })
        .map_err(|error| crate::StoreError::Corrupt(error.to_string()))?;
    values.extend(vals![
        write::tsvector(task),
        operation.id,
        &operation.summary,
        operation.door.as_str(),
        changes,
        payload,
        i64::from(!task.is_completed()),
    ]);
    Ok(values)
}

/// Everything comes from the row of `me`, so that row-level security knows the user before it judges the first row.
fn statement() -> &'static str {
    static STATEMENT: std::sync::OnceLock<String> = std::sync::OnceLock::new();
    STATEMENT
        .get_or_init(|| {
            let (columns, mut places) = write::insert_lists();
            let next = places.len() + 1;
            for (column, place) in columns.split(", ").zip(&mut places) {
                match column {
                    // Bound but unknown to the client: the counters give them.
                    "user_id" => *place = "c.user_id".into(),
                    "number" => *place = format!("c.number + {place}"),
                    "position" => *place = format!("c.position + {place}"),
                    // A parameter in a select list has no type by itself.
                    "title" | "title_key" | "description" | "labels" | "due_zone" | "reminders" | "recurrence"
                    | "recurrence_anchor" => place.push_str("::text"),
                    "id" | "project_id" | "series_id" | "parent_id" => place.push_str("::uuid"),
                    "priority" => place.push_str("::smallint"),
                    "duration_minutes" => place.push_str("::integer"),
                    "due_at" | "created_at" | "updated_at" | "completed_at" => place.push_str("::timestamptz"),
                    _ => place.push_str("::bigint"),
                }
            }
            let created_at = columns.split(", ").position(|column| column == "updated_at").map_or(0, |index| index + 1);
            let [words, operation, summary, door, changes, payload, open] = std::array::from_fn(|index| next + index);
            format!(
                "WITH me AS MATERIALIZED (SELECT set_config('app.user_id', $1, true) AS id), \
                 c AS (INSERT INTO counters (user_id, number, seq, position, tasks, open) \
                 SELECT id, 1, 1, {STEP}, 1, ${open}::bigint FROM me \
                 ON CONFLICT (user_id) DO UPDATE SET number = counters.number + 1, seq = counters.seq + 1, \
                 position = counters.position + {STEP}, tasks = counters.tasks + 1, open = counters.open + excluded.open \
                 RETURNING user_id, number, seq, position, hooks), \
                 t AS (INSERT INTO tasks ({columns}) SELECT {} FROM c), \
                 w AS (INSERT INTO task_words (user_id, task_id, words) SELECT user_id, $2, ${words}::text::tsvector FROM c), \
                 o AS (INSERT INTO operations (user_id, id, kind, summary, door, changes, created_at) \
                 SELECT user_id, ${operation}::uuid, 'create', ${summary}::text, ${door}::text, ${changes}::text, ${created_at} FROM c), \
                 e AS (INSERT INTO events (user_id, seq, kind, operation_id, payload) \
                 SELECT user_id, seq, 'create', ${operation}, replace(${payload}::text, '\"number\":0', '\"number\":' || number) FROM c), \
                 j AS (INSERT INTO jobs (kind, user_id, dedupe, payload, run_at) \
                 SELECT '{kind}', user_id, user_id || ':' || seq, '{{\"seq\":' || seq || '}}', ${created_at} FROM c WHERE hooks) \
                 SELECT number, position FROM c",
                places.join(", "),
                kind = crate::jobs::EVENT,
            )
        })
}
