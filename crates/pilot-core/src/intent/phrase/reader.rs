//! The tokens one after the other, each given to the first reader that knows what to do with it.

use super::spelling::{is_image, is_name, is_ordinary, is_path, is_structure, is_version};
use super::{Phrase, Prep, Topic, What, merge_kinds};
use crate::intent::known::{Known, Match};
use crate::intent::words::{Shape, Token};
use crate::intent::{amount, lexicon};

/// Reads the tokens that follow the verb.
pub fn phrases(tokens: &[Token], known: &Known) -> Vec<Phrase> {
    let mut reader = Reader { tokens, at: 0, known, found: Vec::new(), prep: Prep::None };
    while reader.at < tokens.len() {
        reader.step();
    }
    merge_kinds(reader.found)
}

struct Reader<'a> {
    tokens: &'a [Token],
    at: usize,
    known: &'a Known,
    found: Vec<Phrase>,
    prep: Prep,
}

impl Reader<'_> {
    fn rest(&self) -> &[Token] {
        &self.tokens[self.at..]
    }

    fn word(&self, ahead: usize) -> &str {
        self.tokens.get(self.at + ahead).filter(|t| t.shape == Shape::Word).map_or("", |t| t.text.as_str())
    }

    fn raw(&self, ahead: usize) -> String {
        self.tokens.get(self.at + ahead).map(|t| t.raw.clone()).unwrap_or_default()
    }

    fn push(&mut self, what: What, used: usize) {
        let prep = std::mem::take(&mut self.prep);
        self.found.push(Phrase { prep, what });
        self.at += used;
    }

    fn step(&mut self) {
        let Some(token) = self.tokens.get(self.at) else { return };
        match token.shape {
            Shape::Stop => return self.push(What::And, 1),
            Shape::Question => {
                self.at += 1;
                return;
            }
            Shape::Quoted => {
                let what = if token.raw.contains(char::is_whitespace) || token.raw.is_empty() {
                    What::Text(token.raw.clone())
                } else if let Some((key, value)) = token.raw.split_once('=') {
                    What::Pair(key.to_owned(), value.to_owned())
                } else {
                    What::Name { kind: None, name: token.raw.clone() }
                };
                return self.push(what, 1);
            }
            Shape::Word => {}
        }
        // What is said to be a name is one, whatever the word may mean elsewhere.
        if token.is_any(&["called", "named"]) && is_name(self.word(1)) && !is_structure(self.word(1)) {
            let name = self.raw(1);
            return self.push(What::Name { kind: None, name }, 2);
        }
        // "the release that is stuck"
        if token.is_any(&["that", "which"]) && matches!(self.word(1), "is" | "are") {
            self.at += 2;
            return;
        }
        if self.namespace() || self.flag() || self.preposition() || self.amount() || self.value() || self.named() {
            return;
        }
        let word = token.text.clone();
        if lexicon::is_filler(&word) {
            self.at += 1;
        } else {
            let raw = token.raw.clone();
            self.push(What::Word(raw), 1);
        }
    }

    /// `in the todo namespace`, `in namespace todo`, `-n todo`, `in todo`.
    fn namespace(&mut self) -> bool {
        let flag = matches!(self.word(0), "-n" | "--namespace");
        if flag && !self.word(1).is_empty() {
            let name = self.word(1).to_owned();
            self.push(What::Namespace(name), 2);
            return true;
        }
        if let Some(name) = self.word(0).strip_prefix("--namespace=").or_else(|| self.word(0).strip_prefix("-n=")) {
            let name = name.to_owned();
            self.push(What::Namespace(name), 1);
            return true;
        }
        let prep = usize::from(matches!(
            self.word(0),
            "in" | "from" | "of" | "on" | "within" | "inside" | "into" | "for" | "across" | "throughout" | "under"
        ));
        let mut at = prep;
        while matches!(self.word(at), "the" | "my" | "our") {
            at += 1;
        }
        let is_namespace = |word: &str| matches!(word, "namespace" | "ns");
        let all = matches!(self.word(at), "all" | "every" | "any" | "each");
        if prep == 1 && all && matches!(self.word(at + 1), "namespace" | "namespaces")
            || prep == 1
                && matches!(self.word(at), "all")
                && self.word(at + 1) == "the"
                && self.word(at + 2) == "namespaces"
        {
            let used = if self.word(at + 1) == "the" { at + 3 } else { at + 2 };
            self.push(What::Everywhere, used);
            return true;
        }
        // Without a preposition `namespace x` names an object of that kind: `create namespace x`.
        let named_after = is_namespace(self.word(at));
        if named_after {
            let mut name = at + 1;
            while matches!(self.word(name), "called" | "named") {
                name += 1;
            }
            let text = self.tokens.get(self.at + name).filter(|t| t.shape != Shape::Stop).map(|t| t.text.clone());
            if let Some(text) = text.filter(|t| {
                self.known.namespaces.contains(t) && !self.found.is_empty()
                    || prep == 1 && is_name(t) && !is_structure(t)
            }) {
                self.push(What::Namespace(text), name + 1);
                return true;
            }
        }
        let text = self.tokens.get(self.at + at).filter(|t| t.shape != Shape::Stop).map(|t| t.text.clone());
        let Some(text) = text.filter(|t| is_name(t)) else { return false };
        if is_namespace(self.word(at + 1))
            && (self.known.find_namespace(&text).is_some() || prep == 1 && !is_structure(&text) && !is_ordinary(&text))
        {
            self.push(What::Namespace(text), at + 2);
            return true;
        }
        // `in todo` where todo is a namespace; `of todo` would be an object.
        let place =
            matches!(self.word(0), "in" | "from" | "within" | "inside" | "across" | "on" | "into" | "throughout");
        let followed_by_kind = lexicon::kind(self.word(at + 1)).is_some();
        if place && !followed_by_kind && self.known.namespaces.contains(&text) {
            self.push(What::Namespace(text), at + 1);
            return true;
        }
        false
    }

    /// The flags of kubectl that people put into sentences.
    fn flag(&mut self) -> bool {
        let word = self.word(0).to_owned();
        let (name, value, used) = match word.split_once('=') {
            Some((name, value)) if name.starts_with("--") => (name.to_owned(), value.to_owned(), 1),
            _ if word.starts_with("--") => (word.clone(), self.word(1).to_owned(), 2),
            _ => return false,
        };
        let number = value.parse::<u64>().ok();
        let what = match (name.as_str(), number) {
            ("--replicas", Some(n)) => What::Replicas(n),
            ("--to-revision" | "--revision", Some(n)) => {
                self.push(What::Topic(Topic::Revision), 0);
                What::Number(n)
            }
            ("--all-namespaces", _) => {
                self.push(What::Everywhere, 1);
                return true;
            }
            ("--image", _) => What::Image(value),
            ("--set", _) => match value.split_once('=') {
                Some((key, value)) => What::Pair(key.to_owned(), value.to_owned()),
                None => return false,
            },
            _ => return false,
        };
        self.push(what, used);
        true
    }

    fn preposition(&mut self) -> bool {
        let (prep, used) = match self.word(0) {
            way @ ("up" | "down") if self.word(1) == "to" => {
                let up = way == "up";
                self.push(What::Up(up), 0);
                (Prep::To, 2)
            }
            "back" if self.word(1) == "to" => {
                self.push(What::Word("back".to_owned()), 0);
                (Prep::To, 2)
            }
            // `set X to on`
            "on" | "off" if self.prep == Prep::To => return false,
            "to" | "into" | "onto" | "towards" => (Prep::To, 1),
            "by" => (Prep::By, 1),
            "from" => (Prep::From, 1),
            "at" | "on" | "in" | "over" => (Prep::At, 1),
            "with" if matches!(self.word(1), "zero" | "no") && matches!(self.word(2), "downtime" | "interruption") => {
                (Prep::None, 3)
            }
            "with" | "using" | "as" | "via" => (Prep::With, 1),
            "between" => (Prep::Between, 1),
            "of" | "for" => (Prep::Of, 1),
            "without" if matches!(self.word(1), "downtime" | "interruption" | "outage") => (Prep::None, 2),
            "without" if self.word(1) == "any" && matches!(self.word(2), "downtime" | "interruption") => {
                (Prep::None, 3)
            }
            _ => return false,
        };
        self.prep = prep;
        self.at += used;
        true
    }

    /// Numbers and amounts.
    fn amount(&mut self) -> bool {
        if let Some((value, used)) = amount::percent(self.rest()) {
            self.push(What::Percent(value), used);
            return true;
        }
        // `last 30 minutes`, `past hour`
        let mut lead = usize::from(matches!(self.word(0), "last" | "past" | "previous" | "since" | "recent"));
        if lead == 1 && self.word(1) == "the" {
            lead = 2;
        }
        if lead > 0 {
            if matches!(self.word(lead), "yesterday") {
                self.push(What::Since(86_400), lead + 1);
                return true;
            }
            if let Some((seconds, used)) = amount::duration(&self.rest()[lead..]) {
                let ago = usize::from(self.word(lead + used) == "ago");
                self.push(What::Since(seconds), lead + used + ago);
                return true;
            }
        }
        if let Some((value, mut used)) = amount::number(self.rest()) {
            let more = match self.word(used) {
                "more" | "additional" | "extra" | "further" | "another" => Some(1),
                "fewer" | "less" => Some(-1),
                _ => None,
            };
            used += usize::from(more.is_some());
            let unit = matches!(
                self.word(used),
                "replica" | "replicas" | "pod" | "pods" | "instance" | "instances" | "copies" | "copy"
            );
            used += usize::from(unit);
            let signed = i64::try_from(value).unwrap_or(i64::MAX);
            match more {
                Some(sign) => self.push(What::More(sign * signed), used),
                None if unit => self.push(What::Replicas(value), used),
                None => {
                    // `2 gigabytes`, `30 minutes`: the unit is a word of its own.
                    if let Some((text, used)) = amount::quantity(self.rest()).filter(|(_, used)| *used > 1) {
                        self.push(What::Amount(text), used);
                    } else if let Some((seconds, used)) = amount::duration(self.rest()) {
                        self.push(What::Since(seconds), used);
                    } else {
                        self.push(What::Number(value), used);
                    }
                }
            }
            return true;
        }
        if let Some((text, used)) = amount::quantity(self.rest()) {
            self.push(What::Amount(text), used);
            return true;
        }
        match self.word(0) {
            "single" => {
                let unit = matches!(self.word(1), "replica" | "pod" | "instance");
                self.push(What::Replicas(1), 1 + usize::from(unit));
            }
            "a" | "an" if matches!(self.word(1), "replica" | "instance" | "copy") => self.push(What::Replicas(1), 2),
            "another" if matches!(self.word(1), "replica" | "pod" | "instance") => self.push(What::More(1), 2),
            "half" => self.push(What::Percent(50), 1 + usize::from(self.word(1) == "of")),
            "twice" => self.push(What::Percent(200), 1),
            "up" => self.push(What::Up(true), 1),
            "down" => self.push(What::Up(false), 1),
            "today" => self.push(What::Since(86_400), 1),
            _ => return false,
        }
        true
    }

    /// Images, tags, pairs, paths, symptoms and topics.
    fn value(&mut self) -> bool {
        let (word, raw) = (self.word(0).to_owned(), self.raw(0));
        match word.as_str() {
            "it" | "them" => self.push(What::It, 1),
            "all" | "everything" | "entire" | "whole" => self.push(What::All, 1),
            "and" | "&" | "plus" => self.push(What::And, 1),
            "previous" | "prior" | "earlier" | "last" | "preceding" => self.push(What::Previous, 1),
            "zero" => return false,
            _ => {
                if let Some((key, value)) = raw.split_once('=').filter(|(key, _)| !key.is_empty()) {
                    self.push(What::Pair(key.to_owned(), value.to_owned()), 1);
                } else if matches!(word.as_str(), "tag" | "version") && self.value_follows() {
                    let skip = 1 + usize::from(matches!(self.word(1), "to" | "is" | ":"));
                    let tag = self.raw(skip);
                    self.push(What::Tag(tag), skip + 1);
                } else if is_path(&raw) {
                    self.push(What::Path(raw), 1);
                } else if self.object_path(&raw) {
                } else if is_image(&raw) {
                    self.push(What::Image(raw), 1);
                } else if is_version(&word) {
                    self.push(What::Tag(raw), 1);
                } else if self.known.find_within(Match::Exact, &word, &[], None).is_some() {
                    return false;
                } else if let Some(topic) = topic(&word) {
                    self.push(What::Topic(topic), 1);
                } else if let Some(state) = lexicon::symptom(&word) {
                    self.push(What::Symptom(state), 1);
                } else {
                    return false;
                }
            }
        }
        true
    }

    /// Whether `tag` or `version` is followed by one: something with a digit, or in the shape of an image's tag.
    fn value_follows(&self) -> bool {
        let next = if matches!(self.word(1), "to" | "is") { self.word(2) } else { self.word(1) };
        next.contains(|c: char| c.is_ascii_digit()) && !next.contains(['=', '/']) || matches!(next, "latest" | "stable")
    }

    /// `deployment/backend`, `todo/backend`.
    fn object_path(&mut self, raw: &str) -> bool {
        let Some((first, rest)) = raw.split_once('/') else { return false };
        let lower = first.to_ascii_lowercase();
        let kind = lexicon::kind(&lower);
        if let Some(kind) = kind.filter(|_| is_name(&rest.replace('/', "-"))) {
            self.push(What::Name { kind: Some(kind), name: rest.to_owned() }, 1);
            return true;
        }
        if self.known.namespaces.contains(&lower) && self.known.find(&raw.to_ascii_lowercase(), &[], None).is_some() {
            self.push(What::Name { kind: None, name: raw.to_owned() }, 1);
            return true;
        }
        false
    }

    /// Kinds, and names of objects that the cluster has.
    fn named(&mut self) -> bool {
        let (word, raw) = (self.word(0).to_owned(), self.raw(0));
        // A part of a name that is an ordinary word ("report") means the word.
        let limit = if is_ordinary(&word) { Match::Exact } else { Match::Part };
        let exact = self.known.find_within(limit, &word, &[], None);
        if let Some(kind) = lexicon::kind(&word) {
            self.push(What::Kind(kind), 1);
            return true;
        }
        if lexicon::is_workload_word(&word) {
            self.push(What::Workload, 1);
            return true;
        }
        // A name may look like any word, but fillers stay fillers.
        let only_namespace = exact.as_ref().is_some_and(|(_, fits)| fits.iter().all(|t| t.object.kind == "Namespace"));
        let after_kind = self.found.last().is_some_and(|p| p.what == What::Kind("Namespace"));
        if only_namespace && !after_kind {
            self.push(What::Namespace(word), 1);
            return true;
        }
        if !lexicon::is_filler(&word) && exact.is_some() || is_name(&word) && word.contains('-') && !is_ordinary(&word)
        {
            self.push(What::Name { kind: None, name: raw }, 1);
            return true;
        }
        false
    }
}

