//! PostgreSQL restarts under writes: no process restarts with it, readiness follows, and no acknowledged write is lost.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread::sleep,
    time::{Duration, Instant},
};

use anyhow::{Context, ensure};
use serde_json::{Value, json};

use super::release::Release;
use crate::cluster::{
    access::Access,
    load::{Client, User, new_user},
};

/// Writes in all, by so many writers.
const WRITES: usize = 1000;
const WRITERS: usize = 4;

pub fn test(access: &Access) -> anyhow::Result<()> {
    let release = Release::prepare(access, "todo-test-database")?;
    release.deploy(&Release::hasty(), &[])?;
    let address = release.address()?;
    let restarts = release.restarts()?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let client = Client::new(&address);
    // An account each: together they write more in a minute than one may.
    let mut users = Vec::new();
    for writer in 0..WRITERS {
        users.push(runtime.block_on(new_user(&client, &format!("writer{writer}")))?);
    }
    let acknowledged = Arc::new(AtomicUsize::default());
    let writers: Vec<_> = users
        .iter()
        .enumerate()
        .map(|(writer, user)| runtime.spawn(write(client.clone(), user.clone(), writer, Arc::clone(&acknowledged))))
        .collect();
    while acknowledged.load(Ordering::Relaxed) < WRITES / 4 {
        ensure!(writers.iter().all(|writer| !writer.is_finished()), "the writers ended before their time");
        sleep(Duration::from_millis(20));
    }
    let times = restart(&release, &runtime, &client)?;
    let retries = runtime.block_on(async {
        let mut retries = 0;
        for writer in writers {
            retries += writer.await??;
        }
        anyhow::Ok(retries)
    })?;
    let mut found = BTreeMap::new();
    for user in &users {
        runtime.block_on(titles(&client, user, &mut found))?;
    }
    let lost = (0..WRITES).filter(|number| !found.contains_key(&title(*number))).count();
    let twice = found.values().filter(|count| **count > 1).count();
    ensure!(lost == 0 && twice == 0, "{lost} acknowledged writes are lost, {twice} are there twice");
    ensure!(found.len() == WRITES, "{} tasks where {WRITES} were written", found.len());
    let after = release.restarts()?;
    ensure!(after == restarts, "{} containers were restarted with the database", after - restarts);
    println!("  {WRITES} acknowledged writes, 0 lost, 0 doubled, {retries} attempts repeated; no process restarted");
    println!("  {times}");
    release.remove()
}

/// Ends PostgreSQL with its fast shutdown, waits for it and for readiness, and answers how long each took.
fn restart(release: &Release<'_>, runtime: &tokio::runtime::Runtime, client: &Client) -> anyhow::Result<String> {
    let ready = || runtime.block_on(client.send("GET", "/api/ready", None, &[], None, false)).is_ok();
    ensure!(ready(), "the backend is not ready before the restart");
    let container = |release: &Release<'_>| -> anyhow::Result<Value> {
        let pod = release.access.get(&release.namespace, &["pod", "database-0"])?;
        Ok(pod["status"]["containerStatuses"][0].clone())
    };
    let before = container(release)?["containerID"].clone();
    let started = Instant::now();
    // PostgreSQL is the container's first process; the kubelet starts it again.
    release.access.kubectl(&release.namespace, &["exec", "database-0", "--", "sh", "-c", "kill -INT 1"])?;
    let mut down = None;
    let mut database = None;
    loop {
        let is_ready = ready();
        if down.is_none() && !is_ready {
            down = Some(started.elapsed());
        }
        if database.is_none() && release.sql("SELECT 1").is_ok() && container(release)?["containerID"] != before {
            database = Some(started.elapsed());
        }
        if let (Some(database), true) = (database, ready()) {
            let up = started.elapsed();
            let down =
                down.map_or("never seen down".to_owned(), |down| format!("{:.1} s after the stop", down.as_secs_f64()));
            return Ok(format!(
                "readiness down: {down}; PostgreSQL back after {:.1} s; readiness up {:.1} s later",
                database.as_secs_f64(),
                (up - database).as_secs_f64()
            ));
        }
        ensure!(started.elapsed() < Duration::from_secs(120), "not ready within 120 s of the restart");
        sleep(Duration::from_millis(50));
    }
}

fn title(number: usize) -> String {
    format!("Write {number}")
}

/// Writes every fourth task, each until it is acknowledged; answers how many attempts were repeated.
async fn write(client: Client, user: User, writer: usize, acknowledged: Arc<AtomicUsize>) -> anyhow::Result<usize> {
    let mut repeated = 0;
    for number in (writer..WRITES).step_by(WRITERS) {
        let body = json!({ "title": title(number) });
        // The same key on every attempt: the first may have been carried out without its answer arriving.
        let key = format!("write-{number}");
        let started = Instant::now();
        loop {
            let headers = [("idempotency-key", key.as_str())];
            match client.send("POST", "/api/tasks", Some(&user.token), &headers, Some(&body), true).await {
                Ok(_) => break,
                Err(error) if started.elapsed() > Duration::from_secs(60) => {
                    return Err(error.context("writing does not recover"));
                }
                Err(_) => repeated += 1,
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        acknowledged.fetch_add(1, Ordering::Relaxed);
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    Ok(repeated)
}

/// Counts the titles of all tasks of an account.
async fn titles(client: &Client, user: &User, found: &mut BTreeMap<String, usize>) -> anyhow::Result<()> {
    let mut cursor = String::new();
    loop {
        let path = format!("/api/tasks?status=all&limit=100{cursor}");
        let page = client.send("GET", &path, Some(&user.token), &[], None, true).await?;
        for task in page["tasks"].as_array().context("a list without tasks")? {
            *found.entry(task["title"].as_str().unwrap_or_default().to_owned()).or_default() += 1;
        }
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return Ok(()),
        }
    }
}
