//! Values that people write in words.

use pilot_core::rightsize::Strategy;

/// Reads `90s`, `30m`, `2h`, `14d`, `1h30m`; a bare number is seconds.
///
/// # Errors
/// When the text is not a duration.
pub fn seconds(text: &str) -> Result<u64, String> {
    let wrong = || format!("{text:?} is not a time: write 90s, 30m, 2h or 14d");
    if let Ok(seconds) = text.parse() {
        return Ok(seconds);
    }
    let mut total: u64 = 0;
    let mut number = String::new();
    for c in text.trim().chars() {
        let unit = match c {
            '0'..='9' => {
                number.push(c);
                continue;
            }
            's' => 1,
            'm' => 60,
            'h' => 3_600,
            'd' => 86_400,
            'w' => 604_800,
            _ => return Err(wrong()),
        };
        let amount: u64 = number.parse().map_err(|_| wrong())?;
        number.clear();
        total = amount.checked_mul(unit).and_then(|s| total.checked_add(s)).ok_or_else(wrong)?;
    }
    if number.is_empty() && total > 0 { Ok(total) } else { Err(wrong()) }
}

/// Reads the name of a right-sizing strategy.
///
/// # Errors
/// When there is none of that name.
pub fn strategy(text: &str) -> Result<Strategy, String> {
    match text.to_ascii_lowercase().replace('-', "_").as_str() {
        "balanced" => Ok(Strategy::Balanced),
        "simple" => Ok(Strategy::Simple),
        "simple_limit" => Ok(Strategy::SimpleLimit),
        _ => Err(format!("{text:?} is not a strategy: use balanced, simple or simple_limit")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_in_words() {
        for (text, want) in [("90", 90), ("90s", 90), ("1h30m", 5_400), ("14d", 1_209_600), ("1w", 604_800)] {
            assert_eq!(seconds(text), Ok(want), "{text}");
        }
        for text in ["", "h", "1x", "1h5", "-1s", "99999999999999999999d", "0m"] {
            assert!(seconds(text).is_err(), "{text}");
        }
    }
}
