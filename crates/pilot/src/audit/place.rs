//! Where state is kept on this machine, and that only its owner can read it.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// `$XDG_STATE_HOME/pilot`, else `~/.local/state/pilot`.
pub fn state_folder() -> PathBuf {
    let set = |name: &str| std::env::var_os(name).filter(|v| !v.is_empty()).map(PathBuf::from);
    set("XDG_STATE_HOME")
        .or_else(|| set("HOME").map(|home| home.join(".local/state")))
        .unwrap_or_else(std::env::temp_dir)
        .join("pilot")
}

/// The log when none is named.
pub fn default_path() -> PathBuf {
    state_folder().join("audit.jsonl")
}

/// Mode 0600 where there are modes.
pub fn owner_only(options: &mut OpenOptions) {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    #[cfg(not(unix))]
    let _ = options;
}

/// Writes a file as a whole, for its owner only.
///
/// # Errors
/// When it can't be written.
pub fn write_private(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    if let Some(folder) = path.parent().filter(|f| !f.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder)?;
    }
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{}.new", std::process::id()));
    let new = PathBuf::from(name);
    let mut options = OpenOptions::new();
    options.create(true).write(true).truncate(true);
    owner_only(&mut options);
    let mut file = options.open(&new)?;
    file.write_all(bytes).and_then(|()| file.sync_data())?;
    std::fs::rename(&new, path)
}
