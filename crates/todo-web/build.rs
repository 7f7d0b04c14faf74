//! Turns `assets/` and `locales/` into Rust tables, so that the binary carries everything and nothing is done at run time.
//!
//! Assets are put under one folder named after the hash of them all (`/assets/<hash>/app.js`), so modules import each other by
//! plain relative paths and every answer may be cached for ever. Each is kept as it is, as gzip and as brotli. The result
//! depends on the files alone.

use std::{
    collections::BTreeMap,
    env, fs,
    io::Write as _,
    path::{Path, PathBuf},
};

use sha2::{Digest as _, Sha256};

type Outcome<T = ()> = Result<T, Box<dyn std::error::Error>>;

fn main() -> Outcome {
    let out = PathBuf::from(env::var("OUT_DIR")?);
    println!("cargo::rerun-if-changed=assets");
    println!("cargo::rerun-if-changed=locales");
    assets(&out)?;
    catalogues(&out)
}

/// Files of a folder by name.
fn files(folder: &str) -> Outcome<BTreeMap<String, Vec<u8>>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if let (true, Some(name)) = (path.is_file(), path.file_name().and_then(|name| name.to_str())) {
            found.insert(name.to_owned(), fs::read(&path)?);
        }
    }
    Ok(found)
}

fn assets(out: &Path) -> Outcome {
    let mut files = files("assets")?;
    files.retain(|name, _| !name.ends_with(".d.ts"));
    for (name, content) in &mut files {
        if name.ends_with(".js") || name.ends_with(".css") {
            *content = without_comments(&String::from_utf8(std::mem::take(content))?).into_bytes();
        }
    }
    let mut hash = Sha256::new();
    for (name, content) in &files {
        hash.update(name);
        hash.update((content.len() as u64).to_le_bytes());
        hash.update(content);
    }
    let hash: String = hash.finalize().iter().take(6).map(|byte| format!("{byte:02x}")).collect();

    let mut table = fs::File::create(out.join("assets.rs"))?;
    writeln!(table, "/// Hash of all assets; the name of their folder.\npub const HASH: &str = {hash:?};")?;
    writeln!(table, "static ASSETS: &[Asset] = &[")?;
    for (name, content) in &files {
        let gzip = gzip(content)?;
        let brotli = brotli(content)?;
        for (suffix, bytes) in [("", content), (".gz", &gzip), (".br", &brotli)] {
            fs::write(out.join(format!("{name}{suffix}")), bytes)?;
        }
        writeln!(
            table,
            "Asset {{ name: {name:?}, plain: include_bytes!(concat!(env!(\"OUT_DIR\"), \"/{name}\")), \
             gzip: include_bytes!(concat!(env!(\"OUT_DIR\"), \"/{name}.gz\")), \
             brotli: include_bytes!(concat!(env!(\"OUT_DIR\"), \"/{name}.br\")) }},"
        )?;
    }
    writeln!(table, "];")?;
    Ok(())
}

/// Leaves out whole-line comments, blank lines and indentation. Our sources keep to one rule for its sake: no template literal
/// spans lines.
fn without_comments(source: &str) -> String {
    let mut kept = String::with_capacity(source.len());
    let mut inside = false;
    for line in source.lines().map(str::trim) {
        // A line that begins with a comment and goes on with code (a type cast) is code.
        let opens = line.starts_with("/*") && (line.ends_with("*/") || !line.contains("*/"));
        if inside || opens {
            inside = !line.ends_with("*/");
        } else if !line.is_empty() && !line.starts_with("//") {
            kept.push_str(line);
            kept.push('\n');
        }
    }
    kept
}

fn gzip(content: &[u8]) -> Outcome<Vec<u8>> {
    let mut encoder = flate2::GzBuilder::new().mtime(0).write(Vec::new(), flate2::Compression::best());
    encoder.write_all(content)?;
    Ok(encoder.finish()?)
}

fn brotli(content: &[u8]) -> Outcome<Vec<u8>> {
    let mut compressed = Vec::new();
    {
        let mut encoder = brotli::CompressorWriter::new(&mut compressed, 16 * 1024, 11, 22);
        encoder.write_all(content)?;
    }
    Ok(compressed)
}

/// Catalogues are lines `key = text`. English sets the keys; a language that lacks one, or has another placeholder in it, stops
/// the build.
fn catalogues(out: &Path) -> Outcome {
    let mut languages = BTreeMap::new();
    for (name, content) in files("locales")? {
        let Some(tag) = name.strip_suffix(".txt") else { continue };
        let mut texts = BTreeMap::new();
        for line in String::from_utf8(content)?.lines() {
            if line.trim().is_empty() || line.starts_with('#') {
                continue;
            }
            let (key, text) = line.split_once('=').ok_or_else(|| format!("locales/{name}: no `=` in {line:?}"))?;
            texts.insert(key.trim().to_owned(), text.trim().to_owned());
        }
        languages.insert(tag.to_owned(), texts);
    }
    let english = languages.get("en").ok_or("locales/en.txt is missing")?.clone();
    for (tag, texts) in &languages {
        for (key, text) in &english {
            let own = texts.get(key).ok_or_else(|| format!("locales/{tag}.txt lacks `{key}`"))?;
            if placeholders(own) != placeholders(text) {
                return Err(format!("locales/{tag}.txt: `{key}` has other placeholders than English").into());
            }
        }
        if let Some(key) = texts.keys().find(|key| !english.contains_key(*key)) {
            return Err(format!("locales/{tag}.txt: `{key}` is not in English").into());
        }
    }
    let mut table = fs::File::create(out.join("catalogues.rs"))?;
    writeln!(table, "/// Names of the texts.\npub mod key {{\nuse super::Key;")?;
    for (index, (key, text)) in english.iter().enumerate() {
        let name = key.to_uppercase().replace(['.', '-'], "_");
        writeln!(table, "/// {}\npub const {name}: Key = Key({index});", text.replace(['<', '[', ']'], "."))?;
    }
    writeln!(table, "}}")?;
    writeln!(table, "static KEYS: &[&str] = &{:?};", english.keys().collect::<Vec<_>>())?;
    for (tag, texts) in &languages {
        writeln!(table, "static {}: &[&str] = &{:?};", tag.to_uppercase(), texts.values().collect::<Vec<_>>())?;
    }
    Ok(())
}

fn placeholders(text: &str) -> Vec<&str> {
    let mut found: Vec<_> = text.split('{').skip(1).filter_map(|rest| rest.split('}').next()).collect();
    found.sort_unstable();
    found
}
