//! What relative days mean on the calendar: the house rules H2, H3, H5 and H6 as functions of today.

use jiff::{
    SignedDuration, ToSpan,
    civil::{Date, Weekday},
};

/// `date` moved by whole days; `None` outside the calendar.
pub(super) fn plus_days(date: Date, days: i64) -> Option<Date> {
    date.checked_add(SignedDuration::from_hours(days.checked_mul(24)?)).ok()
}

/// `date` moved by whole months, clamped to the end of a shorter month (H6).
pub(super) fn plus_months(date: Date, months: i64) -> Option<Date> {
    let span = jiff::Span::new().try_months(months).ok()?;
    date.checked_add(span).ok()
}

/// `date` moved by so many days from Monday to Friday.
pub(super) fn plus_workdays(mut date: Date, workdays: i64) -> Option<Date> {
    // Whole weeks in one step, so that a large number costs nothing.
    date = plus_days(date, workdays / 5 * 7)?;
    let mut left = workdays % 5;
    while left > 0 {
        date = date.tomorrow().ok()?;
        if !is_weekend(date) {
            left -= 1;
        }
    }
    while is_weekend(date) && workdays > 0 {
        date = date.tomorrow().ok()?;
    }
    Some(date)
}

/// The n-th day from Monday to Friday of a month, the last for -1.
pub(super) fn nth_workday(first: Date, nth: i8) -> Option<Date> {
    let days = (1..=first.days_in_month()).filter_map(|day| first.with().day(day).build().ok());
    let mut workdays = days.filter(|date| !is_weekend(*date));
    match nth {
        -1 => workdays.next_back(),
        nth => workdays.nth(usize::try_from(nth - 1).ok()?),
    }
}

fn is_weekend(date: Date) -> bool {
    matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday)
}

/// The first such weekday strictly after `today` (H2).
pub(super) fn weekday_after(today: Date, weekday: Weekday) -> Option<Date> {
    let days = today.weekday().until(weekday);
    plus_days(today, if days == 0 { 7 } else { i64::from(days) })
}

/// The first day of the calendar week of `date`.
pub(super) fn week_of(date: Date, week_start: Weekday) -> Option<Date> {
    plus_days(date, -i64::from(date.weekday().since(week_start)))
}

/// A weekday of the calendar week that is `weeks` after this one (H2: "next Friday" with `weeks` = 1).
pub(super) fn weekday_of_week(today: Date, weekday: Weekday, weeks: i64, week_start: Weekday) -> Option<Date> {
    let week = week_of(today, week_start)?;
    plus_days(week, 7 * weeks + i64::from(week_start.until(weekday)))
}

/// The next day of the month `day` that is not in the past, in a month that has it (H5).
pub(super) fn next_day_of_month(today: Date, day: i8) -> Option<Date> {
    let months = (0..12).filter_map(|n: i64| today.first_of_month().checked_add(n.months()).ok());
    months.filter_map(|first| first.with().day(day).build().ok()).find(|date| *date >= today)
}

/// The next such date that is not in the past; 29 February waits for a leap year (H5).
pub(super) fn next_date(today: Date, month: i8, day: i8) -> Option<Date> {
    (0..9).filter_map(|n| Date::new(today.year().checked_add(n)?, month, day).ok()).find(|date| *date >= today)
}

/// The next first day of the month number `month` that is after today.
pub(super) fn next_month_named(today: Date, month: i8) -> Option<Date> {
    (0..2).filter_map(|n| Date::new(today.year().checked_add(n)?, month, 1).ok()).find(|date| *date > today)
}

/// A year written with two digits, in the century around today.
pub(super) fn full_year(short: u32, today: Date) -> Option<i16> {
    let century = today.year() / 100 * 100;
    let year = century + i16::try_from(short).ok()?;
    Some(if year < today.year() - 50 { year + 100 } else { year })
}
