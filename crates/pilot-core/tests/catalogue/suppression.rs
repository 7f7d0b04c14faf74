//! What does not count, and why: annotations, settings, baselines, gaps.

use pilot_core::baseline::Baseline;
use pilot_core::config::Config;
use pilot_core::rules::{Analysis, analyze};
use serde_json::{Value, json};

use crate::fixture::Case;

/// The healthy application with an untagged image in a sidecar and in the main container.
fn analysis(change: Value, config: Value) -> Analysis {
    let mut case = json!({
        "container": { "image": "web" },
        "pod": { "initContainers": [{ "name": "proxy", "image": "proxy", "restartPolicy": "Always" }] },
    });
    pilot_core::patch::merge(&mut case, &change);
    let case: Case = serde_json::from_value(case).unwrap();
    let config: Config = serde_json::from_value(config).unwrap();
    analyze(&case.world().snapshot(), &config)
}

fn counts(analysis: &Analysis, id: &str) -> (usize, usize) {
    let count = |list: &[pilot_core::finding::Finding]| list.iter().filter(|finding| finding.id == id).count();
    (count(&analysis.findings), count(&analysis.suppressed))
}

#[test]
fn annotations_silence_a_rule_on_the_object_or_for_one_container() {
    assert_eq!(counts(&analysis(json!({}), json!({})), "SEC-027"), (2, 0));
    let annotate =
        |value: &str| json!({ "template": { "annotations": { "ops/ignore": value, "ops/ignore-reason": "tested" } } });
    let whole = analysis(annotate("SEC-001, SEC-027"), json!({}));
    assert_eq!(counts(&whole, "SEC-027"), (0, 2));
    assert!(whole.suppressed.iter().all(|finding| finding.suppressed.as_deref() == Some("tested")));
    assert_eq!(counts(&analysis(annotate("SEC-027@proxy"), json!({})), "SEC-027"), (1, 1));
    assert_eq!(counts(&analysis(annotate("SEC-02"), json!({})), "SEC-027"), (2, 0));
    let object = json!({ "deployment": { "metadata": { "annotations": { "ops/ignore": "SEC-027" } } } });
    assert_eq!(counts(&analysis(object, json!({})), "SEC-027"), (0, 2));
}

#[test]
fn settings_silence_by_every_field_until_their_day() {
    let with = |entry: Value| counts(&analysis(json!({}), json!({ "ignore": [entry] })), "SEC-027");
    assert_eq!(with(json!({ "ids": ["SEC-027"], "reason": "r" })), (0, 2));
    assert_eq!(with(json!({ "ids": ["SEC-027"], "containers": ["proxy"] })), (1, 1));
    assert_eq!(with(json!({ "ids": ["SEC-027"], "namespaces": ["other"] })), (2, 0));
    assert_eq!(with(json!({ "kinds": ["Deployment"], "names": ["web"] })), (0, 2));
    assert_eq!(
        with(json!({ "ids": ["SEC-027"], "selector": { "matchLabels": { "app.kubernetes.io/name": "web" } } })),
        (0, 2)
    );
    assert_eq!(
        with(json!({ "ids": ["SEC-027"], "selector": { "matchLabels": { "app.kubernetes.io/name": "x" } } })),
        (2, 0)
    );
    assert_eq!(with(json!({ "ids": ["SEC-027"], "until": "2026-11-21" })), (0, 2));
    assert_eq!(with(json!({ "ids": ["SEC-027"], "until": "2026-11-20" })), (2, 0));
}

#[test]
fn a_baseline_lets_only_new_findings_through() {
    let before = analysis(json!({}), json!({})).findings;
    let saved = serde_json::to_string(&Baseline::of(&before)).unwrap();
    let baseline: Baseline = serde_json::from_str(&saved).unwrap();
    let same = baseline.compare(before.clone());
    assert_eq!((same.new.len(), same.known.len(), same.gone.len()), (0, before.len(), 0));
    let after = analysis(json!({ "container": { "image": "web:1", "tty": true, "stdin": true } }), json!({})).findings;
    let changed = baseline.compare(after);
    assert_eq!(changed.new.iter().map(|finding| finding.id.as_str()).collect::<Vec<_>>(), ["SEC-032"]);
    assert!(changed.gone.iter().any(|key| key.starts_with("SEC-027|") && key.contains("|app|")));
}

#[test]
fn a_rule_that_may_not_look_says_so() {
    let result = analysis(json!({ "gaps": ["NetworkPolicy"], "drop": ["NetworkPolicy"] }), json!({}));
    assert_eq!(counts(&result, "SEC-043"), (0, 0));
    let skipped: Vec<&str> = result.skipped.iter().map(|skipped| skipped.id).collect();
    assert_eq!(skipped, ["SEC-043", "NET-011"]);
    assert_eq!(result.skipped[0].reason, "cannot list NetworkPolicy (HTTP 403)");
}

#[test]
fn a_finding_in_a_file_names_the_line_of_its_field() {
    use pilot_core::model::Source;
    use pilot_core::snapshot::{LoadOptions, Snapshot};
    let pod = json!({ "apiVersion": "v1", "kind": "Pod", "metadata": { "name": "p" }, "spec": { "containers": [{ "name": "c", "image": "nginx" }] } });
    let source = Source {
        file: "pod.yaml".to_owned(),
        line: 2,
        field_lines: [("spec.containers[0]".to_owned(), 7), ("spec.containers[0].image".to_owned(), 8)].into(),
    };
    let snapshot =
        Snapshot::load([(pod, Some(source))].into_iter(), jiff::Timestamp::UNIX_EPOCH, &LoadOptions::files());
    let found = analyze(&snapshot, &Config::default()).findings;
    let line = |id: &str| {
        found.iter().find(|finding| finding.id == id).and_then(|finding| finding.location.clone()).unwrap().line
    };
    // The field itself, the closest known one above it, and the object.
    assert_eq!((line("SEC-027"), line("EFF-002"), line("SEC-040")), (8, 7, 2));
}
