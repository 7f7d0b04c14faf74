//! A model at work on tasks: asked, its tool calls made or held, its words checked.
//!
//! | file | what |
//! |---|---|
//! | `run.rs` | the loop: ask, call, ask again, within its budgets |
//! | `prompt.rs` | instructions, tools, results between marks |
//! | `history.rs` | the conversation so far, from the database |
//! | `guard.rs` | which calls wait for the user's yes |
//! | `draft.rs` | the text as it goes out |
//! | `claims.rs` | what the text says to have been done, held against what was done |
//! | `vocabulary.rs` | the words for both |

mod claims;
mod draft;
mod guard;
mod history;
mod prompt;
mod run;
mod vocabulary;

pub(crate) use run::{Answered, Errand, answer};
