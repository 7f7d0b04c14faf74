//! From a sentence to typed actions, with no model.
//!
//! A sentence is a verb, what it is about, and parameters, in any order that people use: [`words`] splits it,
//! [`phrase`] finds objects, numbers and names, [`mood`] tells commands from questions, [`write`] places commands and
//! `read` questions.
//!
//! Changes are never guessed: a change comes out only of a plain command that begins with its verb and of which every
//! word has a meaning. Questions, negations, conditions and quotations never become one; what could be two things is
//! asked. Questions are harmless, so there the best supported reading wins.

pub mod amount;
pub mod known;
pub mod lexicon;
pub mod mood;
pub mod phrase;
mod read;
mod verb;
pub mod words;
mod write;

use crate::action::{Action, Read, Write};
use crate::model::ObjectRef;
pub use known::Known;
use mood::Mood;
use words::{Shape, Token};
use write::{Context, Trouble};

/// What a sentence means.
#[derive(Debug, Clone, PartialEq)]
pub enum Understood {
    /// These actions, in order.
    Actions(Vec<Action>),
    /// One of several, or something is missing: ask.
    Ask(Ask),
    /// Not understood; nothing is done.
    Unplaced(Unplaced),
}

/// What to ask back.
#[derive(Debug, Clone, PartialEq)]
pub struct Ask {
    /// The question.
    pub question: String,
    /// The answers there are; empty when a word is missing.
    pub choices: Vec<Vec<Action>>,
    /// The sentence up to the missing words: with the answer behind it, it can be understood.
    pub before: Option<String>,
}

/// Why nothing was understood, and what comes close.
#[derive(Debug, Clone, PartialEq)]
pub struct Unplaced {
    /// One line.
    pub reason: String,
    /// Up to three actions as sentences.
    pub nearest: Vec<String>,
}

/// Understands a sentence about a cluster with these names.
pub fn understand(sentence: &str, known: &Known) -> Understood {
    let tokens = words::tokens(sentence);
    if tokens.iter().all(|t| t.shape == Shape::Stop || t.shape == Shape::Question) {
        return unplaced("nothing was said", &tokens, known);
    }
    if tokens.iter().all(|t| t.shape != Shape::Word) {
        return unplaced("all of it is quoted: say it without quotation marks", &tokens, known);
    }
    let (mood, body) = mood::mood(&tokens);
    let changes = verb::head(body);
    let stops = matches!(changes, Some((verb::Verb::Stop, _)))
        && !body[1..].iter().any(|t| t.shape == Shape::Word && lexicon::is_negation(&t.text));
    match mood {
        Mood::Command => command(body, known),
        Mood::Negated if stops && mood::mood(&body[1..]).0 == Mood::Command => command(body, known),
        Mood::Wish => wish(body, known),
        Mood::Negated if changes.is_some() || refuses(body) => {
            unplaced("what is not to be done is not done: nothing is changed", body, known)
        }
        Mood::Conditional
            if changes.is_some() || body[0].is_any(&["if", "when", "unless", "once", "in"]) && has_change(body) =>
        {
            unplaced("conditions and times are not possible: a change is made now or not at all", body, known)
        }
        Mood::Question if about_a_change(body) => {
            let rest = body.iter().position(|t| verb::head(std::slice::from_ref(t)).is_some()).unwrap_or(0);
            let mut found =
                Unplaced { reason: "a question about a change: nothing is changed".to_owned(), nearest: Vec::new() };
            let context = Context { known, it: &[] };
            if let Ok(writes) = write::command(without_marks(&body[rest..]), &context) {
                found.nearest.extend(writes.iter().map(ToString::to_string));
            }
            found.nearest.extend(read::nearest(body, known).iter().map(ToString::to_string));
            found.nearest.truncate(3);
            Understood::Unplaced(found)
        }
        Mood::Question | Mood::Negated | Mood::Conditional => question(body, known),
    }
}

/// "do not …", "never …".
fn refuses(body: &[Token]) -> bool {
    let second = body.get(1).is_some_and(|t| t.is("not"));
    body.first().is_some_and(|t| {
        t.is_any(&["not", "no", "never", "avoid", "nothing", "forget", "cancel", "abort"]) || t.is("do") && second
    })
}

/// "can I delete pods": a verb of the API and a kind, with no object.
fn permission(body: &[Token]) -> bool {
    let verb = body.get(2).is_some_and(|t| read::build::is_api_verb(&t.text));
    verb && body.get(3).is_some_and(|t| lexicon::kind(&t.text).is_some_and(|kind| lexicon::plural(kind) == t.text))
}

/// Whether a verb of change stands anywhere.
fn has_change(body: &[Token]) -> bool {
    (0..body.len()).any(|at| verb::head(&body[at..]).is_some())
}

