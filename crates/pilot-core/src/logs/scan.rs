//! Reads a log line by line in bounded memory and groups what it says.

use std::collections::BTreeMap;

use serde::Serialize;

use super::facts;
use super::signature::{LogClass, SIGNATURES, classify};
use super::template::template;

/// Longest part of a line that is looked at, in bytes.
pub const LONGEST_LINE: usize = 8 * 1024;
/// Most groups kept; lines of further shapes are only counted.
pub const MOST_GROUPS: usize = 500;

/// Lines of one shape.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LogGroup {
    /// The class of the trouble.
    pub class: LogClass,
    /// What it means.
    pub meaning: String,
    /// Where to look first.
    pub hint: String,
    /// How many lines.
    pub count: u64,
    /// Time stamp of the first line, when the log carries them (RFC 3339).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first: Option<String>,
    /// Time stamp of the last line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last: Option<String>,
    /// The first line itself, neutralised and redacted.
    pub example: String,
    /// The variable, host or address that the line names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub names: Option<String>,
}

/// What a log says.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LogReport {
    /// Lines read.
    pub lines: u64,
    /// Lines that matched a signature.
    pub matched: u64,
    /// Matched lines beyond [`MOST_GROUPS`] shapes.
    pub ungrouped: u64,
    /// The groups, most telling class first, then most frequent.
    pub groups: Vec<LogGroup>,
}

impl LogReport {
    /// The most telling group.
    pub fn top(&self) -> Option<&LogGroup> {
        self.groups.first()
    }
}

#[derive(Debug)]
struct Group {
    count: u64,
    first: Option<String>,
    last: Option<String>,
    raw: String,
}

/// Collects groups from lines.
#[derive(Debug, Default)]
pub struct LogScanner {
    lines: u64,
    matched: u64,
    ungrouped: u64,
    groups: BTreeMap<(usize, String), Group>,
}

impl LogScanner {
    /// Looks at one line (without its line break).
    pub fn line(&mut self, line: &str) {
        self.lines += 1;
        let line = clip(line);
        let (time, text) = split_time(line);
        let Some(signature) = classify(text) else {
            return;
        };
        self.matched += 1;
        let key = (signature, template(text));
        let full = self.groups.len() >= MOST_GROUPS;
        if let Some(group) = self.groups.get_mut(&key) {
            group.count += 1;
            if time.is_some() {
                group.last = time.map(str::to_owned);
            }
        } else if full {
            self.ungrouped += 1;
        } else {
            let time = time.map(str::to_owned);
            let group = Group { count: 1, first: time.clone(), last: time, raw: text.to_owned() };
            self.groups.insert(key, group);
        }
    }

    /// Looks at a piece of raw bytes that ends at a line break (or at the end of the log).
    pub fn bytes(&mut self, bytes: &[u8]) {
        for line in bytes.split(|b| *b == b'\n') {
            if !line.is_empty() {
                let end = line.len().min(LONGEST_LINE);
                self.line(&String::from_utf8_lossy(&line[..end]));
            }
        }
    }

    /// The report. `quote` stands before every line that is quoted: it redacts and neutralises.
    pub fn finish(self, quote: impl Fn(&str) -> String) -> LogReport {
        let mut groups: Vec<(usize, LogGroup)> = self
            .groups
            .into_iter()
            .map(|((index, _), group)| {
                let signature = &SIGNATURES[index];
                let names = named(signature.class, &group.raw).map(|n| quote(&n));
                let group = LogGroup {
                    class: signature.class,
                    meaning: signature.meaning.to_owned(),
                    hint: signature.hint.to_owned(),
                    count: group.count,
                    first: group.first,
                    last: group.last,
                    example: quote(group.raw.trim()),
                    names,
                };
                (index, group)
            })
            .collect();
        groups.sort_by(|(a, x), (b, y)| a.cmp(b).then(y.count.cmp(&x.count)).then(x.example.cmp(&y.example)));
        LogReport {
            lines: self.lines,
            matched: self.matched,
            ungrouped: self.ungrouped,
            groups: groups.into_iter().map(|(_, g)| g).collect(),
        }
    }
}

