//! Changes of any object: labels, new ones, volumes, nodes, CronJobs, removal, repair.

use std::collections::BTreeMap;

use super::target::aim;
use super::{Bag, Trouble, release, text};
use crate::action::{Hidden, MapChange, Template, Write};
use crate::intent::lexicon;
use crate::intent::phrase::{Phrase, Prep, Topic, What, is_name};

pub(super) fn label(bag: &mut Bag<'_>, annotation: bool, removes: bool) -> Result<Vec<Write>, Trouble> {
    bag.drop_topics(&[if annotation { Topic::Annotation } else { Topic::Label }]);
    let mut changes = MapChange::new();
    while let Some(phrase) = bag.take(|p| matches!(p.what, What::Pair(..))) {
        if let What::Pair(key, value) = phrase.what {
            changes.insert(key, (!removes).then_some(value));
        }
    }
    if removes && changes.is_empty() {
        let key = bag.take(|p| {
            matches!(&p.what, What::Word(_)) || matches!(&p.what, What::Name { kind: None, .. }) && p.prep == Prep::None
        });
        changes.extend(key.map(|p| (text(&p.what), None)));
    }
    if changes.is_empty() {
        return Err(Trouble::Missing { question: "which one? write key=value".to_owned(), before: String::new() });
    }
    whole_namespace(bag);
    let targets = bag.targets(&[])?;
    Ok(targets
        .into_iter()
        .map(|t| match annotation {
            false => Write::Label { target: aim(t), labels: changes.clone() },
            true => Write::Annotate { target: aim(t), annotations: changes.clone() },
        })
        .collect())
}

/// "label the todo namespace": without any other object the namespace itself is meant.
fn whole_namespace(bag: &mut Bag<'_>) {
    let other = bag.has(|w| {
        matches!(w, What::Name { .. } | What::Object(_) | What::It | What::Kind(_) | What::Word(_) | What::All)
    });
    if !other && let Some(name) = bag.namespace.take() {
        bag.items.push(Phrase { prep: Prep::None, what: What::Name { kind: Some("Namespace"), name } });
    }
}

pub(super) fn create(bag: &mut Bag<'_>) -> Result<Vec<Write>, Trouble> {
    if bag.names_kind("HorizontalPodAutoscaler") {
        return super::settings::autoscale(bag);
    }
    let template = template(bag)?;
    // A namespace that is only about to be made: "in qa".
    if bag.namespace.is_none()
        && let Some(phrase) = bag.take(|p| p.prep == Prep::At && matches!(&p.what, What::Word(w) if is_name(w)))
    {
        bag.namespace = Some(text(&phrase.what));
    }
    let namespace = bag.namespace.clone();
    Ok(vec![Write::Create { template, namespace }])
}

