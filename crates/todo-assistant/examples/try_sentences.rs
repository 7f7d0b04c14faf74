//! Reads conversations (case files) and prints what they do: for writing cases and for looking into a sentence.

#[path = "../tests/assistant/support.rs"]
#[expect(clippy::unwrap_used, clippy::expect_used, reason = "shared with the tests")]
mod support;

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let text = std::io::read_to_string(std::io::stdin())?;
    for mut case in support::cases(&text) {
        case.expected = vec!["says \u{1}".into(), "calls".into(), "calls x".into(), "shows".into()];
        if case.language != "en" {
            println!("%language {}\n", case.language);
        }
        println!("{}", case.turns.iter().map(|turn| format!("> {turn}")).collect::<Vec<_>>().join("\n"));
        println!("# line {}", case.line);
        for line in support::run(&case).await {
            println!("{line}");
        }
        println!();
    }
    Ok(())
}
