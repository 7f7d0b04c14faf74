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
    /// A client has shown the plan to its user (MCP elicitation), who said yes.
    Elicited {
        /// The client.
        client: String,
        /// Hash of the plan that was shown.
        hash: String,
        /// The names that were typed, for what is destructive.
        names: Vec<String>,
        /// The short hash that was typed, for what needs more than a yes.
        code: Option<String>,
    },
    /// A client has shown the plan to its user, who said no.
    Declined {
        /// The client.
        client: String,
    },
}

/// Characters of a plan's hash that a person types.
pub const CODE: usize = 6;

impl Origin {
    /// Whether a plain yes is not enough: untrusted text played a part, or nothing that is known asks for the change.
    pub fn needs_code(&self) -> bool {
        self.tainted.is_some() || !self.grounded
    }
}

/// Who can be asked.
pub trait Person: Send {
    /// Whether somebody is there.
    fn is_there(&self) -> bool;
    /// Shows a text and reads a line.
    fn ask(&mut self, question: &str) -> Option<String>;
}

/// Nobody: a program asked.
pub struct Nobody;

impl Person for Nobody {
    fn is_there(&self) -> bool {
        false
    }

    fn ask(&mut self, _: &str) -> Option<String> {
        None
    }
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
        Consent::Elicited { client, hash, names: typed, code } => {
            let whole = plan.hash();
            if *hash != whole {
                return Err(Error::Refused(format!(
                    "the yes was to the plan {hash}, not to {whole}; nothing was changed"
                )));
            }
            if !names.iter().all(|name| typed.iter().any(|t| t == name)) {
                let all = names.join(", ");
                return Err(Error::Refused(format!("to change {all} its name must be typed; nothing was changed")));
            }
            if origin.needs_code() && code.as_deref() != whole.get(..CODE) {
                return Err(Error::Refused(
                    "the first characters of the plan must be typed; nothing was changed".to_owned(),
                ));
            }
            return Ok(format!("yes through {client}"));
        }
        Consent::Declined { client } => {
            return Err(Error::Refused(format!("declined through {client}: {}; nothing was changed", plan.purpose)));
        }
        Consent::Ask => {}
    }
    if mode == Mode::Auto && !origin.needs_code() {
        let list = args.allow_list.as_deref().map(AllowList::read).transpose()?.unwrap_or_default();
        if list.has(plan) {
            return Ok("allow-list".to_owned());
        }
    }
    // A flag was given before anybody saw the plan: it is not enough for what text from the cluster may have asked for.
    let flags_count = mode != Mode::Paranoid && !origin.needs_code();
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
    let short = &plan.hash()[..CODE];
    if origin.needs_code() {
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
