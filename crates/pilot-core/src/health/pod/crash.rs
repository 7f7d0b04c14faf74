//! Containers that end when they should not (HLT-108, HLT-109, HLT-113, HLT-117).

use jiff::ToSpan;
use serde_json::json;

use super::Case;
use crate::finding::{EvidenceSource, Severity};
use crate::health::catalogue::{CRASH_LOOP, INIT_FAILS, OOM_KILLED, RESTARTS};
use crate::health::draft::{Draft, container_patch};
use crate::health::world::{container, seconds_since};
use crate::logs::{LogReport, LogScanner};
use crate::model::{ContainerStatus, Terminated};
use crate::quantity::Quantity;
use crate::rightsize::MIB;

/// The end of the run that matters: the current one, or the one before the current wait.
fn last_end(status: &ContainerStatus) -> Option<&Terminated> {
    status.state.terminated.as_ref().or(status.last_state.terminated.as_ref())
}

/// Seconds for which an end explains why the next run is not ready yet.
const LATELY: i64 = 600;

/// Whether the last run ended lately of its own accord, and the next is not ready: what a probe says of it then is a symptom. A
/// kubelet that ends a container for its probe says so in an event, and the kernel's kills have a rule of their own.
pub fn ends_by_itself(case: &Case<'_>, status: &ContainerStatus) -> bool {
    let by_probe = || {
        let named = format!("ontainer {} failed", status.name);
        case.world.pod_events(case.pod).iter().any(|event| event.reason == "Killing" && event.message.contains(&named))
    };
    !status.ready
        && last_end(status).is_some_and(|end| {
            let lately = seconds_since(case.world.now, end.finished_at) < LATELY;
            lately && !matches!(end.exit_code, 137 | 143) && end.reason != "OOMKilled"
        })
        && !by_probe()
}

/// What a container's recorded log says; the previous run's log first, for that is where a crash stands.
pub fn log_of(case: &Case<'_>, container: &str) -> Option<LogReport> {
    let logs = case.world.logs(case.pod);
    let of = |previous| logs.iter().find(|l| l.container == container && l.previous == previous && !l.lines.is_empty());
    let log = of(true).or_else(|| of(false))?;
    let mut scanner = LogScanner::default();
    log.lines.iter().for_each(|line| scanner.line(line));
    Some(scanner.finish(str::to_owned))
}

/// The last line of the run that ended: what the program said when its log has nothing that is known.
fn last_words(case: &Case<'_>, container: &str) -> Option<String> {
    let logs = case.world.logs(case.pod);
    let of = |previous| logs.iter().find(|l| l.container == container && l.previous == previous);
    let said = |previous| of(previous)?.lines.iter().rev().find(|line| !line.trim().is_empty()).cloned();
    said(true).or_else(|| said(false))
}

pub fn oom_killed(case: &Case<'_>) -> Option<Draft> {
    let (list, status) = case.containers().find(|(_, status)| {
        let killed = last_end(status).is_some_and(|end| end.reason == "OOMKilled");
        // One kill long ago in a container that is well now is history, not a finding.
        let recent = last_end(status).is_none_or(|end| seconds_since(case.world.now, end.finished_at) < 24 * 3600);
        killed && (recent || status.state.running.is_none())
    })?;
    let spec = container(case.pod, &status.name)?;
    let limit =
        spec.limit("memory").or_else(|| case.pod.spec.resources.as_ref().and_then(|r| r.limits.get("memory").copied()));
    let draft = match limit {
        None => Draft::new(
            &OOM_KILLED,
            format!(
                "container {} is killed by the kernel: the node ran out of memory and it has no memory limit",
                status.name
            ),
        )
        .advice("Set a memory request and limit from its measured usage.", "there is no measured peak to size it from"),
        Some(limit) => {
            let limit_bytes = u64::try_from(limit.units()).unwrap_or(0);
            let wanted = limit_bytes.saturating_mul(3).div_ceil(2).div_ceil(MIB);
            let largest = case
                .world
                .snapshot
                .nodes
                .iter()
                .filter_map(|node| node.status.allocatable.get("memory"))
                .map(|q| u64::try_from(q.units()).unwrap_or(0) / MIB)
                .max()
                .unwrap_or(u64::MAX);
            let fits = wanted.min(largest);
            Draft::new(&OOM_KILLED, format!("container {} needs more memory than its limit of {limit}", status.name))
                .field(case.field(list, &status.name, "resources.limits.memory"))
                .seen(EvidenceSource::Spec, "resources.limits.memory", limit.to_string())
                .patch(
                    format!("Raise the memory limit to {fits}Mi (the limit + 50 %), then size it from its usage; if usage only ever grows, look for a leak."),
                    container_patch(case.root, list, &status.name, json!({"resources": {"limits": {"memory": format!("{fits}Mi")}}})),
                )
                .risk("restarts the pods of the workload")
        }
    };
    let draft = draft.container(&status.name).seen(
        EvidenceSource::Status,
        format!("{list}[{}].lastState.terminated", status.name),
        format!(
            "OOMKilled, exit code {}, {} restarts",
            last_end(status).map_or(137, |end| end.exit_code),
            status.restart_count
        ),
    );
    Some(with_usage(case, draft, &status.name))
}

