//! Long-running programs of the cluster: started apart from this process, found again and ended by pid.

use std::{
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

use anyhow::{Context, bail};

use super::layout::Layout;

/// Starts a program inside the cluster's network. Its output goes to `logs/NAME.log`, its pid to `processes/NAME`.
///
/// # Errors
/// When it can't start.
pub fn start(layout: &Layout, name: &str, arguments: &[String], path: Option<&Path>) -> anyhow::Result<()> {
    let logs = layout.state.join("logs");
    let processes = layout.state.join("processes");
    fs::create_dir_all(&logs)?;
    fs::create_dir_all(&processes)?;
    let log = fs::File::create(logs.join(format!("{name}.log")))?;
    let mut command = Command::new("nsenter");
    command.arg(format!("--net={}", layout.namespace().display())).arg("--").args(arguments);
    command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
    if let Some(first) = path {
        let rest = std::env::var_os("PATH").unwrap_or_default();
        let all: Vec<PathBuf> = std::iter::once(first.to_path_buf()).chain(std::env::split_paths(&rest)).collect();
        command.env("PATH", std::env::join_paths(all)?);
    }
    // A group of its own: Ctrl-C at the terminal is not meant for it.
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    let child = command.spawn().with_context(|| format!("can't start {name}"))?;
    fs::write(processes.join(name), child.id().to_string())?;
    Ok(())
}

/// Waits until `ready` holds.
///
/// # Errors
/// When a program ended meanwhile, or time is up; with the end of the log of `name`.
pub fn wait_for(layout: &Layout, name: &str, limit: Duration, ready: impl Fn() -> bool) -> anyhow::Result<()> {
    let started = Instant::now();
    while !ready() {
        if !is_running(layout, name) {
            bail!("{name} ended; its last lines:\n{}", log_end(layout, name));
        }
        if started.elapsed() > limit {
            bail!("{name} is not ready after {} s; its last lines:\n{}", limit.as_secs(), log_end(layout, name));
        }
        sleep(Duration::from_millis(100));
    }
    Ok(())
}

fn log_end(layout: &Layout, name: &str) -> String {
    let log = fs::read_to_string(layout.state.join("logs").join(format!("{name}.log"))).unwrap_or_default();
    let lines: Vec<&str> = log.lines().collect();
    lines[lines.len().saturating_sub(8)..].join("\n")
}

fn is_running(layout: &Layout, name: &str) -> bool {
    fs::read_to_string(layout.state.join("processes").join(name))
        .ok()
        .and_then(|pid| pid.trim().parse().ok())
        .is_some_and(|pid| is_alive(pid) && belongs(layout, pid))
}

/// Ends a program that [`start`] started: first politely.
pub fn stop(layout: &Layout, name: &str) {
    let file = layout.state.join("processes").join(name);
    if let Some(pid) = fs::read_to_string(&file).ok().and_then(|pid| pid.trim().parse::<u32>().ok())
        && belongs(layout, pid)
    {
        end(&[pid], Duration::from_secs(5));
    }
    fs::remove_file(&file).ok();
}

/// Ends every process that names this cluster's folders on its command line, such as containerd's shims, and every process in
/// the cluster's network, such as one whose pid was never written.
pub fn stop_leftovers(layout: &Layout) {
    let own = std::process::id();
    let network = fs::metadata(layout.namespace()).ok();
    let pids: Vec<u32> = all_pids()
        .into_iter()
        .filter(|pid| *pid != own && (names_folder(layout, *pid) || network.as_ref().is_some_and(|it| is_in(*pid, it))))
        .collect();
    end(&pids, Duration::from_secs(3));
}

/// Kills these processes at once.
pub fn kill(pids: &[u32]) {
    signal("KILL", pids);
}

fn end(pids: &[u32], patience: Duration) {
    signal("TERM", pids);
    let started = Instant::now();
    while pids.iter().any(|pid| is_alive(*pid)) {
        if started.elapsed() > patience {
            signal("KILL", pids);
            sleep(Duration::from_millis(100));
            return;
        }
        sleep(Duration::from_millis(20));
    }
}

fn signal(name: &str, pids: &[u32]) {
    if pids.is_empty() {
        return;
    }
    // One that ended meanwhile is what we want.
    Command::new("kill")
        .arg(format!("-{name}"))
        .args(pids.iter().map(u32::to_string))
        .stderr(Stdio::null())
        .status()
        .ok();
}

fn all_pids() -> Vec<u32> {
    fs::read_dir("/proc")
        .map(|entries| entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok()).collect())
        .unwrap_or_default()
}

/// Alive, and no zombie that nobody has waited for.
fn is_alive(pid: u32) -> bool {
    fs::read_to_string(format!("/proc/{pid}/stat"))
        .is_ok_and(|stat| stat.rsplit(')').next().is_some_and(|rest| !rest.trim_start().starts_with('Z')))
}

/// Whether the pid is still one of ours: pids are given out again.
fn belongs(layout: &Layout, pid: u32) -> bool {
    names_folder(layout, pid) || fs::metadata(layout.namespace()).is_ok_and(|network| is_in(pid, &network))
}

fn names_folder(layout: &Layout, pid: u32) -> bool {
    let line = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    let mentions = |folder: &OsStr| {
        let folder = folder.as_encoded_bytes();
        // Followed by a separator: another cluster's name may begin with ours.
        line.windows(folder.len() + 1).any(|window| window.starts_with(folder) && window.ends_with(b"/"))
    };
    mentions(layout.state.as_os_str()) || mentions(layout.run.as_os_str())
}

fn is_in(pid: u32, network: &fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    fs::metadata(format!("/proc/{pid}/ns/net"))
        .is_ok_and(|own| own.ino() == network.ino() && own.dev() == network.dev())
}
