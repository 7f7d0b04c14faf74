//! A question with what it is about filled in.

use super::cue::Question;
use super::{Trouble, policy};
use crate::action::{Filter, LogQuery, Order, Read, Target, Usage};
use crate::intent::known::{Known, Thing};
use crate::intent::phrase::{Phrase, Prep, Topic, What, is_name};
use crate::intent::words::{Shape, Token};
use crate::intent::{lexicon, write};
use crate::model::ObjectRef;

/// Verbs of the Kubernetes API that permissions are about.
pub fn is_api_verb(word: &str) -> bool {
    matches!(
        word,
        "get"
            | "list"
            | "watch"
            | "create"
            | "update"
            | "patch"
            | "delete"
            | "read"
            | "exec"
            | "scale"
            | "see"
            | "edit"
    )
}

struct Slots<'a> {
    tokens: &'a [Token],
    phrases: &'a [Phrase],
    known: &'a Known,
    it: &'a [ObjectRef],
    namespace: Option<String>,
}

/// A question about what the phrases name.
///
/// # Errors
/// When something is missing or a name does not lead to one object.
pub fn read(
    question: Question,
    tokens: &[Token],
    phrases: &[Phrase],
    known: &Known,
    it: &[ObjectRef],
) -> Result<Read, Trouble> {
    let mut namespace = None;
    for phrase in phrases {
        if let What::Namespace(said) = &phrase.what {
            match known.find_namespace(said) {
                Some(found) => namespace = Some(found.to_owned()),
                // With no cluster at hand every namespace may exist.
                None if known.namespaces.is_empty() => namespace = Some(said.clone()),
                None => return Err(Trouble::NotFound(format!("namespace {said}"), None)),
            }
        }
    }
    // "in stagin": a place that is not there.
    for phrase in phrases.iter().filter(|p| p.prep == Prep::At) {
        let What::Word(word) = &phrase.what else { continue };
        let place = word.to_lowercase();
        if !is_name(&place) || lexicon::is_common(&place) || super::is_cue(&place) || known.namespaces.is_empty() {
            continue;
        }
        match known.find_namespace(&place) {
            Some(found) => namespace = namespace.or_else(|| Some(found.to_owned())),
            None if known.find(&place, &[], None).is_none() => return Err(Trouble::NotFound(place, None)),
            None => {}
        }
    }
    // A namespace and a release often share their name; only questions about releases mean the release.
    let releases = [
        Question::Status,
        Question::Describe,
        Question::Releases,
        Question::ReleaseStatus,
        Question::ReleaseValues,
        Question::RolloutHistory,
    ];
    let mut phrases = phrases.to_vec();
    if namespace.is_none() && !releases.contains(&question) {
        let place = phrases.iter().position(|p| match &p.what {
            What::Name { kind: None, name } => {
                let found = known.find(&name.to_lowercase(), &[], None);
                let release = found.is_some_and(|(_, fits)| fits.iter().all(|t| t.object.kind == "Release"));
                release && known.namespaces.contains(&name.to_lowercase())
            }
            _ => false,
        });
        if let Some(at) = place {
            namespace = Some(write::text(&phrases.remove(at).what).to_lowercase());
        }
    }
    let phrases = &phrases;
    let slots = Slots { tokens, phrases, known, it, namespace };
    slots.build(question)
}

