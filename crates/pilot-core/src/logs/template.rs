//! The shape of a line: numbers, ids and addresses masked, so that repeats count as one.

use std::sync::LazyLock;

use regex::{Captures, Regex};

/// Longest template kept, in characters.
const LONGEST: usize = 400;

static VARIABLE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r#"(?x)
        (?P<time>\d{4}-\d\d-\d\d[T\ ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?)
      | (?P<uuid>[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12})
      | (?P<ip>\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?\b)
      | (?P<hex>\b0x[0-9a-fA-F]+\b|\b[0-9a-fA-F]*(?:\d[a-fA-F]|[a-fA-F]\d)[0-9a-fA-F]*\b)
      | (?P<num>\d+(?:\.\d+)?)
        "#,
    )
    .ok()
});

/// Masks what varies from line to line: times, UUIDs, addresses, hexadecimal ids, numbers.
pub fn template(line: &str) -> String {
    let line: String = line.trim().chars().take(LONGEST).collect();
    let Some(variable) = VARIABLE.as_ref() else {
        return line;
    };
    variable
        .replace_all(&line, |found: &Captures<'_>| {
            let hex = found.name("hex").map(|m| m.as_str());
            match hex {
                // Short words such as `3d` or `e2e` are hexadecimal only by accident: mask their digits alone.
                Some(word) if !word.starts_with("0x") && word.len() < 7 => {
                    word.chars().map(|c| if c.is_ascii_digit() { '#' } else { c }).collect()
                }
                Some(_) => "<id>".to_owned(),
                None if found.name("time").is_some() => "<time>".to_owned(),
                None if found.name("uuid").is_some() => "<id>".to_owned(),
                None if found.name("ip").is_some() => "<address>".to_owned(),
                None => "#".to_owned(),
            }
        })
        .into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks_what_varies() {
        assert_eq!(
            template("dial tcp 10.0.0.7:5432: connect: connection refused (attempt 12)"),
            "dial tcp <address>: connect: connection refused (attempt #)"
        );
        assert_eq!(template("2026-11-21T03:00:00.123Z task 7f3c2a9e1b failed"), "<time> task <id> failed");
        assert_eq!(template("id=550e8400-e29b-41d4-a716-446655440000 gone"), "id=<id> gone");
        assert_eq!(template("added bad cafe"), "added bad cafe");
    }

    #[test]
    fn the_same_trouble_has_one_template() {
        assert_eq!(template("timeout after 30.5 s on 0xdeadbeef"), template("timeout after 2 s on 0x1"));
    }
}
