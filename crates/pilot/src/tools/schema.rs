//! JSON schemas of arguments, written from short descriptions.

use serde_json::{Map, Value, json};

/// What a field holds.
#[derive(Debug, Clone, Copy)]
pub enum Kind {
    /// A text.
    Text,
    /// A whole number from 0 on.
    Number,
    /// A whole number, also below 0.
    Signed,
    /// Yes or no.
    Flag,
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// Several texts.
    Texts,
    /// Names to texts; `null` removes.
    Texted,
    /// An object as people name it.
    Target,
    /// Which objects of a list.
    Filter,
    /// How many replicas.
    Replicas,
    /// Which image.
    Image,
    /// Fields of a probe.
    Probe,
}

/// A field of the arguments.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// Whether it must be there.
    pub required: bool,
    /// What it means.
    pub about: &'static str,
}

/// A field that may be absent.
pub const fn may(name: &'static str, kind: Kind, about: &'static str) -> Field {
    Field { name, kind, required: false, about }
}

/// A field that must be there.
pub const fn must(name: &'static str, kind: Kind, about: &'static str) -> Field {
    Field { name, kind, required: true, about }
}

/// The schema of an object with these fields.
pub fn object(fields: &[Field]) -> Value {
    let properties: Map<String, Value> = fields
        .iter()
        .map(|field| {
            let mut schema = of(field.kind);
            if !field.about.is_empty() {
                schema["description"] = json!(field.about);
            }
            (field.name.to_owned(), schema)
        })
        .collect();
    let required: Vec<&str> = fields.iter().filter(|f| f.required).map(|f| f.name).collect();
    json!({"type": "object", "properties": properties, "required": required, "additionalProperties": false})
}

fn of(kind: Kind) -> Value {
    match kind {
        Kind::Text => json!({"type": "string"}),
        Kind::Number => json!({"type": "integer", "minimum": 0}),
        Kind::Signed => json!({"type": "integer"}),
        Kind::Flag => json!({"type": "boolean"}),
        Kind::OneOf(words) => json!({"type": "string", "enum": words}),
        Kind::Texts => json!({"type": "array", "items": {"type": "string"}}),
        Kind::Texted => json!({"type": "object", "additionalProperties": {"type": ["string", "null"]}}),
        Kind::Target => object(&[
            must("name", Kind::Text, "name, or a part of it"),
            may("kind", Kind::Text, "such as deployment; any when absent"),
            may("namespace", Kind::Text, ""),
        ]),
        Kind::Filter => object(&[
            may("namespace", Kind::Text, "one namespace; all when absent"),
            may("selector", Kind::Text, "labels, as kubectl -l takes them"),
            may("name", Kind::Text, "names that have this in them"),
            may("status", Kind::Text, "pods in this state, such as Pending or CrashLoopBackOff"),
            may("healthy", Kind::Flag, "only what is well, or only what is not"),
            may("minRestarts", Kind::Number, ""),
            may("maxRestarts", Kind::Number, ""),
        ]),
        Kind::Replicas => json!({"oneOf": [
            object(&[must("to", Kind::Number, "so many")]),
            object(&[must("by", Kind::Signed, "so many more, or fewer")]),
            object(&[must("percent", Kind::Number, "of the present number: 200 doubles, 50 halves")]),
        ]}),
        Kind::Image => json!({"oneOf": [
            object(&[must("image", Kind::Text, "the whole reference")]),
            object(&[must("tag", Kind::Text, "the repository stays, the tag or digest changes")]),
        ]}),
        Kind::Probe => object(&[
            may("path", Kind::Text, ""),
            may("port", Kind::Text, "number or name"),
            may("initialDelaySeconds", Kind::Number, ""),
            may("periodSeconds", Kind::Number, ""),
            may("timeoutSeconds", Kind::Number, ""),
            may("failureThreshold", Kind::Number, ""),
        ]),
    }
}

/// An example of a value that the schema allows, with every field in it.
#[cfg(test)]
pub fn example(schema: &Value) -> Value {
    if let Some(first) = schema["oneOf"].get(0) {
        return example(first);
    }
    if let Some(word) = schema["enum"].get(0) {
        return word.clone();
    }
    match schema["type"].as_str() {
        Some("object") => {
            let fields = schema["properties"].as_object().cloned().unwrap_or_default();
            fields.iter().map(|(name, schema)| (name.clone(), example(schema))).collect::<Map<_, _>>().into()
        }
        Some("array") => json!([example(&schema["items"])]),
        Some("integer") => json!(1),
        Some("boolean") => json!(true),
        _ => json!("pods"),
    }
}
