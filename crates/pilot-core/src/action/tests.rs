use serde_json::json;

use super::*;

fn read(value: serde_json::Value) -> Action {
    serde_json::from_value(value).unwrap()
}

#[test]
fn actions_survive_the_way_through_json() {
    for value in [
        json!({"read": {"action": "list", "kinds": ["pods"], "filter": {"namespace": "todo"}}}),
        json!({"read": {"action": "logs", "target": {"name": "backend"}, "previous": true, "errors": false, "question": false}}),
        json!({"write": {"action": "scale", "target": {"kind": "Deployment", "name": "backend"}, "replicas": {"to": 3}}}),
        json!({"write": {"action": "setImage", "target": {"name": "backend"}, "container": null, "image": {"tag": "1.4"}}}),
        json!({"write": {"action": "create", "template": {"kind": "Namespace", "name": "x"}, "namespace": null}}),
    ] {
        let action = read(value.clone());
        assert_eq!(serde_json::to_value(&action).unwrap(), value, "{action}");
    }
}

#[test]
fn what_is_not_in_the_type_is_refused() {
    for value in [
        json!({"write": {"action": "scale", "target": {"name": "a"}, "replicas": {"to": 1}, "kubeconfig": "/etc/passwd"}}),
        json!({"write": {"action": "scale", "target": {"name": "a", "as": "admin"}, "replicas": {"to": 1}}}),
        json!({"read": {"action": "scale", "target": {"name": "a"}, "replicas": {"to": 1}}}),
        json!({"read": {"action": "exec", "target": {"name": "a"}}}),
    ] {
        assert!(serde_json::from_value::<Action>(value.clone()).is_err(), "{value}");
    }
}

#[test]
fn danger_is_known_by_the_type() {
    let class = |value| read(json!({"write": value})).class();
    let target = json!({"name": "a"});
    assert_eq!(class(json!({"action": "scale", "target": target, "replicas": {"to": 0}})), Class::Destructive);
    assert_eq!(class(json!({"action": "scale", "target": target, "replicas": {"to": 1}})), Class::Write);
    assert_eq!(class(json!({"action": "delete", "target": target})), Class::Destructive);
    assert_eq!(read(json!({"read": {"action": "capacity"}})).class(), Class::Read);
}

#[test]
fn a_secret_is_in_no_text_of_an_action() {
    let action = read(
        json!({"write": {"action": "create", "template": {"kind": "Secret", "name": "db", "data": {"password": "hunter2"}}}}),
    );
    let json = serde_json::to_string(&action).unwrap();
    for text in [json, format!("{action:?}"), action.to_string()] {
        assert!(!text.contains("hunter2"), "{text}");
    }
    let Action::Write(Write::Create { template, .. }) = action else { panic!("a create") };
    assert_eq!(template.objects("todo")[0]["stringData"]["password"], "hunter2");
}

#[test]
fn actions_read_as_sentences() {
    let text = |value| read(value).to_string();
    assert_eq!(
        text(
            json!({"write": {"action": "scale", "target": {"kind": "Deployment", "namespace": "todo", "name": "backend"}, "replicas": {"to": 3}}})
        ),
        "scale deployment todo/backend to 3"
    );
    assert_eq!(
        text(json!({"read": {"action": "list", "kinds": ["pods"], "filter": {"namespace": "todo", "healthy": false}}})),
        "list pods that are not well in namespace todo"
    );
}

#[test]
fn targets_are_read_in_the_usual_forms() {
    for (text, kind, namespace, name) in [
        ("backend", None, None, "backend"),
        ("deploy/backend", Some("deploy"), None, "backend"),
        ("Deployment/todo/backend", Some("Deployment"), Some("todo"), "backend"),
    ] {
        let Ok(target) = text.parse::<Target>();
        assert_eq!(
            (target.kind.as_deref(), target.namespace.as_deref(), target.name.as_str()),
            (kind, namespace, name)
        );
    }
}
