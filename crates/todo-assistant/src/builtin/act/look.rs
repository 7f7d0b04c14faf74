//! What only reads: lists, counts, searches, one task, the day, labels, projects.

use serde_json::json;

use super::{Actor, PAGE, capital};
use crate::{
    builtin::{
        intent::{Step, Target},
        memory::Listing,
        resolve::{Prefer, Resolved},
    },
    tools::{Selection, ToolError},
};

impl Actor<'_> {
    pub(super) async fn list(&mut self, selection: Selection) -> Result<(), ToolError> {
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
        // Words that nothing in the list has may not have been meant as such.
        self.lost |= output.tasks.is_empty() && (selection.search.is_some() || selection.topic.is_some());
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
    pub(super) async fn hint_at_overdue(&mut self, selection: &Selection) -> Result<(), ToolError> {
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

    pub(super) async fn more(&mut self) -> Result<(), ToolError> {
        let Some(listing) = self.before.listing.clone() else {
            self.say_key("listed.end");
            return Ok(());
        };
        self.list(Selection { offset: Some(listing.next), limit: None, ..listing.selection }).await
    }

    pub(super) async fn count(&mut self, selection: Selection) -> Result<(), ToolError> {
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

    pub(super) async fn search(&mut self, text: &str) -> Result<(), ToolError> {
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

    pub(super) async fn show(&mut self, target: &Target, step: &Step) -> Result<(), ToolError> {
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

    pub(super) async fn summary(&mut self, day: Option<String>) -> Result<(), ToolError> {
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

    pub(super) async fn labels(&mut self) -> Result<(), ToolError> {
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

    pub(super) async fn list_projects(&mut self) -> Result<(), ToolError> {
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
}
