//! Requests become tool calls, or a question first. Destructive and bulk actions ask, unless they are single and can be undone.

use serde_json::{Value, json};
use todo_domain::{Code, Task, language::quick_add, wire};
use uuid::Uuid;

use super::{
    change,
    intent::{Change, Intent, Item, Step, Target},
    lexicon::Lexicon,
    memory::{Choice, Listing, Memory, Question, QuestionKind},
    phrasing::Phrasing,
    resolve::{Missing, Prefer, Resolved, Resolver},
    respond::{Caller, Response},
    suggest,
};
use crate::tools::{Output, Selection, ToolContext, ToolError};

/// Tasks per page of a list in chat.
const PAGE: u32 = 20;
/// Tasks that an answer about many names one by one.
const NAMED_MAX: usize = 10;

/// Carries out the steps of one message.
pub(crate) struct Actor<'a> {
    pub(crate) tools: &'a ToolContext,
    lexicon: &'static Lexicon,
    before: &'a Memory,
    after: Memory,
    caller: Caller<'a>,
    lines: Vec<String>,
    questions: Vec<Question>,
    operations: Vec<Uuid>,
    projects: Vec<(Uuid, String)>,
}

/// What to do with resolved tasks.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Verb {
    Complete,
    Reopen,
    Delete,
    Change,
}

impl Verb {
    const fn key(self) -> &'static str {
        match self {
            Self::Complete => "complete",
            Self::Reopen => "reopen",
            Self::Delete => "delete",
            Self::Change => "change",
        }
    }
}

impl<'a> Actor<'a> {
    pub(crate) fn new(
        tools: &'a ToolContext,
        lexicon: &'static Lexicon,
        before: &'a Memory,
        caller: Caller<'a>,
    ) -> Self {
        let after = Memory { question: None, ..before.clone() };
        Self {
            tools,
            lexicon,
            before,
            after,
            caller,
            lines: Vec::new(),
            questions: Vec::new(),
            operations: Vec::new(),
            projects: Vec::new(),
        }
    }

