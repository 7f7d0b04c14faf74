//! Prints what sentences mean: `cargo run -p pilot-core --example understand -- cluster.json < sentences`.

use std::io::BufRead as _;

use pilot_core::intent::{Known, Understood, understand};
use pilot_core::snapshot::Snapshot;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = std::env::args().nth(1).ok_or("give a JSON list of objects")?;
    let objects: Vec<serde_json::Value> = serde_json::from_reader(std::fs::File::open(path)?)?;
    let snapshot = Snapshot::from_objects(objects.into_iter().map(|o| (o, None)), jiff::Timestamp::UNIX_EPOCH);
    let mut known = Known::new(&snapshot, None);
    known.charts = std::env::args().skip(2).collect();
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        let meaning = match understand(&line, &known) {
            Understood::Actions(actions) => actions.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "),
            Understood::Ask(ask) => {
                let choices =
                    ask.choices.iter().map(|c| c.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "));
                std::iter::once(format!("? {}", ask.question)).chain(choices).collect::<Vec<_>>().join(" | ")
            }
            Understood::Unplaced(unplaced) => format!("! {} [{}]", unplaced.reason, unplaced.nearest.join(" | ")),
        };
        println!("{line} => {meaning}");
    }
    Ok(())
}
