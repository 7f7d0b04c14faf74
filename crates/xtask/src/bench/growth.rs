//! Whether a list, a look-up and a search stay as quick with a million tasks in the table as with a thousand.

use std::{path::Path, time::Duration};

use super::{
    Options,
    load::{self, Outcome},
    postgres::Postgres,
    report::{self, Section},
    server::{self, Server},
    workload::{self, Account, Operation},
};

/// A latency that is this many times that of the smallest table counts as grown: below it is noise of a shared machine.
const FLAT: f64 = 2.0;
/// Few connections: the latency of the work counts here, not that of waiting in line.
const CONNECTIONS: usize = 2;

/// Measures both engines.
pub fn measure(options: &Options, folder: &Path) -> anyhow::Result<Section> {
    let mut rows = String::new();
    let mut missed = Vec::new();
    let mut row = |engine: &str, grown: &[(usize, Vec<Outcome>)]| {
        for (index, operation) in OPERATIONS.iter().enumerate() {
            let figures: Vec<(f64, f64)> =
                grown.iter().map(|(_, seen)| (seen[index].quantile(0.5), seen[index].quantile(0.99))).collect();
            let times = match (figures.first(), figures.last()) {
                (Some(first), Some(last)) => last.0 / first.0,
                _ => f64::NAN,
            };
            let cells: Vec<String> = figures.iter().map(|(p50, p99)| format!("{p50:.2} / {p99:.2}")).collect();
            let held = times <= FLAT;
            if !held {
                missed.push(format!("{} on {engine} grows {times:.1} times", operation.name()));
            }
            rows.push_str(&format!(
                "| {engine} | {} | {} | {times:.2} | {} |\n",
                operation.name(),
                cells.join(" | "),
                report::verdict(held)
            ));
        }
    };
    let sizes = sizes(options.grow_to);
    let postgres = Postgres::start()?;
    server::migrate(&options.binaries, &postgres.url())?;
    let server = Server::backend(&options.binaries, &postgres.url(), &folder.join("growth.log"))?;
    let grown = grow(options, &server, &sizes, |user, from, to| {
        postgres.sql("todo", &fill(user, from, to, true))?;
        postgres.sql("todo", "VACUUM (ANALYZE)").map(drop)
    })?;
    row("PostgreSQL", &grown);
    drop((server, postgres));
    let file = folder.join("growth.db");
    let url = format!("sqlite:{}", file.display());
    server::migrate(&options.binaries, &url)?;
    let server = Server::backend(&options.binaries, &url, &folder.join("growth-sqlite.log"))?;
    let grown = grow(options, &server, &sizes, |user, from, to| {
        let connection = rusqlite::Connection::open(&file)?;
        connection.busy_timeout(Duration::from_secs(10))?;
        Ok(connection.execute_batch(&fill(user, from, to, false))?)
    })?;
    row("SQLite", &grown);
    let heads: Vec<String> = sizes.iter().map(|size| format!("{size} tasks")).collect();
    let body = format!(
        "p50 / p99 in ms from {CONNECTIONS} connections; all tasks belong to one user. The bar: p50 with the most tasks at most {FLAT} times \
         that with the fewest.\n\n| engine | operation | {} | times | |\n|---|---|{}---|---|\n{rows}\n",
        heads.join(" | "),
        "---|".repeat(sizes.len()),
    );
    Ok(Section::new("growth", "Growth", &body, missed))
}

const OPERATIONS: [Operation; 4] = [Operation::Create, Operation::List, Operation::Get, Operation::Search];

/// A thousand, ten thousand and so on, and the most.
fn sizes(most: usize) -> Vec<usize> {
    let most = most.max(1000);
    std::iter::successors(Some(1000), |size| Some(size * 10)).take_while(|size| *size < most).chain([most]).collect()
}

/// Fills the table step by step with tasks of the first user and measures all operations after each.
fn grow(
    options: &Options,
    server: &Server,
    sizes: &[usize],
    fill: impl Fn(&str, usize, usize) -> anyhow::Result<()>,
) -> anyhow::Result<Vec<(usize, Vec<Outcome>)>> {
    let accounts: Vec<Account> = workload::accounts(server.address)?.into_iter().take(1).collect();
    let mut have = workload::SEEDED;
    let mut grown = Vec::new();
    for size in sizes {
        report::progress(&format!("growing to {size} tasks"));
        fill(&accounts[0].id, have, *size)?;
        have = *size;
        let mut seen = Vec::new();
        for operation in OPERATIONS {
            let script = workload::script(operation, &accounts);
            load::run(server.address, CONNECTIONS, Duration::from_millis(500), &script)?;
            let outcome = load::run(server.address, CONNECTIONS, Duration::from_secs(options.seconds), &script)?;
            seen.push(outcome);
        }
        grown.push((*size, seen));
    }
    Ok(grown)
}

/// The statements that give a user tasks from number `from` on to number `to`; far above the numbers that requests will give.
fn fill(user: &str, from: usize, to: usize, postgres: bool) -> String {
    let (numbers, id, time) = if postgres {
        (
            format!("generate_series({from}, {to} - 1) AS n"),
            "lpad(to_hex(n + 4294967296), 32, '0')::uuid",
            "now() - n * interval '1 second'",
        )
    } else {
        (
            format!(
                "(WITH RECURSIVE s(n) AS (SELECT {from} UNION ALL SELECT n + 1 FROM s WHERE n + 1 < {to}) SELECT n FROM s)"
            ),
            "unhex(printf('%032x', n + 4294967296))",
            "CAST(unixepoch('subsec') * 1000000 AS INTEGER) - n * 1000000",
        )
    };
    format!(
        "BEGIN;\n\
         INSERT INTO tasks (user_id, id, number, title, title_key, priority, position, created_at, updated_at) \
         SELECT '{user}', {id}, 100000000 + n, 'Water the plants on the balcony ' || n, 'water the plants on the balcony ' || n, \
         2, n * 1024.0, {time}, {time} FROM {numbers};\n\
         UPDATE counters SET tasks = tasks + {count}, open = open + {count} WHERE user_id = '{user}';\n\
         COMMIT;\n",
        count = to - from,
    )
}
