//! Secrets planted in every string of every case come out of no analysis.

use crate::fixture::Case;
use pilot_core::redact::Redactor;
use pilot_core::rules::analyze;
use serde_json::Value;

/// Recognisable by its form, wherever it stands.
const PLANTED: &str = "AKIAPLANTEDSECRET123";

/// Replaces every string below `value` except the names that make an object what it is.
fn plant(value: &mut Value, key: &str) {
    match value {
        Value::String(text) if !matches!(key, "kind" | "apiVersion" | "namespace" | "operator") => {
            *text = if text.is_empty() { PLANTED.to_owned() } else { format!("{text} {PLANTED}") };
        }
        Value::Array(items) => items.iter_mut().for_each(|item| plant(item, key)),
        Value::Object(fields) => {
            for (key, field) in fields.iter_mut() {
                plant(field, key);
            }
        }
        _ => {}
    }
}

fn assert_clean(case: &str, world: &crate::fixture::World) -> usize {
    let snapshot = world.snapshot();
    let analysis = analyze(&snapshot, &world.config);
    let mut output = serde_json::to_value((&analysis, &snapshot.errors)).unwrap();
    let before = output.to_string().matches(PLANTED).count();
    Redactor::new().value(&mut output);
    let text = output.to_string();
    assert!(!text.contains(PLANTED), "{case}: {}", &text[text.find(PLANTED).unwrap_or(0).saturating_sub(200)..]);
    before
}

fn worlds(mut judge: impl FnMut(&str, &Case)) {
    for (id, cases) in crate::fixture::all_cases() {
        for list in [&cases.positive, &cases.negative, &cases.near_miss] {
            list.all().iter().for_each(|case| judge(&id, case));
        }
    }
}

#[test]
fn planted_in_all_strings_at_once() {
    let mut seen = 0;
    worlds(|id, case| {
        let mut world = case.world();
        world.objects.iter_mut().for_each(|object| plant(object, ""));
        seen += assert_clean(id, &world);
    });
    assert!(seen > 1000, "the secret hardly reached the output ({seen}): the test would prove nothing");
}

#[test]
fn planted_in_one_object_at_a_time() {
    worlds(|id, case| {
        let count = case.world().objects.len();
        // The base's own objects are the same everywhere; the case's own come last.
        for index in (0..count).rev().take(1) {
            let mut world = case.world();
            plant(&mut world.objects[index], "");
            assert_clean(id, &world);
        }
    });
}

#[test]
fn values_of_secrets_never_reach_the_snapshot() {
    let mut world = Case::default().world();
    world.objects.push(serde_json::json!({
        "apiVersion": "v1", "kind": "Secret", "metadata": { "name": "s", "namespace": "app",
            "annotations": { "kubectl.kubernetes.io/last-applied-configuration": "{\"stringData\":{\"a\":\"horse-battery\"}}" } },
        "data": { "a": "aG9yc2UtYmF0dGVyeQ==" }, "stringData": { "b": "horse-battery" },
    }));
    let text = format!("{:?}", world.snapshot());
    assert!(!text.contains("horse-battery") && !text.contains("aG9yc2UtYmF0dGVyeQ"));
}
