//! The audit log: one line of JSON per event, each with the hash of the one before it.
//!
//! `hash` is SHA-256 over `prev` and the entry without its hash, in canonical JSON. A changed, removed, added or
//! reordered line breaks the chain. The number and hash of the last line are also kept in a file beside the log
//! (`audit.jsonl.head`), so that lines cut off at the end are seen, too; whoever may write both files can forge both,
//! which is why `audit verify --head HASH` takes a head that was kept elsewhere.

mod chain;
mod place;

use std::fs::{File, OpenOptions};
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::exit::Error;
use crate::report::Door;

pub use chain::{kept_head, read, verify};
pub use place::{default_path, state_folder, write_private};

/// What happened to a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Event {
    /// Somebody said no, or a policy did.
    Refused,
    /// It was confirmed; the first request follows.
    Confirmed,
    /// It was saved to a file, to be approved.
    Saved,
    /// Everything was done and is well.
    Applied,
    /// Everything was done, but it is not well.
    Unverified,
    /// It was done and taken back.
    Undone,
    /// The server refused a step; steps before it are done.
    Failed,
}

/// One line, without its place in the chain.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Entry {
    /// When.
    pub time: Timestamp,
    /// User of this machine, and user of the cluster.
    pub user: String,
    /// Context of the kubeconfig.
    pub context: String,
    /// Address of the API server.
    pub server: String,
    /// What was asked, in the words of the user.
    pub intent: String,
    /// Ids of the findings behind it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<String>,
    /// Hash of the plan.
    pub plan: String,
    /// `change Deployment/todo/backend`, …
    pub steps: Vec<String>,
    /// The diffs, redacted.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub diff: String,
    /// What happened.
    pub event: Event,
    /// How it was decided: `yes at the terminal`, `--yes`, `allow-list`.
    pub decision: String,
    /// In one line.
    pub result: String,
}

/// The last line's place in the chain.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// Number of lines.
    pub seq: u64,
    /// Hash of the last one; empty without any.
    pub hash: String,
}

/// A log that is open for appending.
pub struct Log {
    path: PathBuf,
    door: Door,
}

impl Log {
    /// Opens the log, and makes it when it is not there: whoever cannot write it must not change anything.
    ///
    /// # Errors
    /// When it can't be written.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let log = Self { path: path.to_owned(), door: Door::default() };
        if let Some(folder) = path.parent().filter(|f| !f.as_os_str().is_empty()) {
            std::fs::create_dir_all(folder).map_err(|e| log.error(&e))?;
        }
        log.file()?;
        Ok(log)
    }

    fn file(&self) -> Result<File, Error> {
        let mut options = OpenOptions::new();
        options.create(true).append(true).read(true);
        place::owner_only(&mut options);
        options.open(&self.path).map_err(|e| self.error(&e))
    }

    fn error(&self, error: &std::io::Error) -> Error {
        Error::Refused(format!("the audit log {} cannot be written: {error}; nothing is changed", self.path.display()))
    }

    /// Appends an entry, redacted, and says where the chain ends now. Other programs wait meanwhile.
    ///
    /// # Errors
    /// When it can't be written.
    pub fn append(&self, entry: &Entry) -> Result<Head, Error> {
        let mut file = self.file()?;
        file.lock().map_err(|e| self.error(&e))?;
        let last = chain::last(&self.text(&mut file)?);
        let kept = chain::kept_head(&self.path);
        // After lines were cut off, the chain goes on from the head that was kept: the gap stays visible.
        let head = kept.filter(|kept| kept.seq > last.seq).unwrap_or(last);
        let value = serde_json::to_value(entry).map_err(|e| Error::Usage(e.to_string()))?;
        let (line, head) = chain::link(&self.door.value(&value), &head);
        file.write_all(line.as_bytes()).and_then(|()| file.sync_data()).map_err(|e| self.error(&e))?;
        chain::keep_head(&self.path, &head).map_err(|e| self.error(&e))?;
        Ok(head)
    }

    fn text(&self, file: &mut File) -> Result<String, Error> {
        let mut bytes = Vec::new();
        file.seek(SeekFrom::Start(0)).and_then(|_| file.read_to_end(&mut bytes)).map_err(|e| self.error(&e))?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }
}

/// One line of the log.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// Its place.
    pub head: Head,
    /// Everything in it.
    pub value: Value,
}

#[cfg(test)]
mod tests;
