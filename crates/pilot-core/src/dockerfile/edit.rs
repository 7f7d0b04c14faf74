//! Changes of a text by whole lines, and their unified diff.

use std::fmt::Write as _;

/// Replaces the lines `first` to `last` (from 1, both included). `last` one less than `first` inserts
/// before `first`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// First line that goes.
    pub first: u32,
    /// Last line that goes.
    pub last: u32,
    /// What comes in their place.
    pub lines: Vec<String>,
}

impl Edit {
    /// Puts lines before a line.
    pub fn insert_before(line: u32, lines: Vec<String>) -> Self {
        Self { first: line, last: line - 1, lines }
    }
}

/// The text after the edits. Of two that touch the same lines the first one counts.
pub fn apply(text: &str, edits: &[Edit]) -> String {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let mut chosen: Vec<&Edit> = Vec::new();
    for edit in edits {
        let overlaps = |other: &&Edit| edit.first <= other.last && other.first <= edit.last;
        if !chosen.iter().any(overlaps) && edit.first >= 1 && edit.last as usize <= lines.len() {
            chosen.push(edit);
        }
    }
    // From the end, so that the numbers of earlier lines stay true.
    chosen.sort_by_key(|edit| std::cmp::Reverse((edit.first, edit.last)));
    for edit in chosen {
        let start = (edit.first as usize - 1).min(lines.len());
        lines.splice(start..(edit.last as usize).max(start), edit.lines.iter().cloned());
    }
    let mut result = lines.join("\n");
    if text.ends_with('\n') && !result.is_empty() {
        result.push('\n');
    }
    result
}

/// The difference of two texts as `diff -u` prints it, with three lines around each change; empty
/// when there is none.
pub fn unified_diff(path: &str, old: &str, new: &str) -> String {
    const AROUND: usize = 3;
    let (a, b): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
    let script = script(&a, &b);
    if script.iter().all(|(mark, _)| *mark == ' ') {
        return String::new();
    }
    let mut out = format!("--- a/{path}\n+++ b/{path}\n");
    let mut index = 0;
    let (mut line_a, mut line_b) = (1, 1);
    while index < script.len() {
        let Some(change) = script[index..].iter().position(|(mark, _)| *mark != ' ') else { break };
        let start = index + change.saturating_sub(AROUND);
        for (mark, _) in &script[index..start] {
            line_a += usize::from(*mark != '+');
            line_b += usize::from(*mark != '-');
        }
        let mut end = index + change + 1;
        while let Some(next) =
            script[end..].iter().position(|(mark, _)| *mark != ' ').filter(|next| *next <= 2 * AROUND)
        {
            end += next + 1;
        }
        let end_of_hunk = (end + AROUND).min(script.len());
        let hunk = &script[start..end_of_hunk];
        let count = |skip: char| hunk.iter().filter(|(mark, _)| *mark != skip).count();
        let _ = writeln!(out, "@@ -{line_a},{} +{line_b},{} @@", count('+'), count('-'));
        for (mark, line) in hunk {
            let _ = writeln!(out, "{mark}{line}");
        }
        line_a += count('+');
        line_b += count('-');
        index = end_of_hunk;
    }
    out
}

/// Longest common subsequence; files here have hundreds of lines at most.
fn script<'a>(a: &[&'a str], b: &[&'a str]) -> Vec<(char, &'a str)> {
    let mut length = vec![vec![0_usize; b.len() + 1]; a.len() + 1];
    for i in (0..a.len()).rev() {
        for j in (0..b.len()).rev() {
            length[i][j] = if a[i] == b[j] { length[i + 1][j + 1] + 1 } else { length[i + 1][j].max(length[i][j + 1]) };
        }
    }
    let (mut i, mut j) = (0, 0);
    let mut script = Vec::new();
    while i < a.len() || j < b.len() {
        if i < a.len() && j < b.len() && a[i] == b[j] {
            script.push((' ', a[i]));
            i += 1;
            j += 1;
        } else if j >= b.len() || (i < a.len() && length[i + 1][j] >= length[i][j + 1]) {
            script.push(('-', a[i]));
            i += 1;
        } else {
            script.push(('+', b[j]));
            j += 1;
        }
    }
    script
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edits_apply_from_the_end_and_don_t_overlap() {
        let edits = [
            Edit { first: 2, last: 3, lines: vec!["x".to_owned()] },
            Edit::insert_before(1, vec!["top".to_owned()]),
            Edit { first: 3, last: 4, lines: Vec::new() },
        ];
        assert_eq!(apply("a\nb\nc\nd\n", &edits), "top\na\nx\nd\n");
    }

    #[test]
    fn diffs_read_as_diff_u_prints_them() {
        let old = "1\n2\n3\n4\n5\n6\n7\n8\n9\n";
        assert_eq!(
            unified_diff("f", old, "1\n2\n3\n4\nfive\n6\n7\n8\n9\n"),
            "--- a/f\n+++ b/f\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n"
        );
        assert_eq!(unified_diff("f", old, old), "");
    }
}
