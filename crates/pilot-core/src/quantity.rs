//! Kubernetes quantities (`250m`, `1.5Gi`, `1e3`) as exact integers.
//!
//! The grammar is that of `k8s.io/apimachinery/pkg/api/resource`. Amounts are held in billionths, so
//! nothing is compared in floating point.

use std::fmt;
use std::ops::{Add, Mul, Sub};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Billionths in one unit.
const NANO: i128 = 1_000_000_000;
/// The API server caps amounts here.
const MAX: i128 = i64::MAX as i128 * NANO;

/// An amount of a resource. Equality and order are by amount: `1` equals `1000m`.
#[derive(Debug, Clone, Copy, Default)]
pub struct Quantity {
    nano: i128,
    style: Style,
}

/// How the amount was written and is printed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Style {
    #[default]
    Decimal,
    Binary,
    Exponent,
}

/// Why a text is not a quantity.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not a quantity: write a number with a suffix such as 250m, 1.5 or 512Mi")]
pub struct QuantityError {
    text: String,
}

impl Quantity {
    /// From whole units: bytes, cores, pieces.
    pub const fn from_units(units: i64) -> Self {
        Self { nano: units as i128 * NANO, style: Style::Decimal }
    }

    /// From thousandths: millicores.
    pub const fn from_milli(milli: i64) -> Self {
        Self { nano: milli as i128 * (NANO / 1000), style: Style::Decimal }
    }

    /// From bytes, printed with binary suffixes.
    pub const fn from_bytes(bytes: i64) -> Self {
        Self { nano: bytes as i128 * NANO, style: Style::Binary }
    }

    /// From billionths.
    pub const fn from_nano(nano: i128) -> Self {
        Self { nano, style: Style::Decimal }
    }

    /// Billionths, exact.
    pub const fn nano(self) -> i128 {
        self.nano
    }

    /// Thousandths, rounded up.
    pub fn milli(self) -> i64 {
        saturate(ceil_div(self.nano, NANO / 1000))
    }

    /// Whole units, rounded up: bytes, pieces.
    pub fn units(self) -> i64 {
        saturate(ceil_div(self.nano, NANO))
    }

    /// For display and for estimates only, never for comparison.
    pub fn as_f64(self) -> f64 {
        self.nano as f64 / NANO as f64
    }

    /// This amount × `times` / `parts`, rounded up to a billionth.
    pub fn share(self, times: i64, parts: i64) -> Self {
        let product = self.nano.saturating_mul(i128::from(times));
        Self { nano: ceil_div(product, i128::from(parts.max(1))), style: self.style }
    }

    /// Exactly nothing.
    pub const fn is_zero(self) -> bool {
        self.nano == 0
    }

    /// Reads the API's grammar.
    ///
    /// # Errors
    /// When the text is not a number with a known suffix.
    pub fn parse(text: &str) -> Result<Self, QuantityError> {
        parse(text).ok_or_else(|| QuantityError { text: text.chars().take(40).collect() })
    }
}

fn parse(text: &str) -> Option<Quantity> {
    let (negative, unsigned) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    let end = unsigned.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(unsigned.len());
    let (number, suffix) = unsigned.split_at(end);
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if whole.len() + fraction.len() == 0 || fraction.contains('.') {
        return None;
    }
    let (factor, power, style) = suffix_factor(suffix)?;
    // digits × factor × 10^(power − fraction length), in billionths.
    let mut digits: i128 = 0;
    let mut shift = power + 9 - i32::try_from(fraction.len()).ok()?;
    let mut dropped = false;
    for digit in whole.bytes().chain(fraction.bytes()) {
        if digits > i128::MAX / 10_000 {
            // More precision than anything holds: keep the magnitude, round up at the end.
            shift += 1;
            dropped |= digit != b'0';
        } else {
            digits = digits * 10 + i128::from(digit - b'0');
        }
    }
    let mut nano = digits.checked_mul(factor).unwrap_or(i128::MAX);
    if shift >= 0 {
        for _ in 0..shift {
            nano = nano.saturating_mul(10);
            if nano == 0 || nano == i128::MAX {
                break;
            }
        }
    } else {
        for _ in shift..0 {
            dropped |= nano % 10 != 0;
            nano /= 10;
            if nano == 0 {
                break;
            }
        }
    }
    // The API rounds amounts below a billionth up, away from zero.
    nano = nano.saturating_add(i128::from(dropped)).min(MAX);
    Some(Quantity { nano: if negative { -nano } else { nano }, style })
}

