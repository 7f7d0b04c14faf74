//! What holds for every text: no panic, ordered spans on character boundaries, stable rendering, bounded time.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::time::{Duration, Instant};

use jiff::{ToSpan, Zoned, civil::Weekday};
use proptest::prelude::*;
use todo_domain::{
    Due,
    language::{Context, DateOrder, Lexicon, QuickAdd, parse_range, parse_when, quick_add},
};

fn context(zone: &str, language: &str) -> Context {
    let now: Zoned = format!("2026-11-18T10:00:00[{zone}]").parse().unwrap();
    Context::new(now).with_language(language)
}

/// Texts out of the words the grammar knows, other words and marks: far more likely to be half a date than random text is.
fn near_sentences() -> impl Strategy<Value = String> {
    let words = prop::sample::select(vec![
        "every",
        "every!",
        "other",
        "monday",
        "mon",
        "sun",
        "may",
        "march",
        "second",
        "2",
        "3rd",
        "the",
        "of",
        "month",
        "in",
        "next",
        "this",
        "last",
        "friday",
        "5pm",
        "at",
        "17:30",
        "5.30",
        "tomorrow",
        "today",
        "tonight",
        "night",
        "week",
        "weeks",
        "for",
        "times",
        "until",
        "starting",
        "and",
        ",",
        "-",
        "buy",
        "milk",
        "@home",
        "@5pm",
        "#x",
        "#\"a b\"",
        "p1",
        "!!",
        "!15m",
        "remind me",
        "before",
        "after",
        "completion",
        "\"",
        "\\",
        "\\tomorrow",
        "(",
        ")",
        "2026-12-24",
        "15/3",
        "31.12.",
        "2026-12-24T18:00Z",
        "half",
        "an hour",
        "30",
        "minutes",
        "daily",
        "weekday",
        "noon",
        "midnight",
        "end",
        "mid",
        "quarter to",
        "day",
        "days",
        "ago",
        "from",
        "to",
        "a",
        "couple of",
        "!",
        "?",
        "…",
        "€5",
        "é",
        "家",
        "\u{200b}",
        "FREQ=DAILY",
        "except",
        "high priority",
        "mañana",
        "nächsten",
        "کل",
        "ہر",
    ]);
    (prop::collection::vec((words, prop::bool::weighted(0.85)), 0..14)).prop_map(|words| {
        words.into_iter().fold(String::new(), |mut text, (word, spaced)| {
            if spaced && !text.is_empty() {
                text.push(' ');
            }
            text + word
        })
    })
}

fn check_spans(text: &str, task: &QuickAdd) {
    let mut end = 0;
    let question = task.question.iter().map(|question| &question.span);
    for span in &task.spans {
        assert!(span.start >= end && span.end > span.start, "{text:?}: {span:?}");
        end = span.end;
    }
    for span in task.spans.iter().chain(question) {
        assert_eq!(text.get(span.start..span.end), Some(span.text.as_str()), "{text:?}");
        let chars: String = text.chars().skip(span.char_start).take(span.char_end - span.char_start).collect();
        assert_eq!(chars, span.text, "{text:?}");
    }
}

fn same(a: &QuickAdd, b: &QuickAdd) -> bool {
    let strip = |task: &QuickAdd| QuickAdd { spans: Vec::new(), question: None, ..task.clone() };
    strip(a) == strip(b)
}

