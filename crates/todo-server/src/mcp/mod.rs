//! The Model Context Protocol: the tools of the assistant for every other agent, in both eras of the protocol (stateless from
//! 2026-07-28 on, with a handshake before), over HTTP at `/mcp` and over a program's standard input and output.
//!
//! A request carries its credential, and any replica answers it: sessions, which the earlier era has, stand in the database.
//!
//! | file | what |
//! |---|---|
//! | `door.rs` | the way in over HTTP: credential, size, shape of the message |
//! | `rebinding.rs` | host and origin: no stranger's page gets in |
//! | `metadata.rs` | where a client learns which credential to bring (RFC 9728) |
//! | `stdio.rs` | the way in over standard input |
//! | `session/` | sessions of the earlier era: questions to the client, streams that outlive a connection |
//! | `watch.rs` | what clients are told while they wait |
//! | `server.rs` | the protocol's methods |
//! | `tools.rs` | tools of the registry: listed, called, recorded |
//! | `resources.rs` | a task, a filter, today |
//! | `prompts.rs` | what people ask for often |
//! | `completion.rs` | suggestions while somebody types an argument |
//! | `logging.rs` | messages about tool calls, if the client asks for them |
//! | `page.rs` | lists in pages |

mod completion;
mod door;
mod logging;
mod metadata;
mod page;
mod prompts;
mod rebinding;
mod resources;
mod server;
mod session;
pub mod stdio;
mod tools;
mod watch;

pub use door::{open, router};
pub use metadata::router as metadata_router;
pub use server::{Server, Visitor};
pub use session::{Line, Session};
