//! Questions, answered by the commands; those that no command answers are answered here.

use std::collections::BTreeMap;

use clap::Parser as _;
use kube::config::Kubeconfig;
use pilot_core::action::{Filter, LogQuery, Order, Read, Target, Usage};
use pilot_core::config::Config;
use pilot_core::health::{World, revision};
use pilot_core::logs::LogScanner;
use pilot_core::policy;
use serde_json::{Value, json};

use super::{connection, permission};
use crate::cli::Cli;
use crate::cluster::find_kind;
use crate::commands::{self, Ask};
use crate::exit::{Error, Outcome};
use crate::input::Wanted;
use crate::report::{Cell, Part, Report};

/// What is answered without a cluster.
pub fn is_local(read: &Read) -> bool {
    matches!(
        read,
        Read::Contexts | Read::Generate { .. } | Read::ImageReview { .. } | Read::Explain { .. } | Read::Help { .. }
    )
}

/// Answers a question.
///
/// # Errors
/// When there is no answer.
pub async fn answer(ask: &Ask, read: &Read) -> Result<Outcome, Error> {
    match read {
        Read::Contexts => contexts(ask),
        Read::Generate { template, namespace } => {
            let objects = template.objects(namespace.as_deref().or(ask.namespace()).unwrap_or("default"));
            let text: Vec<String> = objects.iter().map(|o| serde_saphyr::to_string(o).unwrap_or_default()).collect();
            let mut report = Report::new("");
            report.parts.push(Part::Literal(text.join("---\n")));
            report.data = json!({"kind": "Manifests", "items": objects});
            ask.answer(&report)
        }
        Read::Explain { text: Some(text) } => explain(ask, text),
        Read::List { kinds, filter } if kinds.len() > 1 => {
            let mut outcome = Outcome::Clean;
            for kind in kinds {
                let one = Read::List { kinds: vec![kind.clone()], filter: filter.clone() };
                outcome = Box::pin(answer(ask, &one)).await?;
            }
            Ok(outcome)
        }
        Read::Help { .. } => help(ask),
        Read::Images { target, namespace } => images(ask, target.as_ref(), namespace.as_deref()).await,
        Read::RolloutHistory { target } => revisions(ask, target).await,
        Read::CanI { verb, resource, subject, namespace } => {
            let ask = within(ask, namespace.as_deref());
            match subject {
                Some(subject) => permission::may(&ask, verb, resource, subject).await,
                None => permission::who(&ask, verb, resource).await,
            }
        }
        Read::PolicyAudit { check: Some(check), kinds, namespace } => {
            violations(&within(ask, namespace.as_deref()), check, kinds).await
        }
        Read::ReleaseValues { release } => Err(Error::Usage(format!(
            "values may be secret and are not shown; what {release} made of them: kubectl pilot helm verify {}",
            release.name
        ))),
        Read::Reach { from, to, port } => connection::judge(ask, from, to, *port).await,
        read => {
            let (arguments, namespace) = command(read)?;
            let ask = within(ask, namespace.as_deref());
            let line = std::iter::once("kubectl-pilot".to_owned()).chain(arguments);
            let cli = Cli::try_parse_from(line).map_err(|e| Error::Usage(e.to_string()))?;
            Box::pin(commands::command(&ask, cli.command)).await
        }
    }
}

fn within(ask: &Ask, namespace: Option<&str>) -> Ask {
    let mut ask = ask.clone();
    if let Some(namespace) = namespace {
        ask.input.cluster.namespace = Some(namespace.to_owned());
        ask.input.cluster.all_namespaces = false;
    }
    ask
}

