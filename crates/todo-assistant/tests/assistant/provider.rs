//! A provider that says what a test wants, byte by byte, and keeps what it was asked.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use serde_json::{Value, json};
use todo_assistant::model::{Api, Limits, Model, Settings, profile};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

/// What is answered to a request.
pub enum Answer {
    /// A stream of events under status 200, all its bytes at once.
    Stream(String),
    /// The same, written in pieces of so many bytes.
    Pieces(String, usize),
    /// The beginning of a stream, then nothing until the client goes away.
    Hang(String),
    /// A status with further header lines and a body.
    Status(u16, &'static str, String),
    /// So many bytes of one endless event.
    Flood(usize),
}

/// A running provider.
pub struct Provider {
    url: String,
    asked: Arc<Mutex<Vec<Value>>>,
    /// Requests whose client went away before their answer was through.
    abandoned: Arc<Mutex<u32>>,
}

impl Provider {
    /// Answers the requests in turn by `script`, which sees the body and how many came before.
    pub async fn start(script: impl Fn(&Value, usize) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/v1", listener.local_addr().unwrap());
        let asked: Arc<Mutex<Vec<Value>>> = Arc::default();
        let abandoned: Arc<Mutex<u32>> = Arc::default();
        let provider = Self { url, asked: asked.clone(), abandoned: abandoned.clone() };
        let script = Arc::new(script);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (asked, abandoned, script) = (asked.clone(), abandoned.clone(), script.clone());
                tokio::spawn(async move {
                    let (mut stream, body) = request(stream).await;
                    let answer = {
                        let mut asked = asked.lock().unwrap();
                        asked.push(body.clone());
                        script(&body, asked.len() - 1)
                    };
                    if send(&mut stream, answer).await.is_err() {
                        *abandoned.lock().unwrap() += 1;
                    }
                });
            }
        });
        provider
    }

    /// Bodies of the requests so far.
    pub fn asked(&self) -> Vec<Value> {
        self.asked.lock().unwrap().clone()
    }

    pub fn abandoned(&self) -> u32 {
        *self.abandoned.lock().unwrap()
    }

    /// A client of it without fast path, in a hurry.
    pub fn model(&self) -> Model {
        self.model_with(|_| {})
    }

    pub fn model_with(&self, change: impl FnOnce(&mut Settings)) -> Model {
        model_at(&self.url, change)
    }
}

pub fn model_at(url: &str, change: impl FnOnce(&mut Settings)) -> Model {
    let mut settings = Settings {
        profile: profile::named("compatible").unwrap(),
        base_url: url.parse().unwrap(),
        key: Some("sk-very-secret".to_owned().into()),
        model: "scripted".to_owned(),
        api: Api::Chat,
        fast_path: false,
        limits: Limits { time: Duration::from_secs(10), ..Limits::default() },
    };
    change(&mut settings);
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let tls = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth();
    Model::new(settings, tls).unwrap()
}

async fn request(mut stream: TcpStream) -> (TcpStream, Value) {
    let mut bytes = Vec::new();
    let mut buffer = [0_u8; 4096];
    loop {
        let read = stream.read(&mut buffer).await.unwrap();
        bytes.extend_from_slice(&buffer[..read]);
        let Some(head) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else {
            assert!(read > 0, "the request broke off");
            continue;
        };
        let text = String::from_utf8_lossy(&bytes[..head]).to_lowercase();
        assert!(text.contains("authorization: bearer sk-very-secret"), "{text}");
        let length: usize =
            text.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap().trim().parse().unwrap();
        if bytes.len() >= head + 4 + length {
            return (stream, serde_json::from_slice(&bytes[head + 4..head + 4 + length]).unwrap());
        }
    }
}

async fn send(stream: &mut TcpStream, answer: Answer) -> std::io::Result<()> {
    const HEAD: &str = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n";
    stream.set_nodelay(true)?;
    match answer {
        Answer::Stream(text) => stream.write_all(format!("{HEAD}{text}").as_bytes()).await?,
        Answer::Pieces(text, size) => {
            stream.write_all(HEAD.as_bytes()).await?;
            for piece in text.as_bytes().chunks(size) {
                stream.write_all(piece).await?;
                tokio::task::yield_now().await;
            }
        }
        Answer::Hang(text) => {
            stream.write_all(format!("{HEAD}{text}").as_bytes()).await?;
            // Ends when the client does.
            let mut byte = [0_u8];
            let _ = stream.read_exact(&mut byte).await?;
            return Ok(());
        }
        Answer::Status(status, headers, body) => {
            let head =
                format!("HTTP/1.1 {status} X\r\ncontent-length: {}\r\n{headers}connection: close\r\n\r\n", body.len());
            stream.write_all(format!("{head}{body}").as_bytes()).await?;
        }
        Answer::Flood(bytes) => {
            stream.write_all(format!("{HEAD}data: ").as_bytes()).await?;
            let block = vec![b'x'; 64 * 1024];
            for _ in 0..bytes / block.len() {
                stream.write_all(&block).await?;
            }
        }
    }
    stream.shutdown().await
}

fn event(json: &Value) -> String {
    format!("data: {json}\n\n")
}

/// A reply that only talks.
pub fn text(text: &str) -> String {
    let mut stream = String::new();
    for piece in text.split_inclusive(' ') {
        stream.push_str(&event(&json!({ "choices": [{ "delta": { "content": piece } }] })));
    }
    stream + &end("stop")
}

/// A reply that calls tools, in parallel, in fragments that interleave.
pub fn calls(calls: &[(&str, Value)]) -> String {
    fragments(calls) + &end("tool_calls")
}

/// The same without an end.
pub fn fragments(calls: &[(&str, Value)]) -> String {
    let mut stream = String::new();
    let mut push = |at: usize, function: Value, id: Option<String>| {
        let call = json!({ "index": at, "id": id, "type": "function", "function": function });
        stream.push_str(&event(&json!({ "choices": [{ "delta": { "tool_calls": [call] } }] })));
    };
    for (at, (name, _)) in calls.iter().enumerate() {
        push(at, json!({ "name": name, "arguments": "" }), Some(format!("call_{at}")));
    }
    let texts: Vec<Vec<char>> = calls
        .iter()
        .map(|(_, arguments)| arguments.as_str().map_or_else(|| arguments.to_string(), str::to_owned).chars().collect())
        .collect();
    for from in (0..texts.iter().map(Vec::len).max().unwrap_or(0)).step_by(5) {
        for (at, text) in texts.iter().enumerate() {
            let piece: String = text.iter().skip(from).take(5).collect();
            if !piece.is_empty() {
                push(at, json!({ "arguments": piece }), None);
            }
        }
    }
    stream
}

fn end(reason: &str) -> String {
    event(&json!({ "choices": [{ "delta": {}, "finish_reason": reason }] }))
        + &event(&json!({ "choices": [], "usage": { "prompt_tokens": 100, "completion_tokens": 20 } }))
        + "data: [DONE]\n\n"
}
