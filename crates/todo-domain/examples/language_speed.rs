//! How long one line takes to read: `cargo run --release -p todo-domain --example language_speed`.

use std::{
    hint::black_box,
    time::{Duration, Instant},
};

use jiff::Zoned;
use todo_domain::language::{Context, parse_range, parse_when, quick_add};

const LINES: [&str; 8] = [
    "buy milk",
    "buy milk tomorrow",
    "dentist next friday 5pm p1 @health #home",
    "water the plants every other monday at 9am until december",
    "call mom in 2 hours remind me 10 minutes before",
    "pay rent every month on the last day for 12 times",
    "prepare the slides for the quarterly review with the whole team and send them around by 15/3 18:00",
    "buy 2 friday night tickets",
];

/// Median and 99th percentile of many runs.
fn measure(mut run: impl FnMut()) -> (Duration, Duration) {
    let mut times: Vec<Duration> = (0..20_000)
        .map(|_| {
            let started = Instant::now();
            run();
            started.elapsed()
        })
        .collect();
    times.sort_unstable();
    (times[times.len() / 2], times[times.len() * 99 / 100])
}

fn main() {
    let context = Context::new("2026-11-18T10:00:00[Europe/Paris]".parse::<Zoned>().unwrap_or_else(|_| Zoned::now()));
    for line in LINES {
        let (median, p99) = measure(|| drop(black_box(quick_add(black_box(line), &context))));
        println!("{median:>10.1?} median {p99:>10.1?} p99  {line}");
    }
    let (median, p99) = measure(|| drop(black_box(parse_when(black_box("next friday 5pm"), &context))));
    println!("{median:>10.1?} median {p99:>10.1?} p99  parse_when");
    let (median, p99) = measure(|| _ = black_box(parse_range(black_box("next 7 days"), &context)));
    println!("{median:>10.1?} median {p99:>10.1?} p99  parse_range");
    let long = "every mon, tomorrow 5pm (maybe) ".repeat(320);
    let started = Instant::now();
    drop(black_box(quick_add(&long, &context)));
    println!("{:>10.1?} for {} bytes of dates", started.elapsed(), long.len());
}
