//! How often a task repeats, in the reader's words. They can be read back: what stands in the form can be changed and sent.

use todo_domain::wire::TaskJson;

use super::{Language, key};

/// The days of a rule, as RFC 5545 writes them, from Monday.
const DAYS: [&str; 7] = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"];

/// The rule in words; none when the task does not repeat. What is rarer than every so many days, weeks, months or years, on some
/// weekdays or on a day of the month, stays in English.
#[must_use]
pub fn words(language: &Language, task: &TaskJson) -> Option<String> {
    let rule = task.recurrence.as_deref()?;
    let own = Some(language).filter(|language| language.tag != "en").and_then(|language| plain(language, rule));
    own.or_else(|| task.recurrence_text.clone()).or_else(|| Some(rule.to_owned()))
}

fn plain(language: &Language, rule: &str) -> Option<String> {
    let (mut frequency, mut interval, mut days, mut day) = ("", "1", "", "");
    for part in rule.split(';') {
        match part.split_once('=')? {
            ("FREQ", value) => frequency = value,
            ("INTERVAL", value) => interval = value,
            ("BYDAY", value) => days = value,
            ("BYMONTHDAY", value) => day = value,
            ("WKST", _) => {}
            _ => return None,
        }
    }
    let once = interval == "1";
    let (name, value) = match (frequency, days, day) {
        ("DAILY", "", "") => (if once { key::REPEAT_DAILY } else { key::REPEAT_DAILY_N }, String::new()),
        ("WEEKLY", "", "") => (if once { key::REPEAT_WEEKLY } else { key::REPEAT_WEEKLY_N }, String::new()),
        ("MONTHLY", "", "") => (if once { key::REPEAT_MONTHLY } else { key::REPEAT_MONTHLY_N }, String::new()),
        ("YEARLY", "", "") => (if once { key::REPEAT_YEARLY } else { key::REPEAT_YEARLY_N }, String::new()),
        ("WEEKLY", "MO,TU,WE,TH,FR", "") if once => (key::REPEAT_WORKDAYS, String::new()),
        ("WEEKLY", days, "") => (if once { key::REPEAT_ON } else { key::REPEAT_ON_N }, weekdays(language, days)?),
        ("MONTHLY", "", day) if once && day.parse::<u8>().is_ok() => (key::REPEAT_MONTH_DAY, day.to_owned()),
        _ => return None,
    };
    Some(language.say_with(name, &[("n", interval), ("days", &value), ("d", &value)]))
}

/// "Monday, Tuesday and Friday".
fn weekdays(language: &Language, days: &str) -> Option<String> {
    let names: Vec<&str> = language.say(key::REPEAT_DAYS).split(',').collect();
    let name = |day: &str| names.get(DAYS.iter().position(|known| *known == day)?).copied();
    let mut named = days.split(',').map(name).collect::<Option<Vec<_>>>()?;
    let last = named.pop()?;
    if named.is_empty() {
        return Some(last.to_owned());
    }
    Some(format!("{} {} {last}", named.join(", "), language.say(key::REPEAT_AND)))
}

#[cfg(test)]
mod tests {
    use todo_domain::{
        language::Context,
        wire::{Field, TaskInput},
    };

    use super::*;
    use crate::locale::LANGUAGES;

    #[test]
    fn the_words_of_a_rule_are_read_back_as_the_rule() {
        let now = "2026-11-18T10:00[Europe/Paris]".parse::<jiff::Zoned>().unwrap();
        for language in &LANGUAGES[1..] {
            let context = Context::new(now.clone()).with_language(language.tag);
            let read = |text: &str| {
                let input = TaskInput { recurrence: Field::Value(text.to_owned()), ..TaskInput::default() };
                input.into_patch(&context).map(|patch| patch.recurrence)
            };
            for rule in [
                "FREQ=DAILY",
                "FREQ=DAILY;INTERVAL=3",
                "FREQ=WEEKLY",
                "FREQ=WEEKLY;INTERVAL=2",
                "FREQ=MONTHLY",
                "FREQ=MONTHLY;INTERVAL=6",
                "FREQ=YEARLY",
                "FREQ=YEARLY;INTERVAL=5",
                "FREQ=WEEKLY;BYDAY=MO",
                "FREQ=WEEKLY;BYDAY=SA",
                "FREQ=WEEKLY;BYDAY=TU,TH",
                "FREQ=WEEKLY;BYDAY=MO,WE,SU",
                "FREQ=WEEKLY;INTERVAL=2;BYDAY=FR",
                "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR",
                "FREQ=MONTHLY;BYMONTHDAY=15",
            ] {
                let words = plain(language, rule).unwrap();
                let again = read(&words).unwrap_or_else(|error| panic!("{}: {words}: {error}", language.tag));
                assert_eq!(again, read(rule).unwrap(), "{}: {words}", language.tag);
            }
            for rare in ["FREQ=MONTHLY;BYDAY=-1FR", "FREQ=DAILY;COUNT=3", "FREQ=YEARLY;BYMONTH=3", "FREQ=HOURLY"] {
                assert_eq!(plain(language, rare), None, "{rare}");
            }
        }
    }
}
