//! A thin client of the OpenAI protocols that takes what real providers send: behind todo's assistant and behind pilot.
//!
//! | file | what |
//! |---|---|
//! | `profile.rs` | providers, and how they differ |
//! | `exchange.rs` | a request and its reply, in words that both APIs share |
//! | `chat_completions.rs`, `responses.rs` | the two APIs: request bodies, replies assembled from streams |
//! | `sse.rs` | events out of bytes |
//! | `halves.rs` | characters that were cut in two |
//! | `transport.rs` | HTTP, time and size limits |
//! | `retry.rs` | what is sent again, and when |
//! | `error.rs` | why there is no usable answer |
//!
//! What a model may do is not decided here but by whoever asks it.

mod chat_completions;
mod error;
mod exchange;
mod halves;
pub mod profile;
mod responses;
mod retry;
mod sse;
mod transport;

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue};
use secrecy::SecretString;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::time::Instant;
use url::Url;

pub use error::{Budget, ModelError};
pub use exchange::{Item, Reply, Request, ToolCall, ToolSpec, Usage, estimated_tokens};
pub use profile::{Api, Profile};

use halves::Halves;
use transport::{Incoming, Transport};

/// Most bytes that are read of one reply.
pub const RESPONSE_MAX: usize = 10 * 1024 * 1024;
/// Most tool calls in one reply.
pub const CALLS_MAX: usize = 32;

/// Which model, where, and what it may cost.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The provider.
    pub profile: &'static Profile,
    /// Where it lives, without the last part (`https://api.openai.com/v1`).
    pub base_url: Url,
    /// Its key.
    pub key: Option<SecretString>,
    /// The model's name.
    pub model: String,
    /// Which of its protocols is spoken.
    pub api: Api,
    /// Whether the built-in assistant answers the sentences that it understands, and the model only the others.
    pub fast_path: bool,
    /// What an answer may cost.
    pub limits: Limits,
}

/// What an answer may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Requests to the model.
    pub turns: u32,
    /// Tokens of all its requests and replies together.
    pub tokens: u64,
    /// Tokens of a user within 24 hours; 0 is no limit.
    pub daily_tokens: u64,
    /// Time for the whole answer.
    pub time: Duration,
    /// Tokens of earlier messages that are sent along.
    pub history: u64,
    /// Most tokens of one reply.
    pub reply: u32,
    /// How long an answer goes on for a reader who has gone away.
    pub patience: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            turns: 8,
            tokens: 60_000,
            daily_tokens: 0,
            time: Duration::from_secs(60),
            history: 4_000,
            reply: 4_000,
            patience: Duration::from_secs(15),
        }
    }
}

/// Why a model can't be set up.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// The key can't be sent in a header.
    #[error("the key has characters that no key has; check it for line breaks")]
    Key,
}

/// A model that can be asked. Cheap to clone; clones share their connections.
#[derive(Clone, Debug)]
pub struct Model(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    settings: Settings,
    transport: Transport,
    /// The provider refused these optional fields; they are left out from then on.
    without_stream_options: AtomicBool,
    without_max_tokens: AtomicBool,
}

impl Model {
    /// A model behind `tls`. Nothing is sent yet.
    ///
    /// # Errors
    /// [`SetupError`].
    pub fn new(settings: Settings, tls: rustls::ClientConfig) -> Result<Self, SetupError> {
        let path = match settings.api {
            Api::Chat => "chat/completions",
            Api::Responses => "responses",
        };
        let url = format!("{}/{path}", settings.base_url.as_str().trim_end_matches('/'));
        let headers: HeaderMap = settings
            .profile
            .headers
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
            .collect();
        let transport = Transport::new(tls, url, headers, settings.key.clone()).map_err(|_| SetupError::Key)?;
        Ok(Self(Arc::new(Inner {
            settings,
            transport,
            without_stream_options: AtomicBool::new(false),
            without_max_tokens: AtomicBool::new(false),
        })))
    }

