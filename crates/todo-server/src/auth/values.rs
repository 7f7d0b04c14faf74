//! The fields of a body, read as Better Auth's schemas read them: all mistakes are collected into one message.

use serde_json::{Map, Value};
use todo_auth::AuthError;

/// Longest text of an ordinary field, in characters.
const TEXT_MAX: usize = 2048;

/// Reads fields one by one, remembering what is wrong with each.
pub struct Fields<'a> {
    body: &'a Map<String, Value>,
    problems: Vec<String>,
}

impl<'a> Fields<'a> {
    /// A reader of `body`.
    pub const fn new(body: &'a Map<String, Value>) -> Self {
        Self { body, problems: Vec::new() }
    }

    /// A text that must be there.
    pub fn text(&mut self, name: &str) -> String {
        match self.body.get(name) {
            Some(Value::String(text)) => self.bounded(name, text),
            other => self.wrong_type(name, "string", other),
        }
    }

    /// A text that may be absent.
    pub fn optional_text(&mut self, name: &str) -> Option<String> {
        match self.body.get(name) {
            None => None,
            Some(Value::String(text)) => Some(self.bounded(name, text)),
            other => Some(self.wrong_type(name, "string", other)),
        }
    }

    /// A text that may be absent, or null to remove what there is.
    pub fn nullable_text(&mut self, name: &str) -> Option<Option<String>> {
        match self.body.get(name) {
            Some(Value::Null) => Some(None),
            _ => self.optional_text(name).map(Some),
        }
    }

    /// A secret that must be there. Its length is judged elsewhere.
    pub fn secret(&mut self, name: &str) -> String {
        match self.body.get(name) {
            Some(Value::String(text)) => text.clone(),
            other => self.wrong_type(name, "string", other),
        }
    }

    /// A new secret: as [`Fields::secret`], and not empty.
    pub fn new_secret(&mut self, name: &str) -> String {
        let secret = self.secret(name);
        if secret.is_empty() && self.body.get(name).is_some_and(Value::is_string) {
            self.problem(name, "Too small: expected string to have >=1 characters");
        }
        secret
    }

    /// A secret that may be absent.
    pub fn optional_secret(&mut self, name: &str) -> Option<String> {
        self.body.contains_key(name).then(|| self.secret(name))
    }

    /// An address that must be there.
    pub fn email(&mut self, name: &str) -> String {
        let text = self.text(name);
        if self.body.get(name).is_some_and(Value::is_string) && todo_auth::email::normalise(&text).is_none() {
            self.problem(name, "Invalid email address");
        }
        text
    }

    /// A yes or no; absent is `default`. A form says it with the words `true` and `false`.
    pub fn flag(&mut self, name: &str, default: bool) -> bool {
        match self.body.get(name) {
            None => default,
            Some(Value::Bool(value)) => *value,
            Some(Value::String(text)) if text == "true" || text == "on" => true,
            Some(Value::String(text)) if text == "false" => false,
            other => {
                self.wrong_type(name, "boolean", other);
                default
            }
        }
    }

    /// Ends the reading.
    ///
    /// # Errors
    /// [`AuthError::Invalid`] with all mistakes, in the order in which the fields were read.
    pub fn finish(self) -> Result<(), AuthError> {
        if self.problems.is_empty() { Ok(()) } else { Err(AuthError::Invalid(self.problems.join("; "))) }
    }

    fn bounded(&mut self, name: &str, text: &str) -> String {
        if text.contains('\0') {
            self.problem(name, "Invalid input: a NUL character can't be stored");
        }
        if text.chars().count() > TEXT_MAX {
            self.problem(name, &format!("Too big: expected string to have <={TEXT_MAX} characters"));
        }
        text.to_owned()
    }

    fn wrong_type(&mut self, name: &str, expected: &str, found: Option<&Value>) -> String {
        let found = match found {
            None => "undefined",
            Some(Value::Null) => "null",
            Some(Value::Bool(_)) => "boolean",
            Some(Value::Number(_)) => "number",
            Some(Value::String(_)) => "string",
            Some(Value::Array(_)) => "array",
            Some(Value::Object(_)) => "object",
        };
        self.problem(name, &format!("Invalid input: expected {expected}, received {found}"));
        String::new()
    }

    fn problem(&mut self, name: &str, what: &str) {
        self.problems.push(format!("[body.{name}] {what}"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(body: Value, read: impl FnOnce(&mut Fields<'_>)) -> Option<String> {
        let Value::Object(body) = body else { panic!("an object") };
        let mut fields = Fields::new(&body);
        read(&mut fields);
        fields.finish().err().map(|error| error.to_string())
    }

    #[test]
    fn all_mistakes_are_in_one_message() {
        let message = read(json!({"email": "nobody", "password": ""}), |fields| {
            fields.text("name");
            fields.email("email");
            fields.new_secret("password");
        });
        assert_eq!(
            message.as_deref(),
            Some(
                "[body.name] Invalid input: expected string, received undefined; [body.email] Invalid email address; \
                 [body.password] Too small: expected string to have >=1 characters"
            )
        );
    }

    #[test]
    fn types_and_lengths() {
        for (body, fine) in [
            (json!({"name": "Ann", "rememberMe": false}), true),
            (json!({"name": "Ann", "rememberMe": "true"}), true),
            (json!({"name": 7}), false),
            (json!({"name": "a\u{0}b"}), false),
            (json!({"name": "a".repeat(3000)}), false),
            (json!({"name": "Ann", "rememberMe": 1}), false),
        ] {
            let message = read(body.clone(), |fields| {
                fields.text("name");
                fields.flag("rememberMe", true);
            });
            assert_eq!(message.is_none(), fine, "{body}: {message:?}");
        }
        assert_eq!(read(json!({"image": null}), |fields| assert_eq!(fields.nullable_text("image"), Some(None))), None);
    }
}
