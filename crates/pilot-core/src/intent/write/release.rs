//! Helm: install, upgrade, uninstall, free.

use super::target::aim;
use super::{Bag, Trouble, text, workload};
use crate::action::{HelmValues, Hidden, Target, Write};
use crate::intent::phrase::{Phrase, Prep, Topic, What};

/// What charts call the number of replicas, as `helm create` lays it out.
const REPLICAS: &str = "replicaCount";

/// Values files, `key=value`, and a number of replicas.
fn values(bag: &mut Bag<'_>) -> HelmValues {
    let mut values = HelmValues::default();
    let is_file = |p: &Phrase| matches!(&p.what, What::Path(path) if path.ends_with(".yaml") || path.ends_with(".yml"));
    while let Some(file) = bag.take(is_file) {
        values.files.push(text(&file.what));
    }
    while let Some(phrase) = bag.take(|p| matches!(p.what, What::Pair(..))) {
        if let What::Pair(key, value) = phrase.what {
            values.set.insert(key, Hidden::new(value));
        }
    }
    if let Some(phrase) = bag.take(|p| matches!(p.what, What::Replicas(_))) {
        values.set.insert(REPLICAS.to_owned(), Hidden::new(text(&phrase.what)));
    }
    bag.drop_topics(&[Topic::Values]);
    bag.drop_words(&["file", "set", "override", "overrides", "setting"]);
    values
}

/// The chart: a path, a reference, or one of the charts on disk by its name.
fn chart(bag: &mut Bag<'_>) -> Option<String> {
    let plural = bag.take(|p| p.what == What::Topic(Topic::Chart)).is_some();
    bag.drop_words(&["helm"]);
    if let Some(path) = bag.take(|p| matches!(p.what, What::Path(_))) {
        return Some(text(&path.what));
    }
    if let Some(image) = bag.take(|p| matches!(&p.what, What::Image(i) if i.contains('/') && !i.contains(':'))) {
        return Some(text(&image.what));
    }
    if !plural {
        return None;
    }
    let named = |p: &Phrase| {
        matches!(p.what, What::Name { kind: None, .. } | What::Word(_)) && matches!(p.prep, Prep::None | Prep::Of)
    };
    let name = bag.items.iter().find(|p| named(p)).map(|p| text(&p.what).to_lowercase())?;
    let found = bag
        .context
        .known
        .charts
        .iter()
        .find(|path| path.rsplit('/').find(|part| !part.is_empty()).is_some_and(|last| last == name))?;
    Some(found.clone())
}

pub(super) fn install(bag: &mut Bag<'_>, deploy: bool) -> Result<Vec<Write>, Trouble> {
    let about_chart = bag.has(|w| matches!(w, What::Topic(Topic::Chart) | What::Path(_)));
    if deploy && !about_chart {
        // "deploy version 1.2 of backend", "deploy nginx:1.27 to web": a new image for something that is there.
        return if bag.has(|w| matches!(w, What::Image(_) | What::Tag(_) | What::Topic(Topic::Tag | Topic::Image))) {
            bag.items.iter_mut().filter(|p| p.prep == Prep::To).for_each(|p| p.prep = Prep::Of);
            workload::image(bag)
        } else {
            Err(Trouble::Missing { question: "from which chart?".to_owned(), before: String::new() })
        };
    }
    let version = bag.take(|p| matches!(p.what, What::Tag(_))).map(|p| text(&p.what));
    let mut values = values(bag);
    if deploy && values.set.is_empty() {
        values.set.clear();
    }
    let release = release_name(bag);
    let subject = subject(bag);
    let Some(chart) = chart(bag) else {
        return Err(Trouble::Missing {
            question: format!("where is the chart{}?", subject.map_or_else(String::new, |s| format!(" of {s}"))),
            before: match (&release, &bag.namespace) {
                (Some(release), Some(namespace)) => {
                    format!("install chart with release name {release} in namespace {namespace} from")
                }
                (Some(release), None) => format!("install chart with release name {release} from"),
                (None, Some(namespace)) => format!("install chart in namespace {namespace} from"),
                (None, None) => "install chart from".to_owned(),
            },
        });
    };
    // "the frontend helm chart": the name is the chart's and, if nothing else is said, the release's.
    if let Some(subject) = &subject {
        bag.take(|p| {
            matches!(p.what, What::Name { kind: None, .. } | What::Word(_))
                && text(&p.what).eq_ignore_ascii_case(subject)
        });
    }
    let last = chart.trim_end_matches('/').rsplit('/').next().unwrap_or("release");
    let last = last.trim_end_matches(".tgz").split(':').next().unwrap_or(last);
    let release = release.or(subject).unwrap_or_else(|| last.to_owned()).to_lowercase();
    Ok(vec![Write::HelmInstall { release, chart, namespace: bag.namespace.clone(), version, values }])
}

