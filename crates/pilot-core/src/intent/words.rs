//! From a sentence to tokens: quoted spans kept apart, contractions and compounds in one spelling, nothing a terminal
//! would obey.

use unicode_normalization::UnicodeNormalization as _;

/// Longest sentence that is read, in bytes; the rest would only be noise.
pub const LONGEST: usize = 2_000;

/// One token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// Lower case, NFKC, compounds joined (`config map` is `configmap`).
    pub text: String,
    /// As it was written, for values whose case matters (environment, images).
    pub raw: String,
    /// What it is.
    pub shape: Shape,
}

/// What a token is on the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// A word, number, name or path.
    Word,
    /// What stood between quotation marks. Never read as a command.
    Quoted,
    /// `,` `;` `:` or a full stop.
    Stop,
    /// `?`
    Question,
}

impl Token {
    fn word(text: &str) -> Self {
        Self { text: text.to_lowercase(), raw: text.to_owned(), shape: Shape::Word }
    }

    /// Whether this is the word `word`, outside quotation marks.
    pub fn is(&self, word: &str) -> bool {
        self.shape == Shape::Word && self.text == word
    }

    /// Whether this is one of `words`, outside quotation marks.
    pub fn is_any(&self, words: &[&str]) -> bool {
        self.shape == Shape::Word && words.contains(&self.text.as_str())
    }
}

/// The tokens of a sentence.
pub fn tokens(sentence: &str) -> Vec<Token> {
    let mut end = sentence.len().min(LONGEST);
    while !sentence.is_char_boundary(end) {
        end -= 1;
    }
    let text: String = sentence[..end].nfkc().map(plain).collect();
    join(expand(split(&text)))
}

/// Typographic characters in their plain form; controls, zero-width and bidirectional marks become blanks.
fn plain(c: char) -> char {
    match c {
        '\u{2018}' | '\u{2019}' | '\u{201b}' | '\u{b4}' => '\'',
        '\u{201c}' | '\u{201d}' | '\u{201e}' | '\u{ab}' | '\u{bb}' => '"',
        '\u{2010}'..='\u{2015}' | '\u{2212}' => '-',
        c if c.is_whitespace() || crate::redact::neutralise(c.encode_utf8(&mut [0; 4])).len() > c.len_utf8() => ' ',
        c => c,
    }
}

/// Splits at blanks and quotation marks; punctuation at the end of a word becomes a token of its own.
fn split(text: &str) -> Vec<Token> {
    let mut found = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        if matches!(first, '"' | '`' | '\'')
            && let Some((inside, after)) = quoted(rest, first)
        {
            found.push(Token { text: inside.to_lowercase(), raw: inside.to_owned(), shape: Shape::Quoted });
            rest = after.trim_start();
            continue;
        }
        // A mark without a partner is no quotation.
        let start = if matches!(first, '"' | '`' | '\'' | '(' | '[' | '{' | '<' | '*') { first.len_utf8() } else { 0 };
        let stop = rest[start..].find(|c: char| c.is_whitespace() || c == '"' || c == '`');
        let (word, after) = rest.split_at(stop.map_or(rest.len(), |at| (at + start).max(first.len_utf8())));
        chop(&word[start..], &mut found);
        rest = after.trim_start();
    }
    found
}

/// What stands between a quotation mark and its partner. An apostrophe closes only at the end of a word.
fn quoted(text: &str, mark: char) -> Option<(&str, &str)> {
    let body = &text[mark.len_utf8()..];
    let closes = |at: usize| {
        let after = body[at + mark.len_utf8()..].chars().next();
        mark != '\'' || after.is_none_or(|c| c.is_whitespace() || ",.;:!?)".contains(c))
    };
    let end = body.match_indices(mark).map(|(at, _)| at).find(|at| closes(*at))?;
    Some((body[..end].trim(), &body[end + mark.len_utf8()..]))
}

fn chop(word: &str, found: &mut Vec<Token>) {
    let body = word.trim_end_matches([',', '.', ';', ':', '!', '?', ')', ']', '}', '>', '*', '\'']);
    if !body.is_empty() {
        // `a,b` is a list unless it is a number with thousands or a pair `key=value,key=value`.
        let list = body.contains(',') && !body.contains('=') && !body.chars().all(|c| c.is_ascii_digit() || c == ',');
        if list {
            for (at, part) in body.split(',').filter(|p| !p.is_empty()).enumerate() {
                if at > 0 {
                    found.push(Token { text: ",".into(), raw: ",".into(), shape: Shape::Stop });
                }
                found.push(Token::word(part));
            }
        } else {
            found.push(Token::word(body));
        }
    }
    let tail = &word[body.len()..];
    if tail.contains('?') {
        found.push(Token { text: "?".into(), raw: "?".into(), shape: Shape::Question });
    } else if let Some(stop) = tail.chars().find(|c| ",.;:".contains(*c)) {
        found.push(Token { text: stop.to_string(), raw: stop.to_string(), shape: Shape::Stop });
    }
}

