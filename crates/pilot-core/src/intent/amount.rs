//! Numbers, percentages, amounts and durations, in digits or in words.

use super::words::{Shape, Token};

const UNITS: &[(&str, u64)] = &[
    ("zero", 0),
    ("one", 1),
    ("two", 2),
    ("three", 3),
    ("four", 4),
    ("five", 5),
    ("six", 6),
    ("seven", 7),
    ("eight", 8),
    ("nine", 9),
    ("ten", 10),
    ("eleven", 11),
    ("twelve", 12),
    ("thirteen", 13),
    ("fourteen", 14),
    ("fifteen", 15),
    ("sixteen", 16),
    ("seventeen", 17),
    ("eighteen", 18),
    ("nineteen", 19),
];

const TENS: &[(&str, u64)] = &[
    ("twenty", 20),
    ("thirty", 30),
    ("forty", 40),
    ("fifty", 50),
    ("sixty", 60),
    ("seventy", 70),
    ("eighty", 80),
    ("ninety", 90),
];

fn lookup(table: &[(&str, u64)], word: &str) -> Option<u64> {
    table.iter().find(|(name, _)| *name == word).map(|(_, value)| *value)
}

/// A number at the start of the tokens, and how many tokens it takes: `3`, `1,000`, `three`, `twenty five`, `a dozen`,
/// `a couple of`, `a hundred`.
pub fn number(tokens: &[Token]) -> Option<(u64, usize)> {
    let first = tokens.first().filter(|t| t.shape == Shape::Word)?;
    let word = first.text.as_str();
    let next = |at: usize| tokens.get(at).filter(|t| t.shape == Shape::Word).map_or("", |t| t.text.as_str());
    if let Some(value) = digits(word) {
        return Some((value, 1));
    }
    let article = usize::from(matches!(word, "a" | "one"));
    match next(article) {
        "dozen" => return Some((12, article + 1)),
        "hundred" => return Some((100, article + 1)),
        "couple" => return Some((2, article + 1 + usize::from(next(article + 1) == "of"))),
        _ => {}
    }
    if let Some(value) = lookup(UNITS, word) {
        return Some((value, 1));
    }
    if let Some(tens) = lookup(TENS, word) {
        return match lookup(UNITS, next(1)).filter(|unit| (1..10).contains(unit)) {
            Some(unit) => Some((tens + unit, 2)),
            None => Some((tens, 1)),
        };
    }
    let (tens, unit) = word.split_once('-')?;
    Some((lookup(TENS, tens)? + lookup(UNITS, unit).filter(|u| (1..10).contains(u))?, 1))
}

fn digits(word: &str) -> Option<u64> {
    if word.contains(',') {
        let mut groups = word.split(',');
        let first = groups.next()?;
        let well_formed = (1..=3).contains(&first.len()) && groups.all(|g| g.len() == 3);
        return if well_formed { word.replace(',', "").parse().ok() } else { None };
    }
    if word.chars().all(|c| c.is_ascii_digit()) { word.parse().ok() } else { None }
}

/// A percentage at the start of the tokens: `50%`, `50 percent`, `fifty percent`.
pub fn percent(tokens: &[Token]) -> Option<(u64, usize)> {
    let first = tokens.first().filter(|t| t.shape == Shape::Word)?;
    if let Some(value) = first.text.strip_suffix('%') {
        return Some((digits(value)?, 1));
    }
    let (value, used) = number(tokens)?;
    let unit = tokens.get(used).filter(|t| t.shape == Shape::Word)?;
    matches!(unit.text.as_str(), "%" | "percent" | "pct").then_some((value, used + 1))
}

/// A Kubernetes amount at the start of the tokens, in Kubernetes' spelling: `512Mi`, `500m`, `2 gigabytes` (`2G`),
/// `512 MiB` (`512Mi`), `two cores` (`2`), `half a core` (`500m`).
pub fn quantity(tokens: &[Token]) -> Option<(String, usize)> {
    let first = tokens.first().filter(|t| t.shape == Shape::Word)?;
    if first.text == "half" {
        let article = usize::from(tokens.get(1).is_some_and(|t| t.is("a")));
        let unit = tokens.get(1 + article)?;
        return matches!(unit.text.as_str(), "core" | "cpu").then(|| ("500m".to_owned(), 2 + article));
    }
    let split = first.text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(first.text.len());
    let (amount, suffix) = first.text.split_at(split);
    let plausible = !amount.is_empty() && amount.parse::<f64>().is_ok() && !amount.ends_with('.');
    if plausible && !suffix.is_empty() {
        return unit(suffix).map(|unit| (format!("{amount}{unit}"), 1));
    }
    let (amount, used) =
        if plausible { (amount.to_owned(), 1) } else { number(tokens).map(|(n, u)| (n.to_string(), u))? };
    match tokens.get(used).filter(|t| t.shape == Shape::Word).and_then(|t| unit(&t.text)) {
        Some(unit) => Some((format!("{amount}{unit}"), used + 1)),
        None => Some((amount, used)),
    }
}

