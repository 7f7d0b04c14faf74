//! The Model Context Protocol: pilot's questions as tools for other agents, over standard input or over HTTP on loopback.
//!
//! Reads only, unless the program was started with `--allow-writes`; even then nothing is changed before the client has
//! shown the plan to its user (elicitation) and the user has said yes to exactly that plan. A client that cannot ask its
//! user gets a plan saved for `kubectl pilot approve`.
//!
//! | file | what |
//! |---|---|
//! | `server.rs` | the protocol's methods |
//! | `apply.rs` | a plan is shown to a person, and carried out after the yes |
//! | `plans.rs` | plans that wait |
//! | `form.rs` | the question to the person, and the answer |
//! | `stdio.rs`, `http.rs` | the two ways in |

mod apply;
mod form;
mod http;
mod plans;
mod server;
mod stdio;

use std::net::SocketAddr;

use crate::commands::Ask;
use crate::exit::{Error, Outcome};
use crate::write::Mode;

pub use form::shown;
use server::Server;

/// Largest message of a client, in bytes.
const MESSAGE_MAX: usize = 4 * 1024 * 1024;

/// Serves until the client leaves, or over HTTP until the program is stopped.
///
/// # Errors
/// When it can't be served as asked.
pub async fn serve(ask: &Ask, address: Option<SocketAddr>, allow_writes: bool) -> Result<Outcome, Error> {
    if allow_writes && matches!(ask.write.mode, Some(Mode::ReadOnly | Mode::Suggest)) {
        return Err(Error::Usage("--allow-writes and a mode that changes nothing exclude each other".to_owned()));
    }
    if allow_writes && !ask.is_live() {
        return Err(Error::Usage("--allow-writes needs a live cluster".to_owned()));
    }
    let server = Server::new(ask, allow_writes);
    match address {
        Some(address) => http::serve(server, address).await?,
        None => stdio::serve(server).await?,
    }
    Ok(Outcome::Clean)
}
