//! `todo chat`: one sentence, or a conversation.

use std::io::{BufRead, IsTerminal, Write};

use anyhow::Context;
use clap::Args;
use serde_json::{Value, json};
use todo_client::Client;

use super::Target;

/// Talk to the assistant
#[derive(Debug, Args)]
pub struct Chat {
    /// One sentence; a conversation when left out
    text: Vec<String>,
    /// Go on with this conversation
    #[arg(long, value_name = "ID")]
    conversation: Option<String>,
}

impl Chat {
    pub async fn run(self, target: &Target) -> anyhow::Result<()> {
        let client = target.open().await?;
        let mut conversation = self.conversation;
        if !self.text.is_empty() {
            let answer = say(&client, &self.text.join(" "), &mut conversation).await?;
            show(&answer, target.wants_json());
            return Ok(());
        }
        let terminal = std::io::stdin().is_terminal();
        if terminal {
            println!("Say what you need; an empty line ends.");
        }
        for line in prompts(terminal) {
            let line = line?;
            if line.trim().is_empty() {
                break;
            }
            let answer = say(&client, &line, &mut conversation).await?;
            show(&answer, target.wants_json());
        }
        Ok(())
    }
}

fn prompts(terminal: bool) -> impl Iterator<Item = std::io::Result<String>> {
    std::iter::from_fn(move || {
        if terminal {
            print!("› ");
            std::io::stdout().flush().ok()?;
        }
        let mut line = String::new();
        match std::io::stdin().lock().read_line(&mut line) {
            Ok(0) => None,
            Ok(_) => Some(Ok(line)),
            Err(error) => Some(Err(error)),
        }
    })
}

async fn say(client: &Client, message: &str, conversation: &mut Option<String>) -> anyhow::Result<Value> {
    let mut body = json!({ "message": message.trim() });
    if let Some(id) = conversation {
        body["conversation_id"] = json!(id);
    }
    let answer = client.chat(&body).await?;
    let id = answer["conversation_id"].as_str().context("the answer names no conversation")?;
    *conversation = Some(id.to_owned());
    Ok(answer)
}

fn show(answer: &Value, json: bool) {
    if json {
        println!("{answer}");
        return;
    }
    for line in answer["response"].as_str().unwrap_or_default().lines() {
        println!("{}", crate::table::plain(line));
    }
}
