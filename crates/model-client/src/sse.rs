//! Server-sent events out of bytes that may be cut anywhere: inside a character, a line, a field name.
//! <https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream>

/// Collects bytes and gives the data of whole events.
#[derive(Debug, Default)]
pub(super) struct Events {
    line: Vec<u8>,
    data: Option<String>,
    /// The last byte was a carriage return; a line feed after it belongs to the same line end.
    after_return: bool,
    begun: bool,
}

impl Events {
    /// Takes more bytes; gives the data of the events that are complete by them.
    pub(super) fn feed(&mut self, bytes: &[u8]) -> Vec<String> {
        let mut events = Vec::new();
        for &byte in bytes {
            match byte {
                b'\n' if self.after_return => self.after_return = false,
                b'\n' | b'\r' => {
                    self.after_return = byte == b'\r';
                    events.extend(self.end_of_line());
                }
                _ => {
                    self.after_return = false;
                    self.line.push(byte);
                }
            }
        }
        events
    }

    /// What stands in the buffer when the stream has ended. By the standard it is no event, but some servers leave out the empty
    /// line after the last one; a line that is cut is for the reader of the data to refuse.
    pub(super) fn finish(mut self) -> Option<String> {
        if !self.line.is_empty() {
            self.end_of_line();
        }
        self.data
    }

    fn end_of_line(&mut self) -> Option<String> {
        let line = std::mem::take(&mut self.line);
        let line = String::from_utf8_lossy(&line);
        let line = if self.begun { &line } else { line.trim_start_matches('\u{feff}') };
        self.begun = true;
        if line.is_empty() {
            return self.data.take();
        }
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        // Comments have no field name; `event`, `id` and `retry` say nothing that the data does not.
        if field == "data" {
            let value = value.strip_prefix(' ').unwrap_or(value);
            match &mut self.data {
                None => self.data = Some(value.to_owned()),
                Some(data) => {
                    data.push('\n');
                    data.push_str(value);
                }
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STREAM: &str = "\u{feff}: OPENROUTER PROCESSING\r\n\r\nevent: x\r\ndata: {\"a\":\r\ndata:  \"ü🙂\"}\r\n\r\n\
                          data:one\rdata: two\r\rid: 7\n\ndata\n\ndata: [DONE]\n\n";

    fn expected() -> Vec<String> {
        ["{\"a\":\n \"ü🙂\"}", "one\ntwo", "", "[DONE]"].map(str::to_owned).to_vec()
    }

    #[test]
    fn cut_anywhere_it_reads_the_same() {
        let bytes = STREAM.as_bytes();
        for first in 0..bytes.len() {
            for second in [first, (first + 1).min(bytes.len()), (first + 7).min(bytes.len())] {
                let mut events = Events::default();
                let mut found = events.feed(&bytes[..first]);
                found.extend(events.feed(&bytes[first..second]));
                found.extend(events.feed(&bytes[second..]));
                assert_eq!(found, expected(), "cut at {first} and {second}");
                assert_eq!(events.finish(), None);
            }
        }
        let mut events = Events::default();
        let found: Vec<String> = bytes.iter().flat_map(|byte| events.feed(&[*byte])).collect();
        assert_eq!(found, expected());
    }

    #[test]
    fn the_last_event_may_lack_its_empty_line() {
        let mut events = Events::default();
        assert!(events.feed(b"data: [DONE]").is_empty());
        assert_eq!(events.finish().as_deref(), Some("[DONE]"));
    }
}
