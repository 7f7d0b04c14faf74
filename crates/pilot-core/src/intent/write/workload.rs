//! Changes of workloads: replicas, restarts, revisions, images, traffic.

use super::target::aim;
use super::{Bag, Trouble, is_variable, text};
use crate::action::{ImageChange, Replicas, Write};
use crate::intent::known::Thing;
use crate::intent::lexicon::WORKLOADS;
use crate::intent::phrase::{Phrase, Prep, Topic, What};

/// Kinds with a number of replicas.
pub(super) const SCALED: &[&str] = &["Deployment", "StatefulSet", "ReplicaSet"];

/// What a verb says about the direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// scale, set
    Plain,
    /// increase, add
    More,
    /// decrease, remove
    Fewer,
}

pub(super) fn scale(bag: &mut Bag<'_>, way: Way) -> Result<Vec<Write>, Trouble> {
    let up = bag.take(|p| matches!(p.what, What::Up(_))).map(|p| p.what == What::Up(true));
    let rises = match (way, up) {
        (Way::More, _) | (Way::Plain, Some(true)) => Some(true),
        (Way::Fewer, _) | (Way::Plain, Some(false)) => Some(false),
        (Way::Plain, None) => None,
    };
    let before = bag.take_number(|p| p.prep == Prep::From).map(|(_, n)| n);
    let replicas = amount(bag, way, rises)?;
    bag.drop_topics(&[Topic::Replicas]);
    bag.drop_words(&["number", "count", "horizontally", "total", "running", "back"]);
    let targets = bag.targets(SCALED)?;
    let Some(replicas) = replicas else {
        let names: Vec<String> = targets.iter().map(|t| t.object.to_string()).collect();
        return Err(Trouble::Missing {
            question: "to how many replicas?".to_owned(),
            before: format!("scale {} to", names.join(" and ")),
        });
    };
    for target in &targets {
        consistent(target, replicas, rises, before)?;
    }
    Ok(targets.into_iter().map(|t| Write::Scale { target: aim(t), replicas }).collect())
}

/// How many replicas the sentence asks for.
fn amount(bag: &mut Bag<'_>, way: Way, rises: Option<bool>) -> Result<Option<Replicas>, Trouble> {
    let signed = |n: u64| {
        let n = i64::try_from(n).unwrap_or(i64::MAX);
        Replicas::By(if rises == Some(false) { -n } else { n })
    };
    if let Some(Phrase { what: What::More(n), .. }) = bag.take(|p| matches!(p.what, What::More(_))) {
        return Ok(Some(Replicas::By(if way == Way::Fewer { -n.abs() } else { n })));
    }
    if let Some(phrase) = bag.take(|p| matches!(p.what, What::Percent(_))) {
        let What::Percent(percent) = phrase.what else { return Ok(None) };
        let percent = u32::try_from(percent).map_err(|_| Trouble::Unknown(format!("{percent}%")))?;
        return match (phrase.prep, rises) {
            (Prep::To, _) => Ok(Some(Replicas::Percent(percent))),
            (_, Some(true)) => Ok(Some(Replicas::Percent(percent.saturating_add(100)))),
            (_, Some(false)) if percent <= 100 => Ok(Some(Replicas::Percent(100 - percent))),
            _ => Err(Trouble::Missing { question: format!("by {percent} % up, or down?"), before: "scale".to_owned() }),
        };
    }
    let Some((prep, n)) = bag.take_number(|_| true) else { return Ok(None) };
    let relative = prep == Prep::By || way != Way::Plain && prep != Prep::To && prep != Prep::At;
    if relative {
        return Ok(Some(signed(n)));
    }
    let n = u32::try_from(n).map_err(|_| Trouble::Impossible(format!("{n} replicas are too many")))?;
    Ok(Some(Replicas::To(n)))
}

/// "down to 5" of 3, or "from 4" of 3: somebody is mistaken, and it may be us.
fn consistent(target: &Thing, replicas: Replicas, rises: Option<bool>, before: Option<u64>) -> Result<(), Trouble> {
    let Some(now) = target.replicas else { return Ok(()) };
    let says = format!("{} has {now} replicas", target.object);
    if before.is_some_and(|n| n != u64::from(now)) {
        let meaning = Write::Scale { target: aim(target), replicas };
        return Err(Trouble::Meanings(format!("{says}. All the same?"), vec![meaning]));
    }
    if let (Replicas::To(n), Some(rises)) = (replicas, rises)
        && (rises && n < now || !rises && n > now)
    {
        let meaning = Write::Scale { target: aim(target), replicas };
        let way = if rises { "more" } else { "fewer" };
        return Err(Trouble::Meanings(format!("{says}: {n} would not be {way}. All the same?"), vec![meaning]));
    }
    Ok(())
}

