//! What a sentence asks for. Everything here can be stored with a question and taken up again when the answer comes.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::tools::Selection;

/// One thing to do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum Intent {
    /// Make tasks, each a line of quick-add text.
    Add {
        /// One text per task.
        items: Vec<Item>,
    },
    /// Ask what the new task should say.
    AddUntitled,
    /// Ask whether the text should become a task.
    OfferToAdd {
        /// The text.
        text: String,
    },
    /// Show tasks.
    List {
        /// Which.
        selection: Selection,
    },
    /// Say how many tasks there are.
    Count {
        /// Which.
        selection: Selection,
    },
    /// Look for words.
    Search {
        /// The words.
        text: String,
    },
    /// Tell about a task (when it is due, whether it is done).
    Show {
        /// Which.
        target: Target,
    },
    /// Complete.
    Complete {
        /// Which.
        target: Target,
        /// "I bought the milk" reports; it does not command.
        statement: bool,
    },
    /// Reopen.
    Reopen {
        /// Which.
        target: Target,
    },
    /// Delete.
    Delete {
        /// Which.
        target: Target,
    },
    /// Change fields.
    Change {
        /// Which.
        target: Target,
        /// What.
        change: Change,
    },
    /// Take changes back, the latest first.
    Undo {
        /// How many.
        count: u32,
        /// Only one that is about these words.
        about: Option<String>,
    },
    /// Tell how a day looks.
    Summary {
        /// A day in words; today when absent.
        day: Option<String>,
    },
    /// List labels.
    Labels,
    /// List projects.
    Projects,
    /// The next page of the last list.
    More,
    /// Tell what can be done.
    Help,
    /// A word of courtesy; the key of the answer.
    Talk {
        /// Key in the lexicon's `[say]` section.
        say: String,
    },
    /// Make tool calls that a model wanted: they were held, and the user was asked.
    Calls {
        /// In order.
        calls: Vec<HeldCall>,
    },
    /// A negation, a hypothesis: nothing is to be done.
    LeaveAlone,
    /// Not understood.
    Unknown,
}

/// A tool call that waits for the user's yes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HeldCall {
    /// The tool.
    pub tool: String,
    /// Its arguments.
    pub input: serde_json::Value,
}

/// An intent with the words that said it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// What to do.
    pub intent: Intent,
    /// The clause as written.
    pub said: String,
    /// It was said as a question ("delete task 3?"): ask before anything changes.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub doubt: bool,
}

/// A task to be made.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// Quick-add text.
    pub text: String,
    /// A project named in the sentence around it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub project: Option<String>,
    /// Take the text as the title, whatever it looks like.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub literal: bool,
    /// A due date that was settled by a question.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<String>,
    /// What was said of it beside the title, as quick-add text ("friday 5pm p1 @work").
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub marks: Option<String>,
    /// "Remind me to …": with a reminder at the due time.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub remind: bool,
    /// The title stood in the middle of a sentence; it begins with a capital then.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub lifted: bool,
}

/// A change of fields; dates and rules in words, read by the tools.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "set", rename_all = "snake_case")]
pub enum Change {
    /// New title.
    Title {
        /// The title.
        title: String,
    },
    /// New due date.
    Due {
        /// A date in words.
        when: String,
    },
    /// Later or earlier by a length of time.
    Shift {
        /// A length in words ("2 days").
        by: String,
        /// Earlier.
        back: bool,
    },
    /// No due date.
    NoDue,
    /// New priority (`none` clears).
    Priority {
        /// Its name.
        priority: String,
    },
    /// One level up or down.
    Bump {
        /// Up.
        up: bool,
    },
    /// Add labels.
    Label {
        /// Names.
        labels: Vec<String>,
    },
    /// Take labels off.
    Unlabel {
        /// Names; empty takes all off.
        labels: Vec<String>,
    },
    /// New project.
    Project {
        /// Its name.
        project: String,
    },
    /// Back to the inbox.
    NoProject,
    /// New notes.
    Note {
        /// The text.
        text: String,
        /// Added to the notes that are there.
        append: bool,
    },
    /// No notes.
    NoNote,
    /// A reminder.
    Remind {
        /// A lead ("10 minutes before") or a date in words.
        when: String,
    },
    /// New recurrence.
    Repeat {
        /// A rule in words.
        rule: String,
    },
    /// No recurrence.
    NoRepeat,
}

/// Which tasks are meant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "by", rename_all = "snake_case")]
#[expect(clippy::large_enum_variant, reason = "a few live at a time, and a description is the common large one")]
pub enum Target {
    /// These (resolved earlier, kept with a question).
    Ids {
        /// Ids.
        ids: Vec<Uuid>,
    },
    /// `#3`, "task 3".
    Numbers {
        /// Task numbers.
        numbers: Vec<i64>,
    },
    /// A bare "3": the number on screen, else the place in the list on screen, else the task's number.
    Bare {
        /// The numbers.
        numbers: Vec<i64>,
    },
    /// "the second one", "the last two": places in the list last shown, from 1; negative from its end.
    Places {
        /// Places.
        places: Vec<i64>,
    },
    /// "it": what was last spoken of.
    It,
    /// "both", "all of them", "those": all that was last spoken of or shown.
    Them {
        /// How many that must be ("both" is 2).
        count: Option<usize>,
    },
    /// "the other one", "the rest": those of the last list that were not spoken of since.
    Rest,
    /// Words of the title.
    Words {
        /// The words as written.
        text: String,
        /// "the meeting tasks": several are meant.
        several: bool,
    },
    /// A description ("everything due today").
    All {
        /// Which.
        selection: Selection,
    },
    /// "the milk and the bread": each by itself.
    Each {
        /// Parts.
        parts: Vec<Target>,
        /// The unsplit words, tried first as one title.
        whole: String,
    },
    /// "all except the dentist".
    Except {
        /// Of these.
        all: Box<Target>,
        /// Not these.
        except: Box<Target>,
    },
}

impl Target {
    /// By words of a title.
    pub(crate) fn words(text: &str) -> Self {
        Self::Words { text: text.to_owned(), several: false }
    }

    /// Whether it points at tasks without naming words of a title.
    pub(crate) const fn is_pointed(&self) -> bool {
        !matches!(self, Self::Words { .. } | Self::Each { .. })
    }
}

impl Intent {
    /// The tasks it is about, when it acts on existing ones.
    pub(crate) fn target_mut(&mut self) -> Option<&mut Target> {
        match self {
            Self::Show { target }
            | Self::Complete { target, .. }
            | Self::Reopen { target }
            | Self::Delete { target }
            | Self::Change { target, .. } => Some(target),
            _ => None,
        }
    }

    /// Whether it may change data.
    pub(crate) const fn writes(&self) -> bool {
        matches!(
            self,
            Self::Add { .. }
                | Self::Complete { .. }
                | Self::Reopen { .. }
                | Self::Delete { .. }
                | Self::Change { .. }
                | Self::Undo { .. }
                | Self::Calls { .. }
        )
    }
}
