//! Changes of workloads that carry numbers: resources, probes, autoscalers, ports.

use super::target::aim;
use super::workload::container;
use super::{Bag, Trouble, text};
use crate::action::{MapChange, Probe, ProbeKind, Write};
use crate::intent::lexicon::WORKLOADS;
use crate::intent::phrase::{Prep, Topic, What};

/// Which end of a resource's range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Bound {
    Limit,
    Request,
}

pub(in crate::intent) fn resources(bag: &mut Bag<'_>, limit: bool) -> Result<Vec<Write>, Trouble> {
    let container = container(bag);
    let mut said: Vec<(&'static str, Option<Bound>, Option<String>)> = Vec::new();
    let mut amount: Option<String> = None;
    let mut rest = Vec::new();
    // In the order of the sentence: "memory limit to 512Mi", "512Mi of memory", "limit memory to 512Mi".
    let mut bound = limit.then_some(Bound::Limit);
    for phrase in std::mem::take(&mut bag.items) {
        match &phrase.what {
            What::Topic(Topic::Memory | Topic::Cpu) => {
                let resource = if phrase.what == What::Topic(Topic::Cpu) { "cpu" } else { "memory" };
                said.push((resource, bound.take(), amount.take()));
            }
            What::Topic(topic @ (Topic::Limit | Topic::Request)) => {
                let end = Some(if *topic == Topic::Limit { Bound::Limit } else { Bound::Request });
                match said.iter_mut().rev().find(|(_, bound, _)| bound.is_none()) {
                    Some(last) => last.1 = end,
                    None => bound = end,
                }
            }
            What::Amount(value) => match said.iter_mut().rev().find(|(.., amount)| amount.is_none()) {
                Some(last) => last.2 = Some(value.clone()),
                None => amount = Some(value.clone()),
            },
            What::Number(value) if matches!(phrase.prep, Prep::To | Prep::At | Prep::None) => {
                match said.iter_mut().rev().find(|(resource, _, amount)| *resource == "cpu" && amount.is_none()) {
                    Some(last) => last.2 = Some(value.to_string()),
                    None => rest.push(phrase),
                }
            }
            What::Topic(Topic::Resources) => {}
            _ => rest.push(phrase),
        }
    }
    bag.items = rest;
    bag.drop_words(&["consumption", "usage"]);
    bag.drop(|w| matches!(w, What::Up(_)));
    let relative = bag.take(|p| matches!(p.what, What::Percent(_))).is_some();
    let targets = bag.targets(WORKLOADS)?;
    let name = targets.first().map(|t| t.object.to_string()).unwrap_or_default();
    if relative || said.is_empty() || said.iter().any(|(.., amount)| amount.is_none()) || amount.is_some() {
        let what = said.iter().find(|(.., amount)| amount.is_none()).map_or("memory", |(resource, ..)| resource);
        let bound = said.first().and_then(|(_, bound, _)| *bound).map_or(" ", |b| match b {
            Bound::Limit => " limit ",
            Bound::Request => " request ",
        });
        return Err(Trouble::Missing {
            question: format!("to how much {what}? write an amount such as 512Mi or 250m"),
            before: format!("set the {what}{bound}of {name} to"),
        });
    }
    let plan = |unbound: &[Bound]| {
        let (mut requests, mut limits) = (MapChange::new(), MapChange::new());
        for (resource, bound, amount) in &said {
            for bound in bound.as_ref().map_or(unbound, std::slice::from_ref) {
                let map = if *bound == Bound::Limit { &mut limits } else { &mut requests };
                map.insert((*resource).to_owned(), amount.clone());
            }
        }
        let write = |target| Write::SetResources {
            target,
            container: container.clone(),
            requests: requests.clone(),
            limits: limits.clone(),
        };
        targets.iter().map(|t| write(aim(t))).collect::<Vec<_>>()
    };
    if said.iter().all(|(_, bound, _)| bound.is_some()) {
        return Ok(plan(&[]));
    }
    let meanings = [&[Bound::Limit][..], &[Bound::Request], &[Bound::Request, Bound::Limit]];
    bag.finish()?;
    Err(Trouble::Meanings(
        "the limit, the request, or both?".to_owned(),
        meanings.iter().flat_map(|b| plan(b)).collect(),
    ))
}

pub(in crate::intent) fn probe(bag: &mut Bag<'_>) -> Result<Vec<Write>, Trouble> {
    let container = container(bag);
    let kind = bag.take(|p| matches!(p.what, What::Topic(Topic::Readiness | Topic::Liveness | Topic::Startup)));
    bag.drop_topics(&[Topic::Probe]);
    let mut probe = Probe::default();
    if let Some(path) = bag.take(|p| matches!(p.what, What::Path(_))) {
        probe.path = Some(text(&path.what));
    }
    bag.drop_topics(&[Topic::Path]);
    for (words, field) in [
        (&["timeout"][..], &mut probe.timeout_seconds),
        (&["period", "interval"], &mut probe.period_seconds),
        (&["delay"], &mut probe.initial_delay_seconds),
        (&["threshold"], &mut probe.failure_threshold),
    ] {
        if bag.take_word(words) {
            let number = bag.take(|p| matches!(p.what, What::Number(_) | What::Since(_)));
            *field = number.and_then(|p| match p.what {
                What::Number(n) | What::Since(n) => u32::try_from(n).ok(),
                _ => None,
            });
        }
    }
    bag.drop_words(&["initial", "failure", "url"]);
    if bag.take(|p| p.what == What::Topic(Topic::Port)).is_some() {
        probe.port = bag.take_number(|_| true).map(|(_, n)| n.to_string());
    }
    let target = bag.target(WORKLOADS)?;
    let kind = match kind.map(|p| p.what) {
        Some(What::Topic(Topic::Readiness)) => ProbeKind::Readiness,
        Some(What::Topic(Topic::Liveness)) => ProbeKind::Liveness,
        Some(What::Topic(Topic::Startup)) => ProbeKind::Startup,
        _ => {
            let meaning = |kind| Write::SetProbe {
                target: aim(target),
                container: container.clone(),
                kind,
                probe: probe.clone(),
            };
            return Err(Trouble::Meanings(
                "which probe?".to_owned(),
                [ProbeKind::Readiness, ProbeKind::Liveness, ProbeKind::Startup].map(meaning).to_vec(),
            ));
        }
    };
    if probe == Probe::default() {
        return Err(Trouble::Missing {
            question: "which path shall the probe ask?".to_owned(),
            before: format!("set the {} probe of {} to", format!("{kind:?}").to_lowercase(), target.object),
        });
    }
    Ok(vec![Write::SetProbe { target: aim(target), container, kind, probe }])
}

pub(in crate::intent) fn autoscale(bag: &mut Bag<'_>) -> Result<Vec<Write>, Trouble> {
    let percent = bag.take(|p| matches!(p.what, What::Percent(_))).map(|p| p.what);
    let cpu_percent = match percent {
        Some(What::Percent(n)) => Some(u32::try_from(n).map_err(|_| Trouble::Unknown(format!("{n}%")))?),
        _ => None,
    };
    let (mut min, mut max, mut wanted) = (None, None, None);
    let mut rest = Vec::new();
    for phrase in std::mem::take(&mut bag.items) {
        match &phrase.what {
            What::Topic(topic @ (Topic::Min | Topic::Max)) => wanted = Some(*topic),
            What::Number(n) | What::Replicas(n) => {
                let n = u32::try_from(*n).map_err(|_| Trouble::Unknown(n.to_string()))?;
                let low = match wanted.take() {
                    Some(topic) => topic == Topic::Min,
                    None => min.is_none() && matches!(phrase.prep, Prep::Between | Prep::From),
                };
                let slot = if low { &mut min } else { &mut max };
                if slot.replace(n).is_some() {
                    return Err(Trouble::Unknown(n.to_string()));
                }
            }
            _ => rest.push(phrase),
        }
    }
    bag.items = rest;
    bag.drop_topics(&[Topic::Replicas, Topic::Cpu, Topic::Resources]);
    bag.drop(|w| matches!(w, What::Up(_)));
    bag.drop_words(&[
        "horizontally",
        "horizontal",
        "autoscaling",
        "utilization",
        "utilisation",
        "usage",
        "average",
        "target",
        "load",
    ]);
    let kinds = &["Deployment", "StatefulSet"];
    // "hpa for backend": the kind says what is made, not what it is for.
    for phrase in &mut bag.items {
        if let What::Name { kind: kind @ Some("HorizontalPodAutoscaler"), .. } = &mut phrase.what {
            *kind = None;
        }
    }
    bag.drop(|w| matches!(w, What::Kind("HorizontalPodAutoscaler")));
    let target = bag.target(kinds)?;
    let Some(max) = max else {
        let from = min.map(|n| format!("between {n} and")).unwrap_or_else(|| "max".to_owned());
        return Err(Trouble::Missing {
            question: "up to how many replicas?".to_owned(),
            before: format!("autoscale {} {from}", target.object),
        });
    };
    if min.is_some_and(|min| min > max) {
        return Err(Trouble::Impossible(format!("the minimum {} is above the maximum {max}", min.unwrap_or_default())));
    }
    Ok(vec![Write::Autoscale { target: aim(target), min, max, cpu_percent }])
}

pub(in crate::intent) fn expose(bag: &mut Bag<'_>) -> Result<Vec<Write>, Trouble> {
    let mut service_type = None;
    for (words, kind) in [
        (&["nodeport"][..], "NodePort"),
        (&["loadbalancer", "load-balancer"], "LoadBalancer"),
        (&["clusterip"], "ClusterIP"),
    ] {
        if bag.take_word(words) {
            service_type = Some(kind.to_owned());
        }
    }
    bag.drop(|w| matches!(w, What::Kind("Service")));
    bag.drop_words(&["type", "internally", "tcp", "http"]);
    let mut target_port = None;
    if let Some(at) = bag
        .items
        .iter()
        .position(|p| matches!(&p.what, What::Word(w) if matches!(w.as_str(), "target" | "targetport" | "target-port")))
    {
        bag.items.remove(at);
        if bag.items.get(at).is_some_and(|p| p.what == What::Topic(Topic::Port)) {
            bag.items.remove(at);
        }
        target_port = match bag.items.get(at).map(|p| p.what.clone()) {
            Some(What::Number(n)) => {
                bag.items.remove(at);
                Some(n.to_string())
            }
            _ => None,
        };
    }
    let port = bag.take_number(|_| true).map(|(_, n)| n);
    bag.drop_topics(&[Topic::Port]);
    let target = bag.target(WORKLOADS)?;
    let Some(port) = port else {
        return Err(Trouble::Missing {
            question: "on which port?".to_owned(),
            before: format!("expose {} on port", target.object),
        });
    };
    let port = u16::try_from(port).ok().filter(|p| *p > 0);
    let port = port.ok_or_else(|| Trouble::Impossible("a port is a number from 1 to 65535".to_owned()))?;
    Ok(vec![Write::Expose { target: aim(target), name: None, port, target_port, service_type }])
}
