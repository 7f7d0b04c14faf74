//! To whom the command line speaks: this installation's own store, or a server elsewhere. Both through the same client.

use std::{collections::BTreeMap, fs};

use anyhow::{Context, bail};
use http::{HeaderName, HeaderValue};
use serde::{Deserialize, Serialize};
use todo_client::{Client, Identity};
use todo_domain::UserId;
use todo_server::{
    AppState,
    auth::{Established, Principal},
    router,
};
use todo_service::{config::Environment, logs};
use url::Url;

use crate::{
    home::{Home, write_private},
    serve,
};

/// The servers that `todo login` knows, and the token for each.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Logins {
    /// Used when `--server` is not given.
    pub default: Option<String>,
    tokens: BTreeMap<String, String>,
}

impl Logins {
    /// What is stored; nothing yet is fine.
    ///
    /// # Errors
    /// When the file is damaged.
    pub fn load(home: &Home) -> anyhow::Result<Self> {
        let file = home.logins_file();
        match fs::read_to_string(&file) {
            Ok(text) => serde_json::from_str(&text)
                .with_context(|| format!("{} is damaged; remove it and log in again", file.display())),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(error).with_context(|| format!("can't read {}", file.display())),
        }
    }

    /// Keeps the token of a server, which becomes the default.
    ///
    /// # Errors
    /// When the file can't be written.
    pub fn remember(&mut self, home: &Home, server: &Url, token: &str) -> anyhow::Result<()> {
        self.tokens.insert(server.to_string(), token.to_owned());
        self.default = Some(server.to_string());
        self.save(home)
    }

    /// Forgets a server.
    ///
    /// # Errors
    /// When the file can't be written.
    pub fn forget(&mut self, home: &Home, server: &str) -> anyhow::Result<bool> {
        let known = self.tokens.remove(server).is_some();
        if self.default.as_deref() == Some(server) {
            self.default = None;
        }
        self.save(home)?;
        Ok(known)
    }

    fn save(&self, home: &Home) -> anyhow::Result<()> {
        let file = home.logins_file();
        write_private(&file, &serde_json::to_string_pretty(self)?)
            .with_context(|| format!("can't write {}", file.display()))
    }
}

/// Opens the client for the commands: `--server` or the default login, else this installation.
///
/// # Errors
/// When the server is not known, or the store can't be opened.
pub async fn open(server: Option<&Url>, token: Option<&str>, user: Option<&str>) -> anyhow::Result<Client> {
    let home = Home::open(&Environment)?;
    let logins = Logins::load(&home)?;
    let server = match server {
        Some(server) => Some(server.clone()),
        None => logins
            .default
            .as_deref()
            .map(Url::parse)
            .transpose()
            .context("logins.json names a server that is no URL")?,
    };
    let identity = match &server {
        Some(server) => {
            let Some(token) = token.or_else(|| logins.tokens.get(server.as_str()).map(String::as_str)) else {
                bail!("not signed in at {server}; run `todo login {server}` or set TODO_TOKEN");
            };
            Identity::bearer(token)
        }
        None => Identity::anonymous(),
    }
    .with_header(HeaderName::from_static("x-todo-client"), HeaderValue::from_static("cli"));
    if let Some(server) = server {
        return Ok(Client::http(&server)?.acting_as(identity));
    }
    let (state, principal) = local(user).await?;
    let client = Client::in_process(router::router(&state));
    Ok(client.acting_as(identity.with_extension(Established(principal))))
}

/// This installation's own store, and who acts on it.
///
/// # Errors
/// When the store can't be opened, or nobody says whose tasks are meant.
pub async fn local(user: Option<&str>) -> anyhow::Result<(AppState, Principal)> {
    let config = serve::configuration()?;
    logs::start("warn", config.log_format)?;
    let state = serve::open(config).await?;
    let owner = owner(&state, user).await?;
    Ok((state, Principal::local_owner(owner)))
}

/// Whose tasks the commands change: the only account, the one that `--user` names, or a new one for the owner of this machine.
async fn owner(state: &AppState, user: Option<&str>) -> anyhow::Result<UserId> {
    if let Some(email) = user {
        let found = todo_store::auth::users::find_by_email(&state.store, &email.to_lowercase()).await?;
        return found
            .map(|found| UserId::new(found.user.id))
            .with_context(|| format!("--user: there is no account {email}"));
    }
    state.auth.local_owner().await?.context("there are several accounts; say whose tasks with --user EMAIL")
}