/// Factor, power of ten and style of a suffix.
fn suffix_factor(suffix: &str) -> Option<(i128, i32, Style)> {
    let decimal = |power| Some((1, power, Style::Decimal));
    let binary = |shift: u32| Some((1_i128 << shift, 0, Style::Binary));
    match suffix {
        "n" => decimal(-9),
        "u" => decimal(-6),
        "m" => decimal(-3),
        "" => decimal(0),
        "k" => decimal(3),
        "M" => decimal(6),
        "G" => decimal(9),
        "T" => decimal(12),
        "P" => decimal(15),
        "E" => decimal(18),
        "Ki" => binary(10),
        "Mi" => binary(20),
        "Gi" => binary(30),
        "Ti" => binary(40),
        "Pi" => binary(50),
        "Ei" => binary(60),
        _ => {
            let exponent = suffix.strip_prefix(['e', 'E'])?;
            let digits = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
            if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
                return None;
            }
            let power: i32 = exponent.parse().unwrap_or(if exponent.starts_with('-') { -99 } else { 99 });
            Some((1, power.clamp(-99, 99), Style::Exponent))
        }
    }
}

fn ceil_div(value: i128, by: i128) -> i128 {
    value.div_euclid(by) + i128::from(value.rem_euclid(by) != 0)
}

fn saturate(value: i128) -> i64 {
    i64::try_from(value).unwrap_or(if value < 0 { i64::MIN } else { i64::MAX })
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const BINARY: [(&str, u32); 6] = [("Ei", 60), ("Pi", 50), ("Ti", 40), ("Gi", 30), ("Mi", 20), ("Ki", 10)];
        const DECIMAL: [(&str, i128); 9] = [
            ("E", 1_000_000_000 * 1_000_000_000 * NANO),
            ("P", 1_000_000 * 1_000_000_000 * NANO),
            ("T", 1_000 * 1_000_000_000 * NANO),
            ("G", 1_000_000_000 * NANO),
            ("M", 1_000_000 * NANO),
            ("k", 1_000 * NANO),
            ("", NANO),
            ("m", NANO / 1_000),
            ("u", NANO / 1_000_000),
        ];
        if self.nano == 0 {
            return f.write_str("0");
        }
        if self.style == Style::Binary && self.nano % NANO == 0 {
            let units = self.nano / NANO;
            for (suffix, shift) in BINARY {
                if units % (1_i128 << shift) == 0 {
                    return write!(f, "{}{suffix}", units >> shift);
                }
            }
            return write!(f, "{units}");
        }
        for (suffix, size) in DECIMAL {
            if self.nano % size == 0 {
                return write!(f, "{}{suffix}", self.nano / size);
            }
        }
        write!(f, "{}n", self.nano)
    }
}

impl PartialEq for Quantity {
    fn eq(&self, other: &Self) -> bool {
        self.nano == other.nano
    }
}
impl Eq for Quantity {}
impl PartialOrd for Quantity {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Quantity {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.nano.cmp(&other.nano)
    }
}
impl std::hash::Hash for Quantity {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.nano.hash(state);
    }
}

/// The style of a result: of the left side, unless that is zero and says nothing.
fn style_of(left: Quantity, right: Quantity) -> Style {
    if left.nano == 0 { right.style } else { left.style }
}

impl Add for Quantity {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self { nano: self.nano.saturating_add(other.nano), style: style_of(self, other) }
    }
}
impl Sub for Quantity {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self { nano: self.nano.saturating_sub(other.nano), style: style_of(self, other) }
    }
}
impl Mul<i64> for Quantity {
    type Output = Self;
    fn mul(self, times: i64) -> Self {
        Self { nano: self.nano.saturating_mul(i128::from(times)), style: self.style }
    }
}
impl std::iter::Sum for Quantity {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::default(), Add::add)
    }
}

