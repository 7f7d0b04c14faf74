//! Which tasks are meant: by number, by place in the last list, by pronoun, by description, by words of the title. One match acts,
//! several ask, none says so and suggests.

use std::collections::HashSet;

use todo_domain::{
    Filter, Status, Task, TaskQuery, TaskRef,
    query::{Order, PAGE_MAX, SortKey, Start},
};
use uuid::Uuid;

use super::{
    intent::Target,
    lexicon::Lexicon,
    matching::{Fit, Wanted},
    memory::Memory,
};
use crate::tools::{self, Selection, ToolContext, ToolError};

/// What a reference comes to.
#[derive(Debug)]
pub(crate) enum Resolved {
    /// These tasks.
    Tasks {
        /// In order.
        tasks: Vec<Task>,
        /// Named one by one, rather than by a description or "all of them".
        named: bool,
    },
    /// One of these is meant, or, with `suggested`, perhaps.
    Which {
        /// To choose from.
        candidates: Vec<Task>,
        /// None really fits; these come nearest.
        suggested: bool,
        /// The words that did not decide.
        text: String,
    },
    /// No such task.
    NotFound(Missing),
}

/// What was not found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Missing {
    /// No task has the words.
    Words(String),
    /// No task has the number.
    Number(i64),
    /// The list is shorter.
    Place(i64),
    /// Nothing was shown or spoken of.
    Context,
    /// No task fits the description.
    Selection(Box<Selection>),
}

/// Which tasks a request is about, when words fit both open and completed ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Prefer {
    /// Open ones.
    Open,
    /// Completed ones.
    Completed,
}

/// Most candidates in a question.
pub(crate) const CANDIDATES_MAX: usize = 8;
/// Tasks that are compared with words, at most.
const SCAN_MAX: u64 = 500;

pub(crate) struct Resolver<'a> {
    pub tools: &'a ToolContext,
    pub memory: &'a Memory,
    pub lexicon: &'a Lexicon,
    pub prefer: Prefer,
}

