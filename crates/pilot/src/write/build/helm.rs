//! Releases: what only the helm program can do is a step that runs it; freeing a stuck release is a change of its record.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use pilot_core::action::{Class, HelmValues, Target};
use pilot_core::finding::PatchType;
use pilot_core::health::World;
use pilot_core::health::helm::{Record, releases};
use pilot_core::model::ObjectRef;
use pilot_core::snapshot::Snapshot;
use serde_json::{Value, json};

use super::Build;
use crate::cluster::Connection;
use crate::exit::Error;
use crate::helm::{Program, manifest_diff, record, values};
use crate::plan::{Plan, Step, Verb, sha256};

/// How long helm may take for a dry run.
const DRY_RUN: Duration = Duration::from_secs(120);

/// A release, and its records from the oldest revision to the newest.
pub struct Release<'a> {
    /// Namespace.
    pub namespace: String,
    /// Name.
    pub name: String,
    /// Records; never empty.
    pub records: Vec<Record<'a>>,
}

impl<'a> Release<'a> {
    /// The newest record.
    pub fn last(&self) -> Option<&Record<'a>> {
        self.records.last()
    }

    /// As the object of findings and plans.
    pub fn object(&self) -> ObjectRef {
        ObjectRef {
            api_version: "helm.sh/v1".into(),
            kind: "Release".into(),
            namespace: self.namespace.clone(),
            name: self.name.clone(),
        }
    }
}

/// The one release of this name.
///
/// # Errors
/// When there is none or several, or records may not be read.
pub fn find_release<'a>(world: &World<'a>, name: &str, namespace: Option<&str>) -> Result<Release<'a>, Error> {
    releases_visible(world.snapshot)?;
    let all = releases(world);
    let fits: Vec<_> =
        all.iter().filter(|((n, r), _)| *r == name && namespace.is_none_or(|wanted| *n == wanted)).collect();
    match fits.as_slice() {
        [] => {
            let meant = pilot_core::nearest::nearest(name, all.keys().map(|(_, name)| *name));
            let meant = meant.map(|m| format!("; did you mean {m:?}?")).unwrap_or_default();
            Err(Error::NotFound(format!("there is no release called {name:?}{meant}")))
        }
        [((namespace, name), records)] => {
            Ok(Release { namespace: (*namespace).to_owned(), name: (*name).to_owned(), records: (*records).clone() })
        }
        several => {
            let names: Vec<&str> = several.iter().map(|((n, _), _)| *n).collect();
            Err(Error::NotFound(format!("release {name} is in namespaces {}: give -n", names.join(", "))))
        }
    }
}

/// Releases are Secrets: who may not list those sees none, and must be told so.
///
/// # Errors
/// When Secrets could not be listed.
pub fn releases_visible(snapshot: &Snapshot) -> Result<(), Error> {
    match snapshot.gaps.iter().find(|g| g.kind == "Secret") {
        Some(gap) => Err(Error::Forbidden(format!(
            "release records are Secrets, and those cannot be listed (HTTP {})",
            gap.code
        ))),
        None => Ok(()),
    }
}

fn live<'a>(build: &Build<'a>) -> Result<&'a Connection, Error> {
    build.from.ok_or_else(|| Error::Refused("releases are changed in a live cluster only".to_owned()))
}

fn release<'a>(build: &Build<'a>, target: &Target) -> Result<Release<'a>, Error> {
    find_release(&build.world, &target.name, build.namespace(target))
}

fn texts(args: &[&str]) -> Vec<String> {
    args.iter().map(|a| (*a).to_owned()).collect()
}

/// A step that runs helm. `state` is what the release looks like now: the hash of the plan covers it.
fn run(object: ObjectRef, args: &[String], state: &str, diff: String) -> Step {
    let mut step = Step::new(Verb::Helm, object, PatchType::Merge, json!({"args": args}));
    step.state = sha256(&format!("{state}\n{diff}"));
    step.diff = diff;
    step
}

fn not_stuck(release: &Release<'_>) -> Result<(), Error> {
    match release.last().filter(|last| last.status.starts_with("pending-")) {
        Some(last) => Err(Error::Refused(format!(
            "release {} is stuck in {} at revision {}: Helm refuses every change; free it first (helm unlock {})",
            release.name, last.status, last.revision, release.name
        ))),
        None => Ok(()),
    }
}

/// A chart is a folder, an archive or a reference; one that begins with a dash would be read as a flag.
fn chart_argument(chart: &str) -> Result<(), Error> {
    if chart.is_empty() || chart.starts_with('-') || chart.contains(char::is_whitespace) {
        return Err(Error::Usage(format!("{chart:?} is not a chart")));
    }
    let is_path = chart.starts_with('.') || chart.starts_with('/');
    if is_path && !std::path::Path::new(chart).exists() {
        return Err(Error::Usage(format!("{chart}: there is no such chart")));
    }
    Ok(())
}

