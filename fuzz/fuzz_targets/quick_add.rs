//! Any text: no panic, spans on character boundaries and in order, and what was understood is understood again.
//!
//! `cargo +nightly fuzz run quick_add`

#![no_main]

use libfuzzer_sys::fuzz_target;
use todo_domain::language::{Context, QuickAdd, parse_range, parse_when, quick_add};

fn essence(task: QuickAdd) -> QuickAdd {
    QuickAdd { spans: Vec::new(), question: None, ..task }
}

fuzz_target!(|input: (u8, &str)| {
    let (language, text) = input;
    let Ok(now) = "2026-11-18T10:00:00[Europe/Paris]".parse() else { return };
    let context = Context::new(now).with_language(["en", "es", "de", "ur"][usize::from(language % 4)]);
    let task = quick_add(text, &context);
    let mut end = 0;
    for span in &task.spans {
        assert!(span.start >= end && text.get(span.start..span.end) == Some(span.text.as_str()));
        end = span.end;
    }
    let rendered = task.render(&context);
    // Rendering may make a text longer than what is searched for phrases.
    if rendered.len() <= todo_domain::language::LONGEST_TEXT {
        assert_eq!(essence(quick_add(&rendered, &context)), essence(task));
    }
    let _ = parse_when(text, &context);
    let _ = parse_range(text, &context);
});
