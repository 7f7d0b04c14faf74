//! Which title does somebody mean? Pure comparison of words: exact title, all words, stems, one typo, in that order.

use todo_domain::search;

use super::lexicon::Lexicon;

/// How a reference fits a title; smaller is surer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fit {
    /// The title itself.
    Exact,
    /// Every word of the reference stands in the title.
    Words,
    /// The same after stemming ("bought" and "buy").
    Stems,
    /// The same with one word misspelt by one letter.
    Typo,
    /// Some words agree: not enough to act on, enough to suggest.
    Some,
}

/// A reference prepared for many comparisons.
pub(crate) struct Wanted<'a> {
    lexicon: &'a Lexicon,
    title: String,
    words: Vec<String>,
    stems: Vec<String>,
}

impl<'a> Wanted<'a> {
    pub(crate) fn new(text: &str, lexicon: &'a Lexicon) -> Self {
        let all = search::words(text);
        let title = all.join(" ");
        let mut words: Vec<String> =
            all.iter().filter(|word| !lexicon.is("stop", &[lexicon.symbol(word)])).cloned().collect();
        if words.is_empty() {
            words = all;
        }
        let stems = words.iter().map(|word| stem(word, lexicon)).collect();
        Self { lexicon, title, words, stems }
    }

    /// Whether there is anything to look for.
    pub(crate) fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// How the reference fits a title, if at all.
    pub(crate) fn fit(&self, title: &str) -> Option<Fit> {
        let have = search::words(title);
        if have.join(" ") == self.title {
            return Some(Fit::Exact);
        }
        if self.words.iter().all(|word| have.contains(word)) {
            return Some(Fit::Words);
        }
        let stems: Vec<String> = have.iter().map(|word| stem(word, self.lexicon)).collect();
        let missing: Vec<&String> = self.stems.iter().filter(|word| !stems.contains(word)).collect();
        match missing.as_slice() {
            [] => Some(Fit::Stems),
            [one] if have.iter().chain(&stems).any(|word| may_be_typo(one, word)) => Some(Fit::Typo),
            some if some.len() < self.stems.len() => Some(Fit::Some),
            _ => {
                let close = missing.iter().any(|one| {
                    have.iter().any(|word| word.len() >= 4 && one.len() >= 4 && word.get(..4) == one.get(..4))
                });
                close.then_some(Fit::Some)
            }
        }
    }
}

/// The stem of a folded word: irregular forms by the lexicon, then the common endings.
pub(crate) fn stem(word: &str, lexicon: &Lexicon) -> String {
    if let Some(base) = lexicon.base(word) {
        return base.to_owned();
    }
    if lexicon.language != "en" || word.len() < 3 || !word.is_ascii() {
        return word.to_owned();
    }
    let cut = |ending: &str| word.strip_suffix(ending).filter(|rest| rest.len() >= 2);
    let undouble = |rest: &str| {
        let bytes = rest.as_bytes();
        match bytes {
            [.., a, b] if a == b && !matches!(b, b'l' | b's' | b'z' | b'f' | b'e' | b'o') => {
                rest.get(..rest.len() - 1).unwrap_or(rest).to_owned()
            }
            _ => rest.to_owned(),
        }
    };
    // A final `e` is dropped everywhere, so that "pay/paid", "use/used/using" meet.
    let plain = |rest: &str| rest.strip_suffix('e').unwrap_or(rest).to_owned();
    if let Some(rest) = cut("ies").or_else(|| cut("ied")) {
        return format!("{rest}y");
    }
    if let Some(rest) = cut("ing") {
        return plain(&undouble(rest));
    }
    if let Some(rest) = cut("ed").filter(|rest| rest.len() >= 3) {
        return plain(&undouble(rest));
    }
    if let Some(rest) =
        cut("es").filter(|rest| rest.ends_with(['s', 'x', 'z', 'o']) || rest.ends_with("ch") || rest.ends_with("sh"))
    {
        return plain(rest);
    }
    if let Some(rest) = cut("s").filter(|rest| !rest.ends_with(['s', 'u', 'i'])) {
        return plain(rest);
    }
    plain(word)
}

/// Words of four letters and more may have a typo; in shorter ones a letter is the difference between cat and car.
fn may_be_typo(a: &str, b: &str) -> bool {
    a.chars().count() >= 4 && b.chars().count() >= 4 && !a.bytes().any(|b| b.is_ascii_digit()) && one_typo(a, b)
}

/// Whether two words differ by one letter: put in, left out, changed, or two neighbours swapped.
pub(crate) fn one_typo(a: &str, b: &str) -> bool {
    // Most pairs of a lexicon are told apart by their lengths; no letter has more than four bytes.
    if a.len().abs_diff(b.len()) > 4 {
        return false;
    }
    let same = a.chars().zip(b.chars()).take_while(|(x, y)| x == y).map(|(x, _)| x.len_utf8()).sum();
    let (a, b) = (a.get(same..).unwrap_or_default(), b.get(same..).unwrap_or_default());
    let same: usize = a.chars().rev().zip(b.chars().rev()).take_while(|(x, y)| x == y).map(|(x, _)| x.len_utf8()).sum();
    let (a, b) = (a.get(..a.len() - same).unwrap_or_default(), b.get(..b.len() - same).unwrap_or_default());
    let (mut a, mut b) = (a.chars(), b.chars());
    match ([a.next(), a.next(), a.next()], [b.next(), b.next(), b.next()]) {
        ([None, ..], [Some(_), None, _]) | ([Some(_), None, _], [None, ..] | [Some(_), None, _]) => true,
        ([Some(p), Some(q), None], [Some(r), Some(s), None]) => p == s && q == r,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::builtin::lexicon;

    fn fit(reference: &str, title: &str) -> Option<Fit> {
        Wanted::new(reference, lexicon::of("en")).fit(title)
    }

    #[test]
    fn from_exact_to_some() {
        assert_eq!(fit("buy milk", "Buy milk"), Some(Fit::Exact));
        assert_eq!(fit("the milk", "Buy milk"), Some(Fit::Words));
        assert_eq!(fit("bought the milk", "Buy milk"), Some(Fit::Stems));
        assert_eq!(fit("called mom", "Call mom tonight"), Some(Fit::Stems));
        assert_eq!(fit("dentsit", "Call dentist"), Some(Fit::Typo));
        assert_eq!(fit("dentist bill", "Call dentist"), Some(Fit::Some));
        assert_eq!(fit("car", "Feed the cat"), None);
        assert_eq!(fit("groceries", "Grocery shopping"), Some(Fit::Stems));
    }

    #[test]
    fn one_letter_only() {
        for (a, b) in [
            ("delte", "delete"),
            ("shwo", "show"),
            ("complte", "complete"),
            ("lisst", "list"),
            ("mwrk", "mark"),
            ("märk", "mark"),
        ] {
            assert!(one_typo(a, b) && one_typo(b, a), "{a} {b}");
        }
        for (a, b) in
            [("show", "show"), ("show", "list"), ("dlt", "delete"), ("", "ab"), ("abab", "baba"), ("abc", "cba")]
        {
            assert!(!one_typo(a, b), "{a} {b}");
        }
    }

    #[test]
    fn stems_meet() {
        let lexicon = lexicon::of("en");
        for (a, b) in [
            ("planned", "plan"),
            ("using", "use"),
            ("tried", "try"),
            ("fixes", "fix"),
            ("paid", "pay"),
            ("books", "book"),
        ] {
            assert_eq!(stem(a, lexicon), stem(b, lexicon), "{a} {b}");
        }
    }
}