    pub(crate) fn phrasing(&self) -> Phrasing<'_> {
        Phrasing { lexicon: self.lexicon, now: &self.tools.language.now, projects: &self.projects }
    }

    fn say(&mut self, key: &str, places: &[(&str, &str)]) {
        let line = self.phrasing().say(key, places);
        self.lines.push(line);
    }

    pub(crate) fn say_key(&mut self, key: &str) {
        self.say(key, &[]);
    }

    pub(crate) fn open_questions(&mut self, questions: Vec<Question>) {
        self.questions.extend(questions);
    }

    /// Runs a tool; a refusal is told and answered as `None`.
    async fn call(&mut self, tool: &'static str, input: Value) -> Result<Option<Output>, ToolError> {
        match self.caller.call(self.tools, tool, input).await {
            None => Ok(None),
            Some(Ok(output)) => {
                if let Some(operation) = output.operation.as_ref().filter(|_| tool != "undo") {
                    self.operations.push(operation.id);
                }
                Ok(Some(output))
            }
            Some(Err(error @ ToolError::Store(_))) => Err(error),
            Some(Err(error)) => {
                let detail = error.detail().into_owned();
                self.say("failed", &[("error", &detail)]);
                Ok(None)
            }
        }
    }

    /// The answer with its memory, when all steps are done.
    pub(crate) async fn response(mut self, message: &str) -> Result<Response, ToolError> {
        if !self.operations.is_empty() {
            self.after.operations = std::mem::take(&mut self.operations);
        }
        let mut text = std::mem::take(&mut self.lines).join("\n");
        let mut questions = std::mem::take(&mut self.questions).into_iter();
        if let Some(mut question) = questions.next() {
            question.next.extend(questions);
            if !text.is_empty() {
                text.push('\n');
            }
            text.push_str(&question.prompt);
            // Yes and no need no numbers.
            if matches!(question.kind, QuestionKind::Which | QuestionKind::Reading) {
                for (at, choice) in question.choices.iter().enumerate() {
                    text.push_str(&format!("\n{}. {}", at + 1, choice.label));
                }
            }
            self.after.question = Some(question);
        }
        if text.is_empty() {
            let examples = suggest::nearest(message, self.lexicon);
            text = self
                .phrasing()
                .say(if self.caller.stopped { "stopped" } else { "unknown" }, &[("examples", &examples)]);
        }
        let Caller { calls, stopped, .. } = self.caller;
        Ok(Response { text, calls, memory: self.after, stopped })
    }

    /// Carries out a step. `confirmed`: the user was asked and said yes.
    pub(crate) async fn act(&mut self, step: Step, confirmed: bool) -> Result<(), ToolError> {
        if self.caller.stopped {
            return Ok(());
        }
        match step.intent.clone() {
            Intent::Add { items } => self.add(items, &step, confirmed).await,
            Intent::AddUntitled => {
                let prompt = self.phrasing().say("ask.title", &[]);
                self.ask(Question {
                    prompt,
                    kind: QuestionKind::Text,
                    choices: Vec::new(),
                    step: None,
                    next: Vec::new(),
                });
                Ok(())
            }
            Intent::OfferToAdd { text } => {
                self.offer(&text, "offer.add");
                Ok(())
            }
            Intent::List { selection } => self.list(selection).await,
            Intent::Count { selection } => self.count(selection).await,
            Intent::Search { text } => self.search(&text).await,
            Intent::Show { ref target } => self.show(target, &step).await,
            Intent::Complete { ref target, .. } => self.on_tasks(Verb::Complete, target, &step, confirmed).await,
            Intent::Reopen { ref target } => self.on_tasks(Verb::Reopen, target, &step, confirmed).await,
            Intent::Delete { ref target } => self.on_tasks(Verb::Delete, target, &step, confirmed).await,
            Intent::Change { ref target, .. } => self.on_tasks(Verb::Change, target, &step, confirmed).await,
            Intent::Undo { count, about } => self.undo(count, about.as_deref()).await,
            Intent::Summary { day } => self.summary(day).await,
            Intent::Labels => self.labels().await,
            Intent::Projects => self.list_projects().await,
            Intent::More => self.more().await,
            Intent::Help => {
                let lines: Vec<String> =
                    self.lexicon.say("help.lines").split(" | ").map(|line| format!("• {line}")).collect();
                self.say_key("help");
                self.lines.extend(lines);
                Ok(())
            }
            Intent::Talk { say } => {
                self.say_key(&say);
                Ok(())
            }
            Intent::LeaveAlone => {
                self.say_key("left.alone");
                Ok(())
            }
            Intent::Unknown => {
                let examples = suggest::nearest(&step.said, self.lexicon);
                self.say("unknown", &[("examples", &examples)]);
                Ok(())
            }
        }
    }

    fn ask(&mut self, question: Question) {
        self.questions.push(question);
    }

    fn confirm(&mut self, prompt: String, step: Step) {
        let choices = ["yes", "no"]
            .map(|key| Choice { label: self.lexicon.say(key).to_owned(), task: None, number: None, intent: None })
            .to_vec();
        self.ask(Question { prompt, kind: QuestionKind::Confirm, choices, step: Some(step), next: Vec::new() });
    }

    fn offer(&mut self, text: &str, key: &str) {
        let short: String = text.chars().take(200).collect();
        let examples = suggest::nearest(text, self.lexicon);
        let prompt = self.phrasing().say(key, &[("text", &short), ("examples", &examples)]);
        let items = vec![Item { text: short.clone(), ..Item::default() }];
        self.confirm(prompt, Step { intent: Intent::Add { items }, said: short, doubt: false });
    }

    // Adding.

    async fn add(&mut self, items: Vec<Item>, step: &Step, confirmed: bool) -> Result<(), ToolError> {
        if step.doubt && !confirmed {
            self.offer(&step.said.clone(), "offer.add");
            return Ok(());
        }
        if let [item] = items.as_slice()
            && !confirmed
            && self.ask_for_reading(item)
        {
            return Ok(());
        }
        let mut added: Vec<Task> = Vec::new();
        for item in &items {
            let arguments = self.new_task(item);
            match self.call("add_task", arguments).await? {
                Some(output) => added.extend(output.tasks),
                None if items.len() == 1 => return Ok(()),
                None => {}
            }
        }
        self.spoke_of(&added);
        self.load_projects(&added).await?;
        match added.as_slice() {
            [] => {}
            [task] => {
                let (title, details) = (self.phrasing().title(task), self.phrasing().tail(task));
                self.say("added", &[("title", &title), ("details", &details)]);
            }
            many => self.say_many("added.many", many),
        }
        Ok(())
    }

    /// "buy 2 friday night tickets": a date, or part of the title?
    fn ask_for_reading(&mut self, item: &Item) -> bool {
        if item.literal || item.due.is_some() {
            return false;
        }
        let read = quick_add(&item.text, &self.tools.language);
        let Some(doubt) = read.question else { return false };
        let Some(due) = &doubt.reading.due else { return false };
        let phrase = doubt.span.text.clone();
        let due_words = self.phrasing().due(due);
        let dated =
            Item { text: doubt.title_then.clone(), literal: true, due: Some(wire::due_text(due)), ..item.clone() };
        let plain = Item { literal: true, ..Item { text: read.title.clone(), ..item.clone() } };
        let label = |key: &str, title: &str| self.phrasing().say(key, &[("title", title), ("due", &due_words)]);
        let choices = vec![
            choice_of(label("reading.date", &doubt.title_then), Intent::Add { items: vec![dated] }),
            choice_of(label("reading.title", &read.title), Intent::Add { items: vec![plain] }),
        ];
        let prompt = self.phrasing().say("reading", &[("text", &phrase)]);
        self.ask(Question { prompt, kind: QuestionKind::Reading, choices, step: None, next: Vec::new() });
        true
    }

    /// The arguments of `add_task` for a line of quick-add text.
    fn new_task(&self, item: &Item) -> Value {
        if item.literal {
            let mut arguments = json!({ "title": item.text });
            for (name, value) in [("due_date", &item.due), ("project", &item.project)] {
                if let Some(value) = value {
                    arguments[name] = value.clone().into();
                }
            }
            return arguments;
        }
        let read = quick_add(&item.text, &self.tools.language);
        // A line that is nothing but a date is a title after all.
        let title = if read.title.trim().is_empty() { item.text.clone() } else { read.title };
        let title = if item.lifted { lifted(&title) } else { title };
        let mut arguments = json!({ "title": title });
        if let Some(due) = &read.due {
            arguments["due_date"] = wire::due_text(due).into();
            if let Some(zone) = due.zone_name() {
                arguments["due_timezone"] = zone.into();
            }
        }
        if let Some(rule) = &read.recurrence {
            arguments["recurrence"] = rule.to_string().into();
            arguments["recurrence_anchor"] = rule.anchor().as_str().into();
        }
        let mut reminders: Vec<String> = read.reminders.iter().map(ToString::to_string).collect();
        if item.remind && reminders.is_empty() && read.due.is_some() {
            reminders.push("-PT0M".to_owned());
        }
        if !reminders.is_empty() {
            arguments["reminders"] = reminders.into();
        }
        if let Some(priority) = read.priority {
            arguments["priority"] = priority.as_str().into();
        }
        if !read.labels.is_empty() {
            arguments["labels"] = read.labels.into();
        }
        if let Some(project) = item.project.clone().or(read.project) {
            arguments["project"] = project.into();
        }
        if let Some(minutes) = read.duration_minutes {
            arguments["duration_minutes"] = minutes.into();
        }
        arguments
    }

    // Reading.

    async fn list(&mut self, selection: Selection) -> Result<(), ToolError> {
        let mut page = selection.clone();
        page.limit = Some(selection.limit.unwrap_or(PAGE));
        let arguments = serde_json::to_value(&page).unwrap_or_default();
        let Some(output) = self.call("list_tasks", arguments).await? else { return Ok(()) };
        let total = output.total.unwrap_or(0);
        self.load_projects(&output.tasks).await?;
        let what = self.phrasing().what(&selection);
        self.showed(&output.tasks);
        let from = selection.offset.unwrap_or(0);
        let to = from + output.tasks.len() as u64;
        let limited = selection.limit.is_some();
        match output.tasks.len() {
            0 if from > 0 => self.say_key("listed.end"),
            0 if selection.is_everything() && selection.status.as_deref() != Some("completed") => {
                self.say_key("listed.none.all");
            }
            0 => self.say("listed.none", &[("what", &what)]),
            _ if !limited && total > to as i64 || from > 0 => self.say(
                "listed.page",
                &[
                    ("from", &(from + 1).to_string()),
                    ("to", &to.to_string()),
                    ("count", &total.to_string()),
                    ("what", &what),
                ],
            ),
            1 => self.say("listed.one", &[("what", &what)]),
            count => self.say("listed.many", &[("count", &count.to_string()), ("what", &what)]),
        }
        let lines: Vec<String> = output.tasks.iter().map(|task| self.phrasing().line(task)).collect();
        self.lines.extend(lines);
        self.after.listing = (total > to as i64).then_some(Listing { selection: page, next: to, total });
        self.hint_at_overdue(&selection).await
    }

    /// Who asks for today should hear of what is late.
    async fn hint_at_overdue(&mut self, selection: &Selection) -> Result<(), ToolError> {
        let today = Selection { due: None, sort_by: None, order: None, limit: None, ..selection.clone() };
        let only_today = selection.due.as_deref().is_some_and(|due| {
            let day = self.tools.language.now.date();
            matches!(
                todo_domain::language::parse_range(due, &self.tools.language),
                Some(todo_domain::language::Range::Days { from: Some(from), to: Some(to) }) if from == day && to == day
            )
        });
        if !only_today || !today.is_everything() || selection.status.as_deref() != Some("pending") {
            return Ok(());
        }
        let midnight = self.tools.language.now.date().yesterday().map(|day| day.to_string()).unwrap_or_default();
        let input = json!({ "status": "pending", "due_date_to": midnight, "limit": 1 });
        let Some(output) = self.call("list_tasks", input).await? else { return Ok(()) };
        if let Some(count) = output.total.filter(|count| *count > 0) {
            self.say("also.overdue", &[("count", &count.to_string())]);
        }
        Ok(())
    }

    async fn more(&mut self) -> Result<(), ToolError> {
        let Some(listing) = self.before.listing.clone() else {
            self.say_key("listed.end");
            return Ok(());
        };
        self.list(Selection { offset: Some(listing.next), limit: None, ..listing.selection }).await
    }

    async fn count(&mut self, selection: Selection) -> Result<(), ToolError> {
        let page = Selection { limit: Some(PAGE), ..selection.clone() };
        let arguments = serde_json::to_value(&page).unwrap_or_default();
        let Some(output) = self.call("list_tasks", arguments).await? else { return Ok(()) };
        let what = self.phrasing().what(&selection);
        self.showed(&output.tasks);
        match (output.total.unwrap_or(0), output.tasks.first()) {
            (0, _) | (_, None) => self.say("counted.none", &[("what", &what)]),
            (1, Some(task)) => {
                let title = self.phrasing().title(task);
                self.say("counted.one", &[("title", &title), ("what", &what)]);
            }
            (count, _) => self.say("counted.many", &[("count", &count.to_string()), ("what", &what)]),
        }
        Ok(())
    }

    async fn search(&mut self, text: &str) -> Result<(), ToolError> {
        let Some(output) = self.call("search_tasks", json!({ "query": text, "limit": PAGE })).await? else {
            return Ok(());
        };
        self.load_projects(&output.tasks).await?;
        self.showed(&output.tasks);
        let what = self.phrasing().say("what.about", &[("text", text)]);
        let what = format!(" {what}");
        match output.tasks.len() {
            0 => self.say("found.none", &[("text", text)]),
            1 => self.say("found.one", &[("what", &what)]),
            count => self.say("found.many", &[("count", &count.to_string()), ("what", &what)]),
        }
        let lines: Vec<String> = output.tasks.iter().map(|task| self.phrasing().line(task)).collect();
        self.lines.extend(lines);
        Ok(())
    }

    async fn show(&mut self, target: &Target, step: &Step) -> Result<(), ToolError> {
        match self.resolve(target, Prefer::Open).await? {
            Resolved::Tasks { tasks, .. } => {
                self.load_projects(&tasks).await?;
                self.spoke_of(&tasks);
                for task in &tasks {
                    let mut line = self.phrasing().line(task);
                    if let Some(note) = &task.description {
                        line.push_str(&format!("\n{note}"));
                    }
                    self.lines.push(line);
                }
            }
            Resolved::Which { candidates, suggested: false, .. } => {
                // Asking about several shows them all.
                self.load_projects(&candidates).await?;
                self.showed(&candidates);
                let lines: Vec<String> = candidates.iter().map(|task| self.phrasing().line(task)).collect();
                self.lines.extend(lines);
            }
            other => self.unresolved(other, step, false).await?,
        }
        Ok(())
    }

    async fn summary(&mut self, day: Option<String>) -> Result<(), ToolError> {
        let input = day.map_or_else(|| json!({}), |day| json!({ "date": day }));
        let Some(output) = self.call("summarize_day", input).await? else { return Ok(()) };
        let Some(day) = output.day else { return Ok(()) };
        self.load_projects(&output.tasks).await?;
        self.showed(&output.tasks);
        if day.open_total == 0 && day.completed_total == 0 {
            self.say_key("summary.empty");
            return Ok(());
        }
        let phrasing = self.phrasing();
        let count = |key: &str, count: i64| phrasing.say(key, &[("count", &count.to_string())]);
        let mut lines = vec![phrasing.say(
            "summary",
            &[
                ("day", &capital(&phrasing.day(day.date))),
                ("due", &count("summary.due", day.due_total)),
                ("overdue", &count("summary.overdue", day.overdue_total)),
                ("done", &count("summary.done", day.completed_total)),
            ],
        )];
        for (key, tasks, total) in
            [("summary.overdue.title", &day.overdue, day.overdue_total), ("summary.due.title", &day.due, day.due_total)]
        {
            if tasks.is_empty() {
                continue;
            }
            lines.push(phrasing.say(key, &[]));
            lines.extend(tasks.iter().map(|task| phrasing.line(task)));
            let hidden = total - tasks.len() as i64;
            if hidden > 0 {
                lines.push(count("summary.more", hidden));
            }
        }
        if day.overdue.is_empty() && day.due.is_empty() {
            lines.push(count("summary.clear", day.open_total));
        }
        if let Some(next) = &day.next {
            lines.push(
                phrasing.say("summary.next", &[("title", &phrasing.title(next)), ("details", &phrasing.tail(next))]),
            );
        }
        self.lines.extend(lines);
        Ok(())
    }

    async fn labels(&mut self) -> Result<(), ToolError> {
        let Some(output) = self.call("list_labels", json!({})).await? else { return Ok(()) };
        let list: Vec<String> =
            output.labels.iter().map(|label| format!("@{} ({})", label.name, label.open_tasks)).collect();
        if list.is_empty() {
            self.say_key("labels.none");
        } else {
            self.say("labels", &[("list", &list.join(", "))]);
        }
        Ok(())
    }

    async fn list_projects(&mut self) -> Result<(), ToolError> {
        let Some(output) = self.call("list_projects", json!({})).await? else { return Ok(()) };
        let list: Vec<String> = output
            .projects
            .iter()
            .filter(|project| !project.archived)
            .map(|project| format!("{} ({})", project.name, project.open_tasks))
            .collect();
        if list.is_empty() {
            self.say_key("projects.none");
        } else {
            self.say("projects", &[("list", &list.join(", "))]);
        }
        Ok(())
    }

    // Changing.

    async fn resolve(&self, target: &Target, prefer: Prefer) -> Result<Resolved, ToolError> {
        Resolver { tools: self.tools, memory: &self.after, lexicon: self.lexicon, prefer }.resolve(target).await
    }

    async fn on_tasks(&mut self, verb: Verb, target: &Target, step: &Step, confirmed: bool) -> Result<(), ToolError> {
        let mut target = target.clone();
        narrow(&mut target, verb);
        let prefer = if verb == Verb::Reopen { Prefer::Completed } else { Prefer::Open };
        let resolved = self.resolve(&target, prefer).await?;
        if !matches!(resolved, Resolved::Tasks { .. })
            && !confirmed
            && let Some(item) = new_instead(step, &target, self.tools, self.lexicon)
        {
            return self.add(vec![item], step, true).await;
        }
        let Resolved::Tasks { tasks, named } = resolved else {
            return self.unresolved(resolved, step, verb == Verb::Complete).await;
        };
        self.load_projects(&tasks).await?;
        let single = tasks.len() == 1;
        // Named one by one and easily undone: no question. A description, or deleting several: a question.
        let sure = confirmed || !step.doubt && (single || named && verb != Verb::Delete);
        if !sure {
            self.ask_to_confirm(verb, &tasks, step);
            return Ok(());
        }
        match (&step.intent, tasks.as_slice()) {
            (Intent::Change { change, .. }, _) => change::run(self, change, &tasks, step, confirmed).await,
            (_, [task]) => self.one(verb, task).await,
            _ => self.many(verb, &tasks).await,
        }
    }

    fn ask_to_confirm(&mut self, verb: Verb, tasks: &[Task], step: &Step) {
        let change = match &step.intent {
            Intent::Change { change, .. } => change::describe(change, &self.phrasing()),
            _ => String::new(),
        };
        let mut prompt = match tasks {
            [task] => {
                let title = self.phrasing().title(task);
                self.phrasing().say(&format!("confirm.one.{}", verb.key()), &[("title", &title), ("change", &change)])
            }
            many => self
                .phrasing()
                .say(&format!("confirm.{}", verb.key()), &[("count", &many.len().to_string()), ("change", &change)]),
        };
        if tasks.len() > 1 {
            for task in tasks.iter().take(NAMED_MAX) {
                prompt.push_str(&format!("\n{}", self.phrasing().line(task)));
            }
            if tasks.len() > NAMED_MAX {
                let hidden = (tasks.len() - NAMED_MAX).to_string();
                prompt.push_str(&format!("\n{}", self.phrasing().say("summary.more", &[("count", &hidden)])));
            }
        }
        let mut step = Step { doubt: false, ..step.clone() };
        if let Some(target) = step.intent.target_mut() {
            *target = Target::Ids { ids: tasks.iter().map(|task| task.id).collect() };
        }
        self.confirm(prompt, step);
    }

    async fn one(&mut self, verb: Verb, task: &Task) -> Result<(), ToolError> {
        let (tool, key) = match verb {
            Verb::Complete if task.is_completed() => return self.already("already.completed", task),
            Verb::Reopen if !task.is_completed() => return self.already("already.open", task),
            Verb::Complete => ("complete_task", "completed"),
            Verb::Reopen => ("reopen_task", "reopened"),
            Verb::Delete | Verb::Change => ("delete_task", "deleted"),
        };
        let Some(output) = self.call(tool, json!({ "task_id": task.number })).await? else { return Ok(()) };
        let Some(now) = output.tasks.first() else { return Ok(()) };
        let title = self.phrasing().title(now);
        // The next occurrence is told with the completion.
        let next = output
            .also
            .iter()
            .find(|other| verb == Verb::Complete && !other.is_completed() && other.series_id.is_some());
        let details = match next.and_then(|next| next.due.as_ref()) {
            Some(due) => {
                let due = self.phrasing().due(due);
                format!("; {}", self.phrasing().say("next.occurrence", &[("due", &due)]))
            }
            None => String::new(),
        };
        self.say(key, &[("title", &title), ("details", &details)]);
        let now = now.clone();
        self.spoke_of(if verb == Verb::Delete { &[] } else { std::slice::from_ref(&now) });
        Ok(())
    }

    fn already(&mut self, key: &str, task: &Task) -> Result<(), ToolError> {
        let title = self.phrasing().title(task);
        self.say(key, &[("title", &title)]);
        self.spoke_of(std::slice::from_ref(task));
        Ok(())
    }

    async fn many(&mut self, verb: Verb, tasks: &[Task]) -> Result<(), ToolError> {
        let ids: Vec<i64> = tasks.iter().map(|task| task.number).collect();
        let input = json!({ "action": verb.key(), "task_ids": ids });
        let Some(output) = self.call("bulk_update", input).await? else { return Ok(()) };
        let key = match verb {
            Verb::Complete => "completed.many",
            Verb::Reopen => "reopened.many",
            Verb::Delete => "deleted.many",
            Verb::Change => "changed.many",
        };
        self.say_many(key, &output.tasks);
        self.spoke_of(if verb == Verb::Delete { &[] } else { &output.tasks });
        Ok(())
    }

    /// One `bulk_update` that changes fields of several tasks.
    pub(crate) async fn update(&mut self, tasks: &[Task], changes: Value) -> Result<Option<Output>, ToolError> {
        match tasks {
            [task] => {
                let mut input = changes;
                input["task_id"] = task.number.into();
                self.call("update_task", input).await
            }
            many => {
                let ids: Vec<i64> = many.iter().map(|task| task.number).collect();
                self.call("bulk_update", json!({ "action": "update", "task_ids": ids, "changes": changes })).await
            }
        }
    }

    /// A tool on each task by itself; what came of it.
    pub(crate) async fn each(
        &mut self,
        tool: &'static str,
        tasks: &[Task],
        input: &Value,
    ) -> Result<Vec<Task>, ToolError> {
        let mut changed = Vec::new();
        for task in tasks {
            let mut input = input.clone();
            input["task_id"] = task.number.into();
            if let Some(output) = self.call(tool, input).await? {
                changed.extend(output.tasks);
            }
        }
        Ok(changed)
    }

    /// Tells what a change did.
    pub(crate) async fn tell(&mut self, key: &str, tasks: &[Task], places: &[(&str, &str)]) -> Result<(), ToolError> {
        self.spoke_of(tasks);
        self.load_projects(tasks).await?;
        match tasks {
            [] => {}
            [task] => {
                let title = self.phrasing().title(task);
                let places: Vec<(&str, &str)> = places.iter().copied().chain([("title", title.as_str())]).collect();
                self.say(key, &places);
            }
            many => self.say_many("changed.many", many),
        }
        Ok(())
    }

    async fn undo(&mut self, count: u32, about: Option<&str>) -> Result<(), ToolError> {
        let named: Vec<Uuid> = match about {
            Some(text) => self.operation_about(text).await?,
            None if count == 1 => self.after.operations.iter().rev().copied().collect(),
            None => Vec::new(),
        };
        if about.is_some() && named.is_empty() {
            self.say("not.found", &[("text", about.unwrap_or_default())]);
            return Ok(());
        }
        let inputs: Vec<Value> = match named.is_empty() {
            true => (0..count).map(|_| json!({})).collect(),
            false => named.iter().map(|id| json!({ "operation_id": id })).collect(),
        };
        self.after.operations.clear();
        for input in inputs {
            match self.caller.call(self.tools, "undo", input).await {
                None => return Ok(()),
                Some(Ok(output)) => {
                    let summary =
                        output.operation.as_ref().map(|operation| operation.summary.clone()).unwrap_or_default();
                    self.say("undone", &[("summary", &summary)]);
                    let open: Vec<Task> = output.tasks;
                    self.spoke_of(&open);
                }
                Some(Err(error @ ToolError::Store(_))) => return Err(error),
                Some(Err(error)) => {
                    let key = match error.code() {
                        code if code == Code::OperationNotFound.as_str() => "undo.none",
                        code if code == Code::UndoConflict.as_str() => "undo.conflict",
                        _ => "failed",
                    };
                    let detail = error.detail().into_owned();
                    self.say(key, &[("error", &detail)]);
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    /// The latest operation whose summary has the words.
    async fn operation_about(&self, text: &str) -> Result<Vec<Uuid>, ToolError> {
        let wanted = super::matching::Wanted::new(text, self.lexicon);
        let page = self.tools.scope.operations(50, None).await?;
        let found = page.operations.iter().find(|operation| {
            operation.undone_at.is_none()
                && !matches!(operation.kind.as_str(), "undo" | "create")
                && wanted.fit(&operation.summary).is_some_and(|fit| fit < super::matching::Fit::Some)
        });
        Ok(found.map(|operation| operation.id).into_iter().collect())
    }

    // Not found, or not sure.

    async fn unresolved(&mut self, resolved: Resolved, step: &Step, offer: bool) -> Result<(), ToolError> {
        match resolved {
            Resolved::Tasks { .. } => {}
            Resolved::Which { candidates, suggested, text } => {
                self.load_projects(&candidates).await?;
                let key = match (suggested, candidates.len()) {
                    (false, _) => "which",
                    (true, 1) => "not.found.one",
                    (true, _) => "not.found.closest",
                };
                let title = candidates.first().map(|task| self.phrasing().title(task)).unwrap_or_default();
                let prompt = self.phrasing().say(key, &[("text", &text), ("title", &title)]);
                let choices = candidates
                    .iter()
                    .map(|task| Choice {
                        label: self.phrasing().line(task),
                        task: Some(task.id),
                        number: Some(task.number),
                        intent: None,
                    })
                    .collect();
                let step = Some(Step { doubt: false, ..step.clone() });
                self.ask(Question { prompt, kind: QuestionKind::Which, choices, step, next: Vec::new() });
            }
            Resolved::NotFound(missing) => self.missing(missing, step, offer),
        }
        Ok(())
    }

    fn missing(&mut self, missing: Missing, step: &Step, offer: bool) {
        match missing {
            Missing::Words(text) => {
                let first = step.said.split_whitespace().next().unwrap_or_default().to_lowercase();
                let new = matches!(
                    step.intent,
                    Intent::Complete { statement: false, .. } | Intent::Delete { .. } | Intent::Change { .. }
                ) && (self.lexicon.is_verb(&first)
                    || self.lexicon.is("add.if-missing", &[self.lexicon.symbol(&first)])
                    || offer && self.lexicon.is("finish", &[self.lexicon.symbol(&first)]));
                if new {
                    self.offer(&step.said.clone(), "not.found.offer");
                } else {
                    self.say("not.found", &[("text", &text)]);
                }
            }
            Missing::Number(number) => self.say("not.found.number", &[("number", &number.to_string())]),
            Missing::Place(number) => self.say("not.found.place", &[("number", &number.to_string())]),
            Missing::Context => self.say_key("no.list"),
            Missing::Selection(selection) => {
                let what = self.phrasing().what(&selection);
                self.say("nothing.matches", &[("what", &what)]);
            }
        }
    }

    // Memory.

    fn spoke_of(&mut self, tasks: &[Task]) {
        self.after.mentioned = tasks.iter().map(|task| task.id).collect();
    }

    fn showed(&mut self, tasks: &[Task]) {
        self.after.shown = tasks.iter().map(|task| task.id).collect();
        self.after.mentioned = if tasks.len() == 1 { self.after.shown.clone() } else { Vec::new() };
        self.after.listing = None;
    }

    fn say_many(&mut self, key: &str, tasks: &[Task]) {
        self.say(key, &[("count", &tasks.len().to_string())]);
        let lines: Vec<String> = tasks.iter().take(NAMED_MAX).map(|task| self.phrasing().line(task)).collect();
        self.lines.extend(lines);
        if tasks.len() > NAMED_MAX {
            let hidden = (tasks.len() - NAMED_MAX).to_string();
            self.say("summary.more", &[("count", &hidden)]);
        }
    }

    /// Names of projects, when one of the tasks is in one.
    async fn load_projects(&mut self, tasks: &[Task]) -> Result<(), ToolError> {
        let unknown = tasks
            .iter()
            .filter_map(|task| task.project_id)
            .any(|id| !self.projects.iter().any(|(known, _)| *known == id));
        if unknown {
            let projects = self.tools.scope.projects().await?;
            self.projects = projects.into_iter().map(|project| (project.id, project.name)).collect();
        }
        Ok(())
    }

    /// Whether there is a project of that name.
    pub(crate) async fn has_project(&self, name: &str) -> Result<bool, ToolError> {
        let key = name.to_lowercase();
        Ok(self.tools.scope.projects().await?.iter().any(|project| project.name.to_lowercase() == key))
    }

    /// Asks before a change that may not be what was meant.
    pub(crate) fn ask_about_change(&mut self, tasks: &[Task], step: &Step) {
        self.ask_to_confirm(Verb::Change, tasks, step);
    }

    /// Nothing to change.
    pub(crate) fn say_unchanged(&mut self, task: &Task) {
        let title = self.phrasing().title(task);
        self.say("unchanged", &[("title", &title)]);
        self.spoke_of(std::slice::from_ref(task));
    }
}

/// "Schedule a meeting tomorrow", "remind me about the party on friday": when no task has that name, a new one is meant.
fn new_instead(step: &Step, target: &Target, tools: &ToolContext, lexicon: &Lexicon) -> Option<Item> {
    let Target::Words { text, .. } = target else { return None };
    let Intent::Change { change, .. } = &step.intent else { return None };
    if step.doubt {
        return None;
    }
    if let Change::Remind { when } = change {
        return (!when.ends_with(" before")).then(|| Item {
            text: format!("{text} {when}"),
            remind: true,
            lifted: true,
            ..Item::default()
        });
    }
    let first = step.said.split_whitespace().next()?;
    let symbol = [lexicon.symbol(&super::token::fold(first))];
    if lexicon.is("schedule", &symbol) {
        let rest = step.said.get(first.len()..)?.trim_start();
        return Some(Item { text: without_article(rest, lexicon).to_owned(), lifted: true, ..Item::default() });
    }
    let read = quick_add(&step.said, &tools.language);
    let dated = read.due.is_some() || read.recurrence.is_some();
    (dated && lexicon.is("do-or-add", &symbol)).then(|| Item { text: step.said.clone(), ..Item::default() })
}

fn without_article<'t>(text: &'t str, lexicon: &Lexicon) -> &'t str {
    let first = text.split_whitespace().next().unwrap_or_default();
    match lexicon.is("a", &[lexicon.symbol(&super::token::fold(first))]) {
        true => text.get(first.len()..).unwrap_or_default().trim_start(),
        false => text,
    }
}

fn choice_of(label: String, intent: Intent) -> Choice {
    Choice { label, task: None, number: None, intent: Some(intent) }
}

/// A description without a status means the tasks that the verb can do something to.
fn narrow(target: &mut Target, verb: Verb) {
    match target {
        Target::All { selection } if selection.status.is_none() => {
            selection.status = match verb {
                Verb::Reopen => Some("completed".to_owned()),
                Verb::Delete if selection.is_everything() || selection.completed.is_some() => None,
                _ => Some("pending".to_owned()),
            };
        }
        Target::Except { all, .. } => narrow(all, verb),
        _ => {}
    }
}

/// A title lifted out of a sentence begins with a capital.
fn lifted(title: &str) -> String {
    let first = title.split_whitespace().next().unwrap_or_default();
    let plain = first.chars().all(|c| c.is_lowercase() || c == '\'' || c == '-');
    if plain { capital(title) } else { title.to_owned() }
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}
