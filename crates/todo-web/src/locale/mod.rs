//! What the page says, in the reader's language.

pub mod dates;
pub mod repeat;

use http::HeaderMap;

/// Name of a text; the constants stand in [`key`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key(usize);

include!(concat!(env!("OUT_DIR"), "/catalogues.rs"));

/// A language of the page.
#[derive(Clone, Copy, Debug)]
pub struct Language {
    /// BCP 47 tag.
    pub tag: &'static str,
    /// What its speakers call it.
    pub name: &'static str,
    /// `ltr` or `rtl`.
    pub direction: &'static str,
    texts: &'static [&'static str],
}

/// All languages; the first is the fallback.
pub static LANGUAGES: &[Language] = &[
    Language { tag: "en", name: "English", direction: "ltr", texts: EN },
    Language { tag: "es", name: "Español", direction: "ltr", texts: ES },
    Language { tag: "de", name: "Deutsch", direction: "ltr", texts: DE },
    Language { tag: "ur", name: "اردو", direction: "rtl", texts: UR },
];

impl Language {
    /// The language of that tag, by its first part (`de-AT` is German).
    #[must_use]
    pub fn of_tag(tag: &str) -> Option<&'static Self> {
        let first = tag.trim().split(['-', '_']).next().unwrap_or_default();
        LANGUAGES.iter().find(|language| language.tag.eq_ignore_ascii_case(first))
    }

    /// The best match for `Accept-Language` (RFC 9110 §12.5.4); English when there is none.
    #[must_use]
    pub fn of_browser(headers: &HeaderMap) -> &'static Self {
        let wanted = headers.get(http::header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or("");
        let mut best: Option<(f32, &'static Self)> = None;
        for range in wanted.split(',') {
            let (tag, quality) =
                range.split_once(";q=").map_or((range, 1.0), |(tag, q)| (tag, q.trim().parse().unwrap_or(0.0)));
            if let Some(language) = Self::of_tag(tag)
                && quality > best.map_or(0.0, |(quality, _)| quality)
            {
                best = Some((quality, language));
            }
        }
        best.map_or(&LANGUAGES[0], |(_, language)| language)
    }

    /// The text.
    #[must_use]
    pub fn say(&self, key: Key) -> &'static str {
        self.texts.get(key.0).copied().unwrap_or_default()
    }

    /// The text with its placeholders filled in.
    #[must_use]
    pub fn say_with(&self, key: Key, values: &[(&str, &str)]) -> String {
        values.iter().fold(self.say(key).to_owned(), |text, (name, value)| text.replace(&format!("{{{name}}}"), value))
    }

    /// So many tasks.
    #[must_use]
    pub fn count(&self, n: u64) -> String {
        self.say_with(if n == 1 { key::COUNT_ONE } else { key::COUNT_OTHER }, &[("n", &n.to_string())])
    }

    /// The texts that the scripts use (keys `js.…`), by the rest of their name.
    pub fn script_texts(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        KEYS.iter().zip(self.texts).filter_map(|(key, text)| Some((key.strip_prefix("js.")?, *text)))
    }
}

#[cfg(test)]
mod tests {
    use todo_domain::{
        language::{Context, quick_add},
        parsed::ParsedJson,
        wire::{Field, TaskInput},
    };

    use super::*;

    fn accept(value: &str) -> &'static str {
        let mut headers = HeaderMap::new();
        headers.insert(http::header::ACCEPT_LANGUAGE, value.parse().unwrap());
        Language::of_browser(&headers).tag
    }

    #[test]
    fn the_best_language_of_the_browser_is_used() {
        assert_eq!(accept("de-AT,de;q=0.9,en;q=0.5"), "de");
        assert_eq!(accept("fr,es;q=0.7,en;q=0.8"), "en");
        assert_eq!(accept("fr-FR, ur;q=0.2"), "ur");
        assert_eq!(accept("xx"), "en");
        assert_eq!(accept("en;q=0, de;q=0.1"), "de");
        assert_eq!(accept(""), "en");
    }

    /// What reads the same in several languages.
    const ALIKE: &[&str] = &[
        "app.name",
        "date.day",
        "history.door-",
        "js.key-chat",
        "manage.name",
        "nav.chat",
        "order.ymd",
        "settings.import-format",
        "settings.name",
        "sign.name",
    ];

    #[test]
    fn every_text_is_there_and_translated_in_every_language() {
        assert_eq!(LANGUAGES.iter().map(|language| language.tag).collect::<Vec<_>>(), ["en", "es", "de", "ur"]);
        for language in LANGUAGES {
            assert_eq!(language.texts.len(), KEYS.len(), "{}", language.tag);
            for ((key, text), english) in KEYS.iter().zip(language.texts).zip(EN) {
                assert!(!text.trim().is_empty(), "{}: {key} is empty", language.tag);
                let alike = language.tag == "en" || ALIKE.iter().any(|alike| key.starts_with(alike));
                assert!(alike || text != english, "{}: {key} is left in English", language.tag);
            }
        }
    }

    #[test]
    fn what_is_proposed_is_understood() {
        let now = "2026-11-18T10:00[Europe/Paris]".parse::<jiff::Zoned>().unwrap();
        for language in LANGUAGES {
            let context = Context::new(now.clone()).with_language(language.tag);
            let proposed = language.say(key::ADD_PLACEHOLDER);
            let proposed = &proposed[proposed.find(['“', '„', '«']).unwrap()..];
            let proposed = proposed.trim_matches(['“', '„', '«', '”', '»']);
            for sentence in [proposed, language.say(key::EMPTY_EXAMPLE)] {
                let understood = ParsedJson::new(sentence, &quick_add(sentence, &context));
                assert!(understood.due.is_some_and(|due| due.starts_with("2026-11-19T1")), "{sentence}");
            }
            let input = TaskInput {
                due_date: Field::Value(language.say(key::JS_DATE_EXAMPLE).to_owned()),
                recurrence: Field::Value(language.say(key::TASK_REPEAT_PLACEHOLDER).to_owned()),
                ..TaskInput::default()
            };
            input.into_patch(&context).unwrap_or_else(|error| panic!("{}: {error}", language.tag));
        }
    }

    #[test]
    fn lists_of_names_are_whole_in_every_language() {
        for language in LANGUAGES {
            assert_eq!(language.say(key::DATE_MONTHS).split(',').count(), 12);
            assert_eq!(language.say(key::DATE_DAYS).split(',').count(), 7);
            assert_eq!(language.say(key::DATE_DAYS_SHORT).split(',').count(), 7);
            assert_eq!(language.say(key::REPEAT_DAYS).split(',').count(), 7);
        }
        assert_eq!(LANGUAGES[0].count(1), "1 task");
        assert_eq!(LANGUAGES[0].count(0), "0 tasks");
    }
}
