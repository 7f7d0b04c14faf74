//! What is measured: accounts, and the requests that they make.

use std::{net::SocketAddr, sync::Arc};

use anyhow::{Context, bail};
use serde_json::Value;

use super::load::{self, Script, request};

/// Connections at once, each with an account of its own.
pub const CONNECTIONS: usize = 32;
/// Tasks that an account has before reading is measured.
pub const SEEDED: usize = 200;
/// One in so many seeded tasks has the word that is searched for.
const RARE: usize = 20;

/// One kind of request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// `POST /api/tasks`
    Create,
    /// `GET /api/tasks?limit=50`
    List,
    /// `GET /api/tasks/{number}`
    Get,
    /// `GET /api/search?q=…`
    Search,
}

impl Operation {
    /// In the order in which they are measured.
    pub const ALL: [Self; 4] = [Self::Create, Self::List, Self::Get, Self::Search];

    /// Its name in tables.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::List => "list 50",
            Self::Get => "get",
            Self::Search => "search (10 found)",
        }
    }

    /// The least share of the database's own rate that is asked of it.
    pub const fn bar(self) -> Option<f64> {
        match self {
            Self::Create | Self::List => Some(0.6),
            Self::Get | Self::Search => None,
        }
    }

    /// As [`Operation::bar`], of a loop on SQLite.
    pub const fn sqlite_bar(self) -> Option<f64> {
        match self {
            Self::Create => Some(0.5),
            Self::List | Self::Get | Self::Search => None,
        }
    }

    /// What stands in the statement that is this operation's own, rather than of the authentication before it.
    pub const fn marker(self) -> &'static str {
        match self {
            Self::Create => "INSERT INTO tasks",
            Self::List | Self::Get => "FROM tasks t",
            Self::Search => "task_words",
        }
    }

    /// The request of an account.
    pub fn request(self, token: &str, number: u64) -> Vec<u8> {
        match self {
            Self::Create => {
                let body = format!("{{\"title\":\"Buy milk and bread {number}\",\"priority\":\"high\"}}");
                request("POST", "/api/tasks", token, Some(&body))
            }
            Self::List => request("GET", "/api/tasks?limit=50", token, None),
            Self::Get => request("GET", &format!("/api/tasks/{}", number % SEEDED as u64 + 1), token, None),
            Self::Search => request("GET", "/api/search?q=quarterly", token, None),
        }
    }
}

/// An account that makes requests.
#[derive(Clone, Debug)]
pub struct Account {
    /// Its id in the database.
    pub id: String,
    /// What its requests carry: half of the accounts use a session, half a personal token.
    pub token: String,
}

/// The requests of one operation, one account for each connection.
pub fn script(operation: Operation, accounts: &[Account]) -> Script {
    let accounts = accounts.to_vec();
    Arc::new(move |client, number| operation.request(&accounts[client % accounts.len()].token, number))
}

/// Makes accounts with their first tasks.
pub fn accounts(address: SocketAddr) -> anyhow::Result<Vec<Account>> {
    let mut accounts = Vec::new();
    for index in 0..CONNECTIONS {
        let body = format!(
            "{{\"name\":\"Bench {index}\",\"email\":\"bench{index}@example.com\",\"password\":\"correct horse battery {index}\"}}"
        );
        let made = json(address, &request("POST", "/api/auth/sign-up/email", "", Some(&body)).into_anonymous())?;
        let text = |value: &Value| value.as_str().map(str::to_owned).context("the sign-up answered something else");
        let session = text(&made["token"])?;
        let token = if index % 2 == 0 {
            session
        } else {
            text(&json(address, &request("POST", "/api/tokens", &session, Some("{\"name\":\"bench\"}")))?["token"])?
        };
        accounts.push(Account { id: text(&made["user"]["id"])?, token });
    }
    for account in &accounts {
        seed(address, account)?;
    }
    Ok(accounts)
}

fn seed(address: SocketAddr, account: &Account) -> anyhow::Result<()> {
    for index in 0..SEEDED {
        let title = if index % RARE == 0 { "Prepare the quarterly report" } else { "Water the plants on the balcony" };
        let body = format!("{{\"title\":\"{title} {index}\"}}");
        json(address, &request("POST", "/api/tasks", &account.token, Some(&body)))?;
    }
    Ok(())
}

fn json(address: SocketAddr, request: &[u8]) -> anyhow::Result<Value> {
    let (status, body) = load::once(address, request)?;
    if status >= 300 {
        bail!("{status}: {}", String::from_utf8_lossy(&body));
    }
    Ok(serde_json::from_slice(&body)?)
}

trait Anonymous {
    /// The request without its `authorization`.
    fn into_anonymous(self) -> Vec<u8>;
}

impl Anonymous for Vec<u8> {
    fn into_anonymous(self) -> Vec<u8> {
        String::from_utf8_lossy(&self).replace("authorization: Bearer \r\n", "").into_bytes()
    }
}