fn unit(word: &str) -> Option<&'static str> {
    Some(match word {
        "m" | "millicores" | "millicore" | "millicpu" | "mcpu" => "m",
        "k" | "kb" => "k",
        "ki" | "kib" => "Ki",
        "mb" | "megabytes" | "megabyte" | "meg" | "megs" => "M",
        "mi" | "mib" | "mebibytes" | "mebibyte" => "Mi",
        "g" | "gb" | "gigabytes" | "gigabyte" | "gig" | "gigs" => "G",
        "gi" | "gib" | "gibibytes" | "gibibyte" => "Gi",
        "t" | "tb" | "terabytes" | "terabyte" => "T",
        "ti" | "tib" => "Ti",
        "core" | "cores" | "vcpu" | "vcpus" => "",
        _ => return None,
    })
}

/// A span of time at the start of the tokens, in seconds: `30m`, `30 minutes`, `two hours`, `hour`, `half an hour`.
pub fn duration(tokens: &[Token]) -> Option<(u64, usize)> {
    let word = |at: usize| tokens.get(at).filter(|t| t.shape == Shape::Word).map_or("", |t| t.text.as_str());
    if word(0) == "half" && word(1) == "an" && word(2) == "hour" {
        return Some((1_800, 3));
    }
    if let Some(seconds) = span(word(0)) {
        return Some((seconds, 1));
    }
    let article = usize::from(matches!(word(0), "a" | "an"));
    if let Some(seconds) = seconds_of(word(article)).filter(|_| word(article).len() > 1) {
        return Some((seconds, article + 1));
    }
    let (count, used) = number(tokens)?;
    let unit = seconds_of(word(used))?;
    Some((count.checked_mul(unit)?, used + 1))
}

/// `90s`, `30m`, `1h30m`, `30min`.
fn span(word: &str) -> Option<u64> {
    let mut rest = word;
    let mut total: u64 = 0;
    while !rest.is_empty() {
        let split = rest.find(|c: char| !c.is_ascii_digit())?;
        let (amount, tail) = rest.split_at(split);
        let end = tail.find(|c: char| c.is_ascii_digit()).unwrap_or(tail.len());
        let (name, tail) = tail.split_at(end);
        total = total.checked_add(amount.parse::<u64>().ok()?.checked_mul(seconds_of(name)?)?)?;
        rest = tail;
    }
    (total > 0).then_some(total)
}

fn seconds_of(unit: &str) -> Option<u64> {
    Some(match unit {
        "s" | "sec" | "secs" | "second" | "seconds" => 1,
        "m" | "min" | "mins" | "minute" | "minutes" => 60,
        "h" | "hr" | "hrs" | "hour" | "hours" => 3_600,
        "d" | "day" | "days" => 86_400,
        "w" | "week" | "weeks" => 604_800,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::super::words::tokens;
    use super::*;

    #[test]
    fn numbers_in_digits_and_words() {
        for (text, want) in [
            ("3", Some(3)),
            ("three", Some(3)),
            ("twenty five replicas", Some(25)),
            ("twenty-five", Some(25)),
            ("a dozen", Some(12)),
            ("a couple of", Some(2)),
            ("1,000", Some(1000)),
            ("1,00", None),
            ("v3", None),
            ("-3", None),
            ("3.5", None),
            ("99999999999999999999999", None),
        ] {
            assert_eq!(number(&tokens(text)).map(|(n, _)| n), want, "{text}");
        }
        assert_eq!(percent(&tokens("50 percent")), Some((50, 2)));
        assert_eq!(percent(&tokens("50%")), Some((50, 1)));
        assert_eq!(percent(&tokens("50")), None);
    }

    #[test]
    fn amounts_in_the_spelling_of_kubernetes() {
        for (text, want) in [
            ("512Mi", "512Mi"),
            ("512 MiB", "512Mi"),
            ("500m", "500m"),
            ("two gigs", "2G"),
            ("1.5Gi", "1.5Gi"),
            ("half a core", "500m"),
            ("2 cores", "2"),
            ("0.5", "0.5"),
        ] {
            assert_eq!(quantity(&tokens(text)).map(|(q, _)| q).as_deref(), Some(want), "{text}");
        }
        assert_eq!(quantity(&tokens("512xyz")), None);
    }

    #[test]
    fn spans_of_time() {
        for (text, want) in [
            ("30m", 1_800),
            ("1h30m", 5_400),
            ("30 minutes", 1_800),
            ("two hours", 7_200),
            ("hour", 3_600),
            ("half an hour", 1_800),
            ("an hour", 3_600),
            ("day", 86_400),
        ] {
            assert_eq!(duration(&tokens(text)).map(|(s, _)| s), Some(want), "{text}");
        }
        assert_eq!(duration(&tokens("m")), None);
        assert_eq!(duration(&tokens("99999999999999999999d")), None);
    }
}
