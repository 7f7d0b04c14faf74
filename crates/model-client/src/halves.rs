//! Halves of characters. Servers that cut text by UTF-16 units send one half (`\ud83c`) at the end of an event and the other at the
//! beginning of the next; JSON for Rust has neither.

use std::borrow::Cow;

/// Puts halves together over the events of a stream.
#[derive(Debug, Default)]
pub(super) struct Halves {
    /// The first half of a character whose second half is still to come.
    first: Option<u16>,
}

impl Halves {
    /// JSON text without halves: what belongs together is joined where its second half stands, what ends a text waits for the rest,
    /// and what has no counterpart becomes U+FFFD.
    pub(super) fn mend<'d>(&mut self, json: &'d str) -> Cow<'d, str> {
        if !json.contains("\\ud") && !json.contains("\\uD") {
            return Cow::Borrowed(json);
        }
        let unit = |at: usize| {
            let escape = json.get(at..at + 6)?.strip_prefix("\\u")?;
            u16::from_str_radix(escape, 16).ok()
        };
        let mut mended = String::with_capacity(json.len() + 6);
        let mut at = 0;
        while let Some(c) = json.get(at..).and_then(|rest| rest.chars().next()) {
            let length = match (c, unit(at), unit(at + 6)) {
                ('\\', Some(0xD800..=0xDBFF), Some(0xDC00..=0xDFFF)) => 12,
                ('\\', Some(first @ 0xD800..=0xDBFF), _) => {
                    let ends = json.get(at + 6..).is_some_and(|rest| rest.starts_with('"'));
                    if ends {
                        self.first = Some(first);
                    } else {
                        mended.push_str("\\ufffd");
                    }
                    at += 6;
                    continue;
                }
                ('\\', Some(second @ 0xDC00..=0xDFFF), _) => {
                    let begins = mended.ends_with('"');
                    match self.first.take().filter(|_| begins) {
                        Some(first) => mended.push_str(&format!("\\u{first:04x}\\u{second:04x}")),
                        None => mended.push_str("\\ufffd"),
                    }
                    at += 6;
                    continue;
                }
                // An escaped backslash is no beginning of an escape.
                ('\\', ..) => 2,
                _ => c.len_utf8(),
            };
            let end = (at + length).min(json.len());
            mended.push_str(json.get(at..end).unwrap_or_default());
            at = end;
        }
        Cow::Owned(mended)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(events: &[&str]) -> Vec<String> {
        let mut halves = Halves::default();
        events.iter().map(|event| serde_json::from_str(&halves.mend(event)).unwrap()).collect()
    }

    #[test]
    fn halves_in_two_events_are_one_character() {
        assert_eq!(read(&[r#""a\ud83c""#, r#""\udf88 b""#]), ["a", "🎈 b"]);
        assert_eq!(read(&[r#""\uD83C""#, r#""-""#, r#""\uDF88""#]), ["", "-", "🎈"]);
        assert_eq!(read(&[r#""\ud83c\udf88\ud83c""#, r#""\udf88\ud83c""#, r#""\udf88""#]), ["🎈", "🎈", "🎈"]);
    }

    #[test]
    fn halves_without_a_counterpart_break_no_event() {
        assert_eq!(read(&[r#""a\ud83c""#]), ["a"]);
        assert_eq!(read(&[r#""\udf88 b \ud83c\udf88 \\ud83c""#]), ["\u{fffd} b 🎈 \\ud83c"]);
        assert_eq!(read(&[r#""a\ud83c b""#, r#""\udf88""#]), ["a\u{fffd} b", "\u{fffd}"]);
        for broken in [r#""\ud83"#, "\"ü\\", r#""\ud83c"#] {
            assert!(serde_json::from_str::<String>(&Halves::default().mend(broken)).is_err(), "{broken}");
        }
    }
}