/// A new object in words.
///
/// # Errors
/// When something is missing, or there is no template of that kind.
pub(in crate::intent) fn template(bag: &mut Bag<'_>) -> Result<Template, Trouble> {
    let named = bag.take(|p| matches!(p.what, What::Name { kind: Some(_), .. }) && p.prep == Prep::None);
    let (kind, name) = match named.map(|p| p.what) {
        Some(What::Name { kind: Some(kind), name }) => (kind, name.to_lowercase()),
        _ => {
            let Some(Phrase { what: What::Kind(kind), .. }) = bag.take(|p| matches!(p.what, What::Kind(_))) else {
                return Err(Trouble::NotAChange);
            };
            let word = bag.take(|p| matches!(&p.what, What::Word(w) if is_name(&w.to_lowercase())));
            match word.or_else(|| bag.take(|p| matches!(p.what, What::Name { .. }))) {
                Some(phrase) => (kind, text(&phrase.what).to_lowercase()),
                None => {
                    return Err(Trouble::Missing {
                        question: format!("what shall the {} be called?", kind.to_lowercase()),
                        before: format!("create {}", kind.to_lowercase()),
                    });
                }
            }
        }
    };
    let mut pairs: BTreeMap<String, String> = BTreeMap::new();
    while let Some(phrase) = bag.take(|p| matches!(p.what, What::Pair(..))) {
        if let What::Pair(key, value) = phrase.what {
            pairs.insert(key, value);
        }
    }
    let missing = |question: &str| Trouble::Missing { question: question.to_owned(), before: String::new() };
    let image = |bag: &mut Bag<'_>| {
        let found = bag.take(|p| matches!(p.what, What::Image(_)));
        let had = bag.take(|p| matches!(p.what, What::Topic(Topic::Image))).is_some();
        let found = found.or_else(|| {
            bag.take(|p| {
                (had || p.prep == Prep::With) && matches!(p.what, What::Word(_) | What::Name { kind: None, .. })
            })
        });
        found.map(|p| text(&p.what))
    };
    Ok(match kind {
        "Namespace" => Template::Namespace { name },
        "ConfigMap" => Template::ConfigMap { name, data: pairs },
        "Secret" => {
            Template::Secret { name, data: pairs.into_iter().map(|(key, value)| (key, Hidden::new(value))).collect() }
        }
        "ServiceAccount" => Template::ServiceAccount { name },
        "PersistentVolumeClaim" => {
            bag.drop_topics(&[Topic::Size]);
            let size = bag.take(|p| matches!(p.what, What::Amount(_))).map(|p| text(&p.what));
            Template::PersistentVolumeClaim { name, size: size.ok_or_else(|| missing("of which size?"))?, class: None }
        }
        "ResourceQuota" => quota(bag, name)?,
        "Role" => role(bag, name)?,
        "NetworkPolicy" => {
            bag.drop_words(&["deny", "denying", "ingress", "blocks", "denies", "incoming"]);
            bag.drop(|w| matches!(w, What::All | What::Topic(Topic::Traffic) | What::Kind("Ingress")));
            Template::NetworkPolicy { name, pods: pairs, from: BTreeMap::new(), port: None }
        }
        "Deployment" => {
            let image = image(bag).ok_or_else(|| missing("of which image?"))?;
            let has_port = bag.items.iter().position(|p| p.what == What::Topic(Topic::Port));
            let port = has_port.and_then(|at| {
                bag.items.remove(at);
                bag.take_number(|_| true).and_then(|(_, n)| u16::try_from(n).ok())
            });
            let replicas = bag.take_number(|_| true).and_then(|(_, n)| u32::try_from(n).ok());
            bag.drop_topics(&[Topic::Replicas]);
            Template::Deployment { name, image, replicas, port }
        }
        "Pod" => {
            Template::Pod { name, image: image(bag).ok_or_else(|| missing("of which image?"))?, command: Vec::new() }
        }
        "Job" => {
            Template::Job { name, image: image(bag).ok_or_else(|| missing("of which image?"))?, command: Vec::new() }
        }
        "CronJob" => {
            bag.drop_topics(&[Topic::Schedule]);
            let schedule = bag.take(|p| matches!(p.what, What::Text(_))).map(|p| text(&p.what));
            let schedule = schedule.ok_or_else(|| missing("when? write the five fields of cron in quotation marks"))?;
            crate::cron::Schedule::parse(&schedule).map_err(|e| Trouble::Impossible(format!("{schedule:?}: {e}")))?;
            Template::CronJob {
                name,
                image: image(bag).ok_or_else(|| missing("of which image?"))?,
                schedule,
                command: Vec::new(),
            }
        }
        kind => return Err(Trouble::Impossible(format!("there is no template for a {kind}"))),
    })
}

/// "with 10 pods, 4 cpu and 8Gi memory".
fn quota(bag: &mut Bag<'_>, name: String) -> Result<Template, Trouble> {
    let mut hard = BTreeMap::new();
    let mut pending: Option<String> = None;
    let mut prefix = "requests";
    let mut rest = Vec::new();
    for phrase in std::mem::take(&mut bag.items) {
        match &phrase.what {
            What::Replicas(n) => {
                hard.insert("pods".to_owned(), n.to_string());
            }
            What::Number(_) | What::Amount(_) if pending.is_none() => pending = Some(text(&phrase.what)),
            What::Topic(Topic::Limit) => prefix = "limits",
            What::Topic(Topic::Request) => prefix = "requests",
            What::Topic(topic @ (Topic::Cpu | Topic::Memory)) => match pending.take() {
                Some(amount) => {
                    let resource = if *topic == Topic::Cpu { "cpu" } else { "memory" };
                    hard.insert(format!("{prefix}.{resource}"), amount);
                }
                None => rest.push(phrase),
            },
            _ => rest.push(phrase),
        }
    }
    bag.items = rest;
    match pending {
        Some(left) => Err(Trouble::Unknown(left)),
        None if hard.is_empty() => Err(Trouble::Missing {
            question: "how much of what? such as 10 pods, 4 cpu, 8Gi memory".to_owned(),
            before: String::new(),
        }),
        None => Ok(Template::ResourceQuota { name, hard }),
    }
}

