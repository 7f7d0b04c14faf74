//! Linking lines, and finding the line that does not fit.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::{Head, Line, write_private};
use crate::plan::{canonical, sha256};

/// What is wrong with a log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    /// A line is no entry.
    #[error("line {0} is not an entry of the log")]
    NotAnEntry(usize),
    /// The hash of a line is not that of its content.
    #[error("line {0} was changed: its hash does not fit its content")]
    Changed(usize),
    /// The line before is missing, or lines changed places.
    #[error("line {0} does not follow the one before it: a line was removed, added or moved")]
    OutOfOrder(usize),
    /// Lines are missing at the end.
    #[error("the log ends with entry {found}, but entry {known} was written: lines were cut off at the end")]
    CutOff {
        /// Last entry in the log.
        found: u64,
        /// Last entry that is known to have been written.
        known: u64,
    },
    /// The end is another one than the one that was kept.
    #[error("the log does not end with the head that was kept")]
    OtherEnd,
}

/// What `verify` finds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// Where the chain ends.
    pub head: Head,
    /// The first thing that is wrong.
    pub broken: Option<Broken>,
}

/// An entry as a line, and where the chain ends with it.
pub fn link(entry: &Value, before: &Head) -> (String, Head) {
    let mut entry = entry.clone();
    entry["seq"] = json!(before.seq + 1);
    entry["prev"] = json!(before.hash);
    let hash = sha256(&format!("{}\n{}", before.hash, canonical(&entry)));
    entry["hash"] = json!(hash);
    (format!("{}\n", canonical(&entry)), Head { seq: before.seq + 1, hash })
}

fn parse(line: &str) -> Option<Line> {
    let value: Value = serde_json::from_str(line).ok()?;
    let head = Head { seq: value["seq"].as_u64()?, hash: value["hash"].as_str()?.to_owned() };
    value["prev"].as_str()?;
    Some(Line { head, value })
}

/// The entries that can be read.
pub fn read(text: &str) -> Vec<Line> {
    text.lines().filter_map(parse).collect()
}

/// Where the chain ends by what the log says.
pub fn last(text: &str) -> Head {
    text.lines().rev().find_map(parse).map(|line| line.head).unwrap_or_default()
}

/// Follows the chain from the first line to the last, and compares its end with the heads that were kept.
pub fn verify(text: &str, kept: &[Head]) -> Verdict {
    let mut head = Head::default();
    let broken = follow(text, &mut head).err().or_else(|| end(&head, kept));
    Verdict { head, broken }
}

fn follow(text: &str, head: &mut Head) -> Result<(), Broken> {
    for (at, line) in text.lines().enumerate() {
        let number = at + 1;
        let Some(entry) = parse(line) else { return Err(Broken::NotAnEntry(number)) };
        let prev = entry.value["prev"].as_str().unwrap_or("");
        let mut bare = entry.value.clone();
        if let Some(fields) = bare.as_object_mut() {
            fields.remove("hash");
        }
        if sha256(&format!("{prev}\n{}", canonical(&bare))) != entry.head.hash {
            return Err(Broken::Changed(number));
        }
        if prev != head.hash || entry.head.seq != head.seq + 1 {
            return Err(Broken::OutOfOrder(number));
        }
        *head = entry.head;
    }
    Ok(())
}

fn end(head: &Head, kept: &[Head]) -> Option<Broken> {
    kept.iter().find_map(|kept| {
        if kept.seq > head.seq {
            return Some(Broken::CutOff { found: head.seq, known: kept.seq });
        }
        // A head without a number is a hash that somebody kept: the log must end with it.
        let same_place = kept.seq == head.seq || kept.seq == 0;
        (same_place && !kept.hash.is_empty() && kept.hash != head.hash).then_some(Broken::OtherEnd)
    })
}

/// The file beside the log that remembers its end.
fn head_path(log: &Path) -> PathBuf {
    let mut name = log.as_os_str().to_owned();
    name.push(".head");
    PathBuf::from(name)
}

/// The head that was kept beside the log.
pub fn kept_head(log: &Path) -> Option<Head> {
    serde_json::from_str(&std::fs::read_to_string(head_path(log)).ok()?).ok()
}

/// Keeps the head beside the log.
///
/// # Errors
/// When it can't be written.
pub fn keep_head(log: &Path, head: &Head) -> std::io::Result<()> {
    write_private(&head_path(log), serde_json::to_string(head).unwrap_or_default().as_bytes())
}
