//! Which new passwords are accepted. Passwords in use are never judged again.

/// The longest password, in UTF-16 code units, which is how Better Auth counts. Checked before anything is hashed.
pub const MAX_LENGTH: usize = 128;

/// Why a new password is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weakness {
    /// Fewer UTF-16 code units than the minimum.
    TooShort,
    /// More than [`MAX_LENGTH`].
    TooLong,
    /// Among the first that an attacker tries, or made of the user's own name or address.
    Guessable,
}

/// The rules for new passwords.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// The fewest UTF-16 code units; `PASSWORD_MIN_LENGTH`.
    pub min_length: usize,
    /// Whether guessable passwords are refused; `PASSWORD_BLOCKLIST`.
    pub refuse_guessable: bool,
}

impl Default for Policy {
    /// Better Auth's own rule: eight characters, anything goes.
    fn default() -> Self {
        Self { min_length: 8, refuse_guessable: false }
    }
}

impl Policy {
    /// Judges a new password for the user with this address and name.
    ///
    /// # Errors
    /// The first rule that it breaks.
    pub fn judge(&self, password: &str, email: &str, name: &str) -> Result<(), Weakness> {
        if Self::is_too_long(password) {
            return Err(Weakness::TooLong);
        }
        if password.encode_utf16().count() < self.min_length {
            return Err(Weakness::TooShort);
        }
        if self.refuse_guessable && is_guessable(password, email, name) {
            return Err(Weakness::Guessable);
        }
        Ok(())
    }

    /// Whether a password offered for checking is too long to be anybody's.
    #[must_use]
    pub fn is_too_long(password: &str) -> bool {
        // A UTF-16 code unit is at most three bytes of UTF-8; the first test spares counting megabytes.
        password.len() > MAX_LENGTH * 3 || password.encode_utf16().count() > MAX_LENGTH
    }
}

/// Words that passwords are made of most often, one a line.
const COMMON_WORDS: &str = include_str!("common_words.txt");

/// Rows and walks on a keyboard.
const KEYBOARD: [&str; 7] =
    ["qwertyuiop", "qwertzuiop", "azertyuiop", "asdfghjkl", "zxcvbnm", "1qaz2wsx3edc4rfv5tgb", "q1w2e3r4t5y6u7i8o9p0"];

/// A common word with at most this much around it is still guessable: `Password2024!`.
const MAX_DECORATION: usize = 5;

fn is_guessable(password: &str, email: &str, name: &str) -> bool {
    let lower = password.to_lowercase();
    is_monotonous(&lower)
        || KEYBOARD.iter().any(|walk| walk.contains(&lower) || reversed(walk).contains(&lower))
        || is_decorated_word(&lower)
        || is_own(&lower, email, name)
}

/// Fewer than three different characters, or a run such as `12345678` or `hgfedcba`.
fn is_monotonous(lower: &str) -> bool {
    let characters: Vec<u32> = lower.chars().map(u32::from).collect();
    let mut distinct = characters.clone();
    distinct.sort_unstable();
    distinct.dedup();
    let step = |by: i64| characters.windows(2).all(|pair| i64::from(pair[1]) - i64::from(pair[0]) == by);
    // 1234567890 wraps at its end.
    distinct.len() < 3 || step(1) || step(-1) || "12345678901234567890".contains(lower)
}

/// A common word, its letters perhaps replaced by look-alikes, perhaps doubled, with a few digits or signs around it.
fn is_decorated_word(lower: &str) -> bool {
    let plain = |text: &str| text.chars().map(look_alike).collect::<String>();
    let core = lower.trim_matches(|c: char| !c.is_alphabetic());
    let whole = lower.trim_end_matches(|c: char| c.is_ascii_digit() || c == '!');
    [core, whole].iter().any(|candidate| {
        let decoration = lower.chars().count() - candidate.chars().count();
        let candidate = plain(candidate);
        decoration <= MAX_DECORATION
            && COMMON_WORDS
                .lines()
                .any(|word| candidate == word || candidate.strip_prefix(word).is_some_and(|rest| rest == word))
    })
}

fn is_own(lower: &str, email: &str, name: &str) -> bool {
    let mailbox = email.split('@').next().unwrap_or_default();
    let core = lower.trim_matches(|c: char| !c.is_alphabetic());
    [email, mailbox, name].iter().any(|own| {
        let own = own.to_lowercase();
        !own.is_empty() && (lower == own || core == own)
    })
}

fn look_alike(c: char) -> char {
    match c {
        '0' => 'o',
        '1' | '!' => 'i',
        '3' => 'e',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        '7' => 't',
        other => other,
    }
}

fn reversed(text: &str) -> String {
    text.chars().rev().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const STRICT: Policy = Policy { min_length: 8, refuse_guessable: true };

    fn judge(password: &str) -> Result<(), Weakness> {
        STRICT.judge(password, "ann.smith@example.com", "Annabel Smith")
    }

    #[test]
    fn lengths_count_utf16_units() {
        assert_eq!(judge("x8#kQ1z"), Err(Weakness::TooShort));
        assert_eq!(judge("😀🎉🚀🦀"), Ok(()), "four characters, eight units");
        let words = |n: usize| "correct horse ".repeat(10)[..n].to_owned();
        assert_eq!(judge(&words(128)), Ok(()));
        assert_eq!(judge(&words(129)), Err(Weakness::TooLong));
        assert!(Policy::is_too_long(&"x".repeat(10_000_000)));
    }

    #[test]
    fn guessable_ones_are_refused_when_asked() {
        for bad in [
            "password",
            "PassWord1",
            "P@ssw0rd!",
            "Password2024!",
            "12345678",
            "1234567890",
            "87654321",
            "qwertyuiop",
            "asdfghjkl",
            "1qaz2wsx",
            "aaaaaaaaaaaa",
            "abababab",
            "hellohello",
            "iloveyou",
            "Welcome123",
            "Ann.Smith",
            "annabel smith",
            "ann.smith@example.com",
        ] {
            assert_eq!(judge(bad), Err(Weakness::Guessable), "{bad}");
            assert_eq!(Policy::default().judge(bad, "", ""), Ok(()), "{bad}: Better Auth's own rule takes it");
        }
    }

    #[test]
    fn ordinary_good_ones_pass() {
        for good in
            ["correct horse battery", "x8#kQ1z!pL", "monkeys eat bananas", "пароль-который-длинный", "3.14159265x"]
        {
            assert_eq!(judge(good), Ok(()), "{good}");
        }
    }
}
