//! Commands that change something. A command is placed only when every word of it has a meaning: what is left over
//! makes it unplaceable, because a change must never be guessed.

mod object;
mod release;
mod settings;
mod target;
mod workload;

use super::known::{Known, Thing};
use super::phrase::{Phrase, Prep, Topic, What, phrases};
use super::verb::{self, Verb};
use super::words::Token;
use crate::action::Write;
use crate::model::ObjectRef;

/// Why a command is not placed.
#[derive(Debug, Clone, PartialEq)]
pub enum Trouble {
    /// The clause is no change.
    NotAChange,
    /// A word has no meaning here.
    Unknown(String),
    /// Nothing has this name; what is closest.
    NotFound(String, Option<ObjectRef>),
    /// Several objects fit.
    Several(String, Vec<ObjectRef>),
    /// One object fits, but not well enough for a change.
    Unsure(String, ObjectRef),
    /// Something must still be said: the question, and how the sentence goes on before the answer.
    Missing {
        /// `which tag?`
        question: String,
        /// The sentence up to the answer.
        before: String,
    },
    /// Several meanings: what each would be.
    Meanings(String, Vec<Write>),
    /// Understood, and not possible.
    Impossible(String),
}

/// What a clause is read with.
pub struct Context<'a> {
    /// The names of the cluster.
    pub known: &'a Known,
    /// What "it" is.
    pub it: &'a [ObjectRef],
}

/// The phrases that have not been used yet.
pub struct Bag<'a> {
    items: Vec<Phrase>,
    context: &'a Context<'a>,
    /// Where the sentence says that objects are.
    namespace: Option<String>,
    /// Something is taken away: a name must fit by itself or as a part.
    careful: bool,
}

/// Reads one clause that is a plain command.
///
/// # Errors
/// Says why it is not placed.
pub fn command(tokens: &[Token], context: &Context<'_>) -> Result<Vec<Write>, Trouble> {
    let (verb, rest) = verb::head(tokens).ok_or(Trouble::NotAChange)?;
    let helm = tokens.first().is_some_and(|t| t.is("helm"));
    let items = phrases(rest, context.known);
    decide(verb, items, helm, context)
}

/// A new object in words, from its kind on.
///
/// # Errors
/// When something is missing, or there is no template of that kind.
pub fn template(tokens: &[Token], known: &Known) -> Result<crate::action::Template, Trouble> {
    let context = Context { known, it: &[] };
    let mut bag = Bag { items: phrases(tokens, known), context: &context, namespace: None, careful: false };
    bag.take_namespace()?;
    object::template(&mut bag)
}

/// As [`command`]; of several objects that fit, every one is tried, so that a person can choose.
///
/// # Errors
/// Says why it is not placed.
pub fn choices(tokens: &[Token], context: &Context<'_>, name: &str, all: &[ObjectRef]) -> Vec<Vec<Write>> {
    let Some((verb, rest)) = verb::head(tokens) else { return Vec::new() };
    let helm = tokens.first().is_some_and(|t| t.is("helm"));
    let items = phrases(rest, context.known);
    let chosen = |object: &ObjectRef| {
        let items = items
            .iter()
            .map(|phrase| {
                let named = match &phrase.what {
                    What::Name { name: n, .. } | What::Word(n) => n.eq_ignore_ascii_case(name),
                    What::Kind(kind) => kind.eq_ignore_ascii_case(name),
                    What::Topic(Topic::Traffic) => name == "traffic",
                    _ => false,
                };
                if named && name != "traffic" {
                    Phrase { prep: phrase.prep, what: What::Object(object.clone()) }
                } else {
                    phrase.clone()
                }
            })
            .chain((name == "traffic").then(|| Phrase { prep: Prep::Of, what: What::Object(object.clone()) }))
            .collect();
        decide(verb, items, helm, context).ok()
    };
    all.iter().filter_map(chosen).collect()
}

