use jiff::civil::date;
use proptest::prelude::*;

use super::*;

fn context() -> Context {
    // A Wednesday.
    Context::new("2026-11-18T10:00:00[Europe/Paris]".parse().unwrap())
}

fn read(text: &str) -> Filter {
    parse(text, &context()).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn due(from: Option<Date>, to: Option<Date>) -> Filter {
    Filter::Due { from, to }
}

fn today() -> Filter {
    due(Some(date(2026, 11, 18)), Some(date(2026, 11, 18)))
}

#[test]
fn terms_stand_for_themselves() {
    let cases: [(&str, Filter); 22] = [
        ("", Filter::All),
        ("today", today()),
        ("next 7 days", read("next 7 days")),
        ("overdue", Filter::Overdue),
        ("no date", !due(None, None)),
        ("p1", exactly(Priority::Urgent)),
        ("high priority", exactly(Priority::High)),
        ("priority >= high", Filter::Priority { min: Priority::High, max: Priority::Urgent }),
        ("priority>medium", Filter::Priority { min: Priority::High, max: Priority::Urgent }),
        ("priority: low", exactly(Priority::Low)),
        ("@home", Filter::Label("home".into())),
        ("@wait*", Filter::Label("wait*".into())),
        ("no label", !Filter::AnyLabel),
        ("#Work", Filter::Project("Work".into())),
        ("#\"Big house\"", Filter::Project("Big house".into())),
        ("inbox", !Filter::AnyProject),
        ("done", Filter::Status(Status::Completed)),
        ("status: open", Filter::Status(Status::Pending)),
        ("search: quarterly report", Filter::Text("quarterly report".into())),
        ("buy milk", Filter::Text("buy milk".into())),
        ("\"today\"", Filter::Text("today".into())),
        ("recurring", Filter::Recurring),
    ];
    for (text, filter) in cases {
        assert_eq!(read(text), filter, "{text}");
    }
}

#[test]
fn operators_bind_as_in_logic() {
    let (a, b, c) = (Filter::Label("a".into()), Filter::Label("b".into()), Filter::Label("c".into()));
    assert_eq!(read("@a & @b | @c"), Filter::Or(vec![a.clone().and(b.clone()), c.clone()]));
    assert_eq!(read("@a & (@b | @c)"), a.clone().and(Filter::Or(vec![b.clone(), c.clone()])));
    assert_eq!(read("!@a"), !a.clone());
    assert_eq!(read("!!@a"), a.clone());
    assert_eq!(read("@a && @b || @c"), read("@a & @b | @c"));
    assert_eq!(read("today p1 @a"), today().and(exactly(Priority::Urgent)).and(a.clone()));
    assert_eq!(read("(today | overdue) & !@a"), Filter::Or(vec![today(), Filter::Overdue]).and(!a));
}

#[test]
fn fields_take_the_words_up_to_the_next_mark() {
    let until_thursday = due(None, Some(date(2026, 11, 19)));
    assert_eq!(read("due before: friday"), until_thursday);
    assert_eq!(read("due before: friday @home"), until_thursday.clone().and(Filter::Label("home".into())));
    assert_eq!(read("@home due before: friday"), Filter::Label("home".into()).and(until_thursday));
    assert_eq!(read("due after: 2026-12-24"), due(Some(date(2026, 12, 25)), None));
    let Filter::Created { from: Some(from), to: Some(to) } = read("created: today") else { panic!() };
    assert_eq!(
        (from.to_string(), to.to_string().get(..19)),
        ("2026-11-17T23:00:00Z".into(), Some("2026-11-18T22:59:59"))
    );
}

#[test]
fn what_can_t_be_read_says_why() {
    for (text, part) in [
        ("(today", "without its `)`"),
        ("today)", "without its `(`"),
        ("today &", "missing"),
        ("| today", "operator"),
        ("()", "empty"),
        ("\"open", "not closed"),
        ("frobnicate: 3", "no field"),
        ("due:", "needs a value"),
        ("due: someday maybe", "no time"),
        ("priority: huge", "no priority"),
    ] {
        let error = parse(text, &context()).unwrap_err();
        assert!(error.detail.contains(part), "{text}: {error}");
        assert!(matches!(error.field.as_deref(), Some("filter" | "due")));
    }
    assert!(parse(&"(".repeat(500), &context()).unwrap_err().detail.contains("nested"));
    assert!(parse(&"x".repeat(FILTER_MAX + 1), &context()).is_err());
}

proptest! {
    #[test]
    fn no_text_panics(text in "\\PC{0,200}") {
        let _either = parse(&text, &context());
    }

    #[test]
    fn no_mix_of_marks_panics(parts in proptest::collection::vec("[@#!&|()\\\\\"]|p1|due:|before:|today|no|é", 0..40)) {
        let _either = parse(&parts.join(" "), &context());
        let _either = parse(&parts.concat(), &context());
    }
}