/// "how do I scale …", "what happens if I delete …", "should we restart …".
fn about_a_change(body: &[Token]) -> bool {
    let has = |words: &[&str]| body.iter().any(|t| t.is_any(words));
    let hypothetical = has(&["if", "should", "would", "shall", "could", "happens", "safe", "safely", "need"])
        || body.first().is_some_and(|t| t.is("can"))
            && body.get(1).is_some_and(|t| t.is_any(&["i", "we"]))
            && !permission(body)
        || body.first().is_some_and(|t| t.is("how"))
            && body.get(1).is_some_and(|t| t.is_any(&["do", "can", "to", "would", "should"]))
        || body.last().is_some_and(|t| t.shape == Shape::Question) && verb::head(body).is_some();
    let verb = (0..body.len()).any(|at| {
        verb::head(&body[at..]).is_some_and(|(verb, _)| !matches!(verb, verb::Verb::Fix | verb::Verb::Optimize))
    });
    hypothetical && verb && !has(&["why"])
}

fn without_marks(tokens: &[Token]) -> &[Token] {
    let end = tokens.iter().rposition(|t| t.shape != Shape::Question && t.shape != Shape::Stop).map_or(0, |at| at + 1);
    &tokens[..end]
}

/// A plain command: a change, several changes, or "show …".
fn command(body: &[Token], known: &Known) -> Understood {
    let body = without_marks(body);
    if body.is_empty() {
        return unplaced("nothing was said", body, known);
    }
    let whole = write::command(body, &Context { known, it: &[] });
    if let Ok(writes) = whole {
        return Understood::Actions(writes.into_iter().map(Action::Write).collect());
    }
    let clauses = clauses(body);
    if clauses.len() > 1 {
        return steps(&clauses, known).unwrap_or_else(|| {
            unplaced("a question and a change in one sentence: nothing is done; say them one by one", body, known)
        });
    }
    match whole {
        Ok(writes) => Understood::Actions(writes.into_iter().map(Action::Write).collect()),
        Err(Trouble::NotAChange) => {
            // A slip in the verb is only ever asked about.
            if let Some(meant) = verb::misspelt(body) {
                let mut mended = body.to_vec();
                meant.clone_into(&mut mended[0].text);
                if let Ok(writes) = write::command(&mended, &Context { known, it: &[] }) {
                    return ask("did you mean this?", vec![writes.into_iter().map(Action::Write).collect()]);
                }
            }
            question(body, known)
        }
        Err(trouble) => place(trouble, body, known, &[]),
    }
}

/// Splits where a new command begins: after "and", "then", a comma or a full stop, at a verb.
fn clauses(body: &[Token]) -> Vec<&[Token]> {
    let mut found = Vec::new();
    let mut start = 0;
    for at in 1..body.len() {
        let boundary = body[at - 1].shape == Shape::Stop || body[at - 1].is_any(&["and", "then"]);
        if boundary && !body[at].is_any(&["and", "then"]) && body[at].shape == Shape::Word {
            let rest = mood::body(&body[at..]);
            if verb::head(rest).is_some() {
                found.push(trim(&body[start..at]));
                start = at;
            }
        }
    }
    found.push(trim(&body[start..]));
    found.retain(|clause| !clause.is_empty());
    found
}

fn trim(clause: &[Token]) -> &[Token] {
    let joint = |t: &Token| t.shape == Shape::Stop || t.is_any(&["and", "then"]);
    let start = clause.iter().position(|t| !joint(t)).unwrap_or(clause.len());
    let end = clause.iter().rposition(|t| !joint(t)).map_or(start, |at| at + 1);
    mood::body(&clause[start..end])
}

/// Several commands in one sentence. `None` when they are none.
fn steps(clauses: &[&[Token]], known: &Known) -> Option<Understood> {
    let (first, rest) = clauses.split_first()?;
    let mut writes: Vec<Write> = Vec::new();
    let mut it: Vec<ObjectRef> = Vec::new();
    match write::command(first, &Context { known, it: &[] }) {
        Ok(found) => {
            it = objects(&found, known);
            writes.extend(found);
        }
        Err(Trouble::NotAChange) => {
            // "backend is stuck, fix it": the first part says what is wrong with what.
            let [only] = rest else { return None };
            if !matches!(verb::head(only), Some((verb::Verb::Fix, _))) {
                return None;
            }
            if let Ok(read) = read::question(first, known, &[]) {
                it = Action::Read(read).target().and_then(|t| object(t, known)).into_iter().collect();
            }
            if it.is_empty() {
                let whatever = Write::Fix { target: None, namespace: known.namespace.clone() };
                return Some(ask(
                    "which one is not said: look for whatever is broken?",
                    vec![vec![Action::Write(whatever)]],
                ));
            }
        }
        Err(trouble) => return Some(place(trouble, first, known, &[])),
    }
    for clause in rest {
        match write::command(clause, &Context { known, it: &it }) {
            Ok(found) => {
                it = objects(&found, known);
                writes.extend(found);
            }
            // One part that is not understood makes the whole not understood.
            Err(Trouble::NotAChange) => return None,
            Err(trouble) => {
                return Some(match place(trouble, clause, known, &it) {
                    Understood::Ask(ask) => Understood::Unplaced(Unplaced {
                        reason: format!("{} Say it in a sentence of its own.", ask.question),
                        nearest: ask.choices.iter().flatten().take(3).map(ToString::to_string).collect(),
                    }),
                    other => other,
                });
            }
        }
    }
    Some(Understood::Actions(writes.into_iter().map(Action::Write).collect()))
}

