//! `todo mcp`: the tasks of this machine for an agent on it, over standard input and output.

use anyhow::bail;

use super::Target;
use crate::session;

/// Serves until the input ends. Only the protocol goes to standard output; the log goes to standard error.
///
/// # Errors
/// When the store can't be opened, or the client does not speak the protocol.
pub async fn run(target: &Target) -> anyhow::Result<()> {
    if let Some(server) = &target.server {
        bail!("`todo mcp` serves the tasks of this machine; point the client at {}, with a token", server.join("mcp")?);
    }
    let (state, principal) = session::local(target.user.as_deref()).await?;
    todo_server::mcp::stdio::serve(state, principal, tokio::io::stdin(), tokio::io::stdout()).await
}
