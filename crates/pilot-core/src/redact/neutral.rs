//! Text from the cluster made harmless for terminals and pages.

use std::borrow::Cow;
use std::fmt::Write as _;

/// One line: control characters, terminal escapes, line breaks, zero-width and bidirectional marks
/// become visible escapes such as `\u{1b}`.
pub fn neutralise(text: &str) -> Cow<'_, str> {
    escape(text, false)
}

/// As [`neutralise`], but line breaks and tabs stay.
pub fn neutralise_block(text: &str) -> Cow<'_, str> {
    escape(text, true)
}

fn escape(text: &str, keep_lines: bool) -> Cow<'_, str> {
    let harmful = |c: char| is_harmful(c) && !(keep_lines && matches!(c, '\n' | '\t'));
    if !text.contains(harmful) {
        return Cow::Borrowed(text);
    }
    let mut clean = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if harmful(c) {
            let _ = write!(clean, "{}", c.escape_unicode());
        } else {
            clean.push(c);
        }
    }
    Cow::Owned(clean)
}

/// Characters that a terminal obeys or that make text read differently from what it is.
fn is_harmful(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}')
}