fn topic(word: &str) -> Option<Topic> {
    Some(match word {
        "replicas" | "replica" | "instances" | "copies" => Topic::Replicas,
        "image" | "images" => Topic::Image,
        "tag" | "version" => Topic::Tag,
        "cpu" | "processor" | "cores" => Topic::Cpu,
        "memory" | "mem" | "ram" => Topic::Memory,
        "limit" | "limits" => Topic::Limit,
        "request" | "requests" => Topic::Request,
        "env" | "environment" | "variable" | "variables" | "envvar" => Topic::Env,
        "probe" | "probes" | "healthcheck" => Topic::Probe,
        "readiness" | "readinessprobe" => Topic::Readiness,
        "liveness" | "livenessprobe" => Topic::Liveness,
        "startup" | "startupprobe" => Topic::Startup,
        "path" => Topic::Path,
        "label" | "labels" => Topic::Label,
        "annotation" | "annotations" => Topic::Annotation,
        "traffic" => Topic::Traffic,
        "revision" | "rev" | "revisions" => Topic::Revision,
        "chart" | "charts" => Topic::Chart,
        "values" => Topic::Values,
        "rollout" => Topic::Rollout,
        "container" => Topic::Container,
        "port" => Topic::Port,
        "canary" => Topic::Canary,
        "resources" | "resource" => Topic::Resources,
        "size" | "capacity" | "storage" => Topic::Size,
        "min" | "minimum" => Topic::Min,
        "max" | "maximum" => Topic::Max,
        "schedule" => Topic::Schedule,
        _ => return None,
    })
}
