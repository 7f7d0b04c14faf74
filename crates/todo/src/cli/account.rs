//! Signing in at a server.

use std::io::{BufRead, Write};

use anyhow::{Context, bail};
use clap::Args;
use todo_client::{Client, Credentials, Identity, TokenInput};
use todo_service::config::Environment;
use url::Url;

use crate::{home::Home, session::Logins};

/// Sign in at a server
#[derive(Debug, Args)]
pub struct Login {
    /// Address of the server
    server: Url,
    /// E-mail of the account
    #[arg(long)]
    email: Option<String>,
    /// Read the password from standard input
    #[arg(long)]
    password_stdin: bool,
}

impl Login {
    pub async fn run(self) -> anyhow::Result<()> {
        let home = Home::open(&Environment)?;
        let email = match self.email {
            Some(email) => email,
            None => ask("E-mail: ")?,
        };
        let password = if self.password_stdin {
            line()?
        } else {
            rpassword::prompt_password("Password: ").context("the password can't be read; use --password-stdin")?
        };
        let client = Client::http(&self.server)?;
        let entered = client.sign_in(&Credentials { email: &email, password: &password, remember_me: true }).await?;
        let Some(session) = entered.token else { bail!("the server gave no session") };
        let signed_in = client.acting_as(Identity::bearer(&session));
        let host = std::env::var("HOSTNAME").unwrap_or_else(|_| "this machine".to_owned());
        let name = format!("todo on {host}");
        let token = signed_in.create_token(&TokenInput { name: &name }).await?;
        signed_in.sign_out().await?;
        Logins::load(&home)?.remember(&home, &self.server, &token.token)?;
        println!("Signed in at {} as {email}.", self.server);
        Ok(())
    }
}

/// Forget the token of a server
#[derive(Debug, Args)]
pub struct Logout {
    /// Address of the server; the default one when left out
    server: Option<Url>,
}

impl Logout {
    pub fn run(self) -> anyhow::Result<()> {
        let home = Home::open(&Environment)?;
        let mut logins = Logins::load(&home)?;
        let server = self
            .server
            .map(|url| url.to_string())
            .or_else(|| logins.default.clone())
            .context("not signed in anywhere")?;
        if !logins.forget(&home, &server)? {
            bail!("not signed in at {server}");
        }
        println!("Forgot {server}. Revoke the token there under Settings if it may be known to others.");
        Ok(())
    }
}

fn ask(prompt: &str) -> anyhow::Result<String> {
    print!("{prompt}");
    std::io::stdout().flush()?;
    line()
}

fn line() -> anyhow::Result<String> {
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line)?;
    let line = line.trim_end_matches(['\r', '\n']).to_owned();
    if line.is_empty() {
        bail!("nothing was entered");
    }
    Ok(line)
}
