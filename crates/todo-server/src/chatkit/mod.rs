//! ChatKit's protocol, so that its front end can be pointed here: one address that takes every request, with answers as JSON or as
//! a stream. Threads are the conversations of the chat; nothing is kept besides.
//!
//! | file | what |
//! |---|---|
//! | `request.rs` | what can be asked |
//! | `door.rs` | from a request to its answer |
//! | `ids.rs` | ids of threads and items, and the rows that they stand for |
//! | `thread.rs` | threads and items as JSON |
//! | `reading.rs` | threads and items in pages |
//! | `stream.rs` | the events of a run as ChatKit's |

mod door;
mod ids;
mod reading;
mod request;
mod stream;
mod thread;

pub use door::router;
