//! Progress of long work, on standard error and only when a person is watching.

use std::io::{IsTerminal as _, Write as _};
use std::sync::atomic::{AtomicUsize, Ordering};

/// Counts steps and shows them.
#[derive(Debug)]
pub struct Progress {
    visible: bool,
    done: AtomicUsize,
}

impl Progress {
    /// Visible when standard error is a terminal.
    pub fn on_terminal() -> Self {
        Self { visible: std::io::stderr().is_terminal(), done: AtomicUsize::new(0) }
    }

    /// One of `all` steps is done.
    pub fn step(&self, what: &str, all: usize) {
        let done = self.done.fetch_add(1, Ordering::Relaxed) + 1;
        if self.visible {
            // Nothing is lost when a terminal does not take this.
            let _ = write!(std::io::stderr().lock(), "\r\u{1b}[2Kreading {what} ({done}/{all})");
        }
    }

    /// Removes the line.
    pub fn finish(&self) {
        if self.visible && self.done.load(Ordering::Relaxed) > 0 {
            let _ = write!(std::io::stderr().lock(), "\r\u{1b}[2K");
        }
    }
}
