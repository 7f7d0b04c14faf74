//! Can one reach the other?

use pilot_core::action::Target;
use pilot_core::health::World;
use pilot_core::rules::connection;
use serde_json::json;

use crate::commands::{self, Ask};
use crate::exit::{Error, Outcome};
use crate::input::Wanted;
use crate::report::{Cell, Report, Tone};

/// What a connection depends on.
const NEEDED: &[&str] = &["Pod", "Service", "NetworkPolicy", "Namespace"];

/// Judges a connection by Services, ready pods, ports and network policies.
///
/// # Errors
/// When an end is not clear or is nothing that connects.
pub async fn judge(ask: &Ask, from: &Target, to: &Target, port: Option<u16>) -> Result<Outcome, Error> {
    let loaded = ask.load(Wanted::objects()).await?;
    let world = World::new(&loaded.snapshot);
    let find =
        |target: &Target| commands::target(&world, &target.word(), target.namespace.as_deref().or(ask.namespace()));
    let (from, to) = (find(from)?, find(to)?);
    let found = connection(&loaded.snapshot, &from, &to, port).map_err(Error::Usage)?;
    let mut report = Report::new("");
    let some = found.ways.iter().any(|way| way.open);
    let answer = match (found.is_open(), some) {
        (true, _) => "yes",
        (false, true) => "in part",
        (false, false) => "no",
    };
    report.text(format!("{answer}: {from} → {to}"));
    let rows = found.ways.iter().map(|way| {
        let (word, tone) = if way.open { ("open", Tone::Good) } else { ("closed", Tone::Plain) };
        let port = format!("{}/{}", way.port, way.protocol);
        vec![Cell::new(word).tone(tone), Cell::new(way.to.to_string()), Cell::new(port), Cell::new(&way.why)]
    });
    report.table(&["", "TO", "PORT", "WHY"], rows.collect());
    for doubt in &found.doubts {
        report.text(format!("note: {doubt}"));
    }
    report.data = json!({"kind": "Connection", "from": from, "to": to, "answer": answer, "ways": found.ways, "doubts": found.doubts});
    ask.answer_about(&report, &loaded.snapshot, NEEDED)
}
