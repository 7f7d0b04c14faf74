//! Start to ready, and resident memory: idle, and under load with many event streams.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use super::{
    Options,
    load::{self, Streams, request},
    postgres::Postgres,
    process,
    report::{self, Section, median, verdict},
    server::{self, Server},
    workload::{self, CONNECTIONS, Operation},
};

const STARTS: usize = 11;
const STREAMS: usize = 500;
/// What the server has settled to by then counts as idle.
const SETTLE: Duration = Duration::from_secs(2);

/// Measures both engines and the frontend, with the programs in `binaries`.
pub fn measure(options: &Options, binaries: &Path, folder: &Path) -> anyhow::Result<Section> {
    let mut table = Table::default();
    let postgres = Postgres::start()?;
    let engines = [
        ("SQLite", format!("sqlite:{}", folder.join("process.db").display()), 30.0),
        ("PostgreSQL", postgres.url(), 150.0),
    ];
    for (engine, url, start_bar) in engines {
        server::migrate(binaries, &url)?;
        let log = folder.join("process.log");
        let mut starts = Vec::new();
        let mut idle = Vec::new();
        for start in 0..STARTS {
            report::progress(&format!("{engine}, start {}", start + 1));
            let server = Server::backend(binaries, &url, &log)?;
            starts.push(server.ready_after.as_secs_f64() * 1000.0);
            if start < 3 {
                std::thread::sleep(SETTLE);
                idle.push(process::resident(server.pid())?.0);
            }
        }
        table.add(&format!("backend on {engine}: start to ready, ms"), median(&starts), start_bar);
        table.add(&format!("backend on {engine}: resident idle, MiB"), median(&idle), 20.0);
        report::progress(&format!("{engine}, load with {STREAMS} streams"));
        let (peak, received) = under_load(options, binaries, &url, &log)?;
        table.add(&format!("backend on {engine}: most resident under load with {STREAMS} streams, MiB"), peak, 64.0);
        table.note(&format!(
            "The streams on {engine} brought {:.1} MiB of events meanwhile.",
            received as f64 / 1_048_576.0
        ));
    }
    let backend = Server::backend(binaries, &postgres.url(), &folder.join("behind.log"))?;
    let frontend = Server::frontend(binaries, backend.address, &folder.join("frontend.log"))?;
    std::thread::sleep(SETTLE);
    table.add("frontend: resident idle, MiB", process::resident(frontend.pid())?.0, 10.0);
    Ok(table.section())
}

/// Creates and lists from all connections while the streams of the same users are read: most MiB resident, and bytes of events.
fn under_load(options: &Options, binaries: &Path, url: &str, log: &Path) -> anyhow::Result<(f64, u64)> {
    let server = Server::backend(binaries, url, log)?;
    let accounts = workload::accounts(server.address)?;
    let requests = (0..STREAMS)
        .map(|stream| request("GET", "/api/events", &accounts[stream % accounts.len()].token, None))
        .collect();
    let streams = Streams::open(server.address, requests)?;
    let over = Arc::new(AtomicBool::new(false));
    // The peak of the process counts password hashes of the accounts too, which are no part of this load; so it is sampled.
    let watcher = std::thread::spawn({
        let (pid, over) = (server.pid(), over.clone());
        move || {
            let mut most = 0.0_f64;
            while !over.load(Ordering::Relaxed) {
                most = most.max(process::resident(pid).map_or(f64::NAN, |(now, _)| now));
                std::thread::sleep(Duration::from_millis(20));
            }
            most
        }
    });
    let tokens: Vec<String> = accounts.iter().map(|account| account.token.clone()).collect();
    let script: load::Script = Arc::new(move |client, number| {
        let operation = if number % 2 == 0 { Operation::Create } else { Operation::List };
        operation.request(&tokens[client % tokens.len()], number)
    });
    let period = Duration::from_secs(options.seconds.max(1) * 3);
    let done = load::run(server.address, CONNECTIONS, period, &script);
    over.store(true, Ordering::Relaxed);
    let most = watcher.join().map_err(|_| anyhow::anyhow!("the watcher panicked"))?;
    done?;
    Ok((most, streams.close()))
}

#[derive(Default)]
struct Table {
    rows: String,
    notes: String,
    missed: Vec<String>,
}

impl Table {
    fn add(&mut self, what: &str, figure: f64, bar: f64) {
        let held = figure <= bar;
        if !held {
            self.missed.push(format!("{what} {figure:.1}"));
        }
        self.rows.push_str(&format!("| {what} | **{figure:.1}** | ≤ {bar} | {} |\n", verdict(held)));
    }

    fn note(&mut self, text: &str) {
        self.notes.push_str(text);
        self.notes.push('\n');
    }

    fn section(self) -> Section {
        let body = format!("| what | figure | bar | |\n|---|---|---|---|\n{}\n{}\n", self.rows, self.notes);
        Section::new("process", "Start and memory", &body, self.missed)
    }
}
