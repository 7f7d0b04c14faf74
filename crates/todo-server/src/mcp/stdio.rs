//! The way in over standard input: one message a line, answers on standard output, until the input ends.

use anyhow::Context;
use rmcp::{service::serve_server, transport::async_rw::AsyncRwTransport};
use todo_auth::Principal;
use tokio::io::{AsyncRead, AsyncWrite};

use super::{Server, Visitor};
use crate::{extract::BODY_MAX, state::AppState};

/// Serves one user until `input` ends. Whoever can start the program is its user: there is no credential here.
///
/// # Errors
/// When the client's first message is none of the protocol's.
pub async fn serve<R, W>(state: AppState, principal: Principal, input: R, output: W) -> anyhow::Result<()>
where
    R: AsyncRead + Send + Unpin + 'static,
    W: AsyncWrite + Send + Unpin + 'static,
{
    let server = Server::of(state, Visitor { principal, zone: None });
    let transport = AsyncRwTransport::new_server(input, output).with_max_line_length(BODY_MAX);
    let running = match serve_server(server, transport).await {
        Ok(running) => running,
        // A client that looked in and left.
        Err(rmcp::service::ServerInitializeError::ConnectionClosed(_)) => return Ok(()),
        Err(error) => return Err(error).context("the client did not begin as the Model Context Protocol says"),
    };
    running.waiting().await.context("the connection broke off")?;
    Ok(())
}