/// "role reader that can get and list pods for service account bot".
fn role(bag: &mut Bag<'_>, name: String) -> Result<Template, Trouble> {
    const VERBS: &[&str] = &["get", "list", "watch", "create", "update", "patch", "delete", "read"];
    let account =
        bag.take(|p| matches!(p.what, What::Name { kind: Some("ServiceAccount"), .. })).map(|p| text(&p.what));
    bag.drop_words(&["can", "may", "which", "allows", "allowing", "verbs", "verb", "access"]);
    let mut verbs: Vec<String> = Vec::new();
    while let Some(verb) = bag.take(|p| matches!(&p.what, What::Word(w) if VERBS.contains(&w.to_lowercase().as_str())))
    {
        match text(&verb.what).to_lowercase().as_str() {
            "read" => verbs.extend(["get", "list", "watch"].map(str::to_owned)),
            verb => verbs.push(verb.to_owned()),
        }
    }
    let mut resources = Vec::new();
    while let Some(Phrase { what: What::Kind(kind), .. }) = bag.take(|p| matches!(p.what, What::Kind(_))) {
        let group = match kind {
            "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet" => ".apps",
            "Job" | "CronJob" => ".batch",
            "Ingress" | "NetworkPolicy" => ".networking.k8s.io",
            _ => "",
        };
        resources.push(format!("{}{group}", lexicon::plural(kind)));
    }
    if verbs.is_empty() || resources.is_empty() {
        return Err(Trouble::Missing { question: "which verbs on which resources?".to_owned(), before: String::new() });
    }
    Ok(Template::Role { name, verbs, resources, service_account: account })
}

pub(super) fn resize(bag: &mut Bag<'_>) -> Result<Vec<Write>, Trouble> {
    let size = bag.take(|p| matches!(p.what, What::Amount(_)) && p.prep != Prep::By).map(|p| text(&p.what));
    bag.drop_topics(&[Topic::Size]);
    let target = bag.target(&["PersistentVolumeClaim"])?;
    let Some(size) = size else {
        return Err(Trouble::Missing {
            question: "to which size? such as 20Gi".to_owned(),
            before: format!("resize {} to", target.object),
        });
    };
    Ok(vec![Write::ResizeVolume { target: aim(target), size }])
}

