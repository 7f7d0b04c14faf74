//! The yes: to this plan, for these objects in this state, and for nothing else.

use std::io::{BufRead, IsTerminal as _, Write};

use pilot_core::action::Class;

use super::allow::AllowList;
use super::{Mode, Origin};
use crate::cli::WriteArgs;
use crate::exit::Error;
use crate::plan::Plan;
use crate::report::Door;

/// How the yes is to be had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Consent {
    /// From the flags, or by asking at the terminal.
    Ask,
    /// A person approved the plan with this hash.
    Approved {
        /// The hash that was given or typed.
        hash: String,
    },
    /// A client has asked its user (MCP elicitation), who typed this.
    #[cfg_attr(not(test), expect(dead_code, reason = "made by the MCP server"))]
    Elicited {
        /// The client.
        client: String,
        /// What was typed, for destructive plans the name.
        typed: Option<String>,
    },
}

/// Who can be asked.
pub trait Person {
    /// Whether somebody is there.
    fn is_there(&self) -> bool;
    /// Shows a text and reads a line.
    fn ask(&mut self, question: &str) -> Option<String>;
}

/// The person at the terminal.
pub struct Terminal;

impl Person for Terminal {
    fn is_there(&self) -> bool {
        std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
    }

    fn ask(&mut self, question: &str) -> Option<String> {
        let mut out = std::io::stderr().lock();
        write!(out, "{} ", Door::default().line(question)).and_then(|()| out.flush()).ok()?;
        let mut line = String::new();
        let read = std::io::stdin().lock().read_line(&mut line).ok()?;
        (read > 0).then(|| line.trim().to_owned())
    }
}

/// What a no is called.
fn declined(plan: &Plan) -> Error {
    Error::Refused(format!("declined: {}; nothing was changed", plan.purpose))
}

/// Decides whether a plan may be carried out; returns how that was decided, for the audit log.
///
/// # Errors
/// When it may not.
pub fn decide(
    args: &WriteArgs,
    mode: Mode,
    plan: &Plan,
    origin: &Origin,
    consent: &Consent,
    person: &mut dyn Person,
) -> Result<String, Error> {
    let destructive = plan.class() == Class::Destructive;
    let names = plan.names_to_type();
    match consent {
        Consent::Approved { hash } => {
            let whole = plan.hash();
            if hash.len() < 8 || !whole.starts_with(hash.as_str()) {
                return Err(Error::Refused(format!("the plan has the hash {whole}, not {hash}; nothing was changed")));
            }
            return Ok(format!("approved by hash {hash}"));
        }
        Consent::Elicited { client, typed } => {
            let enough = !destructive || typed.as_deref().is_some_and(|t| names == [t]);
            if !enough {
                return Err(Error::Refused(format!("to change {} its name must be typed", names.join(", "))));
            }
            return Ok(format!("yes through {client}"));
        }
        Consent::Ask => {}
    }
    if mode == Mode::Auto && origin.tainted.is_none() && origin.grounded {
        let list = args.allow_list.as_deref().map(AllowList::read).transpose()?.unwrap_or_default();
        if list.has(plan) {
            return Ok("allow-list".to_owned());
        }
    }
    // A flag was given before anybody saw the plan: it is not enough for what text from the cluster may have asked for.
    let flags_count = mode != Mode::Paranoid && origin.tainted.is_none() && origin.grounded;
    if flags_count {
        let named = names.iter().all(|name| args.yes_delete.iter().any(|given| given == name));
        match (destructive, named, args.yes) {
            (true, true, _) => return Ok(format!("--yes-delete={}", names.join(","))),
            (true, false, _) if args.yes || !args.yes_delete.is_empty() || !person.is_there() => {
                return Err(Error::Refused(format!(
                    "the plan is destructive: give --yes-delete={}; nothing was changed",
                    names.join(" --yes-delete=")
                )));
            }
            (false, _, true) => return Ok("--yes".to_owned()),
            _ => {}
        }
    }
    if !person.is_there() {
        let why = match (&origin.tainted, origin.grounded) {
            (Some(from), _) => format!("text from the cluster played a part ({from}), so a person must say yes"),
            (None, false) => "neither your words nor a finding ask for it, so a person must say yes".to_owned(),
            _ => "nobody is there to say yes (--yes says it)".to_owned(),
        };
        return Err(Error::Refused(format!("{why}; nothing was changed")));
    }
    at_the_terminal(mode, plan, origin, &names, person)
}

fn at_the_terminal(
    mode: Mode,
    plan: &Plan,
    origin: &Origin,
    names: &[&str],
    person: &mut dyn Person,
) -> Result<String, Error> {
    if mode == Mode::Paranoid {
        for (number, step) in plan.steps.iter().enumerate() {
            let question =
                format!("{} of {}: {} {}? [y/N]", number + 1, plan.steps.len(), step.verb.word(), step.target);
            if !said_yes(person.ask(&question)) {
                return Err(declined(plan));
            }
        }
    }
    for name in names {
        if person.ask(&format!("This is destructive. Type {name} to go on:")).as_deref() != Some(name) {
            return Err(declined(plan));
        }
    }
    let short = &plan.hash()[..6];
    if !origin.grounded || origin.tainted.is_some() {
        let question = format!("Neither your words nor a finding alone ask for it. Type {short} to go on:");
        return match person.ask(&question) {
            Some(typed) if typed == short => Ok(format!("typed {short} at the terminal")),
            _ => Err(declined(plan)),
        };
    }
    if names.is_empty() && !said_yes(person.ask("Apply this plan? [y/N]")) {
        return Err(declined(plan));
    }
    Ok(if names.is_empty() {
        "yes at the terminal".to_owned()
    } else {
        format!("typed {} at the terminal", names.join(", "))
    })
}

/// Asks before something is read (mode paranoid).
///
/// # Errors
/// When the answer is no, or nobody is there.
pub fn confirm_read(what: &str) -> Result<(), Error> {
    let mut person = Terminal;
    let yes = person.is_there() && said_yes(person.ask(&format!("Read {what}? [y/N]")));
    if yes {
        Ok(())
    } else {
        Err(Error::Refused(format!("{what} was not read: mode paranoid needs a yes at the terminal")))
    }
}

/// Whether an answer is a yes.
pub fn said_yes(answer: Option<String>) -> bool {
    answer.is_some_and(|a| matches!(a.to_ascii_lowercase().as_str(), "y" | "yes"))
}

#[cfg(test)]
#[path = "consent_tests.rs"]
mod tests;