/// The command line that answers a question, and its namespace.
fn command(read: &Read) -> Result<(Vec<String>, Option<String>), Error> {
    let place = |target: &Option<Target>, namespace: &Option<String>| {
        target.as_ref().and_then(|t| t.namespace.clone()).or_else(|| namespace.clone())
    };
    // A name is a word after `--`: no name is ever read as a flag.
    let of = |words: &[&str], target: &Option<Target>| {
        let mut line: Vec<String> = words.iter().map(|w| (*w).to_owned()).collect();
        line.extend(target.as_ref().map(Target::word).into_iter().flat_map(|word| ["--".to_owned(), word]));
        line
    };
    let named = |words: &[&str], names: &[&str]| {
        let words = words.iter().chain(&["--"]).chain(names);
        words.map(|w| (*w).to_owned()).collect::<Vec<String>>()
    };
    let deployment = |words: &[&str], target: &Option<Target>| {
        let mut line: Vec<String> = words.iter().map(|w| (*w).to_owned()).collect();
        line.extend(target.as_ref().map(|t| format!("--deployment={}", t.word())));
        line
    };
    Ok(match read {
        Read::List { kinds, filter } => {
            let kind = kinds.first().cloned().unwrap_or_else(|| "pods".to_owned());
            let mut line = vec!["get".to_owned()];
            line.extend(filters(filter));
            line.extend(["--".to_owned(), kind]);
            (line, filter.namespace.clone())
        }
        Read::Count { kind, filter } => {
            let mut line = vec!["get".to_owned(), "--count".to_owned()];
            line.extend(filters(filter));
            line.extend(["--".to_owned(), kind.clone()]);
            (line, filter.namespace.clone())
        }
        Read::Status { target, namespace } | Read::Diagnose { target, namespace } => {
            (of(&["diagnose", "workload"], target), place(target, namespace))
        }
        Read::Describe { target } => (of(&["diagnose", "workload"], &Some(target.clone())), target.namespace.clone()),
        Read::RolloutStatus { target } => {
            let kind = target.kind.clone().unwrap_or_else(|| "deployments".to_owned());
            (named(&["get"], &[&kind, &target.name]), target.namespace.clone())
        }
        Read::Logs(query) => logs(query),
        Read::Events { target, namespace, warnings, since_seconds } => {
            let mut line = vec!["events".to_owned()];
            line.extend(warnings.then(|| "--warnings".to_owned()));
            line.extend(since_seconds.map(|s| format!("--since={s}")));
            line.extend(of(&[], target));
            (line, place(target, namespace))
        }
        Read::Top { nodes, namespace, target, by, order, limit } => {
            let mut line = vec!["top".to_owned(), if *nodes { "nodes" } else { "pods" }.to_owned()];
            line.push(format!("--sort={}", if *by == Usage::Memory { "memory" } else { "cpu" }));
            line.extend((*order == Order::Least).then(|| "--least".to_owned()));
            line.extend(limit.map(|n| format!("--limit={n}")));
            line.extend(target.as_ref().map(|t| format!("--of={}", t.name)));
            (line, place(target, namespace))
        }
        Read::Urls { target, namespace } => {
            let mut line = vec!["get".to_owned(), "services".to_owned()];
            line.extend(target.as_ref().map(|t| format!("--match={}", t.name)));
            (line, place(target, namespace))
        }
        Read::Capacity => (vec!["get".to_owned(), "nodes".to_owned()], None),
        Read::Analyze { target: Some(target), .. } => {
            (of(&["analyze", "workload"], &Some(target.clone())), target.namespace.clone())
        }
        Read::Analyze { target: None, namespace } => {
            (vec!["analyze".to_owned(), "cluster".to_owned()], namespace.clone())
        }
        Read::SecurityScan { target, namespace, rbac, level } => {
            let mut line = deployment(&["security-scan"], target);
            line.extend(rbac.then(|| "--rbac".to_owned()));
            line.extend(level.as_ref().map(|l| format!("--pss={l}")));
            (line, place(target, namespace))
        }
        Read::Optimize { target, namespace } => {
            (deployment(&["optimize", "resources"], target), place(target, namespace))
        }
        Read::Performance { target, namespace } => {
            (deployment(&["diagnose", "performance"], target), place(target, namespace))
        }
        Read::Cost { namespace, by } => {
            let mut line = vec!["cost-analysis".to_owned()];
            line.extend(by.as_ref().map(|b| format!("--by={b}")));
            (line, namespace.clone())
        }
        Read::PolicyAudit { namespace, .. } => (vec!["policy".to_owned(), "check".to_owned()], namespace.clone()),
        Read::Releases { namespace } => (vec!["helm".to_owned(), "history".to_owned()], namespace.clone()),
        Read::ReleaseStatus { release, verify } => {
            let word = if *verify { "verify" } else { "status" };
            (named(&["helm", word], &[&release.name]), release.namespace.clone())
        }
        Read::ReleaseHistory { release } => (named(&["helm", "history"], &[&release.name]), release.namespace.clone()),
        Read::ImageReview { path, fix } => {
            let mut line = vec!["image".to_owned(), "review".to_owned()];
            line.extend(fix.then(|| "--fix".to_owned()));
            line.extend(["--".to_owned(), path.clone()]);
            (line, None)
        }
        Read::Explain { .. } => (["logs", "--errors", "--file=-"].map(str::to_owned).to_vec(), None),
        other => return Err(Error::Usage(format!("{other} cannot be answered"))),
    })
}