pub(super) fn suspend(bag: &mut Bag<'_>, suspend: bool) -> Result<Vec<Write>, Trouble> {
    bag.drop_topics(&[Topic::Rollout, Topic::Schedule]);
    let kinds: &[&'static str] = if suspend { &["CronJob", "Job"] } else { &["CronJob", "Job", "Deployment"] };
    let targets = bag.targets(kinds)?;
    Ok(targets
        .into_iter()
        .map(|t| match t.object.kind.as_str() {
            "Deployment" => Write::Pause { target: aim(t), pause: false },
            _ => Write::Suspend { target: aim(t), suspend },
        })
        .collect())
}

pub(super) fn pause(bag: &mut Bag<'_>) -> Result<Vec<Write>, Trouble> {
    bag.drop_topics(&[Topic::Rollout]);
    let targets = bag.targets(&["Deployment", "CronJob"])?;
    Ok(targets
        .into_iter()
        .map(|t| match t.object.kind.as_str() {
            "CronJob" => Write::Suspend { target: aim(t), suspend: true },
            _ => Write::Pause { target: aim(t), pause: true },
        })
        .collect())
}

pub(super) fn trigger(bag: &mut Bag<'_>) -> Result<Vec<Write>, Trouble> {
    bag.drop_words(&["once"]);
    let target = bag.target(&["CronJob"])?;
    Ok(vec![Write::Trigger { target: aim(target) }])
}

pub(super) fn cordon(bag: &mut Bag<'_>, cordon: bool) -> Result<Vec<Write>, Trouble> {
    let nodes = bag.targets(&["Node"])?;
    Ok(nodes.into_iter().map(|t| Write::Cordon { node: t.object.name.clone(), cordon }).collect())
}

pub(super) fn drain(bag: &mut Bag<'_>) -> Result<Vec<Write>, Trouble> {
    let node = bag.target(&["Node"])?;
    Ok(vec![Write::Drain { node: node.object.name.clone() }])
}

pub(super) fn delete(bag: &mut Bag<'_>) -> Result<Vec<Write>, Trouble> {
    if bag.has(|w| matches!(w, What::All | What::Everywhere | What::Symptom(_))) {
        return Err(Trouble::Impossible("name every object that is to be deleted".to_owned()));
    }
    whole_namespace(bag);
    if bag.names_kind("Release") {
        return release::uninstall(bag);
    }
    // "the backend pod": one of the workload's, by its full name, and never the workload.
    let pods_of = bag.items.iter().find_map(|p| match &p.what {
        What::Name { kind: Some("Pod"), name } => Some(name.to_lowercase()),
        _ => None,
    });
    if let Some(name) = pods_of {
        let known = bag.context.known;
        let namespace = bag.namespace.as_deref().or(known.namespace.as_deref());
        if known.find(&name, &["Pod"], namespace).is_none() {
            let pods = known.things.iter().filter(|t| {
                t.object.kind == "Pod"
                    && t.owned
                    && namespace.is_none_or(|n| t.object.namespace == n)
                    && (t.object.name.contains(&name) || t.aliases.contains(&name))
            });
            let pods: Vec<_> = pods.map(|t| t.object.clone()).collect();
            return Err(if pods.is_empty() { Trouble::NotFound(name, None) } else { Trouble::Several(name, pods) });
        }
    }
    // One name, several kinds: which one goes must be said.
    let namespace = bag.namespace.as_deref().or(bag.context.known.namespace.as_deref());
    for phrase in &bag.items {
        let What::Name { kind: None, name } = &phrase.what else { continue };
        let all = bag.context.known.things.iter().filter(|t| {
            !t.owned && t.object.name.eq_ignore_ascii_case(name) && namespace.is_none_or(|n| t.object.namespace == n)
        });
        let all: Vec<_> = all.map(|t| t.object.clone()).collect();
        if all.len() > 1 {
            return Err(Trouble::Several(name.clone(), all));
        }
    }
    let targets = bag.targets(&[])?;
    Ok(targets
        .into_iter()
        .map(|t| match t.object.kind.as_str() {
            "Release" => Write::HelmUninstall { release: aim(t) },
            _ => Write::Delete { target: aim(t) },
        })
        .collect())
}

pub(super) fn fix(bag: &mut Bag<'_>) -> Result<Vec<Write>, Trouble> {
    bag.drop(|w| matches!(w, What::Symptom(_) | What::Everywhere));
    bag.drop_words(&[
        "what",
        "whatever",
        "error",
        "errors",
        "crash",
        "crashes",
        "cluster",
        "is",
        "are",
        "deployment's",
        "looping",
        "image",
        "pull",
        "bug",
    ]);
    bag.drop_topics(&[Topic::Image, Topic::Probe, Topic::Readiness, Topic::Liveness, Topic::Memory, Topic::Cpu]);
    let named = bag.has(|w| matches!(w, What::Name { .. } | What::Object(_) | What::It | What::Word(_)));
    if !named {
        bag.drop(|w| matches!(w, What::All | What::Workload));
        let kind = bag.has(|w| matches!(w, What::Kind(_)));
        if kind {
            // "fix the deployment": which one is a question.
            return bag
                .target(&["Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob", "Service", "Pod"])
                .map(fixed);
        }
        return Ok(vec![Write::Fix { target: None, namespace: bag.namespace.clone() }]);
    }
    bag.target(&[
        "Deployment",
        "StatefulSet",
        "DaemonSet",
        "CronJob",
        "Job",
        "Service",
        "Ingress",
        "Pod",
        "Release",
        "PersistentVolumeClaim",
    ])
    .map(fixed)
}

fn fixed(thing: &crate::intent::known::Thing) -> Vec<Write> {
    vec![Write::Fix { target: Some(aim(thing)), namespace: None }]
}

/// "apply the recommended resources to backend"; manifests come by command, not by sentence.
pub(super) fn apply(bag: &mut Bag<'_>) -> Result<Vec<Write>, Trouble> {
    let recommended = bag.take_word(&[
        "recommended",
        "recommendation",
        "recommendations",
        "rightsizing",
        "optimization",
        "optimizations",
    ]);
    if !recommended {
        return Err(Trouble::NotAChange);
    }
    recommended_resources(bag)
}

/// "optimize backend" recommends; only "… and apply it" changes.
pub(super) fn optimize(bag: &mut Bag<'_>) -> Result<Vec<Write>, Trouble> {
    if !bag.take_word(&["apply"]) {
        return Err(Trouble::NotAChange);
    }
    bag.drop_words(&["result", "results", "recommendation", "recommendations"]);
    if bag.items.iter().filter(|p| p.what == What::It).count() == 1 && bag.context.it.is_empty() {
        bag.drop(|w| *w == What::It);
    }
    recommended_resources(bag)
}

fn recommended_resources(bag: &mut Bag<'_>) -> Result<Vec<Write>, Trouble> {
    bag.drop_topics(&[Topic::Resources, Topic::Request, Topic::Limit, Topic::Cpu, Topic::Memory]);
    bag.drop_words(&["usage", "settings"]);
    let named =
        bag.has(|w| matches!(w, What::Name { .. } | What::Object(_) | What::It | What::Word(_) | What::Kind(_)));
    if !named {
        bag.drop(|w| matches!(w, What::Everywhere | What::Workload | What::All));
        return Ok(vec![Write::Optimize { target: None, namespace: bag.namespace.clone(), force: false }]);
    }
    let targets = bag.targets(lexicon::WORKLOADS)?;
    Ok(targets.into_iter().map(|t| Write::Optimize { target: Some(aim(t)), namespace: None, force: false }).collect())
}
