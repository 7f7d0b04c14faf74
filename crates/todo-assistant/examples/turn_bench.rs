//! How long a sentence takes to understand, and a whole turn on SQLite: `cargo run --release -p todo-assistant --example turn_bench`.

#[path = "../tests/assistant/support.rs"]
#[expect(dead_code, clippy::unwrap_used, clippy::expect_used, reason = "shared with the tests")]
mod support;

use std::time::{Duration, Instant};

use todo_assistant::{
    builtin::{Situation, understand},
    chat::{self, Limits, Started},
};
use tokio::sync::mpsc::unbounded_channel;

const SENTENCES: &[&str] = &[
    "add buy bread tomorrow 5pm p1 @home",
    "show my overdue tasks",
    "complete the milk task",
    "reopen the milk task",
    "move the report to friday 10am",
    "what's on my plate?",
    "how many tasks are due this week?",
    "rename 12 to Clean the whole garage",
    "buy milk, call mom and pay rent",
    "delete 1 and 2",
];

#[tokio::main]
async fn main() -> Result<(), chat::ChatError> {
    let context = support::household().await;
    let situation = Situation { context: &context.language, language: "en", pending: None };
    let mut parses = Vec::new();
    for round in 0..220 {
        for sentence in SENTENCES {
            let start = Instant::now();
            std::hint::black_box(understand(std::hint::black_box(sentence), &situation));
            // The first rounds warm up.
            if round >= 20 {
                parses.push(start.elapsed());
            }
        }
    }
    let limits = Limits { per_minute: u32::MAX, ..Limits::default() };
    let mut turns = Vec::new();
    for _ in 0..40 {
        for sentence in SENTENCES {
            let start = Instant::now();
            match chat::start(context.clone(), "en", None, sentence, None, limits).await {
                Ok(Started::Turn(turn)) => drop(turn.answer(unbounded_channel().0).await?),
                Ok(Started::Known(_)) => unreachable!("there is no key"),
                Err(error) => return Err(error),
            }
            turns.push(start.elapsed());
        }
    }
    report("understand", "100 µs", &mut parses);
    report("whole turn (SQLite in memory)", "5 ms", &mut turns);
    Ok(())
}

fn report(what: &str, bar: &str, times: &mut [Duration]) {
    times.sort();
    let at = |share: usize| times[times.len() * share / 100];
    println!(
        "{what}: median {:?}, p95 {:?}, max {:?} over {} (bar: median < {bar})",
        at(50),
        at(95),
        at(99),
        times.len()
    );
}
