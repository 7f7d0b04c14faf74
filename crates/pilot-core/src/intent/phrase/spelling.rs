//! What a word can be by its spelling: a name, an image, a version, a path.

use crate::intent::lexicon;

/// Whether a word nobody knows may be meant as a name.
pub(super) fn may_name(word: &str) -> bool {
    let word = word.to_lowercase();
    is_name(&word) && !is_ordinary(&word)
}

/// A word of ordinary speech, or one that speaks for a question.
pub(super) fn is_ordinary(word: &str) -> bool {
    lexicon::is_common(word) || crate::intent::read::is_cue(word)
}

/// A DNS label or subdomain (RFC 1123).
pub fn is_name(word: &str) -> bool {
    !word.is_empty()
        && word.len() <= 253
        && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '.')
        && word.starts_with(|c: char| c.is_ascii_alphanumeric())
        && word.ends_with(|c: char| c.is_ascii_alphanumeric())
}

/// Words that hold a sentence together and are never a name.
pub(super) fn is_structure(word: &str) -> bool {
    lexicon::is_filler(word)
        || matches!(word, "to" | "with" | "and" | "in" | "by" | "from" | "is" | "are" | "has" | "which" | "all")
}

pub(super) fn is_path(raw: &str) -> bool {
    let scheme = raw.split_once("://").is_some_and(|(scheme, _)| matches!(scheme, "oci" | "https" | "http" | "file"));
    raw.starts_with("./")
        || raw.starts_with("../")
        || raw.starts_with('/') && raw.len() > 1
        || raw.starts_with("~/")
        || scheme
        || [".yaml", ".yml", ".tgz", ".json"].iter().any(|ending| raw.ends_with(ending))
        || raw.rsplit('/').next().is_some_and(|last| last.to_ascii_lowercase().starts_with("dockerfile"))
}

/// `nginx:1.27`, `ghcr.io/acme/app`, `app@sha256:…`.
pub(super) fn is_image(raw: &str) -> bool {
    let body = raw.split('@').next().unwrap_or(raw);
    let sound = raw.chars().all(|c| c.is_ascii_alphanumeric() || "._-/:@".contains(c));
    let last = body.rsplit('/').next().unwrap_or(body);
    sound
        && raw.starts_with(|c: char| c.is_ascii_alphanumeric())
        && raw.ends_with(|c: char| c.is_ascii_alphanumeric())
        && !raw.starts_with("sha256:")
        && (last.split_once(':').is_some_and(|(name, tag)| !name.is_empty() && !tag.is_empty())
            || body.contains('/')
            || raw.contains('@'))
}

/// `v2`, `1.2`, `v1.2.3-rc1`, `sha256:…`: a number alone is none.
pub(super) fn is_version(word: &str) -> bool {
    if let Some(digest) = word.strip_prefix("sha256:") {
        return digest.len() == 64 && digest.chars().all(|c| c.is_ascii_hexdigit());
    }
    let (v, rest) = word.strip_prefix('v').map_or((false, word), |rest| (true, rest));
    rest.starts_with(|c: char| c.is_ascii_digit())
        && rest.chars().all(|c| c.is_ascii_alphanumeric() || ".-_+".contains(c))
        && (v || rest.contains('.') && rest.split('.').all(|part| !part.is_empty()))
}
