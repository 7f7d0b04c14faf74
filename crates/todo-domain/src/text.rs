//! Limits on what people write, and the cleaning that every door applies before it is stored.

use crate::error::{DomainError, Result};

/// Longest title, in characters, after trimming.
pub const TITLE_MAX: usize = 200;
/// Longest description, in characters.
pub const DESCRIPTION_MAX: usize = 10_000;
/// Longest name of a label, in characters.
pub const LABEL_MAX: usize = 50;
/// Longest name of a project, in characters.
pub const PROJECT_MAX: usize = 100;
/// Most labels on one task.
pub const LABELS_PER_TASK_MAX: usize = 30;
/// Most reminders on one task.
pub const REMINDERS_PER_TASK_MAX: usize = 20;

/// A title: trimmed, inner line breaks and tabs turned into spaces, 1 to [`TITLE_MAX`] characters.
///
/// # Errors
/// [`Code::ValidationError`](crate::error::Code::ValidationError) on `title`.
pub fn title(raw: &str) -> Result<String> {
    one_line("title", raw, TITLE_MAX)
}

/// The name of a label: one line, without a leading `@`.
///
/// # Errors
/// A validation error on `labels`.
pub fn label_name(raw: &str) -> Result<String> {
    let trimmed = raw.trim();
    one_line("labels", trimmed.strip_prefix('@').unwrap_or(trimmed), LABEL_MAX)
}

/// The name of a project: one line, without a leading `#`.
///
/// # Errors
/// A validation error on `project`.
pub fn project_name(raw: &str) -> Result<String> {
    let trimmed = raw.trim();
    one_line("project", trimmed.strip_prefix('#').unwrap_or(trimmed), PROJECT_MAX)
}

/// A description: line breaks kept, other control characters refused, at most [`DESCRIPTION_MAX`] characters; blank means none.
///
/// # Errors
/// A validation error on `description`.
pub fn description(raw: &str) -> Result<Option<String>> {
    let normal = raw.replace("\r\n", "\n");
    let text = normal.trim_end();
    refuse_control("description", text, |c| matches!(c, '\n' | '\t'))?;
    if text.chars().count() > DESCRIPTION_MAX {
        return Err(too_long("description", DESCRIPTION_MAX));
    }
    Ok((!text.trim().is_empty()).then(|| text.to_owned()))
}

fn one_line(field: &'static str, raw: &str, max: usize) -> Result<String> {
    let text: String = raw.trim().chars().map(|c| if matches!(c, '\n' | '\r' | '\t') { ' ' } else { c }).collect();
    refuse_control(field, &text, |_| false)?;
    if text.is_empty() {
        return Err(DomainError::invalid(field, format!("`{field}` must not be empty.")));
    }
    if text.chars().count() > max {
        return Err(too_long(field, max));
    }
    Ok(text)
}

fn refuse_control(field: &'static str, text: &str, allowed: impl Fn(char) -> bool) -> Result<()> {
    match text.chars().find(|c| c.is_control() && !allowed(*c)) {
        Some(c) => Err(DomainError::invalid(
            field,
            format!("`{field}` contains the control character U+{:04X}; remove it.", u32::from(c)),
        )),
        None => Ok(()),
    }
}

fn too_long(field: &'static str, max: usize) -> DomainError {
    DomainError::invalid(field, format!("`{field}` must have at most {max} characters."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_are_trimmed_counted_in_characters_and_free_of_controls() {
        assert_eq!(title("  Buy\nmilk ").unwrap(), "Buy milk");
        assert_eq!(title(&"ü".repeat(TITLE_MAX)).unwrap().chars().count(), TITLE_MAX);
        assert_eq!(title(&"ü".repeat(TITLE_MAX + 1)).unwrap_err().field.as_deref(), Some("title"));
        assert!(title(" \n ").is_err());
        assert!(title("a\0b").unwrap_err().detail.contains("U+0000"));
    }

    #[test]
    fn descriptions_keep_lines() {
        assert_eq!(description("a\r\nb  ").unwrap().as_deref(), Some("a\nb"));
        assert_eq!(description(" \n").unwrap(), None);
        assert!(description("\u{1b}[31m").is_err());
    }

    #[test]
    fn names_lose_their_sigil() {
        assert_eq!(label_name("@home").unwrap(), "home");
        assert_eq!(project_name("#Two words").unwrap(), "Two words");
        assert!(label_name("@").is_err());
    }
}
