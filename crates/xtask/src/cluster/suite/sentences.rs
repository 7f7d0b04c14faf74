//! Operations in plain sentences on a release: rollback, a failed upgrade taken back, a release that a killed client left stuck.

use std::{
    thread::sleep,
    time::{Duration, Instant},
};

use anyhow::{Context, ensure};

use super::release::{NAME, Release, image_settings};
use crate::cluster::{
    access::{Access, eventually},
    command::{kill, start},
    pilot::Pilot,
};

pub fn test(access: &Access) -> anyhow::Result<()> {
    let release = Release::prepare(access, "todo-test-sentences")?;
    let pilot = Pilot::at(access)?;
    let (tag, next) = (access.tag.clone(), format!("{}-next", access.tag));
    let deploy = |settings: &[String], flags: &[&str]| {
        let settings: Vec<String> = Release::hasty().into_iter().chain(settings.iter().cloned()).collect();
        release.deploy(&settings, flags)
    };
    let say = |words: &[&str], code: i32| {
        let started = Instant::now();
        let answer = pilot.run(&release.namespace, words)?.expect(code).with_context(|| words.join(" "))?;
        println!("  {}: {:.1} s", words.join(" "), started.elapsed().as_secs_f64());
        anyhow::Ok(answer)
    };
    deploy(&[], &[])?;
    deploy(&image_settings(access, &next), &[])?;

    // Without a yes it is a plan, and nothing else.
    let plan = say(&["roll back release todo to revision 1"], 0)?;
    ensure!(plan.text.contains("nothing was changed") && plan.text.contains(&next), "no plan: {plan}");
    expect_tag(&release, &next)?;
    say(&["roll back release todo to revision 1", "--yes", "--atomic"], 0)?;
    expect_tag(&release, &tag)?;
    say(&["helm", "verify", NAME], 0)?;

    // A bad upgrade, as somebody without our flags makes it.
    let crashes = ["backend.image.tag=crashes".to_owned()];
    ensure!(deploy(&crashes, &["--timeout=15s"]).is_err(), "an upgrade to a crash-looping image succeeded");
    // The program may be between two runs.
    eventually(Duration::from_secs(60), || {
        let why = pilot.run(&release.namespace, &["what is wrong with the backend?"])?.expect(1)?;
        ensure!(why.text.contains("this release is broken on purpose"), "no word of what the program said: {why}");
        Ok(())
    })?;
    say(&["roll back release todo", "--yes", "--atomic"], 0)?;
    expect_tag(&release, &tag)?;
    say(&["helm", "verify", NAME], 0)?;

    // Its client is killed while it waits: no upgrade is possible until the record is freed.
    stuck(&release)?;
    ensure!(deploy(&[], &[]).is_err(), "helm upgraded a release with another operation in progress");
    let why = say(&["why is release todo stuck?"], 1)?;
    ensure!(why.text.contains("pending-upgrade"), "no word of pending-upgrade: {why}");
    say(&["free the stuck release todo", "--yes"], 0)?;
    deploy(&[], &[])?;
    say(&["helm", "verify", NAME], 0)?;
    say(&["audit", "verify"], 0)?;
    release.settle()?;
    release.remove()
}

/// Every Deployment of the release runs images of this tag.
fn expect_tag(release: &Release<'_>, tag: &str) -> anyhow::Result<()> {
    for component in ["backend", "frontend"] {
        let object = release.access.get(&release.namespace, &[&Release::deployment(component)])?;
        let image = object["spec"]["template"]["spec"]["containers"][0]["image"].as_str().unwrap_or_default();
        ensure!(image.ends_with(&format!(":{tag}")), "{component} runs {image}, not {tag}");
    }
    Ok(())
}

/// Kills helm in the middle of an upgrade that can't become ready.
fn stuck(release: &Release<'_>) -> anyhow::Result<()> {
    let mut settings = Release::hasty();
    settings.push("backend.image.tag=crashes".to_owned());
    let helm = start(&mut release.deployment_command(&settings))?;
    let pending = || {
        let status = release.status()?;
        ensure!(status == "pending-upgrade", "the release is {status}, not pending-upgrade");
        Ok(())
    };
    eventually(Duration::from_secs(30), pending)?;
    // The objects are written, the pods are not ready.
    sleep(Duration::from_secs(3));
    kill(helm)?;
    pending()
}
