//! A small HTTP/1.1 client that loads a server: one request at a time on each of many kept connections, on one thread, so that
//! the client takes as little as possible of the cores that it shares with the server and the database.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::{Context, bail};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::process;

/// Makes the next request of a connection, from the connection's number and the request's number.
pub type Script = Arc<dyn Fn(usize, u64) -> Vec<u8> + Send + Sync>;

/// What came of a period of load.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// Answers with a status below 300.
    pub answers: u64,
    /// Everything else; a figure with failures is worth nothing.
    pub failures: u64,
    /// How long it took.
    pub elapsed: Duration,
    /// Time from the first byte sent to the last byte received, in microseconds, sorted.
    pub micros: Vec<u32>,
    /// Processor time of this client.
    pub client_cpu: Duration,
}

impl Outcome {
    /// Answers per second.
    pub fn rate(&self) -> f64 {
        self.answers as f64 / self.elapsed.as_secs_f64()
    }

    /// The latency that the share `q` of the answers did not exceed, in milliseconds.
    pub fn quantile(&self, q: f64) -> f64 {
        let last = self.micros.len().saturating_sub(1);
        let index = (last as f64 * q).round() as usize;
        self.micros.get(index).map_or(f64::NAN, |micros| f64::from(*micros) / 1000.0)
    }
}

/// A request with the caller's token and, perhaps, a JSON body.
pub fn request(method: &str, path: &str, token: &str, body: Option<&str>) -> Vec<u8> {
    let body = body.unwrap_or_default();
    let kind = if body.is_empty() { "" } else { "content-type: application/json\r\n" };
    format!(
        "{method} {path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {token}\r\n{kind}content-length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// Loads `address` from `connections` connections for `period`.
pub fn run(address: SocketAddr, connections: usize, period: Duration, script: &Script) -> anyhow::Result<Outcome> {
    let before = process::own_thread_cpu()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let mut outcome = runtime.block_on(async {
        let numbers = Arc::new(AtomicU64::new(0));
        let mut open = Vec::new();
        for _ in 0..connections {
            open.push(Connection::open(address).await?);
        }
        let start = Instant::now();
        let clients: Vec<_> = open
            .into_iter()
            .enumerate()
            .map(|(client, mut connection)| {
                let (script, numbers) = (script.clone(), numbers.clone());
                tokio::spawn(async move {
                    let mut seen = Outcome::default();
                    while start.elapsed() < period {
                        let request = script(client, numbers.fetch_add(1, Ordering::Relaxed));
                        let sent = Instant::now();
                        let status = connection.exchange(&request).await?.0;
                        seen.micros.push(u32::try_from(sent.elapsed().as_micros()).unwrap_or(u32::MAX));
                        if status < 300 {
                            seen.answers += 1;
                        } else {
                            seen.failures += 1;
                        }
                    }
                    anyhow::Ok(seen)
                })
            })
            .collect();
        let mut all = Outcome::default();
        for client in clients {
            let seen = client.await??;
            all.answers += seen.answers;
            all.failures += seen.failures;
            all.micros.extend(seen.micros);
        }
        all.elapsed = start.elapsed();
        anyhow::Ok(all)
    })?;
    drop(runtime);
    outcome.client_cpu = process::own_thread_cpu()?.saturating_sub(before);
    outcome.micros.sort_unstable();
    if outcome.failures > 0 {
        bail!("{} of {} requests were refused", outcome.failures, outcome.failures + outcome.answers);
    }
    Ok(outcome)
}

/// One request on a connection of its own: status and body.
pub fn once(address: SocketAddr, request: &[u8]) -> anyhow::Result<(u16, Vec<u8>)> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
        let mut connection = Connection::open(address).await?;
        let (status, body) = connection.exchange(request).await?;
        Ok((status, connection.buffer[body].to_vec()))
    })
}

/// Event streams that are open and read for as long as this lives.
pub struct Streams {
    runtime: tokio::runtime::Runtime,
    bytes: Arc<AtomicU64>,
}

impl Streams {
    /// Opens one stream for each request.
    pub fn open(address: SocketAddr, requests: Vec<Vec<u8>>) -> anyhow::Result<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        let bytes = Arc::new(AtomicU64::new(0));
        runtime.block_on(async {
            for request in requests {
                let mut connection = Connection::open(address).await?;
                connection.stream.write_all(&request).await?;
                let status = connection.head().await?.status;
                if status != 200 {
                    bail!("an event stream was refused with {status}");
                }
                let bytes = bytes.clone();
                tokio::spawn(async move {
                    let mut buffer = vec![0; 4096];
                    while let Ok(read @ 1..) = connection.stream.read(&mut buffer).await {
                        bytes.fetch_add(read as u64, Ordering::Relaxed);
                    }
                });
            }
            anyhow::Ok(())
        })?;
        Ok(Self { runtime, bytes })
    }

    /// Closes the streams; answers how many bytes they brought.
    pub fn close(self) -> u64 {
        self.runtime.shutdown_background();
        self.bytes.load(Ordering::Relaxed)
    }
}

struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
    filled: usize,
}

/// Where a response's body begins and ends.
struct Head {
    status: u16,
    head: usize,
    body: usize,
}

impl Connection {
    async fn open(address: SocketAddr) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(address).await.with_context(|| format!("can't connect to {address}"))?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, buffer: vec![0; 64 * 1024], filled: 0 })
    }

    /// Sends a request and reads its answer: the status, and where its body stands in the buffer.
    async fn exchange(&mut self, request: &[u8]) -> anyhow::Result<(u16, std::ops::Range<usize>)> {
        self.stream.write_all(request).await?;
        let Head { status, head, body } = self.head().await?;
        while self.filled < head + body {
            self.fill().await?;
        }
        // One request at a time: nothing can stand behind the answer.
        self.filled = 0;
        Ok((status, head..head + body))
    }

    /// Reads until the head of the answer is there.
    async fn head(&mut self) -> anyhow::Result<Head> {
        self.filled = 0;
        loop {
            self.fill().await?;
            let mut headers = [httparse::EMPTY_HEADER; 48];
            let mut response = httparse::Response::new(&mut headers);
            let httparse::Status::Complete(head) = response.parse(&self.buffer[..self.filled])? else { continue };
            let length = response.headers.iter().find(|header| header.name.eq_ignore_ascii_case("content-length"));
            let body = match length {
                Some(length) => std::str::from_utf8(length.value)?.trim().parse()?,
                None => 0,
            };
            return Ok(Head { status: response.code.unwrap_or_default(), head, body });
        }
    }

    async fn fill(&mut self) -> anyhow::Result<()> {
        if self.filled == self.buffer.len() {
            self.buffer.resize(self.buffer.len() * 2, 0);
        }
        let read = self.stream.read(&mut self.buffer[self.filled..]).await?;
        if read == 0 {
            bail!("the server closed the connection");
        }
        self.filled += read;
        Ok(())
    }
}
