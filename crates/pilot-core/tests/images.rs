//! Every rule of the image review against its cases, and every edit against its finding.

use std::collections::{BTreeMap, BTreeSet};

use pilot_core::dockerfile::{BuildContext, ImageFinding, apply, review, table, unified_diff};
use pilot_core::finding::Severity;
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Cases {
    positive: Vec<String>,
    negative: Vec<String>,
    near_miss: Vec<String>,
}

#[expect(clippy::unwrap_used, reason = "a broken fixture must stop the test")]
fn cases() -> BTreeMap<String, Cases> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/images.yaml");
    serde_saphyr::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn found(text: &str, id: &str) -> Vec<ImageFinding> {
    review(text, &BuildContext { path: "Dockerfile".to_owned(), ..BuildContext::default() })
        .into_iter()
        .filter(|item| item.finding.id == id && item.finding.severity != Severity::Info)
        .collect()
}

#[test]
fn every_rule_finds_its_cases_and_nothing_else() {
    let cases = cases();
    let rules: BTreeSet<&str> = table().map(|rule| rule.id).collect();
    assert_eq!(rules.len(), 21);
    assert_eq!(rules, cases.keys().map(String::as_str).collect());
    let mut wrong = Vec::new();
    for (id, cases) in &cases {
        for (sort, list) in
            [("positive", &cases.positive), ("negative", &cases.negative), ("near-miss", &cases.near_miss)]
        {
            assert!(!list.is_empty(), "{id} has no {sort} case");
            for text in list {
                let found = found(text, id);
                if (sort == "positive") == found.is_empty() {
                    wrong.push(format!(
                        "{id} {sort}: {text:?} {:?}",
                        found.iter().map(|item| &item.finding.message).collect::<Vec<_>>()
                    ));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn edits_remove_their_findings_and_the_rest_says_why_there_is_none() {
    let mut edits = 0;
    for (id, cases) in cases() {
        for text in &cases.positive {
            for item in found(text, &id) {
                match &item.edit {
                    Some(edit) => {
                        edits += 1;
                        let after = apply(text, std::slice::from_ref(edit));
                        let left = found(&after, &id);
                        assert!(
                            left.iter().all(|other| other.finding.message != item.finding.message),
                            "{id}: {after}"
                        );
                        assert!(
                            unified_diff("Dockerfile", text, &after)
                                .starts_with("--- a/Dockerfile\n+++ b/Dockerfile\n@@ ")
                        );
                    }
                    None if item.finding.severity.at_least(Severity::Medium) => {
                        assert!(item.finding.remediation.no_patch.is_some(), "{id}: {}", item.finding.message);
                    }
                    None => {}
                }
            }
        }
    }
    assert!(edits >= 12, "{edits}");
}

#[test]
fn a_dockerignore_is_judged_by_what_lies_in_the_context() {
    let text = "FROM a:1\nCOPY . /app\n";
    let judge = |ignore: &str, files: &[&str]| {
        let context = BuildContext {
            dockerignore: Some(ignore.to_owned()),
            files: files.iter().map(|file| (*file).to_owned()).collect(),
            ..BuildContext::default()
        };
        review(text, &context).iter().any(|item| item.finding.id == "IMG-017")
    };
    assert!(!judge(".git\n.env*\n", &[]));
    assert!(judge(".git\n.env\n", &["node_modules"]));
    assert!(!judge("**/.git\n.env\nnode_modules/\n", &["node_modules"]));
    assert!(judge("# .git\n.env\n", &[]));
}
