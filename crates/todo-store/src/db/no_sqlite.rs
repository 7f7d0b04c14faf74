//! Stands in for `sqlite.rs` in a build without the feature `sqlite`: what can't be opened has no values, so the compiler leaves
//! out everything that would run on it, and the linker the engine itself.

use std::{convert::Infallible, marker::PhantomData, ops::Deref, path::PathBuf};

use futures::future::BoxFuture;

use super::{FromRow, Tx, Val};
use crate::{
    config::StoreConfig,
    error::{Result, StoreError},
};

pub(super) type Shared = Sqlite;

#[derive(Clone)]
pub(crate) enum Sqlite {}

impl Sqlite {
    pub(super) fn open(_path: Option<&PathBuf>, _config: &StoreConfig) -> Result<Self> {
        Err(StoreError::Config {
            variable: "DATABASE_URL",
            detail: "names a SQLite file, but this program was built for PostgreSQL alone; write \
                     postgres://user:password@host/database, or run `todo serve` for tasks in a file"
                .into(),
        })
    }

    pub(super) async fn read<T, F>(&self, _work: F) -> Result<T>
    where
        F: for<'t> Fn(&'t Tx) -> BoxFuture<'t, Result<T>> + Send + Sync + 'static,
        T: Send + 'static,
    {
        match *self {}
    }

    pub(super) async fn read_slow<T, F>(&self, _work: F) -> Result<T>
    where
        F: for<'t> Fn(&'t Tx) -> BoxFuture<'t, Result<T>> + Send + Sync + 'static,
        T: Send + 'static,
    {
        match *self {}
    }

    pub(super) async fn write<T, F>(&self, _work: F) -> Result<T>
    where
        F: for<'t> Fn(&'t Tx) -> BoxFuture<'t, Result<T>> + Send + Sync + 'static,
        T: Send + 'static,
    {
        match *self {}
    }

    pub(super) async fn exclusive<T: Send + 'static>(
        &self,
        _work: impl FnOnce(&mut rusqlite::Connection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        match *self {}
    }

    pub(super) async fn ping(&self) -> Result<()> {
        match *self {}
    }

    pub(super) fn pool_use(&self) -> (usize, usize) {
        match *self {}
    }
}

pub(super) enum LiteTx {}

impl LiteTx {
    pub(super) fn query<T: FromRow>(&self, _sql: &str, _params: &[Val]) -> Result<Vec<T>> {
        match *self {}
    }

    pub(super) fn execute(&self, _sql: &str, _params: &[Val]) -> Result<u64> {
        match *self {}
    }
}

/// A row that never comes.
pub struct LiteRow<'r>(Infallible, PhantomData<&'r ()>);

impl<'r> Deref for LiteRow<'r> {
    type Target = rusqlite::Row<'r>;

    fn deref(&self) -> &Self::Target {
        match self.0 {}
    }
}