fn name_argument(name: &str) -> Result<(), Error> {
    let fine = !name.is_empty()
        && name.len() <= 53
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'.'))
        && !name.starts_with(['-', '.']);
    if fine { Ok(()) } else { Err(Error::Usage(format!("{name:?} is not a name for a release"))) }
}

/// The manifest in what `helm … --dry-run=server --output json` prints; nothing else of it is kept.
fn planned_manifest(text: &str) -> Result<String, Error> {
    let start = text.find('{').unwrap_or(0);
    let release: Value = serde_json::from_str(&text[start..])
        .map_err(|e| Error::Refused(format!("helm's dry run cannot be read: {e}")))?;
    Ok(release["manifest"].as_str().unwrap_or("").to_owned())
}

#[expect(clippy::too_many_arguments, reason = "install and upgrade differ in one word and in what they start from")]
async fn deploy(
    build: &Build<'_>,
    object: ObjectRef,
    verb: &str,
    chart: &str,
    version: Option<&str>,
    given: &HelmValues,
    before: &str,
    state: &str,
    more: &[&str],
) -> Result<Plan, Error> {
    chart_argument(chart)?;
    let program = Program::find().await?;
    let input = values(given)?;
    let mut args = texts(&[verb, &object.name, chart, "--namespace", &object.namespace]);
    args.extend(texts(more));
    if let Some(version) = version {
        args.push(format!("--version={version}"));
    }
    for file in &given.files {
        args.push(format!("--values={file}"));
    }
    if input.is_some() {
        args.extend(texts(&["--values", "-"]));
    }
    let mut dry = args.clone();
    dry.extend(texts(&["--dry-run=server", "--output", "json"]));
    let text = program.run(&build.ask.input.cluster, &dry, input.as_ref(), DRY_RUN).await?;
    let diff = manifest_diff(before, &planned_manifest(&text)?);
    args.extend(texts(&["--wait", "--timeout"]));
    args.push(format!("{}s", build.ask.write.wait));
    if build.ask.write.atomic {
        args.push(program.rollback_on_failure().to_owned());
    }
    let word = if verb == "install" { "install" } else { "upgrade" };
    let mut plan = Plan::new(format!("{word} release {} in {} from chart {chart}", object.name, object.namespace));
    plan.remark(format!("done by helm {}", program.version));
    if diff.is_empty() && verb == "upgrade" {
        plan.remark("no object changes; the release gets a new revision");
    }
    let mut step = run(object, &args, state, diff);
    step.input = input;
    plan.push(step);
    Ok(plan)
}

pub async fn install(
    build: &Build<'_>,
    name: &str,
    chart: &str,
    namespace: Option<&str>,
    version: Option<&str>,
    given: &HelmValues,
) -> Result<Plan, Error> {
    live(build)?;
    name_argument(name)?;
    let namespace = build.namespace_for_new(namespace);
    if let Ok(known) = find_release(&build.world, name, Some(&namespace)) {
        return Err(Error::Refused(format!("release {} is there already: upgrade it", known.name)));
    }
    let object = ObjectRef {
        api_version: "helm.sh/v1".into(),
        kind: "Release".into(),
        namespace: namespace.clone(),
        name: name.to_owned(),
    };
    let there = build.snapshot().namespaces.iter().any(|n| n.metadata.name == namespace);
    let more: &[&str] = if there { &[] } else { &["--create-namespace"] };
    let mut plan = deploy(build, object, "install", chart, version, given, "", "new", more).await?;
    if !there {
        plan.remark(format!("makes namespace {namespace}"));
    }
    Ok(plan)
}

pub async fn upgrade(
    build: &Build<'_>,
    target: &Target,
    chart: &str,
    version: Option<&str>,
    given: &HelmValues,
    reuse: bool,
) -> Result<Plan, Error> {
    let from = live(build)?;
    let release = release(build, target)?;
    not_stuck(&release)?;
    let Some(last) = release.last() else { return Err(Error::NotFound(target.name.clone())) };
    let before = record::read(from, last.meta).await?.manifest;
    let more: &[&str] = if reuse { &["--reuse-values"] } else { &[] };
    let state = format!("{} {}", last.revision, last.status);
    let mut plan = deploy(build, release.object(), "upgrade", chart, version, given, &before, &state, more).await?;
    if !reuse {
        plan.remark("values that are not given fall back to the chart's (--reuse-values keeps them)");
    }
    Ok(plan)
}

