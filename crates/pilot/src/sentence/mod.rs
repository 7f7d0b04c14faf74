//! Sentences: understood by the grammar of `pilot_core::intent`, answered by the commands, carried out by the write path.

mod arguments;
mod connection;
mod names;
mod permission;
mod read;

use std::io::{BufRead as _, IsTerminal as _, Write as _};

use clap::CommandFactory as _;
use pilot_core::action::{Action, Write};
use pilot_core::intent::{Known, Understood, understand};
use serde_json::json;

use crate::agent;
use crate::commands::Ask;
use crate::exit::{Error, Outcome};
use crate::report::{Door, Format, Part, Report};
use crate::write::{self, Origin};

pub use arguments::arranged;
pub use read::answer;

/// Questions asked back before giving up: nobody answers wrongly three times by accident.
const ROUNDS: usize = 3;

/// Understands a sentence and does what it says. A change becomes a plan, as everywhere.
///
/// # Errors
/// When it is not understood, nobody is there to be asked, or what it asks for fails.
pub async fn run(ask: &Ask, words: &[String]) -> Result<Outcome, Error> {
    let said = words.join(" ");
    if !said.contains(char::is_whitespace) {
        return Err(Error::Usage(no_command(&said)));
    }
    let known = names::of_cluster(ask).await;
    // Without a cluster some questions can still be answered; for all others its absence is the answer.
    let (names, absent) = match known {
        Ok(known) => (known, None),
        Err(error) => (Known::default(), Some(error)),
    };
    if ask.output.explain_intent {
        return meaning(ask, &said, &names);
    }
    let mut sentence = said.clone();
    for _ in 0..ROUNDS {
        match understand(&sentence, &names) {
            Understood::Actions(actions) => return act(ask, &actions, &said, absent).await,
            Understood::Ask(_) if absent.is_some() => break,
            Understood::Ask(question) => {
                let answer = choose(&question)?;
                match (question.choices.is_empty(), &question.before) {
                    (false, _) => {
                        let picked = answer.parse::<usize>().ok().and_then(|n| question.choices.get(n.checked_sub(1)?));
                        if let Some(actions) = picked {
                            return act(ask, actions, &said, None).await;
                        }
                    }
                    (true, Some(before)) => sentence = format!("{before} {answer}"),
                    (true, None) => sentence = answer,
                }
            }
            Understood::Unplaced(unplaced) => {
                if absent.is_some() {
                    break;
                }
                if let Some(outcome) = Box::pin(agent::answer(ask, &said)).await? {
                    return Ok(outcome);
                }
                let mut text = unplaced.reason;
                for near in &unplaced.nearest {
                    text += &format!("\n  perhaps: {near}");
                }
                return Err(Error::Usage(text));
            }
        }
    }
    Err(absent.unwrap_or_else(|| Error::Usage("no answer that fits; nothing is done".to_owned())))
}

/// `--explain-intent`: what a sentence means, as data; nothing is asked and nothing is done.
fn meaning(ask: &Ask, said: &str, names: &Known) -> Result<Outcome, Error> {
    let mut report = Report::new("");
    let shown = |actions: &[Action]| actions.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
    let mut data = json!({"kind": "Intent", "sentence": said});
    match understand(said, names) {
        Understood::Actions(actions) => {
            report.text(format!("understood as: {}", shown(&actions)));
            for action in &actions {
                report.text(format!("class: {}", format!("{:?}", action.class()).to_lowercase()));
                report.parts.push(Part::Literal(serde_json::to_string_pretty(action).unwrap_or_default()));
            }
            data["actions"] = json!(actions);
        }
        Understood::Ask(question) => {
            report.text(format!("asks back: {}", question.question));
            for choice in &question.choices {
                report.text(format!("  {}", shown(choice)));
            }
            data["question"] = json!(question.question);
            data["choices"] = json!(question.choices);
        }
        Understood::Unplaced(unplaced) => {
            report.text(format!("not placed: {}", unplaced.reason));
            for near in &unplaced.nearest {
                report.text(format!("  perhaps: {near}"));
            }
            data["reason"] = json!(unplaced.reason);
            data["nearest"] = json!(unplaced.nearest);
        }
    }
    report.data = data;
    ask.answer(&report)
}

/// One word is a mistyped command rather than a sentence.
fn no_command(word: &str) -> String {
    let cli = crate::cli::Cli::command();
    let meant = pilot_core::nearest::nearest(word, cli.get_subcommands().map(|c| c.get_name()));
    let meant = meant.map_or_else(|| ".".to_owned(), |m| format!("; did you mean {m}?"));
    format!("{word:?} is not a command{meant} A sentence has several words: kubectl pilot \"show pods\"")
}

async fn act(ask: &Ask, actions: &[Action], said: &str, absent: Option<Error>) -> Result<Outcome, Error> {
    for action in actions {
        understood(ask, action);
    }
    let needs_cluster = actions.iter().any(|action| !matches!(action, Action::Read(read) if read::is_local(read)));
    if let (Some(error), true) = (absent, needs_cluster) {
        return Err(error);
    }
    let mut outcome = Outcome::Clean;
    let mut writes: Vec<Write> = Vec::new();
    for action in actions {
        match action {
            Action::Read(read) => outcome = Box::pin(read::answer(ask, read)).await?,
            Action::Write(write) => writes.push(write.clone()),
        }
    }
    if writes.is_empty() {
        return Ok(outcome);
    }
    let origin = Origin { intent: said.to_owned(), findings: Vec::new(), tainted: None, grounded: true };
    write::run(ask, &writes, origin).await
}

/// `understood as: …`: beside a table on standard output, beside everything else on standard error.
fn understood(ask: &Ask, action: &Action) {
    let line = Door::default().line(&format!("understood as: {action}"));
    if ask.output.format == Format::Table && ask.output.out.is_none() {
        // A reader that has gone away is noticed when the answer is written.
        let _ = writeln!(std::io::stdout(), "{line}");
    } else {
        eprintln!("{line}");
    }
}

/// Asks at the terminal; elsewhere the question is the error.
fn choose(ask: &pilot_core::intent::Ask) -> Result<String, Error> {
    let door = Door::default();
    let mut text = door.line(&ask.question);
    for (number, actions) in ask.choices.iter().enumerate() {
        let choice = actions.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
        text += &format!("\n  {}. {}", number + 1, door.line(&choice));
    }
    if !std::io::stdin().is_terminal() {
        return Err(Error::Usage(format!("{text}\nnobody is there to be asked: say it completely")));
    }
    eprintln!("{text}");
    eprint!("> ");
    let mut answer = String::new();
    let read = std::io::stdin().lock().read_line(&mut answer).map_err(Error::Output)?;
    match (read, answer.trim()) {
        (0, _) | (_, "") => Err(Error::Refused("no answer: nothing is done".to_owned())),
        (_, answer) => Ok(answer.to_owned()),
    }
}
