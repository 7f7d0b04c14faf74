//! The words of a language, read once from `lexicon/<code>.json`: adding a language means adding a file and its line here.
//!
//! A file maps word classes to words. A class with values (`"weekday": {"1": ["monday"]}`) says what each word stands for. The
//! grammar works on classes only and knows no words of its own, except for marks such as `p1`, `@` and `#`.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::LazyLock,
};

use serde::Deserialize;
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// The shipped languages. English comes first: the others fall back to it.
static LANGUAGES: LazyLock<Vec<Lexicon>> = LazyLock::new(|| {
    let files = [
        include_str!("../../lexicon/en.json"),
        include_str!("../../lexicon/es.json"),
        include_str!("../../lexicon/de.json"),
        include_str!("../../lexicon/ur.json"),
    ];
    let mut languages: Vec<Lexicon> = Vec::new();
    for file in files {
        // A file that does not parse is a fault of the build; `every_file_is_well_formed` reports it.
        let Ok(file) = serde_json::from_str::<File>(file) else { continue };
        let lexicon = Lexicon::build(file, languages.first());
        languages.push(lexicon);
    }
    languages
});

static EMPTY: LazyLock<Lexicon> = LazyLock::new(Lexicon::default);

macro_rules! classes {
    ($($name:literal $variant:ident $doc:literal,)*) => {
        /// What a word is to the grammar. The names in the files are the same in snake case.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Class {
            $(#[doc = $doc] $variant,)*
        }

        impl Class {
            /// The class of that name in a lexicon file.
            fn named(name: &str) -> Option<Self> {
                match name {
                    $($name => Some(Self::$variant),)*
                    _ => None,
                }
            }
        }
    };
}