pub async fn rollback(build: &Build<'_>, target: &Target, revision: Option<u32>) -> Result<Plan, Error> {
    let from = live(build)?;
    let release = release(build, target)?;
    let Some(last) = release.last().copied() else { return Err(Error::NotFound(target.name.clone())) };
    let earlier = || release.records.iter().filter(|r| r.revision < last.revision);
    let wanted = match revision {
        Some(number) => release.records.iter().find(|r| r.revision == number),
        None => earlier().rev().find(|r| matches!(r.status, "deployed" | "superseded")),
    };
    let Some(wanted) = wanted.copied() else {
        let known: Vec<String> = release.records.iter().map(|r| format!("{} {}", r.revision, r.status)).collect();
        return Err(Error::NotFound(format!(
            "release {} has no such revision to go back to; there are: {}",
            release.name,
            known.join(", ")
        )));
    };
    let program = Program::find().await?;
    let before = record::read(from, last.meta).await?.manifest;
    let after = record::read(from, wanted.meta).await?.manifest;
    let mut args = texts(&["rollback", &release.name, &wanted.revision.to_string(), "--namespace", &release.namespace]);
    args.extend(texts(&["--wait", "--timeout"]));
    args.push(format!("{}s", build.ask.write.wait));
    let mut plan = Plan::new(format!("roll release {} back to revision {}", release.name, wanted.revision));
    plan.remark(format!("done by helm {}", program.version));
    if !matches!(wanted.status, "deployed" | "superseded") {
        plan.remark(format!("revision {} is {}: it was not well itself", wanted.revision, wanted.status));
    }
    plan.remark("hooks run; what a hook did before (such as a migration of the database) is not undone");
    let state = format!("{} {}", last.revision, last.status);
    plan.push(run(release.object(), &args, &state, manifest_diff(&before, &after)));
    Ok(plan)
}

pub async fn uninstall(build: &Build<'_>, target: &Target) -> Result<Plan, Error> {
    let from = live(build)?;
    let release = release(build, target)?;
    let Some(last) = release.last() else { return Err(Error::NotFound(target.name.clone())) };
    let program = Program::find().await?;
    let before = record::read(from, last.meta).await?.manifest;
    let mut args = texts(&["uninstall", &release.name, "--namespace", &release.namespace, "--wait", "--timeout"]);
    args.push(format!("{}s", build.ask.write.wait));
    let mut plan = Plan::new(format!("uninstall release {} in {}", release.name, release.namespace));
    plan.remark(format!("done by helm {}", program.version));
    let kept = record::manifests(&before)
        .iter()
        .filter(|o| o.pointer("/metadata/annotations/helm.sh~1resource-policy").is_some_and(|p| p == "keep"))
        .count();
    if kept > 0 {
        plan.remark(format!("{kept} objects ask to be kept and stay"));
    }
    let state = format!("{} {}", last.revision, last.status);
    let step = run(release.object(), &args, &state, manifest_diff(&before, ""));
    plan.push(step.at_least(Class::Destructive));
    Ok(plan)
}

/// Marks the record of an interrupted operation as failed, which is what it is: Helm then works again from the last good
/// revision. The record is kept.
pub async fn unlock(build: &Build<'_>, target: &Target) -> Result<Plan, Error> {
    let release = release(build, target)?;
    let Some(last) = release.last() else { return Err(Error::NotFound(target.name.clone())) };
    if !last.status.starts_with("pending-") {
        return Err(Error::Refused(format!(
            "release {} is not stuck: revision {} is {}",
            release.name, last.revision, last.status
        )));
    }
    let object = last.meta.object_ref();
    let description = format!("{} was interrupted; freed by pilot", last.status.trim_start_matches("pending-"));
    let mut plan = Plan::new(format!(
        "free release {}: mark its revision {}, which is stuck in {}, as failed",
        release.name, last.revision, last.status
    ));
    let good = release.records.iter().rev().find(|r| r.status == "deployed");
    plan.remark(match good {
        Some(good) => {
            format!("revision {} stays deployed; afterwards upgrade again, or roll back to it", good.revision)
        }
        None => "no revision is deployed: afterwards upgrade with --install, or uninstall".to_owned(),
    });
    let age = last.meta.age_seconds(build.snapshot().taken_at).unwrap_or(0);
    plan.remark(format!("it began {} ago: be sure that no helm is still at work on it", crate::commands::age(age)));
    let Some(raw) = build.raw(&object).await? else {
        plan.remark("the record can only be read from a live cluster");
        return Ok(plan);
    };
    let text = raw.pointer("/data/release").and_then(Value::as_str).unwrap_or("");
    let secret = object.kind == "Secret";
    let payload = if secret { STANDARD.decode(text).ok() } else { Some(text.as_bytes().to_vec()) };
    let freed = payload.and_then(|p| record::with_status(&p, "failed", &description));
    let Some(freed) = freed else {
        return Err(Error::Refused(format!("{}: not a release record", object.name)));
    };
    let freed = if secret { STANDARD.encode(freed) } else { freed };
    let body = json!({"metadata": {"labels": {"status": "failed"}}, "data": {"release": freed}});
    plan.push(Step::new(Verb::Patch, object, PatchType::Merge, body));
    Ok(plan)
}