pub(super) fn multiply(bag: &mut Bag<'_>, percent: u32) -> Result<Vec<Write>, Trouble> {
    bag.drop_topics(&[Topic::Replicas]);
    bag.drop_words(&["number", "count"]);
    let targets = bag.targets(SCALED)?;
    Ok(targets.into_iter().map(|t| Write::Scale { target: aim(t), replicas: Replicas::Percent(percent) }).collect())
}

/// "set backend to 3": very likely replicas, and still asked.
pub(super) fn set_number(bag: &mut Bag<'_>, way: Way) -> Result<Vec<Write>, Trouble> {
    if !bag.has(|w| matches!(w, What::Number(_))) {
        return Err(Trouble::NotAChange);
    }
    let meant = scale(bag, way)?;
    Err(Trouble::Meanings("the number of replicas?".to_owned(), meant))
}

pub(super) fn restart(bag: &mut Bag<'_>) -> Result<Vec<Write>, Trouble> {
    bag.drop_topics(&[Topic::Rollout]);
    bag.drop(|w| matches!(w, What::Symptom(_)));
    bag.drop_words(&["rolling", "again", "gracefully", "safely", "cleanly"]);
    Ok(bag.targets(WORKLOADS)?.into_iter().map(|t| Write::Restart { target: aim(t) }).collect())
}

