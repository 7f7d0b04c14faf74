//! YAML with positions: every document as JSON, with the line of each field.
//!
//! Plain scalars are read as Kubernetes reads them (YAML 1.1 booleans such as `yes`, octal numbers such as `0644`).
//! Aliases are expanded up to a limit, so that a small file cannot become a huge object.

use std::collections::{BTreeMap, HashMap};

use granit_parser::{Event, Parser, ScalarStyle, ScanError, Span};
use pilot_core::model::Source;
use serde_json::{Map, Number, Value};

/// Deepest nesting.
const DEEPEST: usize = 100;
/// Most values of one file, aliases expanded.
const MOST_VALUES: usize = 2_000_000;

/// A fault in a YAML text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {message}")]
pub struct YamlError {
    /// From 1.
    pub line: usize,
    /// From 1.
    pub column: usize,
    /// What is wrong.
    pub message: String,
}

/// Reads every document of a text. Empty documents are left out.
///
/// # Errors
/// The first fault, with its position. The documents before it are lost: a broken file is not half a file.
pub fn documents(text: &str, file: &str) -> Result<Vec<(Value, Source)>, YamlError> {
    let mut reader =
        Reader { events: Parser::new_from_str(text), anchors: HashMap::new(), lines: BTreeMap::new(), values: 0 };
    let mut documents = Vec::new();
    loop {
        let (event, span) = reader.next()?;
        match event {
            Event::StreamEnd => return Ok(documents),
            Event::DocumentStart(..) => {
                reader.anchors.clear();
                let (first, at) = reader.next()?;
                let line = line_of(&at);
                let value = reader.value(first, &at, "", 0)?;
                let lines = std::mem::take(&mut reader.lines);
                if !value.is_null() {
                    documents.push((value, Source { file: file.to_owned(), line, field_lines: lines }));
                }
            }
            _ => {
                let _ = span;
            }
        }
    }
}

fn line_of(span: &Span) -> u32 {
    u32::try_from(span.start.line()).unwrap_or(u32::MAX)
}

struct Reader<'t> {
    events: Parser<'t, granit_parser::StrInput<'t>>,
    anchors: HashMap<usize, Value>,
    lines: BTreeMap<String, u32>,
    values: usize,
}

impl<'t> Reader<'t> {
    fn next(&mut self) -> Result<(Event<'t>, Span), YamlError> {
        loop {
            match self.events.next() {
                Some(Ok((Event::Comment(..), _))) => {}
                Some(Ok(event)) => return Ok(event),
                Some(Err(error)) => return Err(fault(&error)),
                None => return Ok((Event::StreamEnd, Span::default())),
            }
        }
    }

    fn value(&mut self, event: Event<'t>, span: &Span, path: &str, depth: usize) -> Result<Value, YamlError> {
        self.values += 1;
        if depth > DEEPEST || self.values > MOST_VALUES {
            let what = if depth > DEEPEST { "nested too deeply" } else { "too many values" };
            return Err(at(span, format!("{what}: not a Kubernetes manifest")));
        }
        let (value, anchor) = match event {
            Event::Scalar(text, style, anchor, tag) => {
                let is_text = tag.as_ref().is_some_and(|tag| tag.core_suffix() == Some("str"));
                let plain = style == ScalarStyle::Plain && !is_text;
                (if plain { resolve(&text) } else { Value::String(text.into_owned()) }, anchor)
            }
            Event::SequenceStart(_, anchor, _) => {
                let mut items = Vec::new();
                loop {
                    let (event, span) = self.next()?;
                    if matches!(event, Event::SequenceEnd) {
                        break;
                    }
                    let path = format!("{path}[{}]", items.len());
                    self.lines.insert(path.clone(), line_of(&span));
                    items.push(self.value(event, &span, &path, depth + 1)?);
                }
                (Value::Array(items), anchor)
            }
            Event::MappingStart(_, anchor, _) => (self.mapping(path, depth)?, anchor),
            Event::Alias(id) => {
                let value = self.anchors.get(&id).cloned().unwrap_or(Value::Null);
                self.values += count(&value);
                return Ok(value);
            }
            _ => (Value::Null, 0),
        };
        if anchor > 0 {
            self.anchors.insert(anchor, value.clone());
        }
        Ok(value)
    }

    fn mapping(&mut self, path: &str, depth: usize) -> Result<Value, YamlError> {
        let mut fields = Map::new();
        let mut merged: Vec<Value> = Vec::new();
        loop {
            let (event, span) = self.next()?;
            let key = match event {
                Event::MappingEnd => break,
                Event::Scalar(text, ..) => text.into_owned(),
                _ => return Err(at(&span, "a field name must be text".to_owned())),
            };
            let inner = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
            self.lines.insert(inner.clone(), line_of(&span));
            let (event, value_span) = self.next()?;
            let value = self.value(event, &value_span, &inner, depth + 1)?;
            if key == "<<" {
                merged.push(value);
            } else if fields.insert(key.clone(), value).is_some() {
                return Err(at(&span, format!("field {inner} is given twice")));
            }
        }
        for value in merged {
            let sources = match value {
                Value::Array(items) => items,
                one => vec![one],
            };
            for source in sources {
                if let Value::Object(source) = source {
                    for (key, value) in source {
                        fields.entry(key).or_insert(value);
                    }
                }
            }
        }
        Ok(Value::Object(fields))
    }
}