fn decide(verb: Verb, items: Vec<Phrase>, helm: bool, context: &Context<'_>) -> Result<Vec<Write>, Trouble> {
    let careful = matches!(verb, Verb::Delete | Verb::Remove | Verb::Uninstall | Verb::Drain | Verb::Cordon);
    let mut bag = Bag { items, context, namespace: None, careful };
    bag.take_namespace()?;
    let writes = match verb {
        Verb::Scale => workload::scale(&mut bag, workload::Way::Plain),
        Verb::Multiply(percent) => workload::multiply(&mut bag, percent),
        Verb::Restart => workload::restart(&mut bag),
        Verb::Undo => workload::undo(&mut bag, helm),
        Verb::Back => {
            if bag.take_word(&["back"]) {
                workload::undo(&mut bag, helm)
            } else if bag.has(|w| matches!(w, What::Up(_))) {
                workload::scale(&mut bag, workload::Way::Plain)
            } else {
                return Err(Trouble::NotAChange);
            }
        }
        Verb::Set | Verb::Increase | Verb::Decrease | Verb::Add | Verb::Remove | Verb::Update | Verb::Use => {
            by_topic(verb, &mut bag, helm)
        }
        Verb::Limit => workload::resources(&mut bag, true),
        Verb::Autoscale => workload::autoscale(&mut bag),
        Verb::Expose => workload::expose(&mut bag),
        Verb::Switch => workload::switch(&mut bag),
        Verb::Canary => workload::canary(&mut bag),
        Verb::Label => object::label(&mut bag, false, false),
        Verb::Annotate => object::label(&mut bag, true, false),
        Verb::Create => object::create(&mut bag),
        Verb::Resize => {
            if bag.has(|w| matches!(w, What::Replicas(_) | What::More(_) | What::Topic(Topic::Replicas))) {
                workload::scale(&mut bag, workload::Way::Plain)
            } else {
                object::resize(&mut bag)
            }
        }
        Verb::Install | Verb::Deploy => release::install(&mut bag, verb == Verb::Deploy),
        Verb::Uninstall => release::uninstall(&mut bag),
        Verb::Suspend => object::suspend(&mut bag, true),
        Verb::Resume => object::suspend(&mut bag, false),
        Verb::Pause => object::pause(&mut bag),
        Verb::Trigger => object::trigger(&mut bag),
        Verb::Cordon => object::cordon(&mut bag, true),
        Verb::Uncordon => object::cordon(&mut bag, false),
        Verb::Drain => object::drain(&mut bag),
        Verb::Delete => object::delete(&mut bag),
        Verb::Fix => object::fix(&mut bag),
        Verb::Unlock => release::unlock(&mut bag),
        Verb::Apply => object::apply(&mut bag),
        Verb::Optimize => object::optimize(&mut bag),
        Verb::Stop => workload::stop(&mut bag),
        Verb::Start => workload::start(&mut bag),
    };
    // A choice is offered only when everything else is understood.
    if matches!(writes, Ok(_) | Err(Trouble::Meanings(..))) {
        bag.finish()?;
    }
    // What is missing is asked for only when nothing else is wrong.
    if matches!(writes, Err(Trouble::Missing { .. }))
        && let Some(word) = bag.items.iter().find(|p| matches!(p.what, What::Word(_)))
    {
        return Err(Trouble::Unknown(text(&word.what)));
    }
    writes
}

/// Verbs such as "set" and "update" mean what they are about.
fn by_topic(verb: Verb, bag: &mut Bag<'_>, helm: bool) -> Result<Vec<Write>, Trouble> {
    let topic = |bag: &Bag<'_>, wanted: &[Topic]| bag.has(|w| matches!(w, What::Topic(t) if wanted.contains(t)));
    let way = match verb {
        Verb::Increase | Verb::Add => workload::Way::More,
        Verb::Decrease | Verb::Remove => workload::Way::Fewer,
        _ => workload::Way::Plain,
    };
    let removes = verb == Verb::Remove;
    if helm && verb == Verb::Update {
        return release::upgrade(bag);
    }
    if topic(bag, &[Topic::Chart, Topic::Values]) || bag.names_kind("Release") {
        return match verb {
            Verb::Update | Verb::Set | Verb::Use => release::upgrade(bag),
            Verb::Remove => release::uninstall(bag),
            _ => Err(Trouble::NotAChange),
        };
    }
    if topic(bag, &[Topic::Label]) {
        return object::label(bag, false, removes);
    }
    if topic(bag, &[Topic::Annotation]) {
        return object::label(bag, true, removes);
    }
    if topic(bag, &[Topic::Probe, Topic::Readiness, Topic::Liveness, Topic::Startup]) {
        return workload::probe(bag);
    }
    if topic(bag, &[Topic::Traffic]) {
        return workload::switch(bag);
    }
    if bag.names_kind("HorizontalPodAutoscaler") && matches!(verb, Verb::Add | Verb::Set | Verb::Update) {
        return workload::autoscale(bag);
    }
    if topic(bag, &[Topic::Image]) && !topic(bag, &[Topic::Env]) {
        return workload::image(bag);
    }
    if topic(bag, &[Topic::Env]) || bag.has(|w| matches!(w, What::Pair(..))) || bag.has(is_variable) {
        return workload::env(bag, removes);
    }
    if bag.has(|w| matches!(w, What::Replicas(_) | What::More(_) | What::Topic(Topic::Replicas))) {
        return workload::scale(bag, way);
    }
    if topic(bag, &[Topic::Canary]) {
        return workload::canary(bag);
    }
    if topic(bag, &[Topic::Image, Topic::Tag]) || bag.has(|w| matches!(w, What::Image(_) | What::Tag(_))) {
        return workload::image(bag);
    }
    if topic(bag, &[Topic::Cpu, Topic::Memory, Topic::Limit, Topic::Request]) {
        return workload::resources(bag, false);
    }
    if bag.names_kind("PersistentVolumeClaim") && !removes {
        return object::resize(bag);
    }
    match verb {
        Verb::Remove => object::delete(bag),
        Verb::Update => release::update(bag),
        Verb::Use => object::trigger(bag),
        Verb::Set | Verb::Increase | Verb::Decrease => workload::set_number(bag, way),
        _ => Err(Trouble::NotAChange),
    }
}

