//! Every rule against its positive, negative and near-miss cases, and every patch against its finding.

use std::collections::BTreeSet;

use crate::fixture::{Case, World};
use pilot_core::config::Config;
use pilot_core::finding::{Finding, Severity};
use pilot_core::rules::{analyze, analyze_with, table};

fn findings(world: &World, id: &str) -> Vec<Finding> {
    let snapshot = world.snapshot();
    assert!(snapshot.errors.is_empty(), "{id}: {:?}", snapshot.errors);
    let mut config: Config = world.config.clone();
    let opt_in = table().find(|rule| rule.id == id).is_some_and(|rule| rule.opt_in);
    if opt_in || id == "REL-030" {
        config.enable.insert(id.to_owned());
    }
    analyze_with(&snapshot, &config, |rule| rule.id == id).findings
}

fn each_case(mut judge: impl FnMut(&str, &str, &Case)) {
    for (id, cases) in crate::fixture::all_cases() {
        for (sort, list) in
            [("positive", &cases.positive), ("negative", &cases.negative), ("near-miss", &cases.near_miss)]
        {
            assert!(!list.all().is_empty(), "{id} has no {sort} case");
            for case in list.all() {
                judge(&id, sort, case);
            }
        }
    }
}

#[test]
fn every_rule_has_cases_and_every_case_a_rule() {
    let rules: Vec<&str> = table().map(|rule| rule.id).collect();
    let unique: BTreeSet<&str> = rules.iter().copied().collect();
    assert_eq!(rules.len(), unique.len(), "an id is registered twice");
    let cases = crate::fixture::all_cases();
    let covered: BTreeSet<&str> = cases.keys().map(String::as_str).collect();
    assert_eq!(unique, covered);
    let count = |prefix: &str| unique.iter().filter(|id| id.starts_with(prefix)).count();
    assert_eq!(["SEC", "RBC", "REL", "EFF", "NET"].map(count), [45, 18, 37, 15, 18]);
}

#[test]
fn cases_find_what_they_should() {
    let mut wrong = Vec::new();
    each_case(|id, sort, case| {
        let found = findings(&case.world(), id);
        let shown: Vec<String> =
            found.iter().map(|f| format!("{} {} {}", f.severity, f.subject.object, f.message)).collect();
        if (sort == "positive") == found.is_empty() {
            wrong.push(format!("{id} {sort} {}: found {shown:?}", case.why));
        }
        if let Some(severity) = case.severity
            && !found.iter().any(|finding| finding.severity == severity)
        {
            wrong.push(format!("{id} {sort} {}: no finding is {severity}: {shown:?}", case.why));
        }
    });
    assert!(wrong.is_empty(), "{} cases are wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn the_healthy_application_has_no_findings_worth_mentioning() {
    let world = Case::default().world();
    let analysis = analyze(&world.snapshot(), &Config::default());
    let bad: Vec<String> = analysis
        .findings
        .iter()
        .filter(|f| f.severity.at_least(Severity::Low))
        .map(|f| format!("{} {}", f.key(), f.message))
        .collect();
    assert!(bad.is_empty(), "{bad:#?}");
}

#[test]
fn patches_remove_their_findings_and_the_rest_says_why_there_is_none() {
    let mut wrong = Vec::new();
    let mut patched = 0;
    each_case(|id, sort, case| {
        let world = case.world();
        for finding in findings(&world, id) {
            let remediation = &finding.remediation;
            match &remediation.patch {
                Some(patch) => {
                    patched += 1;
                    let after = findings(&world.patched(patch), id);
                    if after.iter().any(|other| other.key() == finding.key()) {
                        wrong.push(format!("{id} {sort} {}: still there after {}", case.why, patch.body));
                    }
                }
                None if finding.severity.at_least(Severity::Medium)
                    && remediation.no_patch.as_ref().is_none_or(String::is_empty) =>
                {
                    wrong.push(format!("{id} {sort} {}: neither patch nor reason: {}", case.why, finding.message));
                }
                None => {}
            }
        }
    });
    assert!(patched > 100, "only {patched} patches were tried");
    assert!(wrong.is_empty(), "{} patches are wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn the_order_of_objects_does_not_change_the_output() {
    each_case(|id, sort, case| {
        // Each rule once: the rest of its cases go the same ways.
        if sort != "positive" {
            return;
        }
        let mut world = case.world();
        let straight = serde_json::to_string(&analyze(&world.snapshot(), &world.config)).unwrap();
        assert_eq!(straight, serde_json::to_string(&analyze(&world.snapshot(), &world.config)).unwrap());
        world.objects.reverse();
        let reversed = serde_json::to_string(&analyze(&world.snapshot(), &world.config)).unwrap();
        assert_eq!(straight, reversed, "{id}");
    });
}