impl std::str::FromStr for Quantity {
    type Err = QuantityError;
    fn from_str(text: &str) -> Result<Self, QuantityError> {
        Self::parse(text)
    }
}

impl Serialize for Quantity {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// The API accepts a number or a string.
impl<'de> Deserialize<'de> for Quantity {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl serde::de::Visitor<'_> for Visitor {
            type Value = Quantity;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a quantity such as 250m or 512Mi")
            }
            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Quantity, E> {
                Quantity::parse(text).map_err(E::custom)
            }
            fn visit_i64<E: serde::de::Error>(self, number: i64) -> Result<Quantity, E> {
                Ok(Quantity::from_units(number))
            }
            fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<Quantity, E> {
                Ok(Quantity::from_units(i64::try_from(number).unwrap_or(i64::MAX)))
            }
            fn visit_f64<E: serde::de::Error>(self, number: f64) -> Result<Quantity, E> {
                // The shortest decimal that reads back as this number is what the author wrote.
                Quantity::parse(&number.to_string()).map_err(E::custom)
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn quantity(text: &str) -> Quantity {
        Quantity::parse(text).unwrap()
    }

    #[test]
    fn amounts_are_exact_whatever_the_spelling() {
        for (left, right) in [
            ("1", "1000m"),
            ("0.1", "100m"),
            ("1.5Gi", "1536Mi"),
            ("1e3", "1k"),
            ("1E", "1000P"),
            ("1E3", "1000"),
            ("12e-3", "12m"),
            (".5", "500m"),
            ("5.", "5"),
            ("+1", "1"),
            ("0.5Ki", "512"),
            ("1000000n", "1m"),
            ("1000u", "1m"),
        ] {
            assert_eq!(quantity(left), quantity(right), "{left} = {right}");
        }
        // 0.1 + 0.2 = 0.3, which floats miss.
        assert_eq!(quantity("0.1") + quantity("0.2"), quantity("300m"));
        assert!(quantity("-1") < quantity("0"));
    }

    #[test]
    fn less_than_a_billionth_rounds_away_from_zero() {
        assert_eq!(quantity("0.0000000001").nano(), 1);
        assert_eq!(quantity("-0.0000000001").nano(), -1);
        assert_eq!(quantity("1n").milli(), 1);
    }

    #[test]
    fn nonsense_is_refused_and_size_saturates() {
        for text in ["", "-", ".", "1.2.3", "Mi", "1 Gi", "1mi", "1KI", "1e", "1e+", "0x10", "1Gib", "١"] {
            assert!(Quantity::parse(text).is_err(), "{text}");
        }
        assert_eq!(quantity("1e99").units(), i64::MAX);
        assert_eq!(quantity("1e-99").nano(), 1);
        assert_eq!(quantity(&"9".repeat(100)).units(), i64::MAX);
        assert_eq!(quantity("9Ei").units(), i64::MAX);
    }

    #[test]
    fn prints_in_the_family_it_was_written_in() {
        for (text, printed) in [
            ("1536Mi", "1536Mi"),
            ("1024Mi", "1Gi"),
            ("1000m", "1"),
            ("0.25", "250m"),
            ("100M", "100M"),
            ("1.5Gi", "1536Mi"),
            ("128974848", "128974848"),
            ("0", "0"),
        ] {
            assert_eq!(quantity(text).to_string(), printed);
        }
    }

    #[test]
    fn json_numbers_are_accepted() {
        for (json, text) in [("2", "2"), ("0.1", "100m"), ("\"64Mi\"", "64Mi")] {
            assert_eq!(serde_json::from_str::<Quantity>(json).unwrap(), quantity(text));
        }
        assert!(serde_json::from_str::<Quantity>("true").is_err());
    }

    proptest! {
        #[test]
        fn printing_and_parsing_agree(nano in -MAX..MAX) {
            for style in [Style::Decimal, Style::Binary] {
                let amount = Quantity { nano, style };
                prop_assert_eq!(quantity(&amount.to_string()), amount);
            }
        }

        #[test]
        fn no_text_panics(text in ".{0,24}") {
            let _ = Quantity::parse(&text);
        }
    }
}
