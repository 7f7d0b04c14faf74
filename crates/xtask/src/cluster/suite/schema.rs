//! Back to the previous release while the schema stays new, and forward again: the expand-and-contract rule at work.

use std::time::Duration;

use anyhow::{Context, ensure};

use super::release::{NAME, PATIENCE, Release, image_settings};
use crate::cluster::{
    access::{Access, eventually},
    load::{Client, new_user},
};

pub fn test(access: &Access) -> anyhow::Result<()> {
    let release = Release::prepare(access, "todo-test-schema")?;
    release.deploy(&Release::hasty(), &[])?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let client = Client::new(&release.address()?);
    let user = runtime.block_on(new_user(&client, "schema"))?;
    let body = serde_json::json!({ "title": "Older than the schema" });
    runtime.block_on(client.send("POST", "/api/tasks", Some(&user.token), &[], Some(&body), true))?;

    // The next release, and what its migration would add: a column, and the entry that says who can still use the result.
    let mut next = image_settings(access, &format!("{}-next", access.tag));
    next.extend(Release::hasty());
    release.deploy(&next, &[])?;
    let version: i64 = release.sql("SELECT max(version) FROM schema_versions")?.parse().context("no schema version")?;
    release.sql("ALTER TABLE tasks ADD COLUMN added_later text")?;
    release.sql(&entry(version + 1, 1))?;

    access.helm(&release.namespace, &["rollback", NAME, "1", "--wait", PATIENCE])?;
    let text = ready(&runtime, &client, |text| text.contains("newer than this version"))?;
    let back = helm_test(&release)?;
    let list = runtime.block_on(client.send("GET", "/api/tasks", Some(&user.token), &[], None, true))?;
    ensure!(list["total"] == 1, "the old release does not show the task that was there before");

    // Outside its window the old program must not serve.
    release.sql(&entry(version + 2, version + 2))?;
    ready(&runtime, &client, |text| text.contains("schema_too_new") || text.contains("502") || text.contains("503"))?;
    release.sql(&format!("DELETE FROM schema_versions WHERE version = {}", version + 2))?;
    ready(&runtime, &client, |text| text.contains("newer than this version"))?;

    release.deploy(&next, &[])?;
    let forward = helm_test(&release)?;
    println!("  rolled back from schema {} to a release of schema {version}: {text}", version + 1);
    println!("  helm test passed on the old release ({back} pods) and forward again ({forward} pods); data kept");
    println!("  a schema outside the window: readiness refused, and given again without it");
    release.remove()
}

/// SQL that enters a migration of a later release.
fn entry(version: i64, compatible_from: i64) -> String {
    format!(
        "INSERT INTO schema_versions (version, name, checksum, compatible_from) VALUES ({version}, 'later', 'later', {compatible_from})"
    )
}

/// Asks for readiness until the answer, or the refusal, is as wanted; answers it.
fn ready(runtime: &tokio::runtime::Runtime, client: &Client, wanted: impl Fn(&str) -> bool) -> anyhow::Result<String> {
    eventually(Duration::from_secs(30), || {
        let text = match runtime.block_on(client.send("GET", "/api/ready", None, &[], None, false)) {
            Ok(answer) => answer.to_string(),
            Err(error) => format!("{error:#}"),
        };
        ensure!(wanted(&text), "readiness answers {text}");
        Ok(text)
    })
}

fn helm_test(release: &Release<'_>) -> anyhow::Result<usize> {
    let printed = release.access.helm(&release.namespace, &["test", NAME, PATIENCE])?;
    Ok(printed.matches("Succeeded").count())
}
