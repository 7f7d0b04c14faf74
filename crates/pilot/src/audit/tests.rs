use serde_json::json;

use super::chain::{Broken, Verdict};
use super::*;

fn entry(number: u32) -> Entry {
    Entry {
        time: Timestamp::UNIX_EPOCH,
        user: "alice".to_owned(),
        context: "test".to_owned(),
        server: "http://127.0.0.1".to_owned(),
        intent: format!("scale backend to {number}"),
        findings: Vec::new(),
        plan: "p".to_owned(),
        steps: vec!["change Deployment/todo/backend".to_owned()],
        diff: "+ password: hunter2hunter2".to_owned(),
        event: Event::Applied,
        decision: "--yes".to_owned(),
        result: "done".to_owned(),
    }
}

/// A log of four entries: its folder, path and text.
fn log() -> (tempfile::TempDir, PathBuf, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state/audit.jsonl");
    for number in 1..=4 {
        let head = Log::open(&path).unwrap().append(&entry(number)).unwrap();
        assert_eq!(head.seq, u64::from(number));
    }
    let text = std::fs::read_to_string(&path).unwrap();
    (folder, path, text)
}

fn broken(text: &str, path: &Path) -> Option<Broken> {
    let kept: Vec<Head> = chain::kept_head(path).into_iter().collect();
    verify(text, &kept).broken
}

#[test]
fn an_untouched_log_is_whole_and_holds_no_secret() {
    let (_folder, path, text) = log();
    assert_eq!(broken(&text, &path), None);
    assert_eq!(verify(&text, &[]).head.seq, 4);
    assert_eq!(text.lines().count(), 4);
    assert!(!text.contains("hunter2"), "{text}");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}

#[test]
fn every_tampering_is_seen() {
    let (_folder, path, text) = log();
    let lines: Vec<&str> = text.lines().collect();
    let join = |order: &[usize]| order.iter().map(|at| format!("{}\n", lines[*at])).collect::<String>();
    for at in 0..4 {
        let mut changed: Vec<String> = lines.iter().map(|l| (*l).to_owned()).collect();
        changed[at] = changed[at].replace("scale backend", "delete backend");
        assert_eq!(broken(&changed.join("\n"), &path), Some(Broken::Changed(at + 1)));
    }
    assert_eq!(broken(&join(&[1, 2, 3]), &path), Some(Broken::OutOfOrder(1)), "the first is removed");
    assert_eq!(broken(&join(&[0, 2, 3]), &path), Some(Broken::OutOfOrder(2)), "one is removed");
    assert_eq!(broken(&join(&[0, 2, 1, 3]), &path), Some(Broken::OutOfOrder(2)), "two changed places");
    assert_eq!(broken(&join(&[0, 1, 1, 2, 3]), &path), Some(Broken::OutOfOrder(3)), "one is there twice");
    assert_eq!(broken(&join(&[0, 1, 2]), &path), Some(Broken::CutOff { found: 3, known: 4 }));
    assert_eq!(broken("", &path), Some(Broken::CutOff { found: 0, known: 4 }), "the log is emptied");
    assert_eq!(broken("nonsense\n", &path), Some(Broken::NotAnEntry(1)));
}

#[test]
fn a_changed_line_with_a_new_hash_breaks_the_next_one() {
    let (_folder, path, text) = log();
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let mut forged: Value = serde_json::from_str(&lines[1]).unwrap();
    forged["intent"] = json!("nothing at all");
    let before = read(&text)[0].head.clone();
    for gone in ["hash", "seq", "prev"] {
        forged.as_object_mut().unwrap().remove(gone);
    }
    lines[1] = chain::link(&forged, &before).0.trim_end().to_owned();
    assert_eq!(broken(&lines.join("\n"), &path), Some(Broken::OutOfOrder(3)));
}

#[test]
fn a_gap_stays_visible_when_the_log_goes_on() {
    let (_folder, path, text) = log();
    let lines: Vec<&str> = text.lines().collect();
    std::fs::write(&path, format!("{}\n", lines[0])).unwrap();
    Log::open(&path).unwrap().append(&entry(9)).unwrap();
    let text = std::fs::read_to_string(&path).unwrap();
    assert_eq!(broken(&text, &path), Some(Broken::OutOfOrder(2)));
}

#[test]
fn a_head_kept_elsewhere_tells_a_log_that_was_made_anew() {
    let (_folder, path, text) = log();
    let head = verify(&text, &[]).head;
    let elsewhere = [Head { seq: 0, hash: head.hash.clone() }];
    assert_eq!(verify(&text, &elsewhere).broken, None);
    std::fs::remove_file(&path).unwrap();
    std::fs::remove_file(path.with_file_name("audit.jsonl.head")).unwrap();
    for number in 1..=4 {
        Log::open(&path).unwrap().append(&entry(number + 10)).unwrap();
    }
    let forged = std::fs::read_to_string(&path).unwrap();
    assert_eq!(broken(&forged, &path), None, "the chain itself is whole");
    assert_eq!(verify(&forged, &elsewhere).broken, Some(Broken::OtherEnd));
}

#[test]
fn two_writers_make_one_chain() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("audit.jsonl");
    let threads: Vec<_> = (0..4)
        .map(|number| {
            let path = path.clone();
            std::thread::spawn(move || {
                for _ in 0..10 {
                    Log::open(&path).unwrap().append(&entry(number)).unwrap();
                }
            })
        })
        .collect();
    threads.into_iter().for_each(|thread| thread.join().unwrap());
    let text = std::fs::read_to_string(&path).unwrap();
    assert_eq!(verify(&text, &[]), Verdict { head: chain::kept_head(&path).unwrap(), broken: None });
    assert_eq!(text.lines().count(), 40);
}

#[test]
fn a_log_that_cannot_be_written_refuses() {
    let refused = Log::open(Path::new("/proc/nothing/audit.jsonl"));
    assert!(matches!(refused, Err(Error::Refused(text)) if text.contains("nothing is changed")));
}
