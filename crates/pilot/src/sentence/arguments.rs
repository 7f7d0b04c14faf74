//! Command lines with a sentence in them, and the names this program may be installed under.

use std::ffi::OsString;
use std::io::{IsTerminal as _, Read as _};
use std::path::Path;

use clap::CommandFactory as _;

use crate::cli::Cli;

/// The arguments as the parser wants them: a sentence comes last, so that flags may stand before and behind it. Under the
/// name `kubectl-ai` the bare words are the sentence, and without any it is read from standard input.
pub fn arranged(args: impl Iterator<Item = OsString>) -> Vec<OsString> {
    let mut args: Vec<OsString> = args.collect();
    let program = args.first().and_then(|a| Path::new(a).file_stem()).map(|n| n.to_string_lossy().into_owned());
    let speaks = matches!(program.as_deref(), Some("kubectl-ai" | "docker-ai"));
    let is_sentence = |arg: &OsString| arg.to_string_lossy().trim().contains(char::is_whitespace);
    let is_flag = |arg: &OsString| arg.to_string_lossy().starts_with('-');
    if let Some(at) = first_bare(&args) {
        if is_sentence(&args[at]) {
            let sentence = args.remove(at);
            args.push(sentence);
        } else if speaks {
            let end = args.iter().skip(at).position(is_flag).map_or(args.len(), |n| n + at);
            let words: Vec<String> = args.drain(at..end).map(|w| w.to_string_lossy().into_owned()).collect();
            args.push(OsString::from(format!("{} ", words.join(" "))));
        }
    } else if speaks && args.len() == 1 && !std::io::stdin().is_terminal() {
        let mut text = String::new();
        let limit = pilot_core::intent::words::LONGEST as u64;
        if std::io::stdin().lock().take(limit).read_to_string(&mut text).is_ok() && !text.trim().is_empty() {
            args.push(OsString::from(text));
        }
    }
    args
}

/// The first argument that is neither a flag nor the value of one.
fn first_bare(args: &[OsString]) -> Option<usize> {
    let cli = Cli::command();
    let takes_value = |flag: &str| {
        cli.get_arguments().any(|arg| {
            let long = arg.get_long_and_visible_aliases().into_iter().flatten().any(|l| flag == format!("--{l}"));
            let short = arg.get_short().is_some_and(|s| flag == format!("-{s}"));
            (long || short) && arg.get_action().takes_values()
        })
    };
    let mut at = 1;
    while let Some(arg) = args.get(at) {
        let arg = arg.to_string_lossy();
        if !arg.starts_with('-') {
            return Some(at);
        }
        at += if !arg.contains('=') && takes_value(&arg) { 2 } else { 1 };
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(args: &[&str]) -> Vec<String> {
        let args = args.iter().map(OsString::from);
        arranged(args).into_iter().map(|a| a.to_string_lossy().into_owned()).collect()
    }

    #[test]
    fn flags_stand_before_the_sentence() {
        assert_eq!(of(&["pilot", "show pods", "-n", "todo"]), ["pilot", "-n", "todo", "show pods"]);
        assert_eq!(of(&["pilot", "-n", "todo", "show pods"]), ["pilot", "-n", "todo", "show pods"]);
        assert_eq!(
            of(&["pilot", "--yes", "-o", "json", "show pods", "-n", "todo"]),
            ["pilot", "--yes", "-o", "json", "-n", "todo", "show pods"]
        );
        assert_eq!(of(&["pilot", "get", "pods"]), ["pilot", "get", "pods"]);
    }

    #[test]
    fn under_its_other_name_bare_words_are_the_sentence() {
        assert_eq!(
            of(&["/bin/kubectl-ai", "show", "pods", "-n", "todo"]),
            ["/bin/kubectl-ai", "-n", "todo", "show pods "]
        );
        assert_eq!(of(&["kubectl-ai", "scale web to 3", "--yes"]), ["kubectl-ai", "--yes", "scale web to 3"]);
        assert_eq!(of(&["kagent", "analyze", "cluster"]), ["kagent", "analyze", "cluster"]);
    }
}
