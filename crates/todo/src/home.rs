//! The data folder of the all-in-one program: the database, the secrets made on first start, the token of `todo login`.

use std::{
    collections::BTreeMap,
    fs,
    io::Write,
    path::{Path, PathBuf},
};

use anyhow::Context;
use todo_service::Vars;

/// The folder of one installation.
#[derive(Clone, Debug)]
pub struct Home {
    folder: PathBuf,
}

impl Home {
    /// `TODO_DATA_DIR`, else the place where programs of this system keep a user's data.
    ///
    /// # Errors
    /// When neither `TODO_DATA_DIR` nor `HOME` is set, or the folder can't be made.
    pub fn open(vars: &dyn Vars) -> anyhow::Result<Self> {
        let folder = match vars.get("TODO_DATA_DIR") {
            Some(folder) => PathBuf::from(folder),
            None => user_data(vars)
                .context("TODO_DATA_DIR: not set, and neither is HOME; name a folder for the data")?
                .join("todo"),
        };
        make_private(&folder).with_context(|| {
            format!("TODO_DATA_DIR: can't use the folder {}; name one that can be written", folder.display())
        })?;
        Ok(Self { folder })
    }

    /// The database when `DATABASE_URL` names none.
    #[must_use]
    pub fn database_url(&self) -> String {
        format!("sqlite:{}", self.folder.join("todo.db").display())
    }

    /// The secrets of this installation; made on first use, readable by the owner only.
    ///
    /// # Errors
    /// When the file can't be read or written.
    pub fn secrets(&self) -> anyhow::Result<BTreeMap<String, String>> {
        let file = self.folder.join("secrets.env");
        if !file.exists() {
            write_new_private(&file, &format!("{}\n", todo_server::config::fresh_secrets()?))
                .with_context(|| format!("can't write {}", file.display()))?;
        }
        let text = fs::read_to_string(&file).with_context(|| format!("can't read {}", file.display()))?;
        Ok(text
            .lines()
            .filter(|line| !line.starts_with('#'))
            .filter_map(|line| line.split_once('='))
            .map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned()))
            .collect())
    }

    /// Where `todo login` keeps the servers and their tokens.
    #[must_use]
    pub fn logins_file(&self) -> PathBuf {
        self.folder.join("logins.json")
    }
}

/// Where this system keeps a user's data (XDG Base Directory on Unix, Application Support on macOS, LocalAppData on Windows).
fn user_data(vars: &dyn Vars) -> Option<PathBuf> {
    if cfg!(windows) {
        return vars.get("LOCALAPPDATA").map(PathBuf::from);
    }
    let home = PathBuf::from(vars.get("HOME")?);
    if cfg!(target_os = "macos") {
        return Some(home.join("Library/Application Support"));
    }
    Some(vars.get("XDG_DATA_HOME").map_or_else(|| home.join(".local/share"), PathBuf::from))
}

fn make_private(folder: &Path) -> std::io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// Writes a file that only its owner can read. Two programs that start at once agree on one file: the first wins.
pub fn write_new_private(file: &Path, text: &str) -> std::io::Result<()> {
    let draft = file.with_extension(format!("{}.draft", std::process::id()));
    write_private(&draft, text)?;
    let linked = fs::hard_link(&draft, file);
    fs::remove_file(&draft)?;
    match linked {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

/// Writes or replaces a file that only its owner can read.
pub fn write_private(file: &Path, text: &str) -> std::io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut out = options.open(file)?;
    out.write_all(text.as_bytes())?;
    out.sync_all()
}

/// The environment, completed by the secrets of this installation and its own database.
pub struct Installed<'a> {
    vars: &'a dyn Vars,
    defaults: BTreeMap<String, String>,
}

impl<'a> Installed<'a> {
    /// What the environment says wins over what the folder holds.
    ///
    /// # Errors
    /// When the secrets can't be read or made.
    pub fn new(vars: &'a dyn Vars, home: &Home) -> anyhow::Result<Self> {
        let mut defaults = home.secrets()?;
        defaults.insert("DATABASE_URL".to_owned(), home.database_url());
        Ok(Self { vars, defaults })
    }
}

impl Vars for Installed<'_> {
    fn get(&self, name: &str) -> Option<String> {
        let given = self.vars.get(name);
        if given.is_some() || self.vars.get(&format!("{name}_FILE")).is_some() {
            return given;
        }
        self.defaults.get(name).cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_made_once_and_are_private() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("data");
        let path = folder.to_str().unwrap();
        let vars = BTreeMap::from([("TODO_DATA_DIR", path)]);
        let home = Home::open(&vars).unwrap();
        let first = home.secrets().unwrap();
        assert!(first["BETTER_AUTH_SECRET"].len() >= 32);
        assert_eq!(home.secrets().unwrap(), first);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
            assert_eq!(mode(&folder), 0o700);
            assert_eq!(mode(&folder.join("secrets.env")), 0o600);
        }
        let installed = Installed::new(&vars, &home).unwrap();
        assert_eq!(installed.get("BETTER_AUTH_SECRET"), Some(first["BETTER_AUTH_SECRET"].clone()));
        assert!(installed.get("DATABASE_URL").unwrap().starts_with("sqlite:"));
    }

    #[test]
    fn the_environment_wins() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().to_str().unwrap();
        let vars =
            BTreeMap::from([("TODO_DATA_DIR", path), ("BETTER_AUTH_SECRET", "mine"), ("DATABASE_URL_FILE", "/run/db")]);
        let installed_home = Home::open(&vars).unwrap();
        let installed = Installed::new(&vars, &installed_home).unwrap();
        assert_eq!(installed.get("BETTER_AUTH_SECRET").as_deref(), Some("mine"));
        assert_eq!(installed.get("DATABASE_URL"), None, "a file was named for it");
    }
}
