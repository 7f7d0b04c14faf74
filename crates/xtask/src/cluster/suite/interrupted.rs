//! The client is killed in the middle of an installation or an upgrade: the next run of `deploy/release` must put it right.

use std::{process::Command, thread::sleep, time::Duration};

use anyhow::{Context, ensure};

use super::release::{NAME, Release, image_settings, set};
use crate::cluster::{
    access::Access,
    command::{kill, run, start},
};

/// When the client is killed, in milliseconds after its start.
const INSTALLS: [u64; 1] = [2500];
const UPGRADES: [u64; 2] = [2000, 4500];

pub fn test(access: &Access) -> anyhow::Result<()> {
    let mut last = None;
    for delay in INSTALLS {
        let release = Release::prepare(access, "todo-test-interrupted")?;
        println!("  {}", interrupt(&release, "install", delay, &[])?);
        last = Some(release);
    }
    let release = last.context("no installation was tried")?;
    for (index, delay) in UPGRADES.into_iter().enumerate() {
        // To the next image and back in turn: every upgrade changes something.
        let tag = if index % 2 == 0 { format!("{}-next", access.tag) } else { access.tag.clone() };
        println!("  {}", interrupt(&release, "upgrade", delay, &image_settings(access, &tag))?);
    }
    release.access.helm(&release.namespace, &["test", NAME, super::release::PATIENCE])?;
    release.remove()
}

/// Starts a deployment, kills it and all it started after the delay, runs it again to its end, and looks at the result.
fn interrupt(release: &Release<'_>, what: &str, delay: u64, settings: &[String]) -> anyhow::Result<String> {
    let first = start(&mut script(release, settings))?;
    sleep(Duration::from_millis(delay));
    kill(first)?;
    let left = release.status().unwrap_or_else(|_| "none".to_owned());
    run(&mut script(release, settings))
        .with_context(|| format!("{what} killed after {delay} ms, which left it {left}"))?;
    let now = release.status()?;
    ensure!(now == "deployed", "after the second run the release is {now}");
    Ok(format!("{what} killed after {delay} ms (left: {left}): the next run deploys it"))
}

fn script(release: &Release<'_>, settings: &[String]) -> Command {
    let mut command = Command::new(release.access.root.join("deploy/release"));
    command.args([NAME, &release.namespace]).env("HELM", &release.access.helm).env("TODO_TIMEOUT", "120s");
    command.env("KUBECONFIG", &release.access.kubeconfig);
    for setting in release.settings().iter().chain(&Release::hasty()).chain(settings) {
        command.args(set(setting));
    }
    command
}