classes! {
    "weekday" Weekday "A weekday that is nothing else; 1 is Monday.",
    "weekday_short" WeekdayShort "A weekday that may be another word (sun, sat): counts at phrase boundaries only.",
    "weekday_plural" WeekdayPlural "Mondays.",
    "month" Month "A month that is nothing else; 1 is January.",
    "month_short" MonthShort "A month that may be another word (may, march).",
    "number" Number "A number in words.",
    "article" Article "The article as a number: an hour.",
    "half" Half "Half of what follows.",
    "and_a_half" AndAHalf "After an amount: half a unit more.",
    "ordinal" Ordinal "First, second.",
    "ordinal_suffix" OrdinalSuffix "What makes an ordinal of a number.",
    "day_number" DayNumber "Makes a day of the month of the number that follows.",
    "unit" Unit "A unit of time; for the values see `amount::Unit`.",
    "unit_short" UnitShort "A unit that counts only when glued to its number (2h).",
    "weekdays" Weekdays "Monday to Friday.",
    "weekend" Weekend "Saturday and Sunday.",
    "relative_day" RelativeDay "So many days from today.",
    "tonight" Tonight "This night.",
    "daypart" Daypart "1 morning, 2 afternoon, 3 evening, 4 night.",
    "noon" Noon "Twelve o'clock.",
    "midnight" Midnight "The start of the day.",
    "end_of_day" EndOfDay "Today, before it ends.",
    "end_word" EndWord "The end of the unit given as value, in one word (eom).",
    "am" Am "Before noon.",
    "pm" Pm "After noon.",
    "oclock" Oclock "Marks a number as an hour.",
    "hour_mark" HourMark "Between hours and minutes (17h30).",
    "half_past" HalfPast "Thirty minutes after the hour that follows.",
    "half_hour" HalfHour "After a word such as at: thirty minutes after the hour that follows (half seven).",
    "half_to" HalfTo "Thirty minutes before the hour that follows (halb).",
    "quarter_past" QuarterPast "Fifteen minutes after the hour that follows.",
    "quarter_to" QuarterTo "Fifteen minutes before the hour that follows.",
    "minutes_past" MinutesPast "Between minutes and the hour they come after.",
    "minutes_to" MinutesTo "Between minutes and the hour they come before.",
    "half_after" HalfAfter "After an hour: and thirty minutes (y media).",
    "quarter_after" QuarterAfter "After an hour: and fifteen minutes (y cuarto).",
    "next" Next "Of the next calendar week, month, year.",
    "next_after" NextAfter "The same as next, behind its noun (que viene).",
    "this" This "The coming one.",
    "last" Last "The past one.",
    "final" Final "The last of its kind in a month.",
    "every" Every "Opens a recurrence.",
    "other" Other "Every second one.",
    "every_other" EveryOther "Opens a recurrence of every second one.",
    "in" In "So much time from now, before the amount.",
    "from_now" FromNow "So much time from now, after the amount.",
    "after_day" AfterDay "Between an amount and the day it counts from.",
    "before_day" BeforeDay "Between an amount and the day it counts back from.",
    "after_next" AfterNext "Behind a weekday or a period: the one after the next.",
    "ago" Ago "So much time before now, after the amount.",
    "ago_lead" AgoLead "So much time before now, before the amount (vor, hace).",
    "later_today" LaterToday "Today, at no said time.",
    "at" At "Before a clock time.",
    "on" On "Before a day.",
    "lead" Lead "Before a day or a clock time; goes with it.",
    "clock_lead" ClockLead "Before a clock time only; goes with it.",
    "for" For "Before a duration.",
    "until" Until "Before the last day of a recurrence.",
    "starting" Starting "Before the first day of a recurrence.",
    "times" Times "After a number of occurrences.",
    "of" Of "Between a day and its month.",
    "of_every" OfEvery "Between a day and the months it repeats in.",
    "tail" Tail "After a day or a clock time; goes with it (Urdu postpositions).",
    "the" The "The article.",
    "and" And "Between the members of a list.",
    "or" Or "Or.",
    "to" To "Between the ends of a range.",
    "between" Between "Before the two ends of a range.",
    "in_the" InThe "Between a clock time and a part of the day.",
    "end_of" EndOf "The last day of what follows.",
    "start_of" StartOf "The first day of what follows.",
    "mid_of" MidOf "The middle of what follows.",
    "end_after" EndAfter "The last day of what stands before (month end).",
    "adverb" Adverb "A recurrence in one word; the value is a unit.",
    "everyday" Everyday "Every day, in one word.",
    "once_a" OnceA "Before the unit of a recurrence.",
    "except" Except "Before the weekdays a recurrence leaves out.",
    "completion" Completion "Anchors a recurrence on completion.",
    "remind" Remind "Opens a reminder.",
    "remind_to" RemindTo "At the start: the task that follows carries a reminder.",
    "remind_tail" RemindTail "Between the time of a reminder and its task (to).",
    "before_due" BeforeDue "After the lead time of a reminder.",
    "before_lead" BeforeLead "Before the lead time of a reminder, where the language puts it there.",
    "priority_level" PriorityLevel "1 urgent to 4 low.",
    "priority" PriorityWord "Makes a level a priority.",
    "due_word" DueWord "In a filter: before the days (due).",
    "overdue" Overdue "In a filter: past its due date.",
    "no_date" NoDate "In a filter: without due date.",
    "any_date" AnyDate "In a filter: with a due date.",
    "range_next" RangeNext "In a filter: before an amount of time to come.",
    "range_last" RangeLast "In a filter: before an amount of time past.",
    "before" Before "In a filter: up to the day before.",
    "after" After "In a filter: from the day after.",
    "by" By "In a filter: up to and including.",
    "from" From "In a filter: from and including.",
    "holiday" Holiday "A fixed holiday, month times 100 plus day; counts after a leading word only.",
    "boundary" Boundary "A word before which a date phrase may end.",
    "determiner" Determiner "A word after which an abbreviation is no date (the sun).",
    "verb" Verb "A word with which a task may begin after a date.",
    "cited" Cited "A word whose numbers are no dates and clocks (chapter, scale, version).",
    "name" Name "A name that contains a date word and is none.",
}

/// One thing a word can mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Sense {
    pub class: Class,
    pub value: i16,
}

/// What the lexicon knows about phrases that begin with a word.
#[derive(Clone, Debug, Default)]
pub(super) struct Entry {
    /// Meanings of the word alone.
    pub alone: Vec<Sense>,
    /// Meanings of the word with the words that must follow, longest first.
    pub longer: Vec<(Vec<Box<str>>, Sense)>,
}

