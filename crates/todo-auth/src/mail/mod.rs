//! Mail with a link: by SMTP when configured, else the link goes to the operator's log.
//!
//! - `letter.rs` what a mail says.
//! - `smtp.rs` the mail server.
//! - `queue.rs` from the transaction that makes a link to the mail server's receipt, across failures and restarts.

mod letter;
mod queue;
mod smtp;

pub(crate) use letter::Letter;
pub use letter::Subject;
pub use smtp::{Mailer, Smtp};