fn with_usage(case: &Case<'_>, draft: Draft, name: &str) -> Draft {
    let used = case
        .world
        .snapshot
        .pod_metrics
        .iter()
        .find(|m| m.metadata.namespace == case.pod.metadata.namespace && m.metadata.name == case.pod.metadata.name)
        .and_then(|m| m.containers.iter().find(|c| c.name == name))
        .and_then(|c| c.usage.get("memory").copied());
    match used {
        Some(used) => draft.seen(EvidenceSource::Metric, "memory now", Quantity::from_bytes(used.units()).to_string()),
        None => draft,
    }
}

pub fn crash_loop(case: &Case<'_>) -> Option<Draft> {
    let (list, status) = case.containers().find(|(list, status)| {
        let waits = status.state.waiting.as_ref().is_some_and(|w| w.reason == "CrashLoopBackOff");
        let ended = status.state.terminated.as_ref().is_some_and(|t| t.exit_code != 0 || *list == "containers");
        let main_ended =
            ended && case.pod.spec.restart_policy != "Never" && case.pod.spec.restart_policy != "OnFailure";
        let failed =
            case.pod.status.phase == "Failed" && status.state.terminated.as_ref().is_some_and(|t| t.exit_code != 0);
        let between_runs = *list == "containers" && status.state.running.is_some() && ends_by_itself(case, status);
        waits || (main_ended && *list == "containers") || failed || between_runs
    })?;
    let end = last_end(status);
    let code = end.map_or(0, |end| end.exit_code);
    let report = log_of(case, &status.name);
    let top = report.as_ref().and_then(LogReport::top);
    let what = meaning(case, list, status, code);
    let message = match top {
        Some(group) => {
            let names = group.names.as_ref().map(|n| format!(" ({n})")).unwrap_or_default();
            format!("container {} exits with code {code}: {}{names}", status.name, group.meaning)
        }
        None => format!("container {} exits with code {code}: {what}", status.name),
    };
    let rule = if list == "initContainers" { &INIT_FAILS } else { &CRASH_LOOP };
    let mut draft = Draft::new(rule, message)
        .container(&status.name)
        .seen(
            EvidenceSource::Status,
            format!("{list}[{}].lastState.terminated", status.name),
            end.map_or_else(String::new, |end| {
                format!("exit code {code} ({}), {} restarts {}", end.reason, status.restart_count, end.message.trim())
            }),
        )
        .advice(
            top.map_or_else(|| format!("{}.", capital(what)), |group| format!("{}.", capital(&group.hint))),
            "the fix is in the program or its configuration, not in a field that can be set blindly",
        );
    for group in report.iter().flat_map(|r| &r.groups).take(3) {
        let count = if group.count > 1 { format!(" (×{})", group.count) } else { String::new() };
        draft = draft.seen(EvidenceSource::Log, &status.name, format!("{}{count}", group.example));
    }
    if let (None, Some(line)) = (top, last_words(case, &status.name)) {
        draft = draft.seen(EvidenceSource::Log, &status.name, line);
    }
    if report.is_none() {
        draft = draft.command(format!(
            "kubectl logs -n {} {} -c {} --previous",
            case.pod.metadata.namespace, case.pod.metadata.name, status.name
        ));
    }
    Some(draft)
}