/// Contractions in full: `don't` is `do not`, `what's` is `what is`; a possessive loses its ending.
fn expand(tokens: Vec<Token>) -> Vec<Token> {
    const SHORT: &[(&str, &[&str])] = &[
        ("won't", &["will", "not"]),
        ("can't", &["can", "not"]),
        ("cannot", &["can", "not"]),
        ("cant", &["can", "not"]),
        ("dont", &["do", "not"]),
        ("doesnt", &["does", "not"]),
        ("isnt", &["is", "not"]),
        ("wont", &["will", "not"]),
        ("shouldnt", &["should", "not"]),
        ("let's", &["let", "us"]),
        ("lets", &["let", "us"]),
        ("whats", &["what", "is"]),
        ("wanna", &["want", "to"]),
        ("gonna", &["going", "to"]),
        ("gimme", &["give", "me"]),
        ("pls", &["please"]),
        ("plz", &["please"]),
    ];
    const QUESTION: &[&str] =
        &["what", "who", "where", "when", "why", "how", "that", "there", "it", "he", "she", "here"];
    let mut found = Vec::with_capacity(tokens.len());
    for token in tokens {
        if token.shape != Shape::Word {
            found.push(token);
            continue;
        }
        let text = token.text.as_str();
        if let Some((_, words)) = SHORT.iter().find(|(short, _)| *short == text) {
            found.extend(words.iter().map(|w| Token::word(w)));
        } else if let Some(verb) = text.strip_suffix("n't") {
            found.extend([Token::word(verb), Token::word("not")]);
        } else if let Some((word, ending)) = text.rsplit_once('\'') {
            let full = match ending {
                "s" if QUESTION.contains(&word) => Some("is"),
                "re" => Some("are"),
                "ll" => Some("will"),
                "d" => Some("would"),
                "m" => Some("am"),
                "ve" => Some("have"),
                _ => None,
            };
            found.push(Token::word(token.raw.rsplit_once('\'').map_or(word, |(raw, _)| raw)));
            found.extend(full.map(Token::word));
        } else {
            found.push(token);
        }
    }
    found
}

