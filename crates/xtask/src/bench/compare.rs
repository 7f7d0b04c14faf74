//! The server against its database: the same work over HTTP and by the database's own tool, in turns.

use std::{path::Path, time::Duration};

use super::{
    Options,
    load::{self, Outcome},
    postgres::Postgres,
    process, recorded,
    report::{self, median},
    server::{self, Server},
    sqlite,
    workload::{self, Account, CONNECTIONS, Operation},
};

/// What one operation came to: medians over the rounds.
pub struct Figures {
    /// Which.
    pub operation: Operation,
    /// Answers per second over HTTP.
    pub rate: f64,
    /// Transactions per second of the database's own tool.
    pub baseline: f64,
    /// Of rate to baseline in the same round: median, least, most.
    pub ratio: [f64; 3],
    /// Transactions per second of the database's tool when it does more at once, and the ratio to that.
    pub strict: Option<(f64, f64)>,
    /// Milliseconds.
    pub p50: f64,
    /// Milliseconds.
    pub p99: f64,
    /// Microseconds of processor time per request: client, server, database.
    pub cpu: [f64; 3],
    /// Statements of the operation's own transaction.
    pub statements: Option<usize>,
}

#[derive(Default)]
struct Rounds {
    rates: Vec<f64>,
    baselines: Vec<f64>,
    stricts: Vec<f64>,
    p50: Vec<f64>,
    p99: Vec<f64>,
    cpu: [Vec<f64>; 3],
}

impl Rounds {
    fn add(&mut self, outcome: &Outcome, server: Duration, database: Duration) {
        self.rates.push(outcome.rate());
        self.p50.push(outcome.quantile(0.5));
        self.p99.push(outcome.quantile(0.99));
        for (sum, cpu) in self.cpu.iter_mut().zip([outcome.client_cpu, server, database]) {
            sum.push(cpu.as_secs_f64() * 1e6 / outcome.answers.max(1) as f64);
        }
    }

    fn figures(&self, operation: Operation, statements: Option<usize>) -> Figures {
        let mut ratios: Vec<f64> = self.rates.iter().zip(&self.baselines).map(|(rate, base)| rate / base).collect();
        ratios.sort_by(f64::total_cmp);
        let strict: Vec<f64> = self.rates.iter().zip(&self.stricts).map(|(rate, base)| rate / base).collect();
        Figures {
            operation,
            rate: median(&self.rates),
            baseline: median(&self.baselines),
            ratio: [
                median(&ratios),
                ratios.first().copied().unwrap_or(f64::NAN),
                ratios.last().copied().unwrap_or(f64::NAN),
            ],
            strict: (!strict.is_empty()).then(|| (median(&self.stricts), median(&strict))),
            p50: median(&self.p50),
            p99: median(&self.p99),
            cpu: [median(&self.cpu[0]), median(&self.cpu[1]), median(&self.cpu[2])],
            statements,
        }
    }
}

/// PostgreSQL: against pgbench with the same statements, prepared, from as many connections.
pub fn postgres(options: &Options, folder: &Path) -> anyhow::Result<Vec<Figures>> {
    let postgres = Postgres::start()?;
    server::migrate(&options.binaries, &postgres.url())?;
    let server = Server::backend(&options.binaries, &postgres.url(), &folder.join("postgres.log"))?;
    let accounts = workload::accounts(server.address)?;
    name_users(&postgres, &accounts)?;
    let mut all = Vec::new();
    for operation in Operation::ALL {
        postgres.sql("todo", "VACUUM (ANALYZE)")?;
        let recorded = recorded::record(&postgres, server.address, &accounts[0], operation)?;
        if options.verbose {
            println!("{}", recorded.script(false));
        }
        let script = workload::script(operation, &accounts);
        let seconds = options.seconds.max(1);
        let period = Duration::from_secs(seconds);
        load::run(server.address, CONNECTIONS, period, &script)?;
        let mut rounds = Rounds::default();
        for round in 0..options.rounds {
            report::progress(&format!("PostgreSQL, {}, round {}", operation.name(), round + 1));
            let mut over_http = || {
                let before = (process::cpu(server.pid())?, process::family_cpu(postgres.pid()?)?);
                let outcome = load::run(server.address, CONNECTIONS, period, &script)?;
                let after = (process::cpu(server.pid())?, process::family_cpu(postgres.pid()?)?);
                rounds.add(&outcome, after.0.saturating_sub(before.0), after.1.saturating_sub(before.1));
                anyhow::Ok(())
            };
            // In turns, so that neither side always comes first.
            if round % 2 == 0 {
                over_http()?;
            }
            let baseline = postgres.pgbench(&recorded.script(false), CONNECTIONS, seconds)?;
            let strict = postgres.pgbench(&recorded.script(true), CONNECTIONS, seconds)?;
            if round % 2 == 1 {
                over_http()?;
            }
            rounds.baselines.push(baseline);
            rounds.stricts.push(strict);
        }
        all.push(rounds.figures(operation, Some(recorded.own())));
    }
    Ok(all)
}

/// Tells pgbench which user each of its clients is.
fn name_users(postgres: &Postgres, accounts: &[Account]) -> anyhow::Result<()> {
    let rows: Vec<String> =
        accounts.iter().enumerate().map(|(index, account)| format!("({index}, '{}')", account.id)).collect();
    postgres.sql(
        "todo",
        &format!(
            "CREATE TABLE bench_users (n int PRIMARY KEY, id text);\nINSERT INTO bench_users VALUES {};\n\
             GRANT SELECT ON bench_users TO app",
            rows.join(", ")
        ),
    )?;
    Ok(())
}

/// SQLite: against a loop of the same writes and reads by prepared statements in one program.
pub fn sqlite(options: &Options, folder: &Path) -> anyhow::Result<Vec<Figures>> {
    let file = folder.join("bench.db");
    let url = format!("sqlite:{}", file.display());
    server::migrate(&options.binaries, &url)?;
    let server = Server::backend(&options.binaries, &url, &folder.join("sqlite.log"))?;
    let accounts = workload::accounts(server.address)?;
    let mut baseline = sqlite::Loop::open(&file, &folder.join("loop.db"))?;
    let mut all = Vec::new();
    for operation in [Operation::Create, Operation::List, Operation::Get] {
        let script = workload::script(operation, &accounts);
        let period = Duration::from_secs(options.seconds.max(1));
        load::run(server.address, CONNECTIONS, period, &script)?;
        let mut rounds = Rounds::default();
        for round in 0..options.rounds {
            report::progress(&format!("SQLite, {}, round {}", operation.name(), round + 1));
            let mut over_http = || {
                let before = process::cpu(server.pid())?;
                let outcome = load::run(server.address, CONNECTIONS, period, &script)?;
                rounds.add(&outcome, process::cpu(server.pid())?.saturating_sub(before), Duration::ZERO);
                anyhow::Ok(())
            };
            if round % 2 == 0 {
                over_http()?;
            }
            let (plain, strict) = baseline.rates(operation, period)?;
            if round % 2 == 1 {
                over_http()?;
            }
            rounds.baselines.push(plain);
            rounds.stricts.extend(strict);
        }
        all.push(rounds.figures(operation, None));
    }
    Ok(all)
}
