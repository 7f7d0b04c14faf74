//! What SQLite does by itself: a loop of prepared statements on one connection, with the pragmas of the server. It writes the rows
//! that the server writes for one task, into the same tables, one durable commit each.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use anyhow::Context;
use rusqlite::{Connection, types::Value};

use super::workload::{CONNECTIONS, Operation};

/// The loop, on a copy of the server's database.
pub struct Loop {
    connection: Connection,
    user: String,
    /// Columns and values of a task, an operation and an event that the server wrote.
    samples: Vec<Sample>,
    number: i64,
}

struct Sample {
    insert: String,
    columns: Vec<String>,
    values: Vec<Value>,
}

impl Loop {
    /// Copies the server's database and opens it as the server does.
    pub fn open(server: &Path, copy: &Path) -> anyhow::Result<Self> {
        Connection::open(server)?.execute("VACUUM INTO ?1", [copy.to_str().context("the path is no UTF-8")?])?;
        let connection = Connection::open(copy)?;
        connection.pragma_update(None, "foreign_keys", true)?;
        connection.pragma_update(None, "cache_size", -8 * 1024)?;
        connection.pragma_update(None, "temp_store", "MEMORY")?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.set_prepared_statement_cache_capacity(128);
        let user: String =
            connection.query_row("SELECT user_id FROM tasks ORDER BY row LIMIT 1", [], |row| row.get(0))?;
        let samples = ["tasks", "operations", "events"]
            .into_iter()
            .map(|table| sample(&connection, table, &user))
            .collect::<anyhow::Result<_>>()?;
        Ok(Self { connection, user, samples, number: 1_000_000 })
    }

    /// Operations per second: one commit each, and, for writes, as many in a commit as the server has clients.
    pub fn rates(&mut self, operation: Operation, period: Duration) -> anyhow::Result<(f64, Option<f64>)> {
        match operation {
            Operation::Create => Ok((self.create(period, 1)?, Some(self.create(period, CONNECTIONS)?))),
            Operation::List | Operation::Search => Ok((self.list(period)?, None)),
            Operation::Get => Ok((self.get(period)?, None)),
        }
    }

    fn create(&mut self, period: Duration, together: usize) -> anyhow::Result<f64> {
        let (start, mut done) = (Instant::now(), 0_u32);
        while start.elapsed() < period {
            self.connection.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
            for _ in 0..together {
                self.write()?;
                done += 1;
            }
            self.connection.prepare_cached("COMMIT")?.execute([])?;
        }
        Ok(f64::from(done) / start.elapsed().as_secs_f64())
    }

    /// The writes of one task: counters, task, words, operation, event.
    fn write(&mut self) -> anyhow::Result<()> {
        self.number += 1;
        let mut id = [0; 16];
        id[8..].copy_from_slice(&self.number.to_be_bytes());
        let mut counters =
            self.connection.prepare_cached("SELECT number, seq, position FROM counters WHERE user_id = ?1")?;
        counters.query_row([&self.user], |row| row.get::<_, i64>(0))?;
        for sample in &self.samples {
            let fresh = |(column, value): (&String, &Value)| match column.as_str() {
                "number" | "seq" => Value::Integer(self.number),
                "id" => Value::Blob(id.into()),
                _ => value.clone(),
            };
            let values = sample.columns.iter().zip(&sample.values).map(fresh);
            self.connection.prepare_cached(&sample.insert)?.execute(rusqlite::params_from_iter(values))?;
        }
        let row = self.connection.last_insert_rowid();
        let words = "INSERT INTO task_words (rowid, title, notes) VALUES (?1, ?2, '')";
        self.connection.prepare_cached(words)?.execute(rusqlite::params![
            row + 10_000_000 + self.number,
            "8badf00dbuy 8badf00dmilk 8badf00dand 8badf00dbread"
        ])?;
        let counters = "UPDATE counters SET number = ?2, seq = ?2, position = ?2, tasks = tasks + 1, open = open + 1 WHERE user_id = ?1";
        self.connection.prepare_cached(counters)?.execute(rusqlite::params![self.user, self.number])?;
        Ok(())
    }

    fn list(&self, period: Duration) -> anyhow::Result<f64> {
        let sql = "SELECT * FROM tasks WHERE user_id = ?1 ORDER BY created_at DESC, id DESC LIMIT 51";
        self.read(period, sql, rusqlite::params![self.user])
    }

    fn get(&self, period: Duration) -> anyhow::Result<f64> {
        self.read(period, "SELECT * FROM tasks WHERE user_id = ?1 AND number = ?2", rusqlite::params![self.user, 17])
    }

    /// Runs a query again and again and reads every value of every row.
    fn read(&self, period: Duration, sql: &str, params: &[&dyn rusqlite::ToSql]) -> anyhow::Result<f64> {
        let (start, mut done) = (Instant::now(), 0_u32);
        while start.elapsed() < period {
            let mut statement = self.connection.prepare_cached(sql)?;
            let columns = statement.column_count();
            let mut rows = statement.query(params)?;
            while let Some(row) = rows.next()? {
                for column in 0..columns {
                    std::hint::black_box(row.get::<_, Value>(column)?);
                }
            }
            done += 1;
        }
        Ok(f64::from(done) / start.elapsed().as_secs_f64())
    }
}

/// A row of the user as the server wrote it, and the statement that writes its like.
fn sample(connection: &Connection, table: &str, user: &str) -> anyhow::Result<Sample> {
    let mut statement = connection.prepare(&format!("SELECT * FROM {table} WHERE user_id = ?1 LIMIT 1"))?;
    let names: Vec<String> = statement.column_names().map(str::to_owned).collect();
    let values: Vec<Value> =
        statement.query_row([user], |row| (0..names.len()).map(|index| row.get(index)).collect())?;
    let (columns, values): (Vec<_>, Vec<_>) = names.into_iter().zip(values).filter(|(name, _)| name != "row").unzip();
    let places: Vec<String> = (1..=columns.len()).map(|place| format!("?{place}")).collect();
    let insert = format!("INSERT INTO {table} ({}) VALUES ({})", columns.join(", "), places.join(", "));
    Ok(Sample { insert, columns, values })
}