fn objects(writes: &[Write], known: &Known) -> Vec<ObjectRef> {
    let of = |write: &Write| Action::Write(write.clone()).target().and_then(|t| object(t, known));
    let mut found: Vec<ObjectRef> = writes.iter().filter_map(of).collect();
    found.dedup();
    found
}

fn object(target: &crate::action::Target, known: &Known) -> Option<ObjectRef> {
    let same = |o: &ObjectRef| {
        o.name == target.name
            && target.kind.as_ref().is_none_or(|k| o.kind == *k)
            && target.namespace.as_ref().is_none_or(|n| o.namespace == *n)
    };
    known.things.iter().map(|t| &t.object).find(|o| same(o)).cloned()
}

/// "can you scale backend to 3?": pilot asks whether that is wanted.
fn wish(body: &[Token], known: &Known) -> Understood {
    let body = without_marks(body);
    if body.is_empty() {
        return unplaced("nothing was said", body, known);
    }
    if verb::head(body).is_none() {
        return question(body, known);
    }
    match command(mood::body(body), known) {
        Understood::Actions(actions) if actions.iter().any(Action::is_write) => {
            if mood::mood(body).0 != Mood::Command {
                return unplaced(
                    "conditions and times are not possible: a change is made now or not at all",
                    body,
                    known,
                );
            }
            ask("shall I?", vec![actions])
        }
        other => other,
    }
}

fn question(body: &[Token], known: &Known) -> Understood {
    let mut found = read::question(body, known, &[]);
    if found == Err(read::Trouble::Unclear)
        && let Some(mended) = read::mend(body)
    {
        found = read::question(&mended, known, &[]);
    }
    match found {
        Ok(read) => Understood::Actions(vec![Action::Read(read)]),
        Err(read::Trouble::Unclear) => unplaced("not understood", body, known),
        Err(read::Trouble::NotFound(name, near)) => not_found(&name, near.as_ref(), body, known),
        Err(read::Trouble::Several(name, reads)) => ask(
            format!("{name} could be several: which one?"),
            reads.into_iter().map(|r| vec![Action::Read(r)]).collect(),
        ),
        Err(read::Trouble::NoTarget(question)) => unplaced(question, body, known),
    }
}

fn place(trouble: Trouble, body: &[Token], known: &Known, it: &[ObjectRef]) -> Understood {
    let context = Context { known, it };
    match trouble {
        Trouble::NotAChange => question(body, known),
        Trouble::Unknown(word) => unplaced(
            format!("{word:?} has no meaning here, and a change is never guessed: nothing is changed"),
            body,
            known,
        ),
        Trouble::NotFound(name, near) => not_found(&name, near.as_ref(), body, known),
        Trouble::Several(name, all) => {
            let choices = write::choices(body, &context, &name, &all);
            if choices.is_empty() {
                return unplaced(format!("{name:?} could be several objects: write kind/name"), body, known);
            }
            ask(format!("{name:?} could be several: which one?"), wrap(choices))
        }
        Trouble::Unsure(name, object) => {
            let choices = write::choices(body, &context, &name, std::slice::from_ref(&object));
            ask(format!("is {name:?} {object}?"), wrap(choices))
        }
        Trouble::Missing { question, before } => {
            Understood::Ask(Ask { question, choices: Vec::new(), before: Some(before).filter(|b| !b.is_empty()) })
        }
        Trouble::Meanings(question, writes) => ask(question, wrap(writes.into_iter().map(|w| vec![w]).collect())),
        Trouble::Impossible(reason) => unplaced(reason, body, known),
    }
}

fn wrap(choices: Vec<Vec<Write>>) -> Vec<Vec<Action>> {
    choices.into_iter().map(|writes| writes.into_iter().map(Action::Write).collect()).collect()
}

fn ask(question: impl Into<String>, choices: Vec<Vec<Action>>) -> Understood {
    Understood::Ask(Ask { question: question.into(), choices, before: None })
}

fn not_found(name: &str, near: Option<&ObjectRef>, body: &[Token], known: &Known) -> Understood {
    let meant = near.map_or_else(String::new, |o| format!("; did you mean {o}?"));
    unplaced(format!("nothing is called {name:?}{meant}"), body, known)
}

fn unplaced(reason: impl Into<String>, body: &[Token], known: &Known) -> Understood {
    let nearest = read::nearest(body, known).iter().map(Read::to_string).collect();
    Understood::Unplaced(Unplaced { reason: reason.into(), nearest })
}