/// Words that are written in two and mean one thing.
const COMPOUNDS: &[(&[&str], &str)] = &[
    (&["roll", "back"], "rollback"),
    (&["roll-back"], "rollback"),
    (&["rolled", "back"], "rolledback"),
    (&["roll", "out"], "rollout"),
    (&["roll-out"], "rollout"),
    (&["re", "start"], "restart"),
    (&["re-start"], "restart"),
    (&["right", "size"], "rightsize"),
    (&["right-size"], "rightsize"),
    (&["right-sizing"], "rightsize"),
    (&["front", "end"], "frontend"),
    (&["front-end"], "frontend"),
    (&["back", "end"], "backend"),
    (&["back-end"], "backend"),
    (&["config", "map"], "configmap"),
    (&["config", "maps"], "configmaps"),
    (&["config-map"], "configmap"),
    (&["stateful", "set"], "statefulset"),
    (&["stateful", "sets"], "statefulsets"),
    (&["daemon", "set"], "daemonset"),
    (&["daemon", "sets"], "daemonsets"),
    (&["replica", "set"], "replicaset"),
    (&["replica", "sets"], "replicasets"),
    (&["cron", "job"], "cronjob"),
    (&["cron", "jobs"], "cronjobs"),
    (&["network", "policy"], "networkpolicy"),
    (&["network", "policies"], "networkpolicies"),
    (&["service", "account"], "serviceaccount"),
    (&["service", "accounts"], "serviceaccounts"),
    (&["storage", "class"], "storageclass"),
    (&["storage", "classes"], "storageclasses"),
    (&["persistent", "volume", "claim"], "persistentvolumeclaim"),
    (&["persistent", "volume", "claims"], "persistentvolumeclaims"),
    (&["persistent", "volume"], "persistentvolume"),
    (&["persistent", "volumes"], "persistentvolumes"),
    (&["volume", "claim"], "persistentvolumeclaim"),
    (&["volume", "claims"], "persistentvolumeclaims"),
    (&["resource", "quota"], "resourcequota"),
    (&["resource", "quotas"], "resourcequotas"),
    (&["limit", "range"], "limitrange"),
    (&["disruption", "budget"], "poddisruptionbudget"),
    (&["pod", "disruption", "budget"], "poddisruptionbudget"),
    (&["pod", "disruption", "budgets"], "poddisruptionbudgets"),
    (&["horizontal", "pod", "autoscaler"], "horizontalpodautoscaler"),
    (&["cluster", "role"], "clusterrole"),
    (&["cluster", "roles"], "clusterroles"),
    (&["role", "binding"], "rolebinding"),
    (&["role", "bindings"], "rolebindings"),
    (&["node", "port"], "nodeport"),
    (&["node", "ports"], "nodeports"),
    (&["node-port"], "nodeport"),
    (&["name", "space"], "namespace"),
    (&["docker", "file"], "dockerfile"),
    (&["per", "cent"], "percent"),
    (&["auto", "scale"], "autoscale"),
    (&["auto-scale"], "autoscale"),
    (&["auto", "scaler"], "autoscaler"),
    (&["un", "cordon"], "uncordon"),
    (&["not", "ready"], "notready"),
    (&["not", "running"], "notrunning"),
    (&["not", "working"], "notworking"),
    (&["not", "starting"], "notstarting"),
    (&["not", "healthy"], "unhealthy"),
    (&["not", "responding"], "notworking"),
    (&["not", "reachable"], "unreachable"),
    (&["not", "work"], "notworking"),
    (&["not", "start"], "notstarting"),
    (&["image", "pull"], "imagepull"),
    (&["as", "well", "as"], "and"),
];

fn join(tokens: Vec<Token>) -> Vec<Token> {
    let mut found: Vec<Token> = Vec::with_capacity(tokens.len());
    let mut at = 0;
    while at < tokens.len() {
        let hit = COMPOUNDS
            .iter()
            .filter(|(words, _)| {
                words.len() <= tokens.len() - at && words.iter().zip(&tokens[at..]).all(|(word, token)| token.is(word))
            })
            .max_by_key(|(words, _)| words.len());
        if let Some((words, joined)) = hit {
            let raw: Vec<&str> = tokens[at..at + words.len()].iter().map(|t| t.raw.as_str()).collect();
            found.push(Token { text: (*joined).to_owned(), raw: raw.join(" "), shape: Shape::Word });
            at += words.len();
        } else {
            found.push(tokens[at].clone());
            at += 1;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(sentence: &str) -> Vec<String> {
        tokens(sentence).into_iter().map(|t| t.text).collect()
    }

    #[test]
    fn words_come_in_one_spelling() {
        assert_eq!(texts("Don’t roll back the Front-End!"), ["do", "not", "rollback", "the", "frontend"]);
        assert_eq!(texts("what's wrong with backend's pods?"), ["what", "is", "wrong", "with", "backend", "pods", "?"]);
        assert_eq!(texts("scale a,b and c, please."), ["scale", "a", ",", "b", "and", "c", ",", "please", "."]);
        assert_eq!(texts("image=nginx:1.27 1,000"), ["image=nginx:1.27", "1,000"]);
    }

    #[test]
    fn quoted_spans_stay_whole() {
        let found = tokens("find \"delete pod x\" in 'backend' logs");
        assert_eq!(found[1].shape, Shape::Quoted);
        assert_eq!(found[1].text, "delete pod x");
        assert_eq!(found[3].text, "backend");
        // A mark without a partner is only a mark.
        assert_eq!(texts("\"scale it"), ["scale", "it"]);
    }

    #[test]
    fn nothing_a_terminal_would_obey_survives() {
        let found = tokens("scale\u{1b}[31m back\u{200b}end \u{202e}3");
        assert!(found.iter().all(|t| t.text.chars().all(|c| !c.is_control())), "{found:?}");
    }

    #[test]
    fn any_text_can_be_read() {
        for text in ["", "   ", "'", "\"", "''", "`` ", "?", "...", "🦀🦀", "a'", "'a", "\u{0}", &"x".repeat(5_000)]
        {
            let _ = tokens(text);
        }
        assert!(tokens(&"é".repeat(5_000)).len() == 1);
    }
}
