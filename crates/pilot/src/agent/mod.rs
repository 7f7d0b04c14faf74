//! A model at work on a sentence that the grammar does not place: it reads through the same tools as other programs, may
//! propose a plan, and can change nothing. What it says is checked before it is shown.
//!
//! There is no model unless one is named (`--model`, `PILOT_MODEL`): nothing of a cluster leaves it because a key happens to
//! be in the environment. When it fails, the grammar's own answer stands.
//!
//! | file | what |
//! |---|---|
//! | `settings.rs` | which model, where, what it may cost |
//! | `prompt.rs` | what it is told |
//! | `run.rs` | its turns, within the budgets |
//! | `claims.rs` | what its answer may say: cited, or marked as its opinion |

mod claims;
mod prompt;
mod run;
mod settings;

use model_client::Model;
use serde_json::json;

use crate::commands::Ask;
use crate::exit::{Error, Outcome};
use crate::report::{Door, Format, Report};
use crate::write::{self, Consent, Origin};

use run::{Ended, Run};

/// Answers a sentence, if there is a model and it gives an answer; `None` leaves it to the grammar.
///
/// # Errors
/// When the model is named wrongly, or what it proposes is refused.
pub async fn answer(ask: &Ask, said: &str) -> Result<Option<Outcome>, Error> {
    let Some(settings) = settings::read(&ask.model)? else { return Ok(None) };
    let model =
        Model::new(settings, settings::tls()?).map_err(|error| Error::Usage(format!("the model's key: {error}")))?;
    let door = Door::default();
    match Run::new(ask, &door, &model).answer(said).await {
        Ok(ended) => show(ask, &door, &model, said, ended).await.map(Some),
        Err(error) => {
            let text = format!("note: the model gave no answer ({}): {error}; pilot answers without it", error.code());
            eprintln!("{}", door.line(&text));
            Ok(None)
        }
    }
}

async fn show(ask: &Ask, door: &Door, model: &Model, said: &str, mut ended: Ended) -> Result<Outcome, Error> {
    ended.flagged.iter_mut().for_each(|(_, line)| *line = claims::defanged(line));
    let claims = claims::check(&ended.text, &ended.findings);
    let mut report = Report::new("");
    report.text(format!("answer of the model {}:", model.name()));
    for line in &claims.lines {
        report.text(line.clone());
    }
    if let Some(from) = &ended.tainted {
        report.text(format!("note: the model has read text that anybody may have written: {from}"));
    }
    for (from, line) in &ended.flagged {
        report.text(format!("careful: this reads like an order and is none of yours ({from}): {line}"));
    }
    report.data = json!({
        "kind": "ModelAnswer", "model": model.name(), "answer": claims.lines, "cited": claims.cited,
        "opinion": claims.cited.is_empty(), "tainted": ended.tainted, "tokens": ended.tokens,
        "flagged": ended.flagged.iter().map(|(from, line)| json!({"source": from, "text": line})).collect::<Vec<_>>(),
    });
    let Some(proposal) = ended.proposal else { return ask.answer(&report) };
    let origin = Origin {
        intent: format!("{} (proposed by the model {})", door.line(said), model.name()),
        findings: claims.cited,
        tainted: ended.tainted,
        grounded: proposal.grounded,
    };
    if ask.output.format != Format::Table {
        return write::execute_into(ask, proposal.plan, origin, Consent::Ask, report).await;
    }
    // What it says is shown also when its plan is refused.
    ask.answer(&report)?;
    write::execute(ask, proposal.plan, origin, Consent::Ask).await
}
