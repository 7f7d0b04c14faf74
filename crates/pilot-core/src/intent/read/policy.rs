//! Demands in words: "pods must have label team", "images only from ghcr.io/acme".

use crate::intent::phrase::{Phrase, Topic, What};
use crate::intent::write::text;
use crate::policy::{Check, Required};

/// The demand a sentence states, if it states one of the usual ones.
pub fn check(words: &[&str], phrases: &[Phrase]) -> Option<Check> {
    let has = |list: &[&str]| words.iter().any(|w| list.contains(w));
    let topic = |topic: Topic| phrases.iter().any(|p| p.what == What::Topic(topic));
    // The value after a topic: `label team`, `label "team"`, `label team=web`.
    let after = |wanted: Topic| -> Vec<String> {
        let Some(at) = phrases.iter().position(|p| p.what == What::Topic(wanted)) else { return Vec::new() };
        phrases[at + 1..]
            .iter()
            .filter(|p| {
                matches!(p.what, What::Word(_) | What::Name { kind: None, .. } | What::Pair(..) | What::Text(_))
            })
            .map(|p| text(&p.what))
            .take(1)
            .collect()
    };
    let required = |keys: Vec<String>| -> Vec<Required> {
        keys.into_iter()
            .map(|key| match key.split_once('=') {
                Some((key, value)) => Required { key: key.to_owned(), pattern: Some(value.to_owned()) },
                None => Required { key, pattern: None },
            })
            .collect()
    };
    if topic(Topic::Label) {
        let labels = required(after(Topic::Label));
        return (!labels.is_empty()).then_some(Check::RequiredLabels { labels });
    }
    if topic(Topic::Annotation) {
        let annotations = required(after(Topic::Annotation));
        return (!annotations.is_empty()).then_some(Check::RequiredAnnotations { annotations });
    }
    if has(&["digest", "digests"]) {
        return Some(Check::ImageDigests);
    }
    if has(&["latest"]) {
        return Some(Check::DisallowedTags { tags: vec!["latest".to_owned()] });
    }
    let repositories: Vec<String> = phrases
        .iter()
        .filter_map(|p| match &p.what {
            What::Image(image) => Some(image.clone()),
            What::Word(word) | What::Name { kind: None, name: word } if word.contains('.') => Some(word.clone()),
            _ => None,
        })
        .collect();
    if has(&["registry", "registries", "repository", "repositories", "image", "images"]) && !repositories.is_empty() {
        let denied = has(&["not", "disallowed", "forbidden", "deny", "never"]);
        return Some(if denied {
            Check::DisallowedRepositories { repositories }
        } else {
            Check::AllowedRepositories { repositories }
        });
    }
    if topic(Topic::Readiness) || topic(Topic::Liveness) || topic(Topic::Startup) || topic(Topic::Probe) {
        let mut probes = Vec::new();
        for (wanted, name) in
            [(Topic::Readiness, "readinessProbe"), (Topic::Liveness, "livenessProbe"), (Topic::Startup, "startupProbe")]
        {
            if topic(wanted) {
                probes.push(name.to_owned());
            }
        }
        if probes.is_empty() {
            probes = vec!["readinessProbe".to_owned(), "livenessProbe".to_owned()];
        }
        return Some(Check::RequiredProbes { probes });
    }
    if topic(Topic::Limit) || topic(Topic::Request) {
        let mut resources: Vec<String> = Vec::new();
        for (wanted, name) in [(Topic::Cpu, "cpu"), (Topic::Memory, "memory")] {
            if topic(wanted) {
                resources.push(name.to_owned());
            }
        }
        if resources.is_empty() {
            resources = vec!["cpu".to_owned(), "memory".to_owned()];
        }
        let of = |wanted: Topic| if topic(wanted) { resources.clone() } else { Vec::new() };
        return Some(Check::RequiredResources { requests: of(Topic::Request), limits: of(Topic::Limit) });
    }
    let number = phrases.iter().find_map(|p| match p.what {
        What::Number(n) | What::Replicas(n) => i64::try_from(n).ok(),
        _ => None,
    })?;
    let replicas = topic(Topic::Replicas) || phrases.iter().any(|p| matches!(p.what, What::Replicas(_)));
    let most = has(&["most", "maximum", "max"]);
    replicas.then_some(Check::Replicas { min: (!most).then_some(number), max: most.then_some(number) })
}
