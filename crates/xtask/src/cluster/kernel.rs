//! What the kubelet changes on the whole machine, and how it is given back: kernel settings, mounts and cgroups.

use std::{
    collections::BTreeMap,
    fs,
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
    process::Command,
    thread::sleep,
    time::Duration,
};

use super::{command::run, layout::Layout, process};

/// Settings that the kubelet overwrites.
const SETTINGS: [&str; 5] = [
    "vm/overcommit_memory",
    "kernel/panic",
    "kernel/panic_on_oops",
    "kernel/keys/root_maxkeys",
    "kernel/keys/root_maxbytes",
];

/// Writes down the machine's settings, for [`restore_settings`].
///
/// # Errors
/// When the file can't be written.
pub fn save_settings(layout: &Layout) -> anyhow::Result<()> {
    let settings: BTreeMap<&str, String> = SETTINGS
        .iter()
        .filter_map(|name| Some((*name, fs::read_to_string(Path::new("/proc/sys").join(name)).ok()?)))
        .collect();
    fs::write(layout.state.join("kernel.json"), serde_json::to_string_pretty(&settings)?)?;
    Ok(())
}

/// Puts the machine's settings back.
pub fn restore_settings(layout: &Layout) {
    let saved = fs::read_to_string(layout.state.join("kernel.json")).unwrap_or_default();
    let settings: BTreeMap<String, String> = serde_json::from_str(&saved).unwrap_or_default();
    for (name, value) in settings {
        if let Err(error) = fs::write(Path::new("/proc/sys").join(&name), value.trim()) {
            eprintln!("can't restore {name}: {error}");
        }
    }
}

/// Unmounts everything below the cluster's folders, the newest first.
pub fn unmount(layout: &Layout) {
    for _ in 0..3 {
        let table = fs::read_to_string("/proc/self/mountinfo").unwrap_or_default();
        let mounts: Vec<PathBuf> = table
            .lines()
            .filter_map(|line| line.split(' ').nth(4))
            .map(|path| PathBuf::from(path.replace("\\040", " ")))
            .filter(|path| path.starts_with(&layout.state) || path.starts_with(&layout.run))
            .collect();
        if mounts.is_empty() {
            return;
        }
        for mount in mounts.iter().rev() {
            run(Command::new("umount").arg("--lazy").arg(mount)).ok();
        }
    }
}

/// Makes the cgroup under which the kubelet keeps its pods, in every hierarchy.
///
/// # Errors
/// When cgroups can't be made.
pub fn make_cgroups(name: &str) -> anyhow::Result<()> {
    for root in hierarchies() {
        let folder = root.join(name);
        fs::create_dir_all(&folder)?;
        // A fresh cpuset (cgroup v1) has no processors and no memory until it is given some.
        for setting in ["cpuset.cpus", "cpuset.mems"] {
            if let Ok(all) = fs::read_to_string(root.join(setting)) {
                fs::write(folder.join(setting), all.trim()).ok();
            }
        }
        // As a group the pods would count like one process of the machine; a build beside them must not starve them.
        for (setting, share) in [("cpu.shares", "10240"), ("cpu.weight", "1000")] {
            if folder.join(setting).exists() {
                fs::write(folder.join(setting), share)?;
            }
        }
    }
    Ok(())
}

/// Ends what still runs in the cluster's cgroups, and removes them.
pub fn remove_cgroups(name: &str) {
    for _ in 0..50 {
        let mut left = false;
        for root in hierarchies() {
            let folder = root.join(name);
            if folder.exists() {
                left = true;
                empty(&folder);
            }
        }
        if !left {
            return;
        }
        sleep(Duration::from_millis(100));
    }
    eprintln!("the cgroup {name} could not be removed");
}

fn empty(folder: &Path) {
    if let Ok(entries) = fs::read_dir(folder) {
        for entry in entries.flatten().filter(|entry| entry.path().is_dir()) {
            empty(&entry.path());
        }
    }
    let pids: Vec<u32> = fs::read_to_string(folder.join("cgroup.procs"))
        .unwrap_or_default()
        .lines()
        .filter_map(|pid| pid.parse().ok())
        .collect();
    process::kill(&pids);
    fs::remove_dir(folder).ok();
}

/// The roots of version 1's hierarchies, or the one of version 2.
fn hierarchies() -> Vec<PathBuf> {
    let root = PathBuf::from("/sys/fs/cgroup");
    if root.join("cgroup.controllers").exists() {
        return vec![root];
    }
    let Ok(own) = fs::metadata(&root) else { return Vec::new() };
    fs::read_dir(&root)
        .map(|entries| {
            entries
                .flatten()
                .map(|entry| entry.path())
                .filter(|path| fs::metadata(path).is_ok_and(|it| it.is_dir() && it.dev() != own.dev()))
                .collect()
        })
        .unwrap_or_default()
}
