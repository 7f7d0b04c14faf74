//! A household of tasks on a fixed day, and the effect of a conversation on it.

use std::collections::BTreeMap;

use jiff::Zoned;
use todo_assistant::{
    builtin::{Memory, Progress, Watch, respond},
    tools::{self, ToolContext},
};
use todo_domain::{
    Command, Door, Filter, Task, TaskQuery, TaskRef, command,
    id::UserId,
    language,
    query::{Order, SortKey},
    wire,
};
use todo_store::{Store, StoreConfig};

/// A Wednesday.
pub const NOW: &str = "2026-11-18T10:00[Europe/Paris]";

/// One conversation and what must come of it.
pub struct Case {
    /// Where it stands in its file.
    pub line: usize,
    pub language: String,
    pub turns: Vec<String>,
    pub expected: Vec<String>,
}

/// Reads a case file: blank lines part cases, `#` comments (followed by a space), `%language es` sets the user's language.
pub fn cases(text: &str) -> Vec<Case> {
    let mut cases: Vec<Case> = Vec::new();
    let mut language = "en".to_owned();
    let mut open: Option<Case> = None;
    for (at, line) in text.lines().chain([""]).enumerate() {
        if let Some(tag) = line.strip_prefix("%language ") {
            language = tag.trim().to_owned();
        } else if let Some(turn) = line.strip_prefix("> ") {
            let case = open.get_or_insert_with(|| Case {
                line: at + 1,
                language: language.clone(),
                turns: Vec::new(),
                expected: Vec::new(),
            });
            // `\n` stands for a line break in the message.
            case.turns.push(turn.replace("\\n", "\n"));
        } else if line.trim().is_empty() {
            cases.extend(open.take());
        } else if !line.starts_with("# ") {
            open.as_mut().expect("an expectation without a sentence").expected.push(line.trim().to_owned());
        }
    }
    for case in &mut cases {
        case.expected.sort();
    }
    cases
}

struct Silent;

impl Watch for Silent {
    fn progress(&mut self, _: Progress) {}
}

/// A user with twelve tasks.
pub async fn household() -> ToolContext {
    home().await.1
}

/// The same with the store around it.
pub async fn home() -> (Store, ToolContext) {
    let store = Store::open(&StoreConfig::from_url("sqlite::memory:").unwrap()).unwrap();
    store.migrate().await.unwrap();
    let now: Zoned = NOW.parse().unwrap();
    let scope = store.user(&UserId::new("ada"));
    let context = ToolContext { scope, language: language::Context::new(now.clone()), door: Door::Chat };
    let add = |json: serde_json::Value| {
        let context = context.clone();
        async move { tools::call(&context, "add_task", json).await.unwrap() }
    };
    use serde_json::json;
    add(json!({ "title": "Buy milk", "labels": ["shopping"] })).await;
    add(json!({ "title": "Call the dentist", "due_date": "2026-11-18", "priority": "high", "labels": ["health"] }))
        .await;
    add(json!({ "title": "Write the quarterly report", "due_date": "2026-11-20", "priority": "urgent", "project": "Work" })).await;
    add(json!({ "title": "Pay electricity bill", "due_date": "2026-11-16", "labels": ["home"] })).await;
    add(json!({ "title": "Water the plants", "due_date": "2026-11-18T18:00", "recurrence": "FREQ=DAILY;INTERVAL=3", "labels": ["home"] })).await;
    add(json!({ "title": "Prepare meeting notes", "project": "Work" })).await;
    add(json!({ "title": "Book dentist appointment for Anna", "due_date": "2026-11-24" })).await;
    add(json!({ "title": "Renew passport", "due_date": "2026-12-15", "priority": "medium" })).await;
    add(json!({ "title": "Take out the trash", "due_date": "2026-11-19T20:00", "recurrence": "FREQ=WEEKLY;BYDAY=TH" }))
        .await;
    add(json!({ "title": "Read the newsletter" })).await;
    add(json!({ "title": "Return library books" })).await;
    add(json!({ "title": "Clean the garage", "priority": "low" })).await;
    for (number, days) in [(10, 1), (11, 0)] {
        let then = now.checked_sub(jiff::Span::new().days(days)).unwrap();
        let command = Command::Complete { tasks: vec![TaskRef::Number(number)], if_version: None };
        context.scope.run(command, &command::Context { now: then, door: Door::Rest }).await.unwrap();
    }
    (store, context)
}

/// All tasks by number.
pub async fn tasks(context: &ToolContext) -> BTreeMap<i64, Task> {
    let query = TaskQuery { limit: 100, ..TaskQuery::new(Filter::All).sorted(SortKey::Number, Order::Asc) };
    let page = context.scope.tasks(&query, &context.language.now).await.unwrap();
    page.tasks.into_iter().map(|task| (task.number, task)).collect()
}