#[derive(Deserialize)]
struct File {
    code: String,
    name: String,
    words: BTreeMap<String, Words>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Words {
    Plain(Vec<String>),
    Valued(BTreeMap<String, Vec<String>>),
}

/// The words of one language.
#[derive(Clone, Debug, Default)]
pub struct Lexicon {
    code: String,
    name: String,
    entries: HashMap<Box<str>, Entry>,
    /// Every word of every phrase.
    words: HashSet<Box<str>>,
}

impl Lexicon {
    /// English.
    #[must_use]
    pub fn english() -> &'static Self {
        LANGUAGES.first().unwrap_or(&EMPTY)
    }

    /// The language of a tag such as `es` or `es-MX`; `None` when it is not shipped.
    #[must_use]
    pub fn get(tag: &str) -> Option<&'static Self> {
        let code = tag.split(['-', '_']).next().unwrap_or(tag);
        LANGUAGES.iter().find(|language| language.code.eq_ignore_ascii_case(code))
    }

    /// All shipped languages, English first.
    #[must_use]
    pub fn all() -> &'static [Self] {
        &LANGUAGES
    }

    /// The language's code (`en`).
    #[must_use]
    pub fn code(&self) -> &str {
        &self.code
    }

    /// The language's own name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether some phrase has the word, given in its folded form.
    pub(super) fn has(&self, key: &str) -> bool {
        self.words.contains(key)
    }

    pub(super) fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries.get(key)
    }

    /// A word that English also has keeps the meaning of the language itself: German "am" is no time of day.
    fn build(file: File, fallback: Option<&Self>) -> Self {
        let mut lexicon = Self { code: file.code, name: file.name, ..Self::default() };
        for (class, words) in &file.words {
            let Some(class) = Class::named(class) else { continue };
            match words {
                Words::Plain(words) => words.iter().for_each(|word| lexicon.add(word, Sense { class, value: 0 })),
                Words::Valued(values) => {
                    for (value, words) in values {
                        let Ok(value) = value.parse() else { continue };
                        words.iter().for_each(|word| lexicon.add(word, Sense { class, value }));
                    }
                }
            }
        }
        if let Some(fallback) = fallback {
            for (key, entry) in &fallback.entries {
                lexicon.entries.entry(key.clone()).or_insert_with(|| entry.clone());
            }
            lexicon.words.extend(fallback.words.iter().cloned());
        }
        for entry in lexicon.entries.values_mut() {
            entry.longer.sort_by_key(|(rest, _)| std::cmp::Reverse(rest.len()));
        }
        lexicon
    }

    fn add(&mut self, phrase: &str, sense: Sense) {
        let keys = super::token::keys(phrase);
        self.words.extend(keys.iter().cloned());
        let mut keys = keys.into_iter();
        let Some(first) = keys.next() else { return };
        let rest: Vec<Box<str>> = keys.collect();
        let entry = self.entries.entry(first).or_default();
        if rest.is_empty() {
            entry.alone.push(sense);
        } else {
            entry.longer.push((rest, sense));
        }
    }
}

/// The form in which words are compared: lower case, without diacritics, Arabic letters in their Urdu form.
pub(super) fn fold(word: &str, into: &mut String) {
    if word.is_ascii() {
        into.extend(word.chars().map(|c| c.to_ascii_lowercase()));
        return;
    }
    let letters = word.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase);
    into.extend(letters.map(|c| match c {
        '\u{64a}' | '\u{649}' => '\u{6cc}',
        '\u{643}' => '\u{6a9}',
        '\u{2019}' => '\'',
        other => other,
    }));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_is_well_formed() {
        assert_eq!(LANGUAGES.iter().map(Lexicon::code).collect::<Vec<_>>(), ["en", "es", "de", "ur"]);
        for text in [
            include_str!("../../lexicon/en.json"),
            include_str!("../../lexicon/es.json"),
            include_str!("../../lexicon/de.json"),
            include_str!("../../lexicon/ur.json"),
        ] {
            let file: File = serde_json::from_str(text).unwrap();
            for (class, words) in &file.words {
                assert!(Class::named(class).is_some(), "{}: no class `{class}`", file.code);
                if let Words::Valued(values) = words {
                    assert!(
                        values.keys().all(|value| value.parse::<i16>().is_ok()),
                        "{}: values of `{class}`",
                        file.code
                    );
                }
            }
        }
    }
}
