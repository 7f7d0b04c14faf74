//! The examples of `docs/assistant.md` do what it says.

use crate::support::{self, Case};

#[tokio::test(flavor = "multi_thread")]
async fn every_example_of_the_guide_does_what_it_says() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/assistant.md");
    let text = std::fs::read_to_string(path).unwrap();
    let mut examples = 0;
    for (at, line) in text.lines().enumerate() {
        let Some((sentence, promise)) = line.strip_prefix("| `").and_then(|line| line.split_once("` | → ")) else {
            continue;
        };
        let promise = promise.trim_end_matches(['|', ' ']);
        let case = Case { line: at + 1, language: "en".into(), turns: vec![sentence.to_owned()], expected: Vec::new() };
        let effects = support::run(&case).await;
        let count = |prefix: &str| effects.iter().filter(|effect| effect.starts_with(prefix)).count();
        let (deleted, asked) = (count("gone"), count("asks"));
        let mut changed: Vec<&str> = effects
            .iter()
            .filter(|effect| effect.starts_with("done") || effect.starts_with("open") || effect.starts_with('#'))
            .filter_map(|effect| effect.split_whitespace().find(|word| word.starts_with('#')))
            .collect();
        changed.sort_unstable();
        changed.dedup();
        // The next occurrence of a repeating task is no new task of the user's.
        let added = if changed.is_empty() { count("+") } else { 0 };
        let told: Vec<String> = [("adds", added), ("changes", changed.len()), ("deletes", deleted)]
            .iter()
            .filter(|(_, count)| *count > 0)
            .map(|(verb, count)| format!("{verb} {count}"))
            .chain((asked > 0).then(|| "asks".to_owned()))
            .collect();
        let told = told.join(", ");
        let fits = match promise {
            "reads" | "nothing" => told.is_empty(),
            promise => told == promise,
        };
        assert!(fits, "docs/assistant.md:{}: `{sentence}` promises {promise:?} and does {told:?}: {effects:?}", at + 1);
        examples += 1;
    }
    assert!(examples >= 40, "only {examples} examples");
}
