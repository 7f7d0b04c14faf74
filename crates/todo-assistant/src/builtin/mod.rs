//! The built-in assistant: a deterministic grammar, no model. A message goes through these stages:
//!
//! | stage | file | what |
//! |---|---|---|
//! | words | `token.rs`, `lexicon.rs` | the sentence cut into words; what words mean, from a data file per language |
//! | sentence | `understand.rs`, `answer.rs` | one or several requests, or the answer to an open question |
//! | request | `clause/`, `pattern.rs`, `items.rs`, `filter_phrase.rs`, `target.rs` | patterns of the lexicon, and their free parts |
//! | tasks | `resolve.rs`, `matching.rs` | which tasks are meant |
//! | action | `act/`, `change.rs` | tool calls, or a question |
//! | answer | `respond.rs`, `account.rs`, `phrasing.rs`, `suggest.rs` | words made from the results of the tools, and from nothing else |
//! | memory | `memory.rs` | what the next message must know |

mod account;
mod act;
mod answer;
mod change;
mod clause;
mod filter_phrase;
mod intent;
mod items;
mod lexicon;
mod matching;
mod memory;
mod pattern;
mod phrasing;
mod resolve;
mod respond;
mod suggest;
mod target;
mod token;
mod understand;

pub(crate) use account::account;
pub(crate) use act::held::{Held, ask_for};
pub use answer::Answer;
pub use intent::{Change, HeldCall, Intent, Item, Step, Target};
pub(crate) use lexicon::{Lexicon, all as lexicons, of as lexicon_of};
pub(crate) use matching::{Fit, Wanted, stem};
pub use memory::{Choice, Listing, Memory, Question, QuestionKind};
pub(crate) use phrasing::Phrasing;
pub(crate) use respond::Caller;
pub use respond::{Call, Progress, Response, Watch, respond};
pub(crate) use token::{Token, tokens};
pub use understand::{Reading, Situation, understand};
