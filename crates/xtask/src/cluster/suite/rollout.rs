//! Everything that replaces pods, under load: no request may fail, and every event stream must go on where it stopped.

use std::{
    thread::sleep,
    time::{Duration, Instant},
};

use anyhow::{Context, ensure};

use super::release::{NAME, Release};
use crate::cluster::{
    access::{Access, eventually},
    load::{Load, Plan},
};

/// The load of the promise; so many users that none of them comes near the limit of requests.
const PLAN: Plan = Plan { rate: 300, users: 50, streams: 50 };
/// Another rate, for a machine that others use as well.
const RATE: &str = "TODO_CLUSTER_RATE";
/// Load before, between and after what happens.
const CALM: Duration = Duration::from_secs(3);

/// Something that happens to a release.
type Event = fn(&Release<'_>) -> anyhow::Result<()>;

const EVENTS: [(&str, Event); 9] = [
    ("rolling image update", image_update),
    ("configuration-only update", config_update),
    ("upgrade with a failing migration", failing_migration),
    ("upgrade to a crash-looping image", crashing_image),
    ("helm rollback", rollback),
    ("graceful pod delete", delete_pods),
    ("drain of replicas", evict_pods),
    ("scale 2 to 5", |release| scale(release, 5)),
    ("scale 5 to 2", |release| scale(release, 2)),
];

pub fn test(access: &Access) -> anyhow::Result<()> {
    let release = Release::prepare(access, "todo-test-rollout")?;
    release.deploy(&[], &[])?;
    let rate = std::env::var(RATE).ok().map(|rate| rate.parse()).transpose().context(RATE)?.unwrap_or(PLAN.rate);
    println!("  {rate} requests/s, {} event streams", PLAN.streams);
    let load = Load::start(&release.address()?, Plan { rate, ..PLAN })?;
    sleep(CALM);
    let mut times = vec![("steady", Duration::ZERO, load.now())];
    let mut broken = Ok(());
    for (name, event) in EVENTS {
        let from = load.now();
        broken = event(&release).and_then(|()| release.settle()).with_context(|| name);
        sleep(CALM);
        times.push((name, from, load.now()));
        if broken.is_err() {
            break;
        }
    }
    let killed = if broken.is_ok() { kill_backend(&release, &load, &mut times) } else { Ok(0) };
    let measured = load.finish();
    let mut failed: Vec<String> = broken.err().iter().map(|error| format!("{error:#}")).collect();
    let in_flight = killed.unwrap_or_else(|error| {
        failed.push(format!("{error:#}"));
        0
    });
    for (name, from, to) in times {
        let part = measured.part(from, to);
        println!(
            "  {name:<34} {:6} requests, {} failed, median {:.0} ms, p99 {:.0} ms, worst {:.0} ms",
            part.requests,
            part.failures.len(),
            part.median.as_secs_f64() * 1e3,
            part.p99.as_secs_f64() * 1e3,
            part.worst.as_secs_f64() * 1e3
        );
        let allowed = if name == KILL { in_flight } else { 0 };
        if part.failures.len() > allowed {
            failed.push(format!("{name}: {} of {} requests failed", part.failures.len(), part.requests));
            failed.extend(
                part.failures
                    .iter()
                    .take(10)
                    .map(|(due, why)| format!("  at {:.1} s: {why}", due.as_secs_f64() - from.as_secs_f64())),
            );
        }
    }
    let streams = &measured.streams;
    println!(
        "  {} event streams: {} changes, {} times resumed elsewhere ({} without a goodbye), {} failures",
        PLAN.streams,
        streams.changes,
        streams.resumed,
        streams.cut,
        streams.failures.len()
    );
    failed.extend(streams.failures.iter().take(10).map(|why| format!("event stream: {why}")));
    ensure!(failed.is_empty(), "{}", failed.join("\n"));
    ensure!(streams.changes > 0 && streams.resumed > 0, "no event stream was ever moved");
    release.remove()
}

fn next(release: &Release<'_>) -> Vec<String> {
    super::release::image_settings(release.access, &format!("{}-next", release.access.tag))
}

fn image_update(release: &Release<'_>) -> anyhow::Result<()> {
    release.deploy(&next(release), &[]).map(drop)
}

fn config_update(release: &Release<'_>) -> anyhow::Result<()> {
    let mut settings = next(release);
    settings.push("config.environment=test-again".to_owned());
    release.deploy(&settings, &[]).map(drop)
}

fn failing_migration(release: &Release<'_>) -> anyhow::Result<()> {
    let before = images(release)?;
    let settings = ["backend.image.tag=fails-to-migrate", "migrations.backoffLimit=0"].map(str::to_owned);
    ensure!(release.deploy(&settings, &[]).is_err(), "an upgrade succeeded although its migration failed");
    ensure!(images(release)? == before, "an upgrade changed the pods although its migration failed");
    Ok(())
}

fn crashing_image(release: &Release<'_>) -> anyhow::Result<()> {
    let before = images(release)?;
    let settings = ["backend.image.tag=crashes".to_owned()];
    let undo = if release.access.helm_major()? >= 4 { "--rollback-on-failure" } else { "--atomic" };
    ensure!(
        release.deploy(&settings, &[undo, "--timeout=15s"]).is_err(),
        "an upgrade to a crash-looping image succeeded"
    );
    eventually(Duration::from_secs(60), || {
        ensure!(images(release)? == before, "the image before the failed upgrade is not back");
        Ok(())
    })
}

fn rollback(release: &Release<'_>) -> anyhow::Result<()> {
    // Revision 1 is the first installation, with the first image.
    release.access.helm(&release.namespace, &["rollback", NAME, "1", "--wait", super::release::PATIENCE])?;
    let images = images(release)?;
    ensure!(
        images.iter().all(|image| image.ends_with(&release.access.tag)),
        "after the rollback the pods run {images:?}"
    );
    Ok(())
}

fn delete_pods(release: &Release<'_>) -> anyhow::Result<()> {
    for component in ["backend", "frontend"] {
        for pod in release.access.pods(&release.namespace, component)?.iter().take(1) {
            release.access.kubectl(&release.namespace, &["delete", "pod", pod, "--wait=false"])?;
        }
    }
    Ok(())
}

/// What `kubectl drain` does, without closing the only node: every pod is evicted as its disruption budget allows.
fn evict_pods(release: &Release<'_>) -> anyhow::Result<()> {
    let namespace = &release.namespace;
    for component in ["backend", "frontend"] {
        for pod in release.access.pods(namespace, component)? {
            let eviction = serde_json::json!({
                "apiVersion": "policy/v1", "kind": "Eviction", "metadata": { "name": pod, "namespace": namespace } });
            eventually(Duration::from_secs(60), || {
                release.access.create_raw(&format!("/api/v1/namespaces/{namespace}/pods/{pod}/eviction"), &eviction)
            })?;
        }
    }
    Ok(())
}

fn scale(release: &Release<'_>, replicas: u32) -> anyhow::Result<()> {
    for component in ["backend", "frontend"] {
        let replicas = format!("--replicas={replicas}");
        release.access.kubectl(&release.namespace, &["scale", &Release::deployment(component), &replicas])?;
    }
    Ok(())
}

const KILL: &str = "SIGKILL of a backend pod";

/// Kills a backend without warning; answers how many requests were in flight.
fn kill_backend(
    release: &Release<'_>,
    load: &Load,
    times: &mut Vec<(&str, Duration, Duration)>,
) -> anyhow::Result<usize> {
    let pod = release.access.pods(&release.namespace, "backend")?.into_iter().next().context("no backend pod runs")?;
    let from = load.now();
    let started = Instant::now();
    let in_flight = release.access.kill(&release.namespace, &pod, || load.in_flight())?;
    while started.elapsed() < CALM {
        sleep(Duration::from_millis(100));
    }
    release.settle()?;
    times.push((KILL, from, load.now()));
    Ok(in_flight)
}

/// Images of all pods that are not on their way out, each once.
fn images(release: &Release<'_>) -> anyhow::Result<Vec<String>> {
    let list = release.access.get(&release.namespace, &["deployments"])?;
    let mut images: Vec<String> = list["items"]
        .as_array()
        .context("no deployments")?
        .iter()
        .filter_map(|it| it["spec"]["template"]["spec"]["containers"][0]["image"].as_str().map(str::to_owned))
        .collect();
    images.sort();
    Ok(images)
}
