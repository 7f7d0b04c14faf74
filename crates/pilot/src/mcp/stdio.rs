//! Standard input and output: one message a line, until the input ends. Whoever can start the program is its user.

use rmcp::service::{ServerInitializeError, serve_server};
use rmcp::transport::async_rw::AsyncRwTransport;

use super::{MESSAGE_MAX, Server};
use crate::exit::Error;

pub async fn serve(server: Server) -> Result<(), Error> {
    let broke = |error: String| Error::Usage(format!("the client does not speak the Model Context Protocol: {error}"));
    let transport =
        AsyncRwTransport::new_server(tokio::io::stdin(), tokio::io::stdout()).with_max_line_length(MESSAGE_MAX);
    let running = match serve_server(server, transport).await {
        Ok(running) => running,
        // A client that looked in and left.
        Err(ServerInitializeError::ConnectionClosed(_)) => return Ok(()),
        Err(error) => return Err(broke(error.to_string())),
    };
    running.waiting().await.map_err(|error| broke(error.to_string()))?;
    Ok(())
}