/// The name before "chart": "the frontend helm chart".
fn subject(bag: &Bag<'_>) -> Option<String> {
    let named = |p: &&Phrase| {
        matches!(p.what, What::Name { kind: None, .. } | What::Word(_)) && matches!(p.prep, Prep::None | Prep::Of)
    };
    let chart = bag.items.iter().position(|p| matches!(p.what, What::Topic(Topic::Chart) | What::Path(_)));
    let found = bag.items[..chart.unwrap_or(bag.items.len())]
        .iter()
        .filter(named)
        .find(|p| !matches!(&p.what, What::Word(w) if w.eq_ignore_ascii_case("helm")))?;
    Some(text(&found.what))
}

/// "with release name X", "as X", "as release X".
fn release_name(bag: &mut Bag<'_>) -> Option<String> {
    if let Some(at) = bag.items.iter().position(|p| matches!(p.what, What::Name { kind: Some("Release"), .. })) {
        let name = text(&bag.items.remove(at).what);
        if !name.eq_ignore_ascii_case("name") {
            return Some(name);
        }
        let next = bag.items.get(at).filter(|p| matches!(p.what, What::Name { .. } | What::Word(_)))?;
        let name = text(&next.what);
        bag.items.remove(at);
        return Some(name);
    }
    if let Some(at) = bag.items.iter().position(|p| p.what == What::Kind("Release")) {
        bag.items.remove(at);
        bag.drop_words(&["name"]);
    }
    let found = bag.take(|p| p.prep == Prep::With && matches!(p.what, What::Name { .. } | What::Word(_)))?;
    Some(text(&found.what))
}

pub(super) fn upgrade(bag: &mut Bag<'_>) -> Result<Vec<Write>, Trouble> {
    let version = bag.take(|p| matches!(p.what, What::Tag(_))).map(|p| text(&p.what));
    let values = values(bag);
    let chart = chart(bag);
    bag.drop_words(&["helm"]);
    bag.drop_topics(&[Topic::Tag]);
    let release: Target = match bag.next_target(&["Release"], |_| true) {
        Ok(Some(thing)) => aim(thing),
        Ok(None) => {
            return Err(Trouble::Missing {
                question: "which release?".to_owned(),
                before: "upgrade release".to_owned(),
            });
        }
        Err(trouble) => return Err(trouble),
    };
    bag.drop(|w| matches!(w, What::Kind("Release")));
    let Some(chart) = chart else {
        return Err(Trouble::Missing {
            question: "from which chart? write a folder, an archive or a reference".to_owned(),
            before: format!("upgrade release {} with chart", release.name),
        });
    };
    Ok(vec![Write::HelmUpgrade { release, chart, version, values, reuse_values: true }])
}

/// "upgrade todo": of a workload the image, of a release the chart; something is missing either way.
pub(super) fn update(bag: &mut Bag<'_>) -> Result<Vec<Write>, Trouble> {
    if bag.has(|w| matches!(w, What::Path(_))) {
        return upgrade(bag);
    }
    // "upgrade backend to 2": a tag, or replicas? It is said with "to", and still asked.
    let release = bag.items.iter().find_map(|p| match &p.what {
        What::Name { kind: None, name } => bag.context.known.find(&name.to_lowercase(), &[], bag.namespace.as_deref()),
        _ => None,
    });
    let only_release = release.is_some_and(|(_, fits)| fits.iter().all(|t| t.object.kind == "Release"));
    if only_release { upgrade(bag) } else { workload::image(bag) }
}

pub(super) fn uninstall(bag: &mut Bag<'_>) -> Result<Vec<Write>, Trouble> {
    bag.drop_topics(&[Topic::Chart]);
    bag.drop_words(&["helm"]);
    let target = bag.target(&["Release"])?;
    Ok(vec![Write::HelmUninstall { release: aim(target) }])
}

pub(super) fn unlock(bag: &mut Bag<'_>) -> Result<Vec<Write>, Trouble> {
    bag.drop(|w| matches!(w, What::Symptom(_)));
    bag.drop_words(&["helm", "pending-upgrade", "pending-install", "pending-rollback", "locked"]);
    let target = bag.target(&["Release"])?;
    Ok(vec![Write::HelmUnlock { release: aim(target) }])
}