/// Scans a whole text at once.
pub fn scan(text: &str, quote: impl Fn(&str) -> String) -> LogReport {
    let mut scanner = LogScanner::default();
    scanner.bytes(text.as_bytes());
    scanner.finish(quote)
}

fn named(class: LogClass, line: &str) -> Option<String> {
    match class {
        LogClass::Configuration => facts::missing_variable(line),
        LogClass::Dns => facts::unresolved_host(line),
        LogClass::ConnectionRefused | LogClass::Timeout => {
            facts::refused_address(line).map(|(host, port)| format!("{host}:{port}"))
        }
        LogClass::Rbac => facts::forbidden(line).map(|f| format!("{} {}", f.verb, f.resource)),
        _ => None,
    }
}

fn clip(line: &str) -> &str {
    let mut end = line.len().min(LONGEST_LINE);
    while !line.is_char_boundary(end) {
        end -= 1;
    }
    &line[..end]
}

/// Splits off the RFC 3339 time that the kubelet puts before a line.
fn split_time(line: &str) -> (Option<&str>, &str) {
    let Some((head, tail)) = line.split_once(' ') else {
        return (None, line);
    };
    let shape = head.len() >= 20
        && head.as_bytes().first().is_some_and(u8::is_ascii_digit)
        && head.parse::<jiff::Timestamp>().is_ok();
    if shape { (Some(head), tail) } else { (None, line) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(text: &str) -> String {
        text.to_owned()
    }

    #[test]
    fn groups_repeats_with_first_and_last_time() {
        let text = "2026-11-21T03:00:00.000000000Z dial tcp 10.0.0.1:5432: connect: connection refused\n\
                    2026-11-21T03:00:05Z dial tcp 10.0.0.2:5432: connect: connection refused\n\
                    2026-11-21T03:00:06Z serving\n\
                    2026-11-21T03:00:07Z thread 'main' panicked at x.rs:1:2\n";
        let report = scan(text, plain);
        assert_eq!((report.lines, report.matched), (4, 3));
        let top = report.top().unwrap();
        assert_eq!((top.class, top.count), (LogClass::ConnectionRefused, 2));
        assert_eq!(top.last.as_deref(), Some("2026-11-21T03:00:05Z"));
        assert_eq!(top.names.as_deref(), Some("10.0.0.1:5432"));
        assert_eq!(report.groups[1].class, LogClass::Crash);
    }

    #[test]
    fn every_quoted_line_passes_the_given_door() {
        let report = scan("BETTER_AUTH_SECRET is not set\nerror: boom", |_| "[hidden]".into());
        assert!(report.groups.iter().all(|g| g.example == "[hidden]"));
        assert_eq!(report.groups[0].names.as_deref(), Some("[hidden]"));
    }

    #[test]
    fn memory_stays_bounded() {
        let mut scanner = LogScanner::default();
        let letters: Vec<char> = ('g'..='z').collect();
        for i in 0..2_000usize {
            let word: String = [i % 20, i / 20 % 20, i / 400 % 20].iter().map(|n| letters[*n]).collect();
            scanner.line(&format!("error in module {word}"));
        }
        scanner.line(&"error ".repeat(100_000));
        let report = scanner.finish(plain);
        assert_eq!(report.groups.len(), MOST_GROUPS);
        assert_eq!(report.ungrouped + report.groups.iter().map(|g| g.count).sum::<u64>(), 2_001);
    }

    #[test]
    fn strange_bytes_do_no_harm() {
        let mut scanner = LogScanner::default();
        scanner.bytes(b"\xff\xfe error \x1b[31m\n\n\xf0\x9f\x92\n");
        assert_eq!(scanner.finish(plain).matched, 1);
        assert!(clip(&"é".repeat(LONGEST_LINE)).len() <= LONGEST_LINE);
    }
}
