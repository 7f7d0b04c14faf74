//! What the stories of the tests are told with: a fresh store on each engine, one user, one moment.
#![allow(dead_code, reason = "each test program uses its part")]

use std::cell::RefCell;

use jiff::{ToSpan, Zoned};
use todo_domain::{
    Code, Command, Door, Filter, NewTask, Outcome, Task, TaskQuery, UserId,
    command::Context,
    id::TaskRef,
    query::{Order, SortKey},
};
use todo_store::{Store, StoreError, UserScope, testing::TestDb};

pub struct Story {
    pub engine: &'static str,
    pub db: TestDb,
    pub scope: UserScope,
    now: RefCell<Zoned>,
}

/// Tells a story on every engine.
pub async fn each(story: impl AsyncFn(Story)) {
    for (engine, db) in TestDb::each().await.unwrap() {
        eprintln!("on {engine}");
        story(Story::new(engine, db)).await;
    }
}

impl Story {
    pub fn new(engine: &'static str, db: TestDb) -> Self {
        let scope = db.store.user(&UserId::new("ada"));
        Self { engine, db, scope, now: RefCell::new("2026-11-18T10:00:00.123456[Europe/Paris]".parse().unwrap()) }
    }

    pub fn store(&self) -> &Store {
        &self.db.store
    }

    /// The present moment; each call is a millisecond later.
    pub fn now(&self) -> Zoned {
        let mut now = self.now.borrow_mut();
        *now = now.checked_add(1.millisecond()).unwrap();
        now.clone()
    }

    pub fn set_now(&self, text: &str) {
        *self.now.borrow_mut() = text.parse().unwrap();
    }

    pub fn context(&self) -> Context {
        Context { now: self.now(), door: Door::Rest }
    }

    pub async fn run(&self, command: Command) -> Outcome {
        self.scope.run(command, &self.context()).await.unwrap()
    }

    pub async fn refused(&self, command: Command) -> Code {
        match self.scope.run(command, &self.context()).await {
            Err(StoreError::Domain(error)) => error.code,
            other => panic!("{other:?}"),
        }
    }

    pub async fn refused_field(&self, command: Command) -> String {
        match self.scope.run(command, &self.context()).await {
            Err(StoreError::Domain(error)) => error.field.unwrap().into_owned(),
            other => panic!("{other:?}"),
        }
    }

    pub async fn undo(&self, outcome: &Outcome) -> Outcome {
        self.run(Command::Undo { operation: outcome.operation.as_ref().unwrap().id }).await
    }

    pub async fn create(&self, title: &str) -> Task {
        self.run(Command::Create(vec![NewTask::titled(title)])).await.tasks[0].clone()
    }

    pub async fn task(&self, number: i64) -> Task {
        self.scope.task(TaskRef::Number(number)).await.unwrap().unwrap()
    }

    pub async fn find(&self, filter: Filter, sort: SortKey, order: Order) -> Vec<String> {
        let query = TaskQuery { limit: 100, ..TaskQuery::new(filter).sorted(sort, order) };
        let page = self.scope.tasks(&query, &self.now()).await.unwrap();
        assert_eq!(page.total, Some(page.tasks.len() as u64));
        page.tasks.into_iter().map(|task| task.title).collect()
    }

    pub async fn titles(&self) -> Vec<String> {
        self.find(Filter::All, SortKey::Number, Order::Asc).await
    }

    pub async fn manual_order(&self) -> Vec<String> {
        self.find(Filter::All, SortKey::Position, Order::Asc).await
    }

    /// Everything that a user has, but for versions and times of change. Of the manual order it says each task's place: the
    /// numbers behind it are spread anew when two have grown too close, which is nobody's change.
    pub async fn state(&self) -> String {
        let query = TaskQuery { limit: 100, ..TaskQuery::new(Filter::All).sorted(SortKey::Number, Order::Asc) };
        let page = self.scope.tasks(&query, &self.now()).await.unwrap();
        let total = page.total;
        let mut order: Vec<_> = page.tasks.iter().map(|task| (task.position, task.id)).collect();
        order.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        let place = |id| order.iter().position(|(_, known)| *known == id).map_or(f64::NAN, |place| place as f64);
        let tasks: Vec<Task> = page
            .tasks
            .into_iter()
            .map(|task| Task { version: 0, updated_at: task.created_at, position: place(task.id), ..task })
            .collect();
        let open = self.scope.count(&Filter::Status(todo_domain::Status::Pending), &self.now()).await.unwrap();
        format!(
            "{total:?} {open} {tasks:#?} {:#?} {:#?}",
            self.scope.labels().await.unwrap(),
            self.scope.projects().await.unwrap()
        )
    }
}