impl Slots<'_> {
    fn build(&self, question: Question) -> Result<Read, Trouble> {
        let namespace = self.namespace.clone();
        Ok(match question {
            Question::List => Read::List { kinds: self.kinds()?, filter: self.filter() },
            Question::Count => {
                let kind = self.kinds()?.into_iter().next().unwrap_or_else(|| "pods".to_owned());
                Read::Count { kind, filter: self.filter() }
            }
            Question::Status => {
                let verify = self.word(&["verify", "confirm", "compare"]);
                self.about(&[], |target| match target {
                    Some(release) if release.kind.as_deref() == Some("Release") => {
                        Read::ReleaseStatus { release: plain(release), verify }
                    }
                    target => Read::Status { target, namespace: namespace.clone() },
                })?
            }
            Question::Describe => self.about_one(&[], |target| Read::Describe { target })?,
            Question::Logs => self.logs()?,
            Question::Events => {
                let warnings = self.word(&["warning", "warnings", "bad"]);
                let since_seconds = self.since();
                self.about(&[], |target| Read::Events {
                    target,
                    namespace: namespace.clone(),
                    warnings,
                    since_seconds,
                })?
            }
            Question::Top => self.top()?,
            Question::Diagnose => self.about(&[], |target| Read::Diagnose { target, namespace: namespace.clone() })?,
            Question::Images => {
                self.about(lexicon::WORKLOADS, |target| Read::Images { target, namespace: namespace.clone() })?
            }
            Question::Urls => self.about(&["Service", "Deployment", "StatefulSet", "Ingress"], |target| {
                Read::Urls { target, namespace: namespace.clone() }
            })?,
            Question::Capacity => Read::Capacity,
            Question::RolloutStatus => self.about_one(lexicon::WORKLOADS, |target| Read::RolloutStatus { target })?,
            Question::RolloutHistory => self.history()?,
            Question::CanI => self.can_i()?,
            Question::Reach => self.reach()?,
            Question::Analyze => {
                self.about(lexicon::WORKLOADS, |target| Read::Analyze { target, namespace: namespace.clone() })?
            }
            Question::Security => {
                let rbac = self.word(&["rbac", "permission", "permissions", "roles", "role"]);
                let level = ["baseline", "restricted"].into_iter().find(|l| self.word(&[*l])).map(str::to_owned);
                self.about(lexicon::WORKLOADS, |target| Read::SecurityScan {
                    target,
                    namespace: namespace.clone(),
                    rbac,
                    level: level.clone(),
                })?
            }
            Question::Optimize => {
                self.about(lexicon::WORKLOADS, |target| Read::Optimize { target, namespace: namespace.clone() })?
            }
            Question::Performance => {
                self.about(lexicon::WORKLOADS, |target| Read::Performance { target, namespace: namespace.clone() })?
            }
            Question::Cost => Read::Cost { namespace, by: self.by() },
            Question::Policy => {
                let words: Vec<&str> = self.tokens.iter().map(|t| t.text.as_str()).collect();
                let kinds = self.bare_kinds().map(lexicon::plural).collect();
                Read::PolicyAudit { check: policy::check(&words, self.phrases), kinds, namespace }
            }
            Question::Releases => Read::Releases { namespace },
            Question::ReleaseStatus => {
                let verify = self.word(&["verify", "compare", "drift", "drifted", "match", "matches", "same"]);
                self.about_one(&["Release"], |release| Read::ReleaseStatus { release: plain(release), verify })?
            }
            Question::ReleaseValues => {
                self.about_one(&["Release"], |release| Read::ReleaseValues { release: plain(release) })?
            }
            Question::Contexts => Read::Contexts,
            Question::Generate => {
                let at = self.tokens.iter().position(|t| lexicon::kind(&t.text).is_some()).unwrap_or(0);
                let template = write::template(&self.tokens[at..], self.known).map_err(|_| Trouble::Unclear)?;
                Read::Generate { template, namespace }
            }
            Question::ImageReview => {
                let path = self.phrases.iter().find_map(|p| match &p.what {
                    What::Path(path) => Some(path.clone()),
                    _ => None,
                });
                let fix = self.word(&["optimize", "optimise", "fix", "improve", "rewrite"]);
                Read::ImageReview { path: path.unwrap_or_else(|| "Dockerfile".to_owned()), fix }
            }
            Question::Explain => {
                let text = self.tokens.iter().find(|t| t.shape == Shape::Quoted).map(|t| t.raw.clone());
                if text.is_none() && !self.word(&["error", "message", "log", "this"]) {
                    return Err(Trouble::Unclear);
                }
                Read::Explain { text }
            }
            Question::Help => Read::Help { topic: None },
        })
    }

    fn word(&self, words: &[&str]) -> bool {
        self.tokens.iter().any(|t| t.is_any(words))
    }

    fn has(&self, test: impl Fn(&What) -> bool) -> bool {
        self.phrases.iter().any(|p| test(&p.what))
    }

    fn since(&self) -> Option<u64> {
        self.phrases.iter().find_map(|p| match p.what {
            What::Since(seconds) => Some(seconds),
            _ => None,
        })
    }

    fn bare_kinds(&self) -> impl Iterator<Item = &'static str> {
        let of = |p: &Phrase| match &p.what {
            What::Kind(kind) | What::Name { kind: Some(kind), .. } => Some(*kind),
            _ => None,
        };
        self.phrases.iter().filter_map(of)
    }

    /// The kinds a list is of; pods when only workloads in general are named.
    fn kinds(&self) -> Result<Vec<String>, Trouble> {
        let mut kinds: Vec<String> = self.bare_kinds().map(lexicon::plural).collect();
        kinds.dedup();
        if kinds.is_empty() {
            let counted = self.has(|w| matches!(w, What::Topic(Topic::Replicas) | What::Replicas(_)));
            let runs = self.namespace.is_some() && self.word(&["runs", "running", "deployed", "installed"]);
            if self.has(|w| *w == What::Workload) || runs {
                return Ok(vec!["deployments".to_owned(), "statefulsets".to_owned(), "daemonsets".to_owned()]);
            }
            if self.word(&["everything"]) {
                return Ok(["deployments", "statefulsets", "daemonsets", "pods", "services"]
                    .map(str::to_owned)
                    .to_vec());
            }
            return if counted || self.word(&["restarted", "restarts", "crashed", "counts", "count"]) {
                Ok(vec!["pods".to_owned()])
            } else {
                Err(Trouble::Unclear)
            };
        }
        Ok(kinds)
    }

    fn filter(&self) -> Filter {
        let mut filter = Filter { namespace: self.namespace.clone(), ..Filter::default() };
        for phrase in self.phrases {
            match &phrase.what {
                What::Pair(key, value) => {
                    let term = format!("{key}={value}");
                    filter.selector = Some(filter.selector.map_or(term.clone(), |all| format!("{all},{term}")));
                }
                What::Name { kind, name } if *kind != Some("Namespace") => filter.name = Some(name.to_lowercase()),
                What::Object(object) => filter.name = Some(object.name.clone()),
                What::Symptom("") => filter.healthy = Some(false),
                What::Symptom(state) => filter.status = Some((*state).to_owned()),
                _ => {}
            }
        }
        if filter.healthy.is_none() && filter.status.is_none() {
            if self.word(&["healthy", "ready"]) {
                filter.healthy = Some(true);
            } else if self.word(&["running"]) {
                filter.status = Some("Running".to_owned());
            }
        }
        let restarts = self.word(&["restarted", "restarts", "restart", "restarting"]);
        let number = self.phrases.iter().find_map(|p| match p.what {
            What::Number(n) => u32::try_from(n).ok(),
            What::More(n) => u32::try_from(n.unsigned_abs()).ok(),
            _ => None,
        });
        if restarts && self.word(&["never", "not", "no", "zero"]) {
            filter.max_restarts = Some(0);
            filter.healthy = None;
        } else if let (true, Some(n)) = (restarts, number) {
            if self.word(&["fewer", "less", "under", "below"]) {
                filter.max_restarts = Some(n.saturating_sub(1));
            } else {
                let strictly = self.word(&["more", "over", "above"]);
                filter.min_restarts = Some(if strictly { n + 1 } else { n });
            }
            filter.healthy = None;
        } else if self.word(&["restarted"]) {
            filter.min_restarts = Some(1);
            filter.healthy = None;
        }
        filter
    }

    fn by(&self) -> Option<String> {
        let per = |word: &str| {
            self.tokens.windows(2).any(|w| w[0].is_any(&["by", "per", "each"]) && w[1].text.starts_with(word))
        };
        if let Some(key) =
            self.tokens.windows(3).find(|w| w[0].is_any(&["by", "per"]) && w[1].is("label")).map(|w| &w[2].raw)
        {
            return Some(format!("label={key}"));
        }
        if per("namespace") {
            Some("namespace".to_owned())
        } else if per("workload") || per("deployment") || per("app") {
            Some("workload".to_owned())
        } else {
            None
        }
    }

    fn logs(&self) -> Result<Read, Trouble> {
        let errors = self.word(&["error", "errors", "exception", "exceptions", "problems", "failures"]);
        let first = self.tokens.first().map_or("", |t| t.text.as_str());
        let question = errors && (matches!(first, "is" | "are" | "any" | "does" | "do" | "did" | "has" | "have"));
        let count = self.phrases.windows(2).find_map(|w| match (&w[0].what, &w[1].what) {
            (What::Previous, What::Number(n)) => Some(*n),
            _ => None,
        });
        let lines = self.word(&["lines", "line"]);
        let tail = count.or_else(|| {
            lines
                .then(|| self.phrases.iter().find_map(|p| if let What::Number(n) = p.what { Some(n) } else { None }))
                .flatten()
        });
        // "the last logs" are the newest; "the previous logs" are those of the run before.
        let previous = self.word(&["previous", "before", "prior"]) || self.word(&["crashed"]) && !self.word(&["why"]);
        let searches = self.word(&[
            "find",
            "search",
            "grep",
            "containing",
            "contain",
            "mention",
            "mentions",
            "with",
            "for",
            "matching",
        ]);
        let pattern = self.phrases.iter().find_map(|p| match &p.what {
            What::Text(text) if searches => Some(text.clone()),
            What::Name { kind: None, name } if searches && self.quoted(name) => Some(name.clone()),
            _ => None,
        });
        let container = self.container();
        let skip = pattern.clone();
        let since_seconds = self.since();
        let make = |target: Option<Target>| {
            Read::Logs(LogQuery {
                target,
                container: container.clone(),
                previous,
                errors: errors && pattern.is_none(),
                question,
                tail,
                since_seconds,
                pattern: pattern.clone(),
            })
        };
        let target = self.target_except(&[], skip.as_deref(), &make)?;
        match target {
            None => Err(Trouble::NoTarget("whose log?".to_owned())),
            found => Ok(make(found)),
        }
    }

    fn quoted(&self, name: &str) -> bool {
        self.tokens.iter().any(|t| t.shape == Shape::Quoted && t.raw == name)
    }

    fn container(&self) -> Option<String> {
        let at = self.phrases.iter().position(|p| p.what == What::Topic(Topic::Container))?;
        let word = |at: usize| match self.phrases.get(at).map(|p| &p.what) {
            Some(What::Word(word) | What::Name { kind: None, name: word }) if is_name(word) => Some(word.clone()),
            _ => None,
        };
        word(at + 1)
    }

    fn top(&self) -> Result<Read, Trouble> {
        let memory = self.has(|w| *w == What::Topic(Topic::Memory));
        let least = self.word(&["least", "lowest", "smallest", "less"]);
        let nodes = self.bare_kinds().any(|k| k == "Node");
        let limit = self.phrases.iter().find_map(|p| match p.what {
            What::Number(n) | What::Replicas(n) => usize::try_from(n).ok(),
            _ => None,
        });
        self.about(&[], |target| Read::Top {
            nodes,
            namespace: self.namespace.clone(),
            target: target.filter(|_| !nodes),
            by: if memory { Usage::Memory } else { Usage::Cpu },
            order: if least { Order::Least } else { Order::Most },
            limit,
        })
    }

    fn history(&self) -> Result<Read, Trouble> {
        let helm = self.word(&["helm", "release"]) || self.bare_kinds().any(|k| k == "Release");
        if helm {
            return self.about_one(&["Release"], |release| Read::ReleaseHistory { release: plain(release) });
        }
        let workload = self.about_one(lexicon::WORKLOADS, |target| Read::RolloutHistory { target });
        match workload {
            Err(Trouble::NoTarget(_) | Trouble::NotFound(..)) => {
                self.about_one(&["Release"], |release| Read::ReleaseHistory { release: plain(release) })
            }
            other => other,
        }
    }

    fn can_i(&self) -> Result<Read, Trouble> {
        let verb = self.tokens.iter().skip(1).find(|t| t.shape == Shape::Word && is_api_verb(&t.text));
        let verb = verb.map_or("get", |t| match t.text.as_str() {
            "read" | "see" => "get",
            "edit" => "update",
            "scale" => "patch",
            "exec" => "create",
            verb => verb,
        });
        let exec = self.word(&["exec"]);
        let account = self.phrases.iter().find_map(|p| match &p.what {
            What::Name { kind: Some("ServiceAccount"), name } => Some(name.to_lowercase()),
            _ => None,
        });
        let resource = self.bare_kinds().find(|k| *k != "ServiceAccount").map(lexicon::plural);
        let resource = if exec { "pods/exec".to_owned() } else { resource.ok_or(Trouble::Unclear)? };
        let first = self.tokens.first().map_or("", |t| t.text.as_str());
        let subject = match account {
            Some(name) => {
                let namespace =
                    self.known.things.iter().find(|t| t.object.kind == "ServiceAccount" && t.object.name == name);
                let namespace = self.namespace.clone().or_else(|| namespace.map(|t| t.object.namespace.clone()));
                Some(format!("system:serviceaccount:{}:{name}", namespace.unwrap_or_else(|| "default".to_owned())))
            }
            None if first == "who" => None,
            None if self.word(&["i", "we", "my"]) => Some("me".to_owned()),
            None => None,
        };
        Ok(Read::CanI { verb: verb.to_owned(), resource, subject, namespace: self.namespace.clone() })
    }

    fn reach(&self) -> Result<Read, Trouble> {
        let mut names = self.phrases.iter().filter(|p| matches!(p.what, What::Name { .. } | What::Object(_)));
        let (Some(first), Some(second)) = (names.next(), names.next()) else {
            return Err(Trouble::NoTarget("from where to where?".to_owned()));
        };
        // "is backend reachable from frontend"
        let (from, to) = if second.prep == Prep::From && !matches!(first.prep, Prep::From | Prep::Between) {
            (second, first)
        } else {
            (first, second)
        };
        let port = self.phrases.iter().find_map(|p| match p.what {
            What::Number(n) => u16::try_from(n).ok(),
            _ => None,
        });
        let one = |phrase: &Phrase, kinds: &[&'static str]| -> Result<Target, Trouble> {
            match self.resolve(phrase, kinds)? {
                Found::One(target) => Ok(target),
                Found::Several(name, _) => {
                    Err(Trouble::NoTarget(format!("{name} could be several objects: write kind/name")))
                }
            }
        };
        Ok(Read::Reach { from: one(from, lexicon::WORKLOADS)?, to: one(to, &[])?, port })
    }

    /// A question that may be about one object.
    fn about(&self, kinds: &[&'static str], make: impl Fn(Option<Target>) -> Read) -> Result<Read, Trouble> {
        Ok(make(self.target_except(kinds, None, &make)?))
    }

    /// A question that must be about one object.
    fn about_one(&self, kinds: &[&'static str], make: impl Fn(Target) -> Read) -> Result<Read, Trouble> {
        let made = |target: Option<Target>| make(target.unwrap_or_default());
        match self.target_except(kinds, None, &made)? {
            Some(target) => Ok(make(target)),
            None => Err(Trouble::NoTarget("which one?".to_owned())),
        }
    }

    fn target_except(
        &self,
        kinds: &[&'static str],
        except: Option<&str>,
        make: &dyn Fn(Option<Target>) -> Read,
    ) -> Result<Option<Target>, Trouble> {
        let phrase = self.phrases.iter().find(|p| match &p.what {
            What::Name { kind, name } => *kind != Some("Namespace") && except != Some(name.as_str()),
            What::Object(_) => true,
            What::It => !self.it.is_empty(),
            _ => false,
        });
        let found = match phrase {
            Some(phrase) => self.resolve(phrase, kinds)?,
            // A word with a slip in it, or the beginning of a name.
            None => {
                let slip = self.phrases.iter().find_map(|p| match &p.what {
                    What::Word(word)
                        if word.chars().count() >= 2
                            && except != Some(word.as_str())
                            && !lexicon::is_common(&word.to_lowercase()) =>
                    {
                        self.known
                            .find(&word.to_lowercase(), kinds, self.namespace.as_deref())
                            .filter(|(_, fits)| fits.len() == 1)
                            .and_then(|(_, fits)| fits.first().copied())
                    }
                    _ => None,
                });
                return Ok(slip.map(|t| Target::from(&t.object)));
            }
        };
        match found {
            Found::One(target) => Ok(Some(target)),
            Found::Several(name, all) => {
                Err(Trouble::Several(name, all.iter().map(|t| make(Some(Target::from(&t.object)))).collect()))
            }
        }
    }

    fn resolve(&self, phrase: &Phrase, kinds: &[&'static str]) -> Result<Found<'_>, Trouble> {
        let (kind, name) = match &phrase.what {
            What::Object(object) => return Ok(Found::One(Target::from(object))),
            What::It => {
                return match self.it {
                    [one] => Ok(Found::One(Target::from(one))),
                    _ => Err(Trouble::NoTarget("which one?".to_owned())),
                };
            }
            What::Name { kind, name } => (*kind, name.to_lowercase()),
            _ => return Err(Trouble::Unclear),
        };
        let namespace = self.namespace.as_deref();
        let exact: Vec<&'static str> = kind.into_iter().collect();
        let found = self
            .known
            .find(&name, &exact, namespace)
            .or_else(|| self.known.find(&name, kinds, namespace))
            .or_else(|| self.known.find(&name, &[], namespace));
        match found {
            Some((_, fits)) if fits.len() == 1 => Ok(Found::One(Target::from(&fits[0].object))),
            Some((_, fits)) => Ok(Found::Several(name, fits)),
            None => {
                let near = self.known.find(&name, &exact, None).and_then(|(_, fits)| fits.first().copied());
                let near = near.or_else(|| self.known.nearest(&name, &[]));
                Err(Trouble::NotFound(name, near.map(|t| t.object.clone())))
            }
        }
    }
}

enum Found<'a> {
    One(Target),
    Several(String, Vec<&'a Thing>),
}

/// A release's target says by its place that it is one.
fn plain(release: Target) -> Target {
    Target { kind: None, ..release }
}
