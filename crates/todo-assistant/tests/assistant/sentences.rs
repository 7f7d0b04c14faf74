//! Sentences of the case files, run against a real SQLite store: what they do to the database, what they ask, what they answer.
//!
//! A case is a run of `> sentence` lines (one conversation) and what must come of it, compared as a whole: every change of the
//! database is listed, so a case without changes asserts that nothing was written.
//!
//! ```text
//! > show overdue tasks
//! > complete the first one
//! done #4
//! ```

use crate::support;
use std::path::Path;

/// Runs every case of a file; answers how many ran and what failed.
async fn run_file(path: &Path) -> (usize, Vec<String>) {
    let text = std::fs::read_to_string(path).unwrap();
    let mut failures = Vec::new();
    let cases = support::cases(&text);
    for case in &cases {
        let actual = support::run(case).await;
        if actual != case.expected {
            failures.push(format!(
                "{}:{}\n{}\n  expected {:?}\n  actual   {:?}",
                path.file_name().unwrap().to_string_lossy(),
                case.line,
                case.turns.iter().map(|turn| format!("  > {turn}")).collect::<Vec<_>>().join("\n"),
                case.expected,
                actual
            ));
        }
    }
    (cases.len(), failures)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_sentence_does_what_its_case_says() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let (mut total, mut failures) = (0, Vec::new());
    for file in files {
        let (count, failed) = run_file(&file).await;
        println!("{}: {} cases, {} failed", file.file_name().unwrap().to_string_lossy(), count, failed.len());
        assert!(count > 0, "{} has no cases", file.display());
        total += count;
        failures.extend(failed);
    }
    assert!(total >= 600, "only {total} cases");
    assert!(failures.is_empty(), "{} of {total} failed:\n{}", failures.len(), failures.join("\n"));
}