    /// What it was set up with.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.0.settings
    }

    /// The model's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0.settings.model
    }

    /// Asks, trying again what may pass, until `deadline`. `on_text` gets the text as it arrives; once it has, nothing is tried
    /// again, for it can't be unsaid.
    ///
    /// # Errors
    /// [`ModelError`]. No reply that is not whole is given.
    pub async fn ask(
        &self,
        request: &Request,
        deadline: Instant,
        on_text: &mut (dyn FnMut(&str) + Send),
    ) -> Result<Reply, ModelError> {
        let mut attempt = 1;
        loop {
            let mut said = false;
            let error = match self
                .once(request, deadline, &mut |text| {
                    said = true;
                    on_text(text);
                })
                .await
            {
                Ok(reply) => return Ok(reply),
                Err(error) => error,
            };
            if said {
                return Err(error);
            }
            // A field that this provider does not know costs no attempt.
            if self.learns_from(&error) {
                continue;
            }
            let left = deadline.saturating_duration_since(Instant::now());
            let Some(pause) = retry::pause(&error, attempt, left) else { return Err(error) };
            tracing::debug!(%error, attempt, pause_ms = pause.as_millis(), "asking the model again");
            tokio::time::sleep(pause).await;
            attempt += 1;
        }
    }

    async fn once(
        &self,
        request: &Request,
        deadline: Instant,
        on_text: &mut (dyn FnMut(&str) + Send),
    ) -> Result<Reply, ModelError> {
        let body = Bytes::from(self.body(request).to_string());
        let incoming = self.0.transport.send(body, deadline).await?;
        match self.0.settings.api {
            Api::Chat => {
                let mut assembly = chat_completions::Assembly::default();
                read(incoming, on_text, |data| assembly.event(data)).await?;
                assembly.finish()
            }
            Api::Responses => {
                let mut assembly = responses::Assembly::default();
                read(incoming, on_text, |data| assembly.event(data)).await?;
                assembly.finish()
            }
        }
    }

    fn body(&self, request: &Request) -> Value {
        let settings = &self.0.settings;
        let mut body = match settings.api {
            Api::Chat => chat_completions::body(request, &settings.model, settings.profile),
            Api::Responses => responses::body(request, &settings.model),
        };
        if let Some(fields) = body.as_object_mut() {
            if self.0.without_stream_options.load(Ordering::Relaxed) {
                fields.remove("stream_options");
            }
            if self.0.without_max_tokens.load(Ordering::Relaxed) {
                fields.remove(settings.profile.max_tokens);
            }
        }
        body
    }

    /// Whether the provider refused an optional field that was sent; it is left out from now on.
    fn learns_from(&self, error: &ModelError) -> bool {
        let ModelError::Status { status: 400 | 422, message, .. } = error else { return false };
        let field = |name: &str, learnt: &AtomicBool| message.contains(name) && !learnt.swap(true, Ordering::Relaxed);
        field("stream_options", &self.0.without_stream_options)
            || self.0.settings.api == Api::Chat && field(self.0.settings.profile.max_tokens, &self.0.without_max_tokens)
    }
}

/// Reads an answer to its end, event by event, or as the one document that it is.
async fn read(
    mut incoming: Incoming,
    on_text: &mut (dyn FnMut(&str) + Send),
    mut event: impl FnMut(&str) -> Result<Option<String>, ModelError>,
) -> Result<(), ModelError> {
    let mut halves = Halves::default();
    if !incoming.streams {
        let mut document = Vec::new();
        while let Some(bytes) = incoming.next().await? {
            document.extend_from_slice(&bytes);
        }
        if let Some(text) = event(&halves.mend(&String::from_utf8_lossy(&document)))? {
            on_text(&text);
        }
        return Ok(());
    }
    let mut events = sse::Events::default();
    while let Some(bytes) = incoming.next().await? {
        for data in events.feed(&bytes) {
            if let Some(text) = event(&halves.mend(&data))? {
                on_text(&text);
            }
        }
    }
    let rest = events.finish().unwrap_or_default();
    let rest = halves.mend(&rest);
    // What is cut at the end is no JSON any more; that the answer is not whole says it better.
    if (rest.trim() == "[DONE]" || serde_json::from_str::<Value>(&rest).is_ok())
        && let Some(text) = event(&rest)?
    {
        on_text(&text);
    }
    Ok(())
}

/// Reads the data of an event.
fn read_json<T: DeserializeOwned>(data: &str) -> Result<T, ModelError> {
    serde_json::from_str(data)
        .map_err(|error| ModelError::Garbled(format!("an event is not JSON of the protocol: {error}")))
}

/// The text of a message's content: a string, or parts.
fn text_of(content: &Value) -> String {
    match content {
        Value::String(text) => text.clone(),
        Value::Array(parts) => parts.iter().filter_map(|part| part["text"].as_str()).collect(),
        _ => String::new(),
    }
}

/// A provider's error object. Its code may be a word or a number, or be missing.
fn reported(error: &Value) -> ModelError {
    let word = |value: &Value| match value {
        Value::String(text) => Some(short(text)),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    };
    let code = word(&error["code"]).or_else(|| word(&error["type"])).unwrap_or_else(|| "error".to_owned());
    let message =
        word(&error["message"]).or_else(|| word(&error["detail"])).or_else(|| word(error)).unwrap_or_default();
    ModelError::Reported { code, message }
}

/// A foreign text for a log: one line, not long.
fn short(text: &str) -> String {
    let text: String = text.trim().chars().take(300).collect();
    text.escape_debug().to_string()
}