/// `LOG_LEVEL`: the way environment variables are spelled.
fn is_variable(what: &What) -> bool {
    matches!(what, What::Word(word) | What::Name { kind: None, name: word } if word.len() >= 2
        && word.contains(|c: char| c.is_ascii_uppercase())
        && word.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_'))
}

impl<'a> Bag<'a> {
    fn has(&self, test: impl Fn(&What) -> bool) -> bool {
        self.items.iter().any(|p| test(&p.what))
    }

    /// Whether a kind is said, alone or with a name.
    fn names_kind(&self, wanted: &str) -> bool {
        self.has(|w| match w {
            What::Kind(kind) | What::Name { kind: Some(kind), .. } => *kind == wanted,
            What::Object(object) => object.kind == wanted,
            _ => false,
        })
    }

    /// Takes the first phrase that passes.
    fn take(&mut self, test: impl Fn(&Phrase) -> bool) -> Option<Phrase> {
        let at = self.items.iter().position(test)?;
        Some(self.items.remove(at))
    }

    /// Drops every phrase that passes: it says nothing new for this verb.
    fn drop(&mut self, test: impl Fn(&What) -> bool) {
        self.items.retain(|p| !test(&p.what));
    }

    fn drop_topics(&mut self, topics: &[Topic]) {
        self.drop(|w| matches!(w, What::Topic(t) if topics.contains(t)));
    }

    /// Takes a word that nothing else knows.
    fn take_word(&mut self, words: &[&str]) -> bool {
        let fits = |w: &What| matches!(w, What::Word(word) if words.iter().any(|x| word.eq_ignore_ascii_case(x)));
        self.take(|p| fits(&p.what)).is_some()
    }

    fn drop_words(&mut self, words: &[&str]) {
        self.drop(|w| matches!(w, What::Word(word) if words.iter().any(|x| word.eq_ignore_ascii_case(x))));
    }

    fn take_number(&mut self, test: impl Fn(&Phrase) -> bool) -> Option<(Prep, u64)> {
        let phrase = self.take(|p| matches!(p.what, What::Number(_) | What::Replicas(_)) && test(p))?;
        match phrase.what {
            What::Number(n) | What::Replicas(n) => Some((phrase.prep, n)),
            _ => None,
        }
    }

    /// The namespace of the sentence; two different ones are one too many.
    fn take_namespace(&mut self) -> Result<(), Trouble> {
        while let Some(phrase) = self.take(|p| matches!(p.what, What::Namespace(_))) {
            let What::Namespace(said) = phrase.what else { continue };
            let name = self.context.known.find_namespace(&said).map_or(said, str::to_owned);
            match &self.namespace {
                Some(first) if *first != name => {
                    return Err(Trouble::Impossible(format!("two namespaces are named: {first} and {name}")));
                }
                _ => self.namespace = Some(name),
            }
        }
        Ok(())
    }

    /// What is left has no meaning here.
    fn finish(&mut self) -> Result<(), Trouble> {
        self.drop(|w| matches!(w, What::And));
        match self.items.first() {
            None => Ok(()),
            Some(phrase) => Err(Trouble::Unknown(text(&phrase.what))),
        }
    }
}

/// A phrase in words, for messages and for values.
pub fn text(what: &What) -> String {
    match what {
        What::Object(object) => object.name.clone(),
        What::Name { name, .. } | What::Word(name) | What::Text(name) | What::Namespace(name) => name.clone(),
        What::Kind(kind) => kind.to_lowercase(),
        What::Number(n) | What::Replicas(n) => n.to_string(),
        What::More(n) => format!("{n:+}"),
        What::Percent(n) => format!("{n}%"),
        What::Amount(t) | What::Image(t) | What::Tag(t) | What::Path(t) => t.clone(),
        What::Pair(key, value) => format!("{key}={value}"),
        What::Up(up) => if *up { "up" } else { "down" }.to_owned(),
        What::Topic(topic) => format!("{topic:?}").to_lowercase(),
        What::Since(seconds) => format!("{seconds} seconds"),
        What::Symptom(_) => "what is wrong".to_owned(),
        What::Everywhere => "all namespaces".to_owned(),
        What::Workload => "application".to_owned(),
        What::All => "all".to_owned(),
        What::It => "it".to_owned(),
        What::And => "and".to_owned(),
        What::Previous => "previous".to_owned(),
    }
}

/// The thing behind a reference.
fn thing<'k>(known: &'k Known, object: &ObjectRef) -> Option<&'k Thing> {
    known.things.iter().find(|t| t.object == *object)
}