fn filters(filter: &Filter) -> Vec<String> {
    let mut line = Vec::new();
    line.extend(filter.selector.as_ref().map(|s| format!("--selector={s}")));
    line.extend(filter.name.as_ref().map(|n| format!("--match={n}")));
    line.extend(filter.status.as_ref().map(|s| format!("--status={s}")));
    line.extend(filter.healthy.map(|well| if well { "--healthy" } else { "--unhealthy" }.to_owned()));
    line.extend(filter.min_restarts.map(|n| format!("--min-restarts={n}")));
    line.extend(filter.max_restarts.map(|n| format!("--max-restarts={n}")));
    line
}

fn logs(query: &LogQuery) -> (Vec<String>, Option<String>) {
    let mut line = vec!["logs".to_owned()];
    line.extend(query.container.as_ref().map(|c| format!("--container={c}")));
    line.extend(query.previous.then(|| "--previous".to_owned()));
    line.extend(query.errors.then(|| "--errors".to_owned()));
    line.extend(query.tail.map(|n| format!("--tail={n}")));
    line.extend(query.since_seconds.map(|s| format!("--since={s}")));
    line.extend(query.pattern.as_ref().map(|p| format!("--grep={p}")));
    line.extend(query.target.as_ref().map(Target::word).into_iter().flat_map(|word| ["--".to_owned(), word]));
    (line, query.target.as_ref().and_then(|t| t.namespace.clone()))
}

fn contexts(ask: &Ask) -> Result<Outcome, Error> {
    let found = match &ask.input.cluster.kubeconfig {
        Some(path) => Kubeconfig::read_from(path),
        None => Kubeconfig::read(),
    };
    let found = found.map_err(|e| Error::Unreachable(format!("the kubeconfig cannot be read: {e}")))?;
    let current = found.current_context.unwrap_or_default();
    let mut report = Report::new("");
    let rows = found.contexts.iter().map(|c| {
        let cluster = c.context.as_ref().map(|c| c.cluster.clone()).unwrap_or_default();
        vec![Cell::new(if c.name == current { "*" } else { "" }), Cell::new(&c.name), Cell::new(cluster)]
    });
    report.table(&["", "CONTEXT", "CLUSTER"], rows.collect());
    let names: Vec<&str> = found.contexts.iter().map(|c| c.name.as_str()).collect();
    report.data = json!({"kind": "Contexts", "current": current, "items": names});
    ask.answer(&report)
}

fn explain(ask: &Ask, text: &str) -> Result<Outcome, Error> {
    let mut scanner = LogScanner::default();
    text.lines().for_each(|line| scanner.line(line));
    let found = scanner.finish(str::to_owned);
    let mut report = Report::new("");
    match found.top() {
        Some(top) => {
            report.text(format!("{}: {}", top.meaning, top.hint));
        }
        None => {
            report.text("nothing that pilot knows the meaning of");
        }
    }
    report.data = json!({"kind": "Explanation", "says": found});
    ask.answer(&report)
}

fn help(ask: &Ask) -> Result<Outcome, Error> {
    const SENTENCES: &[&str] = &[
        "show pods in todo",
        "is backend healthy?",
        "why is backend crashing?",
        "are there errors in the backend logs?",
        "which pods use the most memory?",
        "show warnings of the last hour",
        "analyze the cluster",
        "how much does namespace todo cost?",
        "scale backend to 3",
        "restart frontend",
        "update backend to version 1.4",
        "roll back release todo",
        "fix backend",
    ];
    let mut report = Report::new("");
    report.text("Questions are answered at once. Changes become a plan that you confirm. For example:");
    report.parts.push(Part::Literal(SENTENCES.iter().map(|s| format!("  kubectl pilot \"{s}\"\n")).collect()));
    report.text("Commands and flags: kubectl pilot --help");
    report.data = json!({"kind": "Help", "sentences": SENTENCES});
    ask.answer(&report)
}

