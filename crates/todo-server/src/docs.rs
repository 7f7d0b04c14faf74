//! The page at `/docs`: the OpenAPI document for people, rendered here, without a script and without another origin.

use maud::{DOCTYPE, Markup, PreEscaped, html};
use serde_json::Value;

/// The page needs nothing but its own style.
pub const POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const STYLE: &str = "
:root{color-scheme:light dark;--line:color-mix(in srgb,currentColor 16%,transparent);--soft:color-mix(in srgb,currentColor 62%,transparent)}
body{font:16px/1.55 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.6rem;margin:0}h2{margin:2.5rem 0 .5rem;font-size:1.2rem;text-transform:capitalize}
details{border:1px solid var(--line);border-radius:.5rem;margin:.4rem 0;padding:.1rem .8rem}
details[open]{padding-bottom:.8rem}summary{cursor:pointer;padding:.45rem 0;display:flex;gap:.8rem;align-items:baseline;flex-wrap:wrap}
code{font:.9em ui-monospace,monospace}b.m{font:700 .75rem ui-monospace,monospace;min-width:3.6rem}
.s{color:var(--soft)}table{border-collapse:collapse;width:100%;font-size:.92rem}th,td{text-align:start;vertical-align:top;padding:.3rem .6rem .3rem 0;border-bottom:1px solid var(--line)}
h3{font-size:.95rem;margin:1rem 0 .2rem}nav a{margin-inline-end:.8rem;text-transform:capitalize}
";

/// The whole page.
#[must_use]
pub fn page(document: &Value) -> String {
    let mut tags: Vec<String> = Vec::new();
    let operations = operations(document);
    for operation in &operations {
        if !tags.contains(&operation.tag) {
            tags.push(operation.tag.clone());
        }
    }
    let schemas = document["components"]["schemas"].as_object();
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { "todo API" }
                style { (PreEscaped(STYLE)) }
            }
            body {
                header {
                    h1 { "todo API " span.s { (text(&document["info"]["version"])) } }
                    p { (text(&document["info"]["description"])) }
                    p.s {
                        "Machine-readable: " a href="/openapi.json" { "openapi.json" }
                        ". Every route also stands under " code { "/api/{user_id}" } ". Sign in with a session cookie or a bearer token."
                    }
                    nav { @for tag in &tags { a href={ "#" (tag) } { (tag) } } a href="#schemas" { "schemas" } }
                }
                main {
                    @for tag in &tags {
                        h2 id=(tag) { (tag) }
                        @for operation in operations.iter().filter(|operation| operation.tag == *tag) {
                            (operation.render())
                        }
                    }
                    h2 id="schemas" { "schemas" }
                    @for (name, schema) in schemas.into_iter().flatten() {
                        details id={ "schema-" (name) } {
                            summary { code { (name) } span.s { (text(&schema["description"])) } }
                            (properties(schema))
                        }
                    }
                }
            }
        }
    }
    .into_string()
}

struct Operation<'a> {
    tag: String,
    method: &'a str,
    path: &'a str,
    value: &'a Value,
}

fn operations(document: &Value) -> Vec<Operation<'_>> {
    let paths = document["paths"].as_object();
    paths
        .into_iter()
        .flatten()
        .filter(|(path, _)| !path.starts_with("/api/{user_id}/"))
        .flat_map(|(path, item)| {
            ["get", "post", "put", "patch", "delete"].into_iter().filter_map(move |method| {
                let value = item.get(method)?;
                let tag = value["tags"][0].as_str().unwrap_or("other").to_owned();
                Some(Operation { tag, method, path, value })
            })
        })
        .collect()
}

impl Operation<'_> {
    fn render(&self) -> Markup {
        let parameters = self.value["parameters"].as_array();
        let body = &self.value["requestBody"]["content"];
        html! {
            details {
                summary {
                    b.m { (self.method.to_uppercase()) } code { (self.path) } span.s { (text(&self.value["summary"])) }
                }
                @if let Some(description) = self.value["description"].as_str() { p { (description) } }
                @if let Some(parameters) = parameters.filter(|list| !list.is_empty()) {
                    h3 { "Parameters" }
                    table { @for parameter in parameters {
                        tr {
                            td { code { (text(&parameter["name"])) } }
                            td.s { (text(&parameter["in"])) ", " (kind(&parameter["schema"])) }
                            td { (text(&parameter["description"])) }
                        }
                    } }
                }
                @for (media, content) in body.as_object().into_iter().flatten() {
                    h3 { "Body " span.s { (media) } }
                    p { (kind(&content["schema"])) }
                }
                h3 { "Answers" }
                table { @for (status, answer) in self.value["responses"].as_object().into_iter().flatten() {
                    tr {
                        td { code { (status) } }
                        td { (text(&answer["description"])) }
                        td { @for (_, content) in answer["content"].as_object().into_iter().flatten() { (kind(&content["schema"])) } }
                    }
                } }
            }
        }
    }
}

fn properties(schema: &Value) -> Markup {
    html! {
        table { @for (name, property) in schema["properties"].as_object().into_iter().flatten() {
            tr { td { code { (name) } } td.s { (kind(property)) } td { (text(&property["description"])) } }
        } }
        @if let Some(values) = schema["enum"].as_array() {
            p { @for value in values { code { (text(value)) } " " } }
        }
    }
}

/// A type in a word, with a link where it has a name.
fn kind(schema: &Value) -> Markup {
    if let Some(name) = schema["$ref"].as_str().and_then(|path| path.rsplit('/').next()) {
        return html! { a href={ "#schema-" (name) } { (name) } };
    }
    for union in ["oneOf", "anyOf"] {
        if let Some(options) = schema[union].as_array() {
            return html! { @for (index, option) in options.iter().enumerate() { @if index > 0 { " or " } (kind(option)) } };
        }
    }
    if schema["type"] == "array" {
        return html! { "list of " (kind(&schema["items"])) };
    }
    let name = match &schema["type"] {
        Value::Array(names) => names.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" or "),
        other => text(other).to_owned(),
    };
    html! { (name) @if let Some(format) = schema["format"].as_str() { " (" (format) ")" } }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
