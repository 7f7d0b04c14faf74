//! What people write about time and tasks, as pure functions of the text and a [`Context`].
//!
//! - [`quick_add`] reads one line as one task: title, due date, recurrence, reminders, priority, labels, project, duration.
//! - [`parse_when`] reads a text that is a date or a recurrence from end to end.
//! - [`parse_length`] reads a text that is a length of time.
//! - [`parse_range`] reads a range of days for lists and filters.
//!
//! The rules by which ambiguous phrases are read are the house rules H1 to H19 of `docs/language.md`; comments name them.
//! The words are data: `lexicon/<code>.json`, see [`Lexicon`].
//!
//! | file | what |
//! |---|---|
//! | `context.rs` | the reader's moment, zone, habits and language |
//! | `lexicon.rs` | words and their classes, read from the data files |
//! | `token.rs`, `literal.rs` | a text cut into tokens; quotes and escapes |
//! | `grammar.rs` | what all readers share |
//! | `clock.rs`, `amount.rs` | clock times, amounts of time |
//! | `numeric.rs`, `day.rs`, `period.rs` | dates in numbers, days in words, days that stand for a period |
//! | `calendar.rs` | what relative days mean on the calendar |
//! | `moment.rs` | day and clock time together, and whether they are a date in their surroundings |
//! | `repeat/` | recurrences |
//! | `marks.rs` | priorities, labels, projects, durations, reminders |
//! | `quick_add.rs`, `title.rs` | one line to one task, and what stays in its title |
//! | `render.rs` | what was understood as text again |
//! | `when.rs`, `range.rs` | whole phrases, ranges of days |

mod amount;
mod calendar;
mod clock;
mod context;
mod day;
mod grammar;
mod lexicon;
mod literal;
mod marks;
mod moment;
mod numeric;
mod period;
mod quick_add;
mod range;
mod render;
mod repeat;
mod title;
mod token;
mod when;

pub use context::{Context, DateOrder, DayTimes};
pub use lexicon::{Class, Lexicon};
pub use quick_add::{LONGEST_TEXT, Question, QuickAdd, Span, SpanKind, quick_add};
pub use range::{Range, is_range_word, parse_range};
pub use when::{When, parse_length, parse_when};

/// A setting of the language that has no such value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no such {what}; choose one of {choices}")]
pub struct UnknownSetting {
    /// Which setting.
    pub what: &'static str,
    /// Its values.
    pub choices: &'static str,
}