/// What an exit code means.
fn meaning(case: &Case<'_>, list: &str, status: &ContainerStatus, code: i64) -> &'static str {
    let killed_by_probe = case.world.pod_event(case.pod, &["Killing"]).is_some_and(|e| e.message.contains("liveness"));
    let no_command = container(case.pod, &status.name).is_some_and(|c| c.command.is_empty() && c.args.is_empty());
    match code {
        0 if list == "containers" && no_command => {
            "the image's main process ends by itself; a server must stay in the foreground"
        }
        0 => "the main process ends by itself; a server must stay in the foreground, a task belongs into a Job",
        126 => "the command is not executable",
        127 => "the command is not found in the image",
        128 => "the container could not be started",
        134 => "the program aborted itself (SIGABRT)",
        137 if killed_by_probe => "it was killed after its liveness probe failed",
        137 => "it was killed (SIGKILL): out of memory on the node, or it did not stop in time",
        139 => "the program accessed memory it may not (SIGSEGV)",
        143 => "it was asked to stop (SIGTERM), by a failing probe or a node that drains",
        255 => "the program failed with an unspecific error, or the node restarted",
        _ => "the program ends with an error; its log tells which",
    }
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

pub fn init_waits(case: &Case<'_>) -> Option<Draft> {
    if case.pod.status.phase != "Pending" || case.age() < 120 {
        return None;
    }
    let status = case.pod.status.init_container_statuses.iter().find(|status| {
        let sidecar = container(case.pod, &status.name).is_some_and(|c| c.restart_policy == "Always");
        let since = status.state.running.as_ref().map(|r| seconds_since(case.world.now, r.started_at));
        !sidecar && since.is_some_and(|seconds| seconds > 120)
    })?;
    let report = log_of(case, &status.name);
    let top = report.as_ref().and_then(LogReport::top);
    let waits = top.map_or_else(String::new, |g| {
        format!(": {}{}", g.meaning, g.names.as_ref().map(|n| format!(" ({n})")).unwrap_or_default())
    });
    let mut draft = Draft::new(&INIT_FAILS, format!("init container {} has not finished{waits}", status.name))
        .container(&status.name)
        .advice("Look at what the init container waits for.", "it waits for something outside the pod");
    if let Some(group) = top {
        draft = draft.seen(EvidenceSource::Log, &status.name, group.example.clone());
    }
    Some(draft)
}

pub fn restarts(case: &Case<'_>) -> Option<Draft> {
    let hour_ago = case.world.now.checked_sub(1.hour()).ok();
    let (list, status) = case.containers().find(|(_, status)| {
        let lately = last_end(status).and_then(|end| end.finished_at) > hour_ago;
        status.restart_count > 5 || (status.restart_count >= 3 && lately)
    })?;
    let end = last_end(status);
    let code = end.map_or(0, |end| end.exit_code);
    let report = log_of(case, &status.name);
    let mut draft = Draft::new(
        &RESTARTS,
        format!(
            "container {} runs now but has restarted {} times; last exit code {code}: {}",
            status.name,
            status.restart_count,
            meaning(case, list, status, code)
        ),
    )
    .container(&status.name)
    .severity(Severity::Medium)
    .seen(EvidenceSource::Status, format!("{list}[{}].restartCount", status.name), status.restart_count.to_string())
    .advice("Read the log of the previous run.", "a restart count has no single cause");
    for group in report.iter().flat_map(|r| &r.groups).take(2) {
        draft = draft.seen(EvidenceSource::Log, &status.name, group.example.clone());
    }
    Some(draft)
}
