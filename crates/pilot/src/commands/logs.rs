//! `logs`: a log, or with `--errors` what it says. A log of any length is read in bounded memory.

use std::io::{BufRead as _, BufReader, Read};

use pilot_core::health::World;
use pilot_core::logs::{LogReport, LogScanner};
use pilot_core::model::Pod;
use serde_json::json;

use super::{Ask, diagnose};
use crate::cli::Logs;
use crate::cluster::{self, LogRequest, stream_log};
use crate::exit::{Error, Outcome};
use crate::input::Wanted;
use crate::report::{Cell, Format, Part, Report};

/// Most lines that are shown of a log.
const MOST: usize = 100_000;

/// Kinds whose log can be asked for, and what leads from them to pods.
const TARGETS: &[&str] = &["Pod", "ReplicaSet", "Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob", "Service"];

/// Takes lines and keeps what was asked for: the last ones, or what they say.
#[derive(Default)]
struct Sink {
    scanner: LogScanner,
    lines: std::collections::VecDeque<String>,
    keep: usize,
    /// Only lines with this text.
    only: Option<String>,
}

impl Sink {
    fn take(&mut self, line: &str) {
        if self.only.as_ref().is_some_and(|text| !line.to_lowercase().contains(text)) {
            return;
        }
        self.scanner.line(line);
        if self.keep > 0 {
            if self.lines.len() == self.keep {
                self.lines.pop_front();
            }
            self.lines.push_back(line.to_owned());
        }
    }
}

pub async fn run(ask: &Ask, args: Logs) -> Result<Outcome, Error> {
    let keep = if args.errors { 0 } else { args.tail.map_or(MOST, |n| usize::try_from(n).unwrap_or(MOST).min(MOST)) };
    let only = args.grep.as_ref().map(|text| text.to_lowercase());
    let mut sink = Sink { keep, only, ..Sink::default() };
    let title = match (&args.file, &args.name) {
        (Some(path), _) => {
            let fail = |e: std::io::Error| Error::Usage(format!("{}: {e}", path.display()));
            let reader: Box<dyn Read> = if path.as_os_str() == "-" {
                Box::new(std::io::stdin())
            } else {
                Box::new(std::fs::File::open(path).map_err(fail)?)
            };
            lines(reader, &mut sink).map_err(fail)?;
            path.display().to_string()
        }
        (None, Some(name)) => from_pods(ask, &args, name, &mut sink).await?,
        (None, None) => return Err(Error::Usage("whose log? logs NAME, or logs --file FILE".to_owned())),
    };
    let found = sink.scanner.finish(str::to_owned);
    let mut report = Report::new(if args.errors { format!("Log of {title}") } else { String::new() });
    if args.errors {
        explain(&mut report, &found);
    } else {
        let text: Vec<String> = sink.lines.into();
        report.parts.push(Part::Literal(text.join("\n")));
        report.data = json!({"kind": "Log", "of": title, "lines": text, "says": found});
        // The log itself is the answer; what it says is for the structured formats.
        if matches!(ask.output.format, Format::Html | Format::Markdown) {
            explain(&mut report, &found);
        }
    }
    if args.errors {
        report.data = json!({"kind": "LogReport", "of": title, "says": found});
    }
    ask.answer(&report)
}

fn explain(report: &mut Report, found: &LogReport) {
    report.text(format!(
        "{} lines, {} of them report trouble in {} kinds",
        found.lines,
        found.matched,
        found.groups.len()
    ));
    let rows = found.groups.iter().take(50).map(|g| {
        let when = match (&g.first, &g.last) {
            (Some(first), Some(last)) if first != last => format!("{first} … {last}"),
            (Some(first), _) => first.clone(),
            _ => String::new(),
        };
        vec![Cell::number(g.count), Cell::new(&g.meaning), Cell::new(&g.example), Cell::new(when)]
    });
    if found.groups.is_empty() {
        report.text("no errors");
    } else {
        report.table(&["COUNT", "MEANING", "EXAMPLE", "WHEN"], rows.collect());
        if let Some(top) = found.top() {
            report.text(format!("first: {}", top.hint));
        }
    }
}

/// Reads lines of any length in bounded memory.
fn lines(reader: impl Read, sink: &mut Sink) -> std::io::Result<()> {
    const LONGEST: u64 = 64 * 1024;
    let mut reader = BufReader::with_capacity(1 << 16, reader);
    let mut line = Vec::new();
    loop {
        line.clear();
        let read = reader.by_ref().take(LONGEST).read_until(b'\n', &mut line)?;
        if read == 0 {
            return Ok(());
        }
        let ended = line.last() == Some(&b'\n');
        if ended {
            line.pop();
        }
        sink.take(&String::from_utf8_lossy(&line));
        if !ended && read as u64 == LONGEST {
            reader.skip_until(b'\n')?;
        }
    }
}

async fn from_pods(ask: &Ask, args: &Logs, name: &str, sink: &mut Sink) -> Result<String, Error> {
    let loaded = ask.load(Wanted::objects().only(TARGETS)).await?;
    let world = World::new(&loaded.snapshot);
    let target = diagnose::target(&world, name, ask.namespace())?;
    let mut pods: Vec<&Pod> = match target.kind.as_str() {
        "Pod" => world.pod(&target.namespace, &target.name).into_iter().collect(),
        "Service" => world.service(&target.namespace, &target.name).map(|s| world.selected(s)).unwrap_or_default(),
        _ => world.pods_of(&target).to_vec(),
    };
    // Pods that are not well come first: they are what people ask about.
    pods.sort_by_key(|p| (p.status.is_ready(), p.metadata.name.clone()));
    if pods.is_empty() {
        return Err(Error::NotFound(format!("{target} has no pods")));
    }
    if !ask.is_live() {
        let mut any = false;
        for log in pods
            .iter()
            .flat_map(|p| world.logs(p))
            .filter(|l| l.previous == args.previous && args.container.as_ref().is_none_or(|c| *c == l.container))
        {
            any = true;
            log.lines.iter().for_each(|line| sink.take(line));
        }
        return if any {
            Ok(target.to_string())
        } else {
            Err(Error::NotFound(format!("the snapshot has no log of {target}")))
        };
    }
    let from = cluster::connect(&ask.input.cluster).await?;
    for pod in &pods {
        let of: Vec<&str> = pod.spec.long_running().map(|at| at.container.name.as_str()).collect();
        if let Some(container) = &args.container
            && !pod.spec.all_containers().any(|at| at.container.name == *container)
        {
            return Err(Error::NotFound(format!(
                "{} has no container {container:?}; it has {}",
                pod.metadata.name,
                of.join(", ")
            )));
        }
        let containers: Vec<&str> = args.container.as_deref().map_or(of, |c| vec![c]);
        for container in containers {
            let request = LogRequest {
                namespace: pod.metadata.namespace.clone(),
                pod: pod.metadata.name.clone(),
                container: container.to_owned(),
                previous: args.previous,
                tail: args.tail,
                since_seconds: args.since,
            };
            stream_log(&from, &request, |line| {
                sink.take(line);
                true
            })
            .await?;
        }
    }
    Ok(target.to_string())
}
