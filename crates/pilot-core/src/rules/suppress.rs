//! Suppression with a reason: annotations on objects and entries of the settings.
//!
//! `ops/ignore: "SEC-013,REL-004@sidecar"` and `ops/ignore-reason: "…"` on the object or its pod
//! template silence those rules there, `@name` only for that container.

use std::collections::BTreeMap;

use super::Context;
use crate::config::Suppression;
use crate::finding::Finding;
use crate::model::{Labels, ObjectMeta};

const IGNORE: &str = "ops/ignore";
const REASON: &str = "ops/ignore-reason";

type Key<'a> = (&'a str, &'a str, &'a str);

/// Splits findings of any origin into those that count and those that are suppressed, with the reason.
pub fn split_suppressed(ctx: &Context<'_>, found: Vec<Finding>) -> (Vec<Finding>, Vec<Finding>) {
    let mut annotated: BTreeMap<Key<'_>, Vec<&ObjectMeta>> = BTreeMap::new();
    let mut labels: BTreeMap<Key<'_>, &Labels> = BTreeMap::new();
    for meta in ctx.snapshot.all() {
        let key = (meta.kind.as_str(), meta.namespace.as_str(), meta.name.as_str());
        labels.insert(key, &meta.labels);
        if meta.annotations.contains_key(IGNORE) {
            annotated.entry(key).or_default().push(meta);
        }
    }
    for workload in &ctx.all_workloads {
        if workload.template.annotations.contains_key(IGNORE) {
            let meta = workload.meta;
            annotated.entry((&meta.kind, &meta.namespace, &meta.name)).or_default().push(workload.template);
        }
    }
    let mut counts = Vec::new();
    let mut suppressed = Vec::new();
    for mut finding in found {
        let object = &finding.subject.object;
        let key = (object.kind.as_str(), object.namespace.as_str(), object.name.as_str());
        let by_annotation =
            annotated.get(&key).into_iter().flatten().find_map(|meta| annotation_reason(meta, &finding));
        let reason = by_annotation.or_else(|| {
            let of_object = labels.get(&key).copied();
            ctx.config
                .ignore
                .iter()
                .find(|entry| entry.covers(ctx, &finding, of_object))
                .map(|entry| if entry.reason.is_empty() { "settings".to_owned() } else { entry.reason.clone() })
        });
        if reason.is_some() {
            finding.suppressed = reason;
            suppressed.push(finding);
        } else {
            counts.push(finding);
        }
    }
    (counts, suppressed)
}

fn annotation_reason(meta: &ObjectMeta, finding: &Finding) -> Option<String> {
    let listed = meta.annotations.get(IGNORE)?.split([',', ' ']).map(str::trim).any(|entry| {
        let (id, container) = entry.split_once('@').map_or((entry, None), |(id, name)| (id, Some(name)));
        id == finding.id && (container.is_none() || container == finding.subject.container.as_deref())
    });
    listed.then(|| meta.annotations.get(REASON).cloned().unwrap_or_else(|| format!("annotation {IGNORE}")))
}

impl Suppression {
    fn covers(&self, ctx: &Context<'_>, finding: &Finding, labels: Option<&Labels>) -> bool {
        let object = &finding.subject.object;
        let today = ctx.snapshot.taken_at.to_zoned(jiff::tz::TimeZone::UTC).date();
        let allows = |set: &std::collections::BTreeSet<String>, value: &str| set.is_empty() || set.contains(value);
        self.until.is_none_or(|until| today <= until)
            && allows(&self.ids, &finding.id)
            && allows(&self.kinds, &object.kind)
            && allows(&self.namespaces, &object.namespace)
            && allows(&self.names, &object.name)
            && allows(&self.containers, finding.subject.container.as_deref().unwrap_or(""))
            && (self.selector.is_empty() || labels.is_some_and(|labels| self.selector.matches(labels)))
    }
}