impl Resolver<'_> {
    pub(crate) async fn resolve(&self, target: &Target) -> Result<Resolved, ToolError> {
        match target {
            Target::Ids { ids } => Ok(named(self.by_ids(ids).await?)),
            Target::Numbers { numbers } => self.by_numbers(numbers).await,
            Target::Bare { numbers } => self.by_bare_numbers(numbers).await,
            Target::Places { places } => self.by_places(places).await,
            Target::It => self.it().await,
            Target::Them { count } => self.them(*count).await,
            Target::Rest => {
                let rest: Vec<Uuid> =
                    self.memory.shown.iter().filter(|id| !self.memory.mentioned.contains(id)).copied().collect();
                let tasks = self.by_ids(&rest).await?;
                Ok(if tasks.is_empty() { Resolved::NotFound(Missing::Context) } else { some(tasks, rest.len() == 1) })
            }
            Target::Words { text, several } => self.by_words(text, *several).await,
            Target::All { selection } => self.by_selection(selection).await,
            Target::Each { parts, whole } => Box::pin(self.each(parts, whole)).await,
            Target::Except { all, except } => Box::pin(self.except(all, except)).await,
        }
    }

    async fn by_ids(&self, ids: &[Uuid]) -> Result<Vec<Task>, ToolError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let refs: Vec<TaskRef> = ids.iter().map(|id| TaskRef::Id(*id)).collect();
        Ok(self.tools.scope.tasks_named(&refs).await?)
    }

    async fn by_numbers(&self, numbers: &[i64]) -> Result<Resolved, ToolError> {
        let refs: Vec<TaskRef> = numbers.iter().map(|number| TaskRef::Number(*number)).collect();
        let tasks = self.tools.scope.tasks_named(&refs).await?;
        match numbers.iter().find(|number| !tasks.iter().any(|task| task.number == **number)) {
            Some(missing) => Ok(Resolved::NotFound(Missing::Number(*missing))),
            None => Ok(named(tasks)),
        }
    }

    /// The number on screen, else the task's number or the place in the list on screen, whichever there is; both ask.
    async fn by_bare_numbers(&self, numbers: &[i64]) -> Result<Resolved, ToolError> {
        let shown = self.by_ids(&self.memory.shown).await?;
        let refs: Vec<TaskRef> = numbers.iter().map(|number| TaskRef::Number(*number)).collect();
        let by_number = self.tools.scope.tasks_named(&refs).await?;
        let mut tasks: Vec<Task> = Vec::with_capacity(numbers.len());
        for number in numbers {
            if let Some(task) = shown.iter().find(|task| task.number == *number) {
                tasks.push(task.clone());
                continue;
            }
            let numbered = by_number.iter().find(|task| task.number == *number);
            let placed = usize::try_from(number - 1)
                .ok()
                .and_then(|at| self.memory.shown.get(at))
                .and_then(|id| shown.iter().find(|task| task.id == *id));
            match (numbered, placed) {
                (Some(a), Some(b)) => {
                    return Ok(Resolved::Which {
                        candidates: vec![a.clone(), b.clone()],
                        suggested: false,
                        text: number.to_string(),
                    });
                }
                (Some(task), None) | (None, Some(task)) => tasks.push(task.clone()),
                (None, None) => return Ok(Resolved::NotFound(Missing::Number(*number))),
            }
        }
        Ok(named(tasks))
    }

    async fn by_places(&self, places: &[i64]) -> Result<Resolved, ToolError> {
        let listed = if self.memory.shown.is_empty() { &self.memory.mentioned } else { &self.memory.shown };
        if listed.is_empty() {
            return Ok(Resolved::NotFound(Missing::Context));
        }
        let count = i64::try_from(listed.len()).unwrap_or(i64::MAX);
        let mut ids = Vec::new();
        for place in places {
            let at = if *place < 0 { count + place } else { place - 1 };
            match usize::try_from(at).ok().and_then(|at| listed.get(at)) {
                Some(id) => ids.push(*id),
                None => return Ok(Resolved::NotFound(Missing::Place(*place))),
            }
        }
        let tasks = self.by_ids(&ids).await?;
        Ok(if tasks.is_empty() { Resolved::NotFound(Missing::Context) } else { named(tasks) })
    }

    async fn it(&self) -> Result<Resolved, ToolError> {
        let ids = if self.memory.mentioned.is_empty() { &self.memory.shown } else { &self.memory.mentioned };
        let tasks = self.by_ids(ids).await?;
        Ok(match tasks.len() {
            0 => Resolved::NotFound(Missing::Context),
            1 => named(tasks),
            _ => which(tasks, String::new(), false),
        })
    }

    async fn them(&self, count: Option<usize>) -> Result<Resolved, ToolError> {
        let several = |ids: &Vec<Uuid>| ids.len() >= 2 && count.is_none_or(|count| ids.len() == count);
        let ids = [&self.memory.mentioned, &self.memory.shown].into_iter().find(|ids| several(ids)).or_else(|| {
            let one = [&self.memory.mentioned, &self.memory.shown].into_iter().find(|ids| ids.len() == 1);
            one.filter(|_| count.is_none())
        });
        let Some(ids) = ids else {
            let shown = self.by_ids(&self.memory.shown).await?;
            return Ok(if shown.is_empty() {
                Resolved::NotFound(Missing::Context)
            } else {
                which(shown, String::new(), false)
            });
        };
        let tasks = self.by_ids(ids).await?;
        Ok(if tasks.is_empty() { Resolved::NotFound(Missing::Context) } else { some(tasks, count.is_some()) })
    }

    async fn by_selection(&self, selection: &Selection) -> Result<Resolved, ToolError> {
        let mut page = Selection { limit: Some(PAGE_MAX), offset: None, ..selection.clone() };
        let mut tasks: Vec<Task> = Vec::new();
        loop {
            page.offset = Some(tasks.len() as u64);
            let arguments = serde_json::to_value(&page).unwrap_or_default();
            let found = tools::call(self.tools, "list_tasks", arguments).await?;
            let total = found.total.unwrap_or(0);
            let came = found.tasks.len();
            tasks.extend(found.tasks);
            if came == 0 || tasks.len() as i64 >= total || tasks.len() >= todo_domain::command::BULK_MAX {
                break;
            }
        }
        Ok(if tasks.is_empty() {
            Resolved::NotFound(Missing::Selection(Box::new(selection.clone())))
        } else {
            some(tasks, false)
        })
    }

    async fn each(&self, parts: &[Target], whole: &str) -> Result<Resolved, ToolError> {
        // "bread and butter" may be one title.
        if let Resolved::Tasks { tasks, named } = self.by_words(whole, false).await? {
            return Ok(Resolved::Tasks { tasks, named });
        }
        let mut all: Vec<Task> = Vec::new();
        for part in parts {
            match self.resolve(part).await? {
                Resolved::Tasks { tasks, .. } => all.extend(tasks),
                other => return Ok(other),
            }
        }
        let mut seen = HashSet::new();
        all.retain(|task| seen.insert(task.id));
        Ok(named(all))
    }

    async fn except(&self, all: &Target, except: &Target) -> Result<Resolved, ToolError> {
        let mut resolved = self.resolve(all).await?;
        let Resolved::Tasks { tasks, named } = &mut resolved else { return Ok(resolved) };
        match self.resolve(except).await? {
            Resolved::Tasks { tasks: spared, .. } => {
                tasks.retain(|task| !spared.iter().any(|other| other.id == task.id));
                *named = false;
                Ok(if tasks.is_empty() { Resolved::NotFound(Missing::Context) } else { resolved })
            }
            // Whom to spare must be certain.
            other => Ok(other),
        }
    }

    async fn by_words(&self, text: &str, several: bool) -> Result<Resolved, ToolError> {
        let wanted = Wanted::new(text, self.lexicon);
        if wanted.is_empty() {
            return Ok(Resolved::NotFound(Missing::Words(text.to_owned())));
        }
        let (first, second) = match self.prefer {
            Prefer::Open => (Status::Pending, Status::Completed),
            Prefer::Completed => (Status::Completed, Status::Pending),
        };
        let mut near: Vec<Task> = Vec::new();
        for status in [first, second] {
            let candidates = self.candidates(text, status).await?;
            let mut fits: Vec<(Fit, Task)> =
                candidates.into_iter().filter_map(|task| Some((wanted.fit(&task.title)?, task))).collect();
            fits.sort_by_key(|(fit, task)| (*fit, task.number));
            let best = fits.first().map(|(fit, _)| *fit);
            match best {
                Some(best) if best < Fit::Some => {
                    let tasks: Vec<Task> =
                        fits.into_iter().take_while(|(fit, _)| *fit == best).map(|(_, task)| task).collect();
                    return Ok(match tasks.len() {
                        1 => named(tasks),
                        _ if several => some(tasks, false),
                        _ => which(tasks, text.to_owned(), false),
                    });
                }
                _ => near.extend(fits.into_iter().map(|(_, task)| task)),
            }
        }
        near.truncate(3);
        Ok(if near.is_empty() {
            Resolved::NotFound(Missing::Words(text.to_owned()))
        } else {
            which(near, text.to_owned(), true)
        })
    }

    /// Tasks that may be meant by words. A short list is read whole; a long one is searched, and its latest part read.
    async fn candidates(&self, text: &str, status: Status) -> Result<Vec<Task>, ToolError> {
        let ask = |filter: Filter, offset: u64| {
            let query = TaskQuery {
                filter: Filter::Status(status).and(filter),
                sort: SortKey::Number,
                order: Order::Desc,
                limit: PAGE_MAX,
                start: Start::Offset(offset),
            };
            async move { self.tools.scope.tasks(&query, &self.tools.language.now).await }
        };
        let mut page = ask(Filter::All, 0).await?;
        let total = page.total.unwrap_or(0);
        let mut tasks = std::mem::take(&mut page.tasks);
        if total <= u64::from(PAGE_MAX) {
            return Ok(tasks);
        }
        let words = todo_domain::search::query(text);
        let any: Vec<Filter> = words
            .iter()
            .filter(|word| !self.lexicon.is("stop", &[self.lexicon.symbol(word)]))
            .flat_map(|word| {
                [
                    Some(word.as_str()),
                    self.lexicon.base(word),
                    word.char_indices().nth(4).and_then(|(at, _)| word.get(..at)),
                ]
            })
            .flatten()
            .map(|word| Filter::Text(word.to_owned()))
            .collect();
        if !any.is_empty() {
            tasks.extend(ask(Filter::Or(any), 0).await?.tasks);
        }
        let mut offset = u64::from(PAGE_MAX);
        while offset < total.min(SCAN_MAX) {
            tasks.extend(ask(Filter::All, offset).await?.tasks);
            offset += u64::from(PAGE_MAX);
        }
        let mut seen = HashSet::new();
        tasks.retain(|task| seen.insert(task.id));
        Ok(tasks)
    }
}

fn named(tasks: Vec<Task>) -> Resolved {
    some(tasks, true)
}

fn some(tasks: Vec<Task>, named: bool) -> Resolved {
    Resolved::Tasks { tasks, named }
}

fn which(mut candidates: Vec<Task>, text: String, suggested: bool) -> Resolved {
    candidates.truncate(CANDIDATES_MAX);
    Resolved::Which { candidates, suggested, text }
}