fn check(text: &str, context: &Context) {
    let task = quick_add(text, context);
    check_spans(text, &task);
    assert!(!task.title.contains(['\n', '\r', '\t']) && task.title.trim() == task.title, "{text:?}: {:?}", task.title);
    let rendered = task.render(context);
    let again = quick_add(&rendered, context);
    assert!(same(&task, &again), "{text:?}\nrendered {rendered:?}\nfirst {task:?}\nagain {again:?}");
    assert_eq!(again.render(context), rendered, "{text:?}");
    if let Some(Due::Day(day)) = &task.due {
        assert_eq!(parse_when(&day.to_string(), context).unwrap().due.as_ref(), task.due.as_ref());
    }
    if let Some(Due::At(at)) = &task.due {
        assert_eq!(parse_when(&at.to_string(), context).unwrap().due.as_ref(), task.due.as_ref());
    }
    let _ = parse_when(text, context);
    let _ = parse_range(text, context);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_read(text in "\\PC{0,80}") {
        check(&text, &context("Europe/Paris", "en"));
    }

    #[test]
    fn any_bytes_are_read(bytes in prop::collection::vec(any::<u8>(), 0..120)) {
        let text = String::from_utf8_lossy(&bytes);
        let task = quick_add(&text, &context("America/New_York", "en"));
        check_spans(&text, &task);
    }

    #[test]
    fn near_sentences_are_read(text in near_sentences(), language in prop::sample::select(vec!["en", "es", "de", "ur"])) {
        check(&text, &context("Europe/Paris", language));
    }

    #[test]
    fn every_day_round_trips_in_every_common_form(offset in 0_i64..3000) {
        let context = context("Europe/Paris", "en");
        let day = context.now.date() + offset.days();
        for format in ["%Y-%m-%d", "%d/%m/%Y", "%d.%m.%Y", "%B %-d, %Y", "%-d %b %Y", "%A %-d %B %Y", "%a, %-d %b %Y"] {
            let text = day.strftime(format).to_string();
            let when = parse_when(&text, &context);
            prop_assert_eq!(when.and_then(|when| when.due), Some(Due::Day(day)), "{}", text);
        }
        let american = context.clone().with_date_order(DateOrder::Mdy);
        let text = day.strftime("%m/%d/%Y").to_string();
        prop_assert_eq!(parse_when(&text, &american).and_then(|when| when.due), Some(Due::Day(day)), "{}", text);
    }

    #[test]
    fn every_clock_time_round_trips(minute in 0_i16..1440) {
        let context = context("Europe/Paris", "en");
        let time = jiff::civil::time(i8::try_from(minute / 60).unwrap(), i8::try_from(minute % 60).unwrap(), 0, 0);
        let expected = jiff::civil::date(2026, 11, 20).to_datetime(time).to_zoned(context.now.time_zone().clone()).unwrap();
        for format in ["friday %H:%M", "friday at %H:%M", "friday %-I:%M%P", "friday at %-I:%M %p", "friday %Hh%M"] {
            let text = expected.strftime(format).to_string();
            let when = parse_when(&text, &context);
            prop_assert_eq!(when.and_then(|when| when.due), Some(Due::At(expected.clone())), "{}", text);
        }
    }

    #[test]
    fn next_weekdays_lie_in_the_next_calendar_week(offset in 0_i64..800, weekday in 0_i8..7, sunday: bool) {
        let now: Zoned = "2026-01-01T10:00:00[Europe/Paris]".parse().unwrap();
        let week_start = if sunday { Weekday::Sunday } else { Weekday::Monday };
        let context = Context::new(now + offset.days()).with_week_start(week_start);
        let wanted = Weekday::from_monday_zero_offset(weekday).unwrap();
        let today = context.now.date();
        let date_of = |text: String| parse_when(&text, &context).unwrap().due.unwrap().date();
        let next = date_of(format!("next {wanted:?}").to_lowercase());
        let week_begin = today - i64::from(today.weekday().since(week_start)).days();
        prop_assert_eq!(next.weekday(), wanted);
        prop_assert!(next >= week_begin + 7.days() && next < week_begin + 14.days());
        let bare = date_of(format!("{wanted:?}").to_lowercase());
        prop_assert_eq!(bare.weekday(), wanted);
        prop_assert!(bare > today && bare <= today + 7.days());
    }
}

#[test]
fn long_texts_take_bounded_time() {
    let context = context("Europe/Paris", "en");
    let pieces = [
        "a ",
        "every ",
        "every mon, ",
        "mon,",
        "\"",
        "\\",
        "!",
        "@",
        "#",
        "(",
        "1/",
        "1:",
        "in 1 ",
        "2 hours and ",
        "the first ",
        "for ",
        "5pm to ",
        "p1 ",
        "tomorrow ",
        "at 5 ",
        ".",
        "ü",
        "1",
        "remind me 5 ",
        "-",
        "until tomorrow ",
        "'",
        "\u{300}",
        "\n",
    ];
    for piece in pieces {
        let text = piece.repeat(10_000 / piece.len());
        let started = Instant::now();
        let task = quick_add(&text, &context);
        let _ = (parse_when(&text, &context), parse_range(&text, &context));
        check_spans(&text, &task);
        // A debug build on a busy machine: linear work takes some tens of milliseconds here, quadratic work many seconds.
        assert!(started.elapsed() < Duration::from_secs(3), "{piece:?}: {:?}", started.elapsed());
    }
    // What is longer still is kept as a title.
    let text = "tomorrow ".repeat(10_000);
    assert_eq!(quick_add(&text, &context).due, None);
}

#[test]
fn every_language_is_found_by_its_tag() {
    assert_eq!(Lexicon::all().len(), 4);
    assert_eq!(Lexicon::get("de-AT").unwrap().code(), "de");
    assert_eq!(Lexicon::get("ES").unwrap().name(), "Español");
    assert!(Lexicon::get("xx").is_none());
    assert_eq!(Lexicon::get("ur-PK").unwrap().name(), "اردو");
}
