//! Which objects a command is about.

use super::{Bag, Trouble, thing};
use crate::action::Target;
use crate::intent::known::{Match, Thing};
use crate::intent::phrase::{Prep, What};
use crate::model::ObjectRef;

impl<'a> Bag<'a> {
    /// Every object the command names (a list: `backend and frontend`), of the kinds it may be about.
    ///
    /// # Errors
    /// When none is named, one does not exist, or one could be several.
    pub(super) fn targets(&mut self, kinds: &[&'static str]) -> Result<Vec<&'a Thing>, Trouble> {
        let mut found: Vec<&'a Thing> = Vec::new();
        while let Some(thing) = self.next_target(kinds, |_| true)? {
            if !found.iter().any(|t| t.object == thing.object) {
                found.push(thing);
            }
        }
        if found.is_empty() {
            found = self.everything(kinds)?;
        }
        // "the pods of backend", "the backend pods": of which kind is known by now.
        self.drop(|w| matches!(w, What::Kind("Pod") | What::Workload));
        let said: Vec<&'static str> =
            found.iter().filter_map(|t| kinds.iter().copied().find(|k| *k == t.object.kind)).collect();
        self.drop(|w| matches!(w, What::Kind(kind) if said.contains(kind)));
        if found.is_empty() { Err(self.nobody(kinds)) } else { Ok(found) }
    }

    /// Exactly one object.
    ///
    /// # Errors
    /// As [`Self::targets`], and when there are more.
    pub(super) fn target(&mut self, kinds: &[&'static str]) -> Result<&'a Thing, Trouble> {
        match self.targets(kinds)?.as_slice() {
            [one] => Ok(one),
            several => Err(Trouble::Impossible(format!(
                "one at a time, please: {}",
                several.iter().map(|t| t.object.to_string()).collect::<Vec<_>>().join(", ")
            ))),
        }
    }

    /// The next object that is named with a preposition that passes.
    pub(super) fn next_target(
        &mut self,
        kinds: &[&'static str],
        prep: impl Fn(Prep) -> bool,
    ) -> Result<Option<&'a Thing>, Trouble> {
        let fits = |what: &What| matches!(what, What::Name { .. } | What::Object(_) | What::It);
        if let Some(phrase) = self.take(|p| prep(p.prep) && fits(&p.what)) {
            return match phrase.what {
                What::Object(object) => self.of(&object).map(Some),
                What::It => match self.context.it {
                    [one] => self.of(one).map(Some),
                    _ => Err(Trouble::Unknown("it".to_owned())),
                },
                What::Name { kind, name } => self.resolve(kind, &name, kinds).map(Some),
                _ => Ok(None),
            };
        }
        // A word that nobody knows may be a name with a slip, or the beginning of one.
        let words: Vec<String> = self
            .items
            .iter()
            .filter(|p| prep(p.prep))
            .filter_map(|p| match &p.what {
                What::Word(word) => Some(word.clone()),
                _ => None,
            })
            .collect();
        for word in words {
            if self.context.known.find(&word.to_lowercase(), kinds, self.namespace.as_deref()).is_some() {
                let found = self.resolve(None, &word, kinds)?;
                self.take(|p| matches!(&p.what, What::Word(w) if *w == word));
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    fn of(&self, object: &ObjectRef) -> Result<&'a Thing, Trouble> {
        thing(self.context.known, object).ok_or_else(|| Trouble::NotFound(object.name.clone(), None))
    }

    /// The one object behind a name.
    fn resolve(&self, kind: Option<&'static str>, name: &str, kinds: &[&'static str]) -> Result<&'a Thing, Trouble> {
        let known = self.context.known;
        let lower = name.to_lowercase();
        // "the backend pods" are those of the workload, and "the backend service" may be meant loosely, too.
        let exact: Vec<&'static str> = kind.into_iter().filter(|k| kinds.is_empty() || kinds.contains(k)).collect();
        let wanted: &[&'static str] = if exact.is_empty() { kinds } else { &exact };
        if kind.is_some_and(|k| exact.is_empty() && !matches!(k, "Pod")) {
            let kind = kind.unwrap_or_default();
            return Err(Trouble::Impossible(format!("{name} is said to be a {kind}: that cannot be done with one")));
        }
        let Some((way, fits)) = known.find(&lower, wanted, self.namespace.as_deref()) else {
            let elsewhere = known.find(&lower, wanted, None).map(|(_, fits)| fits).unwrap_or_default();
            let near = elsewhere.first().copied().or_else(|| known.nearest(&lower, wanted));
            return Err(Trouble::NotFound(name.to_owned(), near.map(|t| t.object.clone())));
        };
        // In another namespace there is one of exactly this name: that one is meant, and it is not here.
        if way > Match::Part
            && let Some((Match::Exact | Match::Part, elsewhere)) = known.find(&lower, wanted, None)
        {
            return Err(Trouble::NotFound(name.to_owned(), elsewhere.first().map(|t| t.object.clone())));
        }
        match fits.as_slice() {
            // Two letters may be a slip for anything; a beginning of three letters that fits one name is how people type.
            [one] if way == Match::Same || self.careful && way > Match::Part => {
                Err(Trouble::Unsure(name.to_owned(), one.object.clone()))
            }
            [one] => Ok(one),
            several => Err(Trouble::Several(name.to_owned(), several.iter().map(|t| t.object.clone()).collect())),
        }
    }

    /// `all deployments in namespace todo`: only with a namespace, and every one becomes a step of the plan.
    fn everything(&mut self, kinds: &[&'static str]) -> Result<Vec<&'a Thing>, Trouble> {
        if self.take(|p| p.what == What::All).is_none() {
            return Ok(Vec::new());
        }
        let kind = self.take(|p| matches!(p.what, What::Kind(_) | What::Workload)).map(|p| p.what);
        let wanted = match kind {
            Some(What::Kind("Pod")) | Some(What::Workload) => None,
            Some(What::Kind(kind)) if kinds.contains(&kind) => Some(kind),
            _ => return Err(Trouble::Unknown("all".to_owned())),
        };
        let Some(namespace) = self.namespace.clone().or_else(|| self.context.known.namespace.clone()) else {
            return Err(Trouble::Impossible("all of them, everywhere, is too much: name a namespace".to_owned()));
        };
        let all = self.context.known.things.iter();
        Ok(all
            .filter(|t| t.object.namespace == namespace && !t.owned)
            .filter(|t| wanted.map_or(kinds.contains(&t.object.kind.as_str()), |k| t.object.kind == k))
            .collect())
    }

    /// Why there is no target: a name that nothing has, or none at all.
    fn nobody(&self, kinds: &[&'static str]) -> Trouble {
        let word = self.items.iter().find_map(|p| match &p.what {
            What::Word(word) => Some(word.clone()),
            _ => None,
        });
        match word {
            Some(word) => {
                let near = self.context.known.nearest(&word.to_lowercase(), kinds).map(|t| t.object.clone());
                Trouble::NotFound(word, near)
            }
            None => {
                let mut all: Vec<ObjectRef> = self
                    .context
                    .known
                    .things
                    .iter()
                    .filter(|t| kinds.contains(&t.object.kind.as_str()) && !t.owned)
                    .filter(|t| self.context.known.namespace.as_ref().is_none_or(|n| t.object.namespace == *n))
                    .filter(|t| self.namespace.as_ref().is_none_or(|n| t.object.namespace == *n))
                    .map(|t| t.object.clone())
                    .collect();
                all.truncate(10);
                let kind = self.items.iter().find_map(|p| match p.what {
                    What::Kind(kind) => Some(kind.to_lowercase()),
                    _ => None,
                });
                match kind {
                    Some(kind) if !all.is_empty() => Trouble::Several(kind, all),
                    _ => Trouble::Missing { question: "which one?".to_owned(), before: String::new() },
                }
            }
        }
    }
}

/// The target of an action. A release's field says already what it is.
pub(super) fn aim(thing: &Thing) -> Target {
    let target = Target::from(&thing.object);
    if thing.object.kind == "Release" { Target { kind: None, ..target } } else { target }
}
