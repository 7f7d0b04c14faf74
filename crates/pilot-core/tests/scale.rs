//! A large snapshot keeps its shape, and its analysis is the same every time.

mod synthetic;

use jiff::Timestamp;
use pilot_core::config::Config;
use pilot_core::rules::{Context, analyze};
use pilot_core::snapshot::Snapshot;

#[test]
fn a_thousand_pods_are_two_hundred_workloads() {
    let load = || {
        Snapshot::from_objects(synthetic::cluster(1000).into_iter().map(|object| (object, None)), Timestamp::UNIX_EPOCH)
    };
    let snapshot = load();
    assert!(snapshot.errors.is_empty(), "{:?}", snapshot.errors);
    assert_eq!((snapshot.pods.len(), snapshot.deployments.len(), snapshot.namespaces.len()), (1000, 200, 10));
    let config = Config::default();
    let context = Context::new(&snapshot, &config);
    assert_eq!(context.workloads.len(), 200);
    assert!(
        context
            .workloads
            .iter()
            .all(|workload| workload.pods.len() == 5 && workload.services.len() == 1 && workload.samples.len() == 5)
    );
    let first = serde_json::to_vec(&analyze(&snapshot, &config)).unwrap();
    assert!(first == serde_json::to_vec(&analyze(&load(), &config)).unwrap(), "two runs differ");
    let text = String::from_utf8(first).unwrap();
    for id in ["SEC-003", "SEC-027", "REL-001", "REL-013", "SEC-043", "NET-017"] {
        assert!(text.contains(&format!("\"id\":\"{id}\"")), "{id} is missing");
    }
}