fn count(value: &Value) -> usize {
    match value {
        Value::Array(items) => items.iter().map(count).sum::<usize>() + 1,
        Value::Object(fields) => fields.values().map(count).sum::<usize>() + 1,
        _ => 1,
    }
}

fn at(span: &Span, message: String) -> YamlError {
    YamlError { line: span.start.line(), column: span.start.col() + 1, message }
}

fn fault(error: &ScanError) -> YamlError {
    let marker = error.marker();
    YamlError { line: marker.line(), column: marker.col() + 1, message: error.info().to_string() }
}

/// The value of a plain scalar.
fn resolve(text: &str) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Value::Null,
        "true" | "True" | "TRUE" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" => return Value::Bool(true),
        "false" | "False" | "FALSE" | "no" | "No" | "NO" | "off" | "Off" | "OFF" => return Value::Bool(false),
        _ => {}
    }
    number(text).map_or_else(|| Value::String(text.to_owned()), Value::Number)
}

fn number(text: &str) -> Option<Number> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if !digits.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        return None;
    }
    let radix = |digits: &str, radix| i64::from_str_radix(digits, radix).ok();
    let whole = if let Some(hex) = digits.strip_prefix("0x") {
        radix(hex, 16)
    } else if let Some(octal) = digits.strip_prefix("0o") {
        radix(octal, 8)
    } else if digits.len() > 1 && digits.starts_with('0') && digits.bytes().all(|b| b.is_ascii_digit()) {
        radix(digits, 8)
    } else if digits.bytes().all(|b| b.is_ascii_digit()) {
        radix(digits, 10)
    } else {
        None
    };
    if let Some(whole) = whole {
        return Some(Number::from(if negative { -whole } else { whole }));
    }
    let decimal = digits.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'e' | b'E' | b'+' | b'-'));
    let float: f64 = if decimal { text.parse().ok()? } else { return None };
    Number::from_f64(float)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(text: &str) -> Value {
        documents(text, "f").unwrap().remove(0).0
    }

    #[test]
    fn reads_scalars_as_kubernetes_does() {
        let value =
            one("a: yes\nb: 0644\nc: 1.5\nd: 250m\ne: \"yes\"\nf: ~\ng: 1e3\nh: v1\ni: -3\nj: 10.0.0.1\nk: 0x1f\n");
        let want = serde_json::json!({"a": true, "b": 420, "c": 1.5, "d": "250m", "e": "yes", "f": null, "g": 1000.0, "h": "v1", "i": -3, "j": "10.0.0.1", "k": 31});
        assert_eq!(value, want);
    }

    #[test]
    fn knows_the_line_of_every_field() {
        let text =
            "# chart\n---\nkind: Pod\nspec:\n  containers:\n    - name: a\n      image: x\n---\n\n---\nkind: B\n";
        let found = documents(text, "f").unwrap();
        assert_eq!(found.len(), 2);
        assert_eq!(found[0].1.line, 3);
        assert_eq!(found[0].1.line_of("spec.containers[0].image"), 7);
        assert_eq!(found[0].1.line_of("spec.containers[0].ports[1].name"), 6);
        assert_eq!(found[1].1.line, 11);
    }

    #[test]
    fn anchors_and_merges_are_expanded() {
        let value = one("base: &b {x: 1, y: 2}\nuse:\n  <<: *b\n  y: 3\nagain: *b\n");
        assert_eq!(value["use"], serde_json::json!({"x": 1, "y": 3}));
        assert_eq!(value["again"]["y"], 2);
    }

    #[test]
    fn faults_have_a_position() {
        let error = documents("a: 1\nb:\n  - x\n c: 2\n", "f").unwrap_err();
        assert_eq!(error.line, 4, "{error}");
        let twice = documents("a: 1\na: 2\n", "f").unwrap_err();
        assert_eq!((twice.line, twice.message.as_str()), (2, "field a is given twice"));
        assert!(documents("a:\n\tb: 1\n", "f").is_err());
    }

    #[test]
    fn a_small_file_cannot_become_a_huge_object() {
        let mut bomb = String::from("a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n");
        for i in 1..12 {
            let previous = format!("*a{},", i - 1).repeat(10);
            bomb += &format!("a{i}: &a{i} [{previous}]\n");
        }
        assert!(documents(&bomb, "f").unwrap_err().message.contains("too many values"));
        assert!(documents(&"[".repeat(5_000), "f").is_err());
    }
}