async fn images(ask: &Ask, target: Option<&Target>, namespace: Option<&str>) -> Result<Outcome, Error> {
    let ask = within(ask, target.and_then(|t| t.namespace.as_deref()).or(namespace));
    let loaded =
        ask.load(Wanted::objects().only(&["Pod", "ReplicaSet", "Deployment", "StatefulSet", "DaemonSet"])).await?;
    let world = World::new(&loaded.snapshot);
    let mut found: BTreeMap<&str, usize> = BTreeMap::new();
    for pod in &loaded.snapshot.pods {
        let root = world.root(&pod.metadata);
        let wanted = target.is_none_or(|t| root.name == t.name || pod.metadata.name == t.name)
            && ask.namespace().is_none_or(|n| pod.metadata.namespace == n);
        for container in pod.spec.containers.iter().filter(|_| wanted) {
            *found.entry(container.image.as_str()).or_default() += 1;
        }
    }
    let mut report = Report::new("");
    if found.is_empty() {
        report.text("no images");
    } else {
        let rows = found.iter().map(|(image, count)| vec![Cell::new(*image), Cell::number(count)]);
        report.table(&["IMAGE", "CONTAINERS"], rows.collect());
    }
    report.data = json!({"kind": "Images", "items": found});
    ask.answer(&report)
}

async fn revisions(ask: &Ask, target: &Target) -> Result<Outcome, Error> {
    let ask = within(ask, target.namespace.as_deref());
    let loaded = ask.load(Wanted::objects().only(&["Deployment", "ReplicaSet"])).await?;
    let mut sets: Vec<_> = loaded
        .snapshot
        .replica_sets
        .iter()
        .filter(|s| target.namespace.as_ref().is_none_or(|n| s.metadata.namespace == *n))
        .filter(|s| s.metadata.controller().is_some_and(|o| o.name == target.name))
        .collect();
    sets.sort_by_key(|s| revision(&s.metadata));
    let mut report = Report::new("");
    let images = |s: &pilot_core::model::ReplicaSet| {
        s.spec.template.spec.containers.iter().map(|c| c.image.as_str()).collect::<Vec<_>>().join(", ")
    };
    let rows = sets
        .iter()
        .map(|s| vec![Cell::number(revision(&s.metadata)), Cell::number(s.status.replicas), Cell::new(images(s))]);
    if sets.is_empty() {
        report.text(format!("{target} has no revisions"));
    } else {
        report.table(&["REVISION", "PODS", "IMAGES"], rows.collect());
    }
    let items: Vec<Value> = sets
        .iter()
        .map(|s| json!({"revision": revision(&s.metadata), "pods": s.status.replicas, "images": images(s)}))
        .collect();
    report.data = json!({"kind": "Revisions", "items": items});
    ask.answer(&report)
}

async fn violations(ask: &Ask, check: &policy::Check, kinds: &[String]) -> Result<Outcome, Error> {
    let kinds: Vec<&str> = kinds.iter().filter_map(|k| find_kind(k)).map(|k| k.kind).collect();
    let demand = json!({"policies": [{"name": "sentence", "check": check, "match": {"kinds": kinds}}]});
    let policies: policy::Policies =
        serde_json::from_value(demand).map_err(|e| Error::Usage(format!("the demand cannot be checked: {e}")))?;
    let loaded = ask.load(Wanted::objects()).await?;
    let found = policy::evaluate(&loaded.snapshot, &Config::default(), &policies)
        .map_err(|e| Error::Usage(format!("the demand cannot be checked: {e}")))?;
    let found: Vec<_> =
        found.into_iter().filter(|f| ask.namespace().is_none_or(|n| f.subject.object.namespace == n)).collect();
    let mut report = Report::new("");
    if found.is_empty() {
        report.text("no violations");
    }
    for finding in &found {
        report.text(format!("VIOLATING: {} {}", finding.subject.object, finding.message));
    }
    ask.show(&mut report, &found);
    report.data = json!({"kind": "Violations", "findings": found});
    ask.answer(&report)
}