/// Runs the conversation; what it did, sorted.
pub async fn run(case: &Case) -> Vec<String> {
    let context = household().await;
    let before = tasks(&context).await;
    let mut memory = Memory::default();
    let mut text = String::new();
    let mut tools = Vec::new();
    for turn in &case.turns {
        let response = respond(turn, &memory, &context, &case.language, &mut Silent).await.unwrap();
        // As it is between requests: through the database.
        memory = serde_json::from_str(&serde_json::to_string(&response.memory).unwrap()).unwrap();
        text = response.text;
        tools = response.calls.iter().map(|call| call.tool).collect();
    }
    let after = tasks(&context).await;
    let projects: BTreeMap<_, _> =
        context.scope.projects().await.unwrap().into_iter().map(|project| (project.id, project.name)).collect();
    let mut effects = Vec::new();
    for (number, task) in &after {
        match before.get(number) {
            None => effects.push(format!("+ {}", describe(task, &projects))),
            Some(old) => changes(old, task, &projects, &mut effects),
        }
    }
    effects.extend(before.keys().filter(|number| !after.contains_key(number)).map(|number| format!("gone #{number}")));
    if let Some(question) = &memory.question {
        match question.choices.len() {
            0 => effects.push("asks".to_owned()),
            _ if question
                .step
                .as_ref()
                .is_some_and(|_| question.choices.iter().all(|choice| choice.task.is_none())) =>
            {
                effects.push("asks yes/no".to_owned());
            }
            _ if question.choices.iter().all(|choice| choice.task.is_some()) => {
                let numbers: Vec<String> =
                    question.choices.iter().map(|choice| format!("#{}", choice.number.unwrap())).collect();
                effects.push(format!("asks {}", numbers.join(" ")));
            }
            count => effects.push(format!("asks {count}")),
        }
    }
    for expected in &case.expected {
        // Said and called are checked where a case asks for it.
        if let Some(wanted) = expected.strip_prefix("says ") {
            if text.contains(wanted) {
                effects.push(expected.clone());
            } else {
                effects.push(format!("says {text:?}"));
            }
        } else if expected.starts_with("calls ") {
            effects.push(format!("calls {}", tools.join(" ")));
        } else if expected.starts_with("shows") {
            let shown: Vec<String> = memory
                .shown
                .iter()
                .filter_map(|id| after.values().find(|task| task.id == *id))
                .map(|task| format!(" #{}", task.number))
                .collect();
            effects.push(format!("shows{}", shown.concat()));
        }
    }
    effects.sort();
    effects
}

type Projects = BTreeMap<uuid::Uuid, String>;

fn due(task: &Task) -> String {
    task.due.as_ref().map_or("-".to_owned(), |due| {
        let text = wire::due_text(due);
        // Seconds and offset say nothing here: everything is in Paris.
        text.split(['+', 'Z']).next().unwrap().trim_end_matches(":00").to_owned()
    })
}

fn describe(task: &Task, projects: &Projects) -> String {
    let mut words = vec![task.title.clone()];
    if task.due.is_some() {
        words.push(format!("due {}", due(task)));
    }
    if let Some(rule) = &task.recurrence {
        words.push(format!("rule {rule}"));
    }
    if task.priority != todo_domain::Priority::None {
        words.push(task.priority.as_str().to_owned());
    }
    words.extend(task.labels.iter().map(|label| format!("@{label}")));
    words.extend(task.project_id.map(|id| format!("#{}", projects[&id])));
    words.extend(task.reminders.iter().map(|reminder| format!("remind {reminder}")));
    words.extend(task.description.iter().map(|text| format!("note {text}")));
    words.extend(task.is_completed().then(|| "done".to_owned()));
    words.join(" | ")
}

fn changes(old: &Task, new: &Task, projects: &Projects, effects: &mut Vec<String>) {
    let number = new.number;
    match (old.is_completed(), new.is_completed()) {
        (false, true) => effects.push(format!("done #{number}")),
        (true, false) => effects.push(format!("open #{number}")),
        _ => {}
    }
    let name = |id: &Option<uuid::Uuid>| id.map_or("-".to_owned(), |id| projects[&id].clone());
    let rule = |task: &Task| task.recurrence.as_ref().map_or("-".to_owned(), ToString::to_string);
    let note = |task: &Task| task.description.clone().unwrap_or("-".to_owned()).replace('\n', "\\n");
    let list = |items: Vec<String>| if items.is_empty() { "-".to_owned() } else { items.join(" ") };
    let reminders = |task: &Task| list(task.reminders.iter().map(ToString::to_string).collect());
    for (field, was, is) in [
        ("title", old.title.clone(), new.title.clone()),
        ("due", due(old), due(new)),
        ("priority", old.priority.as_str().to_owned(), new.priority.as_str().to_owned()),
        ("labels", list(old.labels.clone()), list(new.labels.clone())),
        ("project", name(&old.project_id), name(&new.project_id)),
        ("rule", rule(old), rule(new)),
        ("note", note(old), note(new)),
        ("reminders", reminders(old), reminders(new)),
    ] {
        if was != is {
            effects.push(format!("#{number} {field} {is}"));
        }
    }
}
