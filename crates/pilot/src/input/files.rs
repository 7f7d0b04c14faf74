//! Manifests: files, folders, standard input.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use pilot_core::model::Source;
use serde_json::Value;

use super::yaml;
use crate::exit::Error;

/// Largest file.
const LARGEST: u64 = 64 << 20;
/// Most files of a folder.
const MOST: usize = 10_000;

type Objects = Vec<(Value, Source)>;

/// Reads every path; folders with all their `.yaml`, `.yml` and `.json` files, in order of name. Gives the objects
/// and the number of files.
pub fn read(paths: &[PathBuf]) -> Result<(Objects, usize), Error> {
    let mut objects = Vec::new();
    let mut files = 0;
    for path in paths {
        if path.as_os_str() == "-" {
            let mut text = String::new();
            let mut input = std::io::stdin().lock().take(LARGEST);
            input.read_to_string(&mut text).map_err(|e| Error::Usage(format!("standard input: {e}")))?;
            objects.extend(parse(&text, "stdin")?);
            files += 1;
            continue;
        }
        let mut list = Vec::new();
        gather(path, true, &mut list)?;
        if list.is_empty() {
            return Err(Error::Usage(format!("{}: no .yaml, .yml or .json file in this folder", path.display())));
        }
        for file in list {
            objects.extend(parse(&text_of(&file)?, &file.display().to_string())?);
            files += 1;
        }
    }
    if objects.is_empty() {
        return Err(Error::Usage("no Kubernetes object in the given input".to_owned()));
    }
    Ok((objects, files))
}

fn gather(path: &Path, named: bool, list: &mut Vec<PathBuf>) -> Result<(), Error> {
    let fail = |error: std::io::Error| Error::Usage(format!("{}: {error}", path.display()));
    let kind = std::fs::metadata(path).map_err(fail)?;
    if kind.is_file() {
        let known =
            path.extension().is_some_and(|e| ["yaml", "yml", "json"].iter().any(|known| e.eq_ignore_ascii_case(known)));
        if named || known {
            list.push(path.to_owned());
        }
        if list.len() > MOST {
            return Err(Error::Usage(format!("more than {MOST} files: name a smaller folder")));
        }
        return Ok(());
    }
    if !kind.is_dir() {
        return Ok(());
    }
    let mut entries: Vec<PathBuf> =
        std::fs::read_dir(path).map_err(fail)?.filter_map(|e| Some(e.ok()?.path())).collect();
    entries.sort();
    for entry in entries {
        let name = entry.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        // Hidden folders, dependencies and links that lead out of the folder are not manifests.
        let link = std::fs::symlink_metadata(&entry).is_ok_and(|m| m.is_symlink() && entry.is_dir());
        if !name.starts_with('.') && name != "node_modules" && !link {
            gather(&entry, false, list)?;
        }
    }
    Ok(())
}

/// The text of a file, refused when it is too large or not text.
pub fn text_of(path: &Path) -> Result<String, Error> {
    let fail = |error: std::io::Error| Error::Usage(format!("{}: {error}", path.display()));
    let size = std::fs::metadata(path).map_err(fail)?.len();
    if size > LARGEST {
        return Err(Error::Usage(format!(
            "{}: {} MiB is more than the {} MiB a manifest may have",
            path.display(),
            size >> 20,
            LARGEST >> 20
        )));
    }
    std::fs::read_to_string(path).map_err(fail)
}

fn parse(text: &str, file: &str) -> Result<Objects, Error> {
    if text.contains("{{") && text.contains("}}") && text.lines().any(|l| l.trim_start().starts_with("{{")) {
        return Err(Error::Usage(format!(
            "{file}: this is a Helm template: render the chart first (helm template … | kubectl pilot analyze cluster -f -)"
        )));
    }
    yaml::documents(text.trim_start_matches('\u{feff}'), file)
        .map_err(|e| Error::Usage(format!("{file}:{}:{}: {}", e.line, e.column, e.message)))
}
