//! What processes cost, from Linux's `/proc`.

use std::{fs, path::Path, time::Duration};

use anyhow::Context;

/// Time on a processor of the thread that asks.
pub fn own_thread_cpu() -> anyhow::Result<Duration> {
    run_time(Path::new("/proc/thread-self/schedstat"))
}

/// Time on a processor of all threads of a process that live.
pub fn cpu(pid: u32) -> anyhow::Result<Duration> {
    let mut sum = Duration::ZERO;
    for thread in fs::read_dir(format!("/proc/{pid}/task"))? {
        // A thread may have ended since the folder was read.
        sum += run_time(&thread?.path().join("schedstat")).unwrap_or_default();
    }
    Ok(sum)
}

/// As [`cpu`], of a process and its children that live.
pub fn family_cpu(pid: u32) -> anyhow::Result<Duration> {
    let mut sum = cpu(pid)?;
    for child in children(pid)? {
        sum += cpu(child).unwrap_or_default();
    }
    Ok(sum)
}

fn children(pid: u32) -> anyhow::Result<Vec<u32>> {
    let text = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children"))?;
    Ok(text.split_whitespace().filter_map(|child| child.parse().ok()).collect())
}

/// Nanoseconds on a processor: the first figure of `schedstat`.
fn run_time(path: &Path) -> anyhow::Result<Duration> {
    let text = fs::read_to_string(path).with_context(|| format!("{}: only Linux has it", path.display()))?;
    let nanos = text.split_whitespace().next().unwrap_or_default().parse()?;
    Ok(Duration::from_nanos(nanos))
}

/// Resident memory of a process in MiB: now, and at most so far.
pub fn resident(pid: u32) -> anyhow::Result<(f64, f64)> {
    let text = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let field = |name: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(name)).with_context(|| format!("no {name}"))?;
        let kibibytes: f64 = line.trim().trim_end_matches("kB").trim().parse()?;
        anyhow::Ok(kibibytes / 1024.0)
    };
    Ok((field("VmRSS:")?, field("VmHWM:")?))
}

/// The load average of the last minute: how busy the machine is with other work.
pub fn load_average() -> f64 {
    let text = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split_whitespace().next().and_then(|text| text.parse().ok()).unwrap_or(f64::NAN)
}
