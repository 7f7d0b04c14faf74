use clap::Parser as _;
use pilot_core::model::ObjectRef;
use serde_json::json;

use super::*;
use crate::plan::{Step, merge};

/// A person who answers what is written down.
struct Script(Vec<&'static str>, Vec<String>);

impl Person for Script {
    fn is_there(&self) -> bool {
        !self.0.is_empty()
    }
    fn ask(&mut self, question: &str) -> Option<String> {
        self.1.push(question.to_owned());
        (self.1.len() <= self.0.len()).then(|| self.0[self.1.len() - 1].to_owned())
    }
}

fn plan(replicas: i64) -> Plan {
    let target = ObjectRef {
        api_version: "apps/v1".into(),
        kind: "Deployment".into(),
        namespace: "t".into(),
        name: "web".into(),
    };
    let mut plan = Plan::new("scale");
    plan.push(Step::patch(&merge(&target, json!({"spec": {"replicas": replicas}}))));
    plan
}

fn args(flags: &[&str]) -> WriteArgs {
    let line = ["pilot", "restart", "web"].iter().chain(flags);
    crate::cli::Cli::try_parse_from(line).unwrap().write
}

fn asked(flags: &[&str], mode: Mode, plan: &Plan, origin: &Origin, answers: &[&'static str]) -> Result<String, Error> {
    decide(&args(flags), mode, plan, origin, &Consent::Ask, &mut Script(answers.to_vec(), Vec::new()))
}

#[test]
fn a_change_needs_a_yes() {
    let origin = Origin::command("scale");
    let decide = |flags: &[&str], answers: &[&'static str]| asked(flags, Mode::Confirm, &plan(2), &origin, answers);
    assert_eq!(decide(&["--yes"], &[]).unwrap(), "--yes");
    assert_eq!(decide(&[], &["y"]).unwrap(), "yes at the terminal");
    for no in ["n", "", "yes please"] {
        assert!(decide(&[], &[no]).is_err(), "{no:?}");
    }
    assert!(decide(&[], &[]).is_err(), "nobody is there");
}

#[test]
fn what_is_destructive_needs_the_name() {
    let origin = Origin::command("scale");
    let decide = |flags: &[&str], answers: &[&'static str]| asked(flags, Mode::Confirm, &plan(0), &origin, answers);
    assert!(decide(&["--yes"], &[]).is_err());
    assert!(decide(&["--yes-delete=other"], &[]).is_err());
    assert!(decide(&["--yes-delete=web"], &[]).is_ok());
    assert!(decide(&[], &["y"]).is_err());
    assert!(decide(&[], &["web"]).is_ok());
    let error = decide(&["--yes"], &["web"]).unwrap_err().to_string();
    assert!(error.contains("--yes-delete=web"), "{error}");
}

#[test]
fn paranoid_asks_for_every_step_and_takes_no_flag() {
    let origin = Origin::command("scale");
    let mut two = plan(2);
    two.extend(plan(3));
    assert!(asked(&["--yes"], Mode::Paranoid, &two, &origin, &[]).is_err());
    assert!(asked(&[], Mode::Paranoid, &two, &origin, &["y", "n"]).is_err());
    assert!(asked(&[], Mode::Paranoid, &two, &origin, &["y", "y", "y"]).is_ok());
}

#[test]
fn untrusted_text_never_changes_anything_by_itself() {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    std::io::Write::write_all(&mut file, b"[[allow]]\nverbs=['patch']\nkinds=['Deployment']\nnamespaces=['t']\n")
        .unwrap();
    let list = format!("--allow-list={}", file.path().display());
    let clean = Origin::command("scale");
    assert_eq!(asked(&[&list], Mode::Auto, &plan(2), &clean, &[]).unwrap(), "allow-list");
    assert!(asked(&[&list], Mode::Auto, &plan(0), &clean, &[]).is_err(), "never destructive");
    let tainted = Origin { tainted: Some("pod-log:t/web".to_owned()), ..clean.clone() };
    let ungrounded = Origin { grounded: false, ..clean };
    for origin in [&tainted, &ungrounded] {
        assert!(asked(&[&list], Mode::Auto, &plan(2), origin, &[]).is_err());
        assert!(asked(&["--yes"], Mode::Confirm, &plan(2), origin, &[]).is_err());
        assert!(asked(&[], Mode::Confirm, &plan(2), origin, &["y"]).is_err(), "a yes is not enough");
    }
}

#[test]
fn an_approval_is_for_one_hash() {
    let plan = plan(2);
    let approve = |hash: &str| {
        let consent = Consent::Approved { hash: hash.to_owned() };
        decide(&args(&[]), Mode::ReadOnly, &plan, &Origin::command("x"), &consent, &mut Script(vec![], vec![]))
    };
    assert!(approve(&plan.hash()).is_ok());
    assert!(approve(&plan.hash()[..12]).is_ok());
    assert!(approve(&plan.hash()[..4]).is_err(), "too short to mean one plan");
    assert!(approve("0000000000000000").is_err());
}

/// What a client says whose user saw the plan with this hash and typed these.
fn elicited(plan: &Plan, origin: &Origin, hash: &str, name: Option<&str>, code: Option<&str>) -> Result<String, Error> {
    let names = name.map(str::to_owned).into_iter().collect();
    let consent = Consent::Elicited { client: "c".into(), hash: hash.into(), names, code: code.map(str::to_owned) };
    decide(&args(&[]), Mode::ReadOnly, plan, origin, &consent, &mut Script(vec![], vec![]))
}

#[test]
fn a_yes_through_a_client_is_to_the_plan_that_was_shown() {
    let origin = Origin::command("x");
    let (small, none) = (plan(2), plan(0));
    assert_eq!(elicited(&small, &origin, &small.hash(), None, None).unwrap(), "yes through c");
    for other in ["", &small.hash()[..12], &none.hash()] {
        assert!(elicited(&small, &origin, other, None, None).is_err(), "{other}");
    }
    assert!(elicited(&none, &origin, &none.hash(), None, None).is_err());
    assert!(elicited(&none, &origin, &none.hash(), Some("api"), None).is_err());
    assert!(elicited(&none, &origin, &none.hash(), Some("web"), None).is_ok());
}

#[test]
fn after_untrusted_text_a_client_must_have_typed_the_code() {
    let plan = plan(2);
    let (hash, wrong) = (plan.hash(), "000000");
    let tainted = Origin { tainted: Some("log of web".into()), ..Origin::command("x") };
    let ungrounded = Origin { grounded: false, ..Origin::command("x") };
    for origin in [tainted, ungrounded] {
        for code in [None, Some(wrong), Some("")] {
            assert!(elicited(&plan, &origin, &hash, None, code).is_err(), "{code:?}");
        }
        assert!(elicited(&plan, &origin, &hash, None, hash.get(..CODE)).is_ok());
    }
}

#[test]
fn a_no_through_a_client_is_a_no() {
    let consent = Consent::Declined { client: "c".to_owned() };
    let asked = decide(
        &args(&["--yes"]),
        Mode::Confirm,
        &plan(2),
        &Origin::command("x"),
        &consent,
        &mut Script(vec!["y"], vec![]),
    );
    assert!(asked.unwrap_err().to_string().contains("declined through c"));
}
