//! Objects that no API server would accept: refused by name or judged, never a panic.

use pilot_core::rules::analyze;
use serde_json::{Value, json};

use crate::fixture::{Case, all_cases};

/// Values that stand where something else is expected.
fn odd_values() -> Vec<Value> {
    vec![
        json!(i64::MAX),
        json!(i64::MIN),
        json!("9".repeat(40)),
        json!(""),
        json!([]),
        json!({}),
        json!("\u{1b}[31m\u{202e}x"),
        json!(1e300),
    ]
}

fn leaves(value: &Value, path: String, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            for (key, field) in fields {
                leaves(field, format!("{path}/{}", key.replace('~', "~0").replace('/', "~1")), found);
            }
        }
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(index, item)| leaves(item, format!("{path}/{index}"), found))
        }
        _ => found.push(path),
    }
}

/// Puts each odd value in the place of every `step`-th leaf of an object, one after the other.
fn torment(case: &Case, index: usize, turn: &mut usize) {
    let world = case.world();
    let mut paths = Vec::new();
    leaves(&world.objects[index], String::new(), &mut paths);
    let odd = odd_values();
    for path in paths.iter().filter(|path| *path != "/kind" && *path != "/apiVersion") {
        let mut world = case.world();
        *turn += 1;
        *world.objects[index].pointer_mut(path).unwrap() = odd[*turn % odd.len()].clone();
        let snapshot = world.snapshot();
        let analysis = analyze(&snapshot, &world.config);
        assert!(snapshot.errors.iter().all(|error| !error.field.is_empty()));
        assert!(analysis.findings.len() < 10_000);
    }
}

#[test]
fn an_odd_value_in_any_place_of_the_healthy_application() {
    let case = Case::default();
    let mut turn = 0;
    for _ in 0..2 {
        for index in 0..case.world().objects.len() {
            torment(&case, index, &mut turn);
        }
        turn += 3;
    }
}

#[test]
fn an_odd_value_in_any_place_of_a_rules_own_object() {
    let mut turn = 0;
    for cases in all_cases().values() {
        if let Some(case) = cases.positive.all().last() {
            torment(case, case.world().objects.len() - 1, &mut turn);
        }
    }
}

#[test]
fn numbers_at_the_edge_in_every_place_at_once() {
    for edge in [i64::MAX, i64::MIN, 0, -1] {
        for cases in all_cases().values() {
            let mut world = cases.positive.all()[0].world();
            world.objects.iter_mut().for_each(|object| replace_numbers(object, edge));
            analyze(&world.snapshot(), &world.config);
        }
    }
}

fn replace_numbers(value: &mut Value, edge: i64) {
    match value {
        Value::Number(_) => *value = json!(edge),
        Value::Array(items) => items.iter_mut().for_each(|item| replace_numbers(item, edge)),
        Value::Object(fields) => fields.values_mut().for_each(|field| replace_numbers(field, edge)),
        _ => {}
    }
}
