//! Dates in numbers: "2026-12-24", "15/3", "15.3.2027".

use jiff::{
    Timestamp, Zoned,
    civil::{Date, DateTime},
};

use super::{calendar, context::DateOrder, day::Weight, grammar::Grammar, lexicon::Class};

impl Grammar<'_> {
    /// A date and time in one word as programs write it (RFC 3339, RFC 9557): "2026-12-24T18:00", "2026-12-24T18:00Z".
    pub fn iso_date_time(&self, at: usize) -> Option<(Zoned, usize)> {
        let text = self.text;
        let (_, 4) = text.number(at)? else { return None };
        // Date, T and hours take seven tokens; minutes, seconds, fraction, offset and zone at most these more.
        let next = (at + 1..=at + 32).find(|next| !text.is_glued(*next))?;
        let word = &text.source[text.tokens[at].start..text.tokens[next - 1].end];
        let written = word.trim_end_matches([',', ';', '.', '!', '?', ')']);
        if next - at < 9 || !written.contains(['T', 't']) {
            return None;
        }
        let zone = self.context.now.time_zone().clone();
        let instant = match (written.parse::<Zoned>(), written.parse::<Timestamp>(), written.parse::<DateTime>()) {
            (Ok(zoned), ..) => zoned,
            (_, Ok(instant), _) => instant.to_zoned(zone),
            (.., Ok(local)) => local.to_zoned(zone).ok()?,
            _ => return None,
        };
        let marks = word.len() - written.len();
        Some((instant, next - marks))
    }

    /// A date in numbers at `at`, how firmly it is one, and the token after it.
    pub fn numeric_date(&self, at: usize) -> Option<(Date, Weight, usize)> {
        let text = self.text;
        let (first, first_digits) = text.number(at)?;
        let mark = ['-', '/', '.'].into_iter().find(|mark| text.is_glued_mark(at + 1, *mark))?;
        let (second, second_digits) = text.number(at + 2).filter(|_| text.is_glued(at + 2))?;
        if second_digits > 2 {
            return None;
        }
        let third =
            text.is_glued_mark(at + 3, mark).then(|| text.number(at + 4).filter(|_| text.is_glued(at + 4))).flatten();
        match third {
            Some((third, third_digits)) => {
                let date =
                    self.full_date([(first, first_digits), (second, second_digits), (third, third_digits)], mark)?;
                Some((date, Weight::Firm, at + 5))
            }
            None if first_digits > 2 || mark == '-' => None,
            None => self.short_date(at, first, second, mark),
        }
    }

    /// Three numbers; a four-digit year comes first or last, a two-digit one where the user's order puts it.
    fn full_date(&self, parts: [(u32, u8); 3], mark: char) -> Option<Date> {
        let [(a, a_digits), (b, _), (c, c_digits)] = parts;
        if a_digits == 4 && c_digits <= 2 {
            return date(i16::try_from(a).ok()?, b, c);
        }
        let order = if mark == '.' { DateOrder::Dmy } else { self.context.date_order };
        if a_digits > 2 {
            return None;
        }
        let year = match c_digits {
            4 => i16::try_from(c).ok()?,
            2 if order == DateOrder::Ymd => return date(calendar::full_year(a, self.today())?, b, c),
            2 => calendar::full_year(c, self.today())?,
            _ => return None,
        };
        self.day_and_month(a, b, order).find_map(|(day, month)| date(year, month, day))
    }

    /// Two numbers: the next such date (H5, H8).
    fn short_date(&self, at: usize, first: u32, second: u32, mark: char) -> Option<(Date, Weight, usize)> {
        let text = self.text;
        let order = if mark == '.' { DateOrder::Dmy } else { self.context.date_order };
        let (day, month) = self.day_and_month(first, second, order).next()?;
        let date = calendar::next_date(self.today(), i8::try_from(month).ok()?, i8::try_from(day).ok()?)?;
        if mark == '.' {
            // "15.3." is a date; "15.3" is a version or a sum unless something says otherwise.
            if !text.is_glued_mark(at + 3, '.') {
                return Some((date, Weight::Led, at + 3));
            }
            let weight = if text.is_end(at + 4) { Weight::Edge } else { Weight::Firm };
            return Some((date, weight, at + 4));
        }
        // "1/2 cup" and "3/16 inch" are fractions: such a date must stand apart.
        let fraction = first < second && (second <= 12 || matches!(second, 16 | 32 | 64)) || first == second;
        let weight = if fraction || self.follows(at, Class::Cited) { Weight::Apart } else { Weight::Firm };
        Some((date, weight, at + 3))
    }

    /// Day and month of two numbers: the user's order first, the other where that has no such month or day.
    fn day_and_month(&self, first: u32, second: u32, order: DateOrder) -> impl Iterator<Item = (u32, u32)> + use<> {
        let readings = match order {
            DateOrder::Dmy => [(first, second), (second, first)],
            DateOrder::Mdy | DateOrder::Ymd => [(second, first), (first, second)],
        };
        readings.into_iter().filter(|(day, month)| (1..=31).contains(day) && (1..=12).contains(month))
    }
}

fn date(year: i16, month: u32, day: u32) -> Option<Date> {
    Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok().filter(|date| date.year() >= 1000)
}
