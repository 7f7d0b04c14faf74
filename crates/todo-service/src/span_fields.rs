//! The fields of a span as a JSON object. The library's own way reads and writes the object anew for every field that is recorded later,
//! and keeps it in a map between; every request has one such field, the user.

use std::fmt;

use serde::Serialize;
use tracing::{
    field::{Field, Visit},
    span,
};
use tracing_subscriber::{
    field::RecordFields,
    fmt::{FormatFields, FormattedFields, format::Writer},
};

/// Formats the fields of spans for the JSON log.
#[derive(Clone, Copy, Debug, Default)]
pub struct SpanFields;

impl<'w> FormatFields<'w> for SpanFields {
    fn format_fields<R: RecordFields>(&self, mut writer: Writer<'w>, fields: R) -> fmt::Result {
        writer.write_str(&object(|visitor| fields.record(visitor)))
    }

    fn add_fields(&self, current: &'w mut FormattedFields<Self>, fields: &span::Record<'_>) -> fmt::Result {
        let added = object(|visitor| fields.record(visitor));
        let known = &mut current.fields;
        // Without its closing brace the object goes on.
        match known.strip_suffix('}').map(str::len) {
            Some(end) if end > 1 && added.len() > 2 => {
                known.truncate(end);
                known.push(',');
                known.push_str(&added[1..]);
            }
            Some(_) if added.len() == 2 => {}
            _ => *known = added,
        }
        Ok(())
    }
}

fn object(record: impl FnOnce(&mut Object)) -> String {
    let mut object = Object(Vec::with_capacity(256));
    object.0.push(b'{');
    record(&mut object);
    object.0.push(b'}');
    String::from_utf8(object.0).unwrap_or_default()
}

/// A JSON object that is being written.
struct Object(Vec<u8>);

impl Object {
    fn field(&mut self, field: &Field, value: &(impl Serialize + ?Sized)) {
        if self.0.len() > 1 {
            self.0.push(b',');
        }
        // Into memory, and without maps whose keys are no text, this can't fail.
        let _ = serde_json::to_writer(&mut self.0, field.name());
        self.0.push(b':');
        let _ = serde_json::to_writer(&mut self.0, value);
    }
}

impl Visit for Object {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.field(field, &format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.field(field, value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.field(field, &value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.field(field, &value);
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.field(field, &value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.field(field, &value);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use std::{
        io,
        sync::{Arc, Mutex},
    };

    use serde_json::{Value, json};
    use tracing_subscriber::layer::SubscriberExt as _;

    use super::SpanFields;

    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// The span of each line that is logged.
    fn spans(work: impl FnOnce()) -> Vec<Value> {
        let lines = Lines::default();
        let writer = lines.clone();
        let json = tracing_subscriber::fmt::layer().json().with_span_list(false).fmt_fields(SpanFields);
        let subscriber = tracing_subscriber::registry().with(json.with_writer(move || writer.clone()));
        tracing::subscriber::with_default(subscriber, work);
        let text = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
        text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()["span"].clone()).collect()
    }

    #[test]
    fn fields_that_come_later_stand_beside_the_first() {
        let seen = spans(|| {
            let span = tracing::info_span!(
                "request",
                id = %"a\"b\\\n",
                times = 3_u64,
                below = -1_i64,
                part = 0.5,
                kept = true,
                absent = tracing::field::Empty,
                user = tracing::field::Empty,
            );
            span.in_scope(|| tracing::info!("before"));
            span.record("user", "Zoë \"Z\"");
            span.in_scope(|| tracing::info!("after"));
        });
        let before = json!({"name": "request", "id": "a\"b\\\n", "times": 3, "below": -1, "part": 0.5, "kept": true});
        let mut after = before.clone();
        after["user"] = json!("Zoë \"Z\"");
        assert_eq!(seen, [before, after]);
    }

    #[test]
    fn a_span_may_begin_without_fields() {
        let seen = spans(|| {
            let span = tracing::info_span!("work", user = tracing::field::Empty);
            span.in_scope(|| tracing::info!("before"));
            span.record("user", tracing::field::debug(Some(1)));
            span.record("user", tracing::field::Empty);
            span.in_scope(|| tracing::info!("after"));
        });
        assert_eq!(seen, [json!({"name": "work"}), json!({"name": "work", "user": "Some(1)"})]);
    }
}