pub(super) fn undo(bag: &mut Bag<'_>, helm: bool) -> Result<Vec<Write>, Trouble> {
    let named = bag.take(|p| matches!(p.what, What::Topic(Topic::Revision))).is_some();
    let tagged = bag.take(|p| matches!(p.what, What::Tag(_))).map(|p| text(&p.what));
    let revision = match (&tagged, bag.take_number(|p| named || helm || p.prep == Prep::To)) {
        (_, Some((_, n))) => Some(n),
        (Some(tag), None) => Some(tag.trim_start_matches('v').parse().map_err(|_| {
            Trouble::Impossible(format!(
                "{tag} is an image's version; to go back, give a revision's number, or set the image"
            ))
        })?),
        (None, None) => None,
    };
    let chart = bag.take(|p| matches!(p.what, What::Topic(Topic::Chart))).is_some();
    bag.drop(|w| matches!(w, What::Previous));
    bag.drop_topics(&[Topic::Revision, Topic::Tag, Topic::Rollout, Topic::Image]);
    bag.drop_words(&[
        "change", "changes", "update", "upgrade", "deploy", "one", "good", "stable", "state", "back", "helm", "step",
    ]);
    let release = helm || chart || bag.names_kind("Release");
    let kinds: &[&'static str] =
        if release { &["Release"] } else { &["Deployment", "StatefulSet", "DaemonSet", "Release"] };
    // A bare kind beside the name only repeats it: "the last deployment of backend".
    if bag.has(|w| matches!(w, What::Name { .. } | What::Object(_) | What::It)) {
        bag.drop(|w| matches!(w, What::Kind("Deployment" | "Release")));
    }
    let target = bag.target(kinds)?;
    if target.object.kind == "Release" {
        let revision = revision.map(u32::try_from).transpose().map_err(|_| Trouble::Unknown("revision".to_owned()))?;
        return Ok(vec![Write::HelmRollback { release: aim(target), revision }]);
    }
    // The same name may be a release, and then both could be meant.
    let twin = bag.context.known.things.iter().find(|t| {
        t.object.kind == "Release"
            && t.object.name == target.object.name
            && t.object.namespace == target.object.namespace
    });
    let number = revision.map(i64::try_from).transpose().map_err(|_| Trouble::Unknown("revision".to_owned()))?;
    let undo = Write::Undo { target: aim(target), revision: number };
    match twin {
        Some(release) if !bag.names_kind("Deployment") => {
            let revision = revision.and_then(|n| u32::try_from(n).ok());
            let rollback = Write::HelmRollback { release: aim(release), revision };
            Err(Trouble::Meanings(
                format!("{} is a workload and a Helm release: which one?", target.object.name),
                vec![undo, rollback],
            ))
        }
        _ => Ok(vec![undo]),
    }
}

/// The image or tag that is said, if any.
fn image_change(bag: &mut Bag<'_>) -> Option<ImageChange> {
    if let Some(Phrase { what: What::Image(image), .. }) = bag.take(|p| matches!(p.what, What::Image(_))) {
        return Some(ImageChange::Image(image));
    }
    if let Some(Phrase { what: What::Tag(tag), .. }) = bag.take(|p| matches!(p.what, What::Tag(_))) {
        return Some(ImageChange::Tag(tag));
    }
    // "image nginx" and "tag stable": a plain word counts only after "to" or "image".
    let tag = bag.has(|w| matches!(w, What::Topic(Topic::Tag)));
    let plain = |p: &Phrase| {
        matches!(p.prep, Prep::To | Prep::With)
            && matches!(&p.what, What::Word(w) | What::Name { kind: None, name: w } if !matches!(w.as_str(), "new" | "newer" | "newest" | "use" | "latest"))
    };
    let said = bag.take(plain).map(|p| text(&p.what))?;
    Some(if tag { ImageChange::Tag(said) } else { ImageChange::Image(said) })
}

pub(super) fn image(bag: &mut Bag<'_>) -> Result<Vec<Write>, Trouble> {
    bag.drop_words(&["use", "new", "newer", "newest"]);
    let container = container(bag).or_else(|| pair_container(bag));
    let change = if bag.has(|w| matches!(w, What::Image(_) | What::Tag(_) | What::Topic(Topic::Image | Topic::Tag))) {
        // The number after "tag" or "to": `to 2`.
        image_change(bag)
            .or_else(|| bag.take_number(|p| p.prep == Prep::To).map(|(_, n)| ImageChange::Tag(n.to_string())))
    } else {
        None
    };
    bag.drop_topics(&[Topic::Image, Topic::Tag]);
    bag.drop_words(&["container's"]);
    let targets = bag.targets(WORKLOADS)?;
    let Some(image) = change else {
        let name = targets.first().map(|t| t.object.to_string()).unwrap_or_default();
        return Err(Trouble::Missing {
            question: format!("which image or tag shall {name} run?"),
            before: format!("set the image of {name} to tag"),
        });
    };
    Ok(targets
        .into_iter()
        .map(|t| Write::SetImage { target: aim(t), container: container.clone(), image: image.clone() })
        .collect())
}

/// `image app=nginx:1.27`, as kubectl has it: the pair becomes a container and its image.
fn pair_container(bag: &mut Bag<'_>) -> Option<String> {
    let Phrase { what: What::Pair(name, image), prep } = bag.take(|p| matches!(p.what, What::Pair(..)))? else {
        return None;
    };
    bag.items.push(Phrase { prep, what: What::Image(image) });
    Some(name)
}

/// "container app".
pub(super) fn container(bag: &mut Bag<'_>) -> Option<String> {
    let at = bag.items.iter().position(|p| p.what == What::Topic(Topic::Container))?;
    bag.items.remove(at);
    let next = bag.items.get(at).filter(|p| matches!(p.what, What::Word(_) | What::Name { kind: None, .. }))?;
    let name = text(&next.what);
    bag.items.remove(at);
    Some(name)
}

pub(super) fn env(bag: &mut Bag<'_>, removes: bool) -> Result<Vec<Write>, Trouble> {
    use crate::action::Hidden;
    let container = container(bag);
    let mut env = std::collections::BTreeMap::new();
    while let Some(phrase) = bag.take(|p| matches!(p.what, What::Pair(..))) {
        if let What::Pair(key, value) = phrase.what {
            env.insert(key, (!removes).then(|| Hidden::new(value)));
        }
    }
    // `set LOG_LEVEL to debug`
    while let Some(at) = bag.items.iter().position(|p| is_variable(&p.what)) {
        let key = text(&bag.items.remove(at).what);
        if removes {
            env.insert(key, None);
            continue;
        }
        let value = bag.take(|p| {
            p.prep == Prep::To
                && !matches!(p.what, What::Namespace(_) | What::Topic(_) | What::Kind(_) | What::Object(_))
        });
        let Some(value) = value else {
            return Err(Trouble::Missing { question: format!("which value shall {key} have?"), before: String::new() });
        };
        env.insert(key, Some(Hidden::new(text(&value.what))));
    }
    bag.drop_topics(&[Topic::Env]);
    bag.drop_words(&["vars", "var"]);
    if env.is_empty() {
        return Err(Trouble::Missing {
            question: "which variable? write NAME=VALUE".to_owned(),
            before: String::new(),
        });
    }
    let targets = bag.targets(WORKLOADS)?;
    Ok(targets
        .into_iter()
        .map(|t| Write::SetEnv { target: aim(t), container: container.clone(), env: env.clone() })
        .collect())
}

/// "switch the traffic of SERVICE from A to B".
pub(super) fn switch(bag: &mut Bag<'_>) -> Result<Vec<Write>, Trouble> {
    if bag.take(|p| p.what == What::Topic(Topic::Traffic)).is_none() {
        return Err(Trouble::NotAChange);
    }
    bag.drop_words(&["live", "production", "user"]);
    bag.drop(|w| *w == What::All);
    if bag.has(|w| matches!(w, What::Percent(_))) {
        return Err(Trouble::Impossible(
            "a Service sends all traffic or none; for a share use: canary APP at 10%".to_owned(),
        ));
    }
    let Some(to) = bag.next_target(WORKLOADS, |p| p == Prep::To)? else {
        return Err(Trouble::Missing {
            question: "to which workload?".to_owned(),
            before: "switch traffic to".to_owned(),
        });
    };
    bag.next_target(WORKLOADS, |p| p == Prep::From)?;
    let Some(service) = bag.next_target(&["Service"], |p| !matches!(p, Prep::To | Prep::From))? else {
        let known = bag.context.known.things.iter();
        let services: Vec<_> = known
            .filter(|t| t.object.kind == "Service" && t.object.namespace == to.object.namespace)
            .map(|t| t.object.clone())
            .collect();
        return Err(Trouble::Several("traffic".to_owned(), services));
    };
    Ok(vec![Write::SwitchTraffic { service: aim(service), to: aim(to) }])
}

pub(super) fn canary(bag: &mut Bag<'_>) -> Result<Vec<Write>, Trouble> {
    bag.drop_topics(&[Topic::Canary, Topic::Traffic]);
    bag.drop_words(&["release", "rollout"]);
    let percent = bag.take(|p| matches!(p.what, What::Percent(_))).map(|p| p.what);
    let image = image_change(bag);
    bag.drop_topics(&[Topic::Image, Topic::Tag]);
    let target = bag.target(&["Deployment"])?;
    let Some(image) = image else {
        return Err(Trouble::Missing {
            question: "of which image or tag?".to_owned(),
            before: format!("canary {} at {} with tag", target.object, percent.map_or("10%".to_owned(), |p| text(&p))),
        });
    };
    let Some(What::Percent(percent)) = percent else {
        return Err(Trouble::Missing { question: "at how many percent?".to_owned(), before: String::new() });
    };
    match u8::try_from(percent) {
        Ok(percent @ 1..=99) => Ok(vec![Write::Canary { target: aim(target), image, percent }]),
        _ => Err(Trouble::Impossible("a canary has 1 to 99 percent".to_owned())),
    }
}

/// "stop backend" may mean several things.
pub(super) fn stop(bag: &mut Bag<'_>) -> Result<Vec<Write>, Trouble> {
    let target = bag.target(&["Deployment", "StatefulSet", "CronJob"])?;
    let meaning = if target.object.kind == "CronJob" {
        Write::Suspend { target: aim(target), suspend: true }
    } else {
        Write::Scale { target: aim(target), replicas: Replicas::To(0) }
    };
    Err(Trouble::Meanings(format!("how shall {} be stopped?", target.object), vec![meaning]))
}

/// "start backend".
pub(super) fn start(bag: &mut Bag<'_>) -> Result<Vec<Write>, Trouble> {
    if bag.has(|w| matches!(w, What::Topic(Topic::Canary))) {
        return canary(bag);
    }
    let target = bag.target(&["Deployment", "StatefulSet", "CronJob"])?;
    let meanings = if target.object.kind == "CronJob" {
        vec![Write::Suspend { target: aim(target), suspend: false }, Write::Trigger { target: aim(target) }]
    } else {
        vec![Write::Scale { target: aim(target), replicas: Replicas::To(1) }, Write::Restart { target: aim(target) }]
    };
    Err(Trouble::Meanings(format!("how shall {} be started?", target.object), meanings))
}

pub(super) use super::settings::{autoscale, expose, probe, resources};
