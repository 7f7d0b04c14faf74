//! Redaction of text that arrives in pieces: a secret may be cut in two by a read, and a private key
//! stands on many lines.

use super::Redactor;

/// Without a line end for this long, the text is let go as it is.
const LONGEST_LINE: usize = 1 << 20;

/// Redacts a stream line by line. Feed it with [`Stream::push`] and end with [`Stream::finish`].
#[derive(Debug)]
pub struct Stream<'a> {
    redactor: &'a Redactor,
    pending: String,
    in_key: bool,
}

impl Redactor {
    /// A stream of this redactor's, sharing its numbers and known secrets.
    pub fn stream(&self) -> Stream<'_> {
        Stream { redactor: self, pending: String::new(), in_key: false }
    }
}

impl Stream<'_> {
    /// Takes a piece and returns the lines that are complete, redacted.
    pub fn push(&mut self, piece: &str) -> String {
        self.pending.push_str(piece);
        let end = match self.pending.rfind('\n') {
            Some(end) => end + 1,
            None if self.pending.len() > LONGEST_LINE => self.pending.len(),
            None => return String::new(),
        };
        let rest = self.pending.split_off(end);
        let complete = std::mem::replace(&mut self.pending, rest);
        complete.split_inclusive('\n').map(|line| self.line(line)).collect()
    }

    /// Returns what was left without a line end.
    pub fn finish(&mut self) -> String {
        let rest = std::mem::take(&mut self.pending);
        self.line(&rest)
    }

    fn line(&mut self, line: &str) -> String {
        let is_key_mark = |mark: &str| line.contains(mark) && line.contains("PRIVATE KEY");
        let (begins, ends) = (is_key_mark("-----BEGIN "), is_key_mark("-----END "));
        if self.in_key {
            self.in_key = !ends;
            // What follows the key on its last line is let through.
            let after = line.rfind("KEY-----").or_else(|| line.rfind("BLOCK-----")).filter(|_| ends);
            let tail = after.and_then(|at| line[at..].find("-----").map(|dashes| &line[at + dashes + 5..]));
            return tail.map(|tail| self.redactor.text(tail)).unwrap_or_default();
        }
        self.in_key = begins && !ends;
        let clean = self.redactor.text(line);
        // A key that goes on has swallowed the line's end.
        if self.in_key && line.ends_with('\n') && !clean.ends_with('\n') { clean + "\n" } else { clean }
    }
}
