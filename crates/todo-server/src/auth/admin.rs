//! `todo-backend admin`: the operator's side of accounts. Works on the database directly, so it needs no running server.

use clap::Subcommand;
use todo_auth::{Auth, AuthError, wire_time};
use todo_store::auth::users::User;

use super::setup;
use crate::{config::Config, serve::open_store};

/// Accounts that `list` reads at once.
const PAGE: i64 = 500;

/// What the operator does.
#[derive(Clone, Debug, Subcommand)]
pub enum Action {
    /// Make an account and print a link to choose a password
    Create {
        /// E-mail address
        email: String,
        /// Name to show; default: what stands before the @
        #[arg(long)]
        name: Option<String>,
    },
    /// List accounts
    List,
    /// Lock an account: its sessions end, its tokens stop working
    Lock {
        /// E-mail address or id
        account: String,
    },
    /// Unlock an account
    Unlock {
        /// E-mail address or id
        account: String,
    },
    /// End all sessions and tokens of an account and print a link to choose a new password
    Reset {
        /// E-mail address or id
        account: String,
    },
    /// Remove an account with everything in it
    Remove {
        /// E-mail address or id
        account: String,
        /// Really
        #[arg(long)]
        yes: bool,
    },
}

/// Does it, and says what was done.
///
/// # Errors
/// One line that says why not.
pub async fn run(config: &Config, action: Action) -> anyhow::Result<()> {
    let auth = setup::service(config, open_store(config)?)?;
    match action {
        Action::Create { email, name } => {
            let name = name.unwrap_or_else(|| email.split('@').next().unwrap_or_default().to_owned());
            let (user, link) = auth.admin_create(&email, &name, None).await.map_err(plainly)?;
            println!("created {} ({})", user.email, user.id);
            if let Some(link) = link {
                println!("{link}");
            }
        }
        Action::List => list(&auth).await?,
        Action::Lock { account } => {
            let user = auth.admin_set_locked(&account, true).await.map_err(plainly)?;
            println!("locked {}", user.email);
        }
        Action::Unlock { account } => {
            let user = auth.admin_set_locked(&account, false).await.map_err(plainly)?;
            println!("unlocked {}", user.email);
        }
        Action::Reset { account } => {
            let (user, link) = auth.admin_reset(&account).await.map_err(plainly)?;
            println!(
                "ended all sessions and tokens of {}; this link sets a new password within an hour:\n{link}",
                user.email
            );
        }
        Action::Remove { account, yes } => {
            let user = auth.admin_find(&account).await.map_err(plainly)?;
            if !yes {
                anyhow::bail!("this removes {} with all tasks and conversations; add --yes to do it", user.email);
            }
            auth.admin_remove(&user.id).await.map_err(plainly)?;
            println!("removed {}", user.email);
        }
    }
    Ok(())
}

async fn list(auth: &Auth) -> anyhow::Result<()> {
    println!("{:<32}  {:<40}  {:<24}  {:<8}  NAME", "ID", "EMAIL", "CREATED", "STATE");
    let mut offset = 0;
    loop {
        let page = auth.admin_list(PAGE, offset).await.map_err(plainly)?;
        for user in &page {
            let User { id, email, name, .. } = user;
            println!("{id:<32}  {email:<40}  {:<24}  {:<8}  {name}", wire_time(user.created_at), state(user));
        }
        if i64::try_from(page.len()).unwrap_or(0) < PAGE {
            return Ok(());
        }
        offset += PAGE;
    }
}

const fn state(user: &User) -> &'static str {
    match (user.locked, user.email_verified) {
        (true, _) => "locked",
        (false, true) => "verified",
        (false, false) => "active",
    }
}

/// The refusal as one line for the operator.
fn plainly(error: AuthError) -> anyhow::Error {
    match error {
        AuthError::Refused(todo_auth::Refusal::NotFound) => {
            anyhow::anyhow!("there is no such account; see `admin list`")
        }
        other => anyhow::anyhow!("{other}"),
    }
}
