//! Files that are sent while they are written: memory stays small however large a file is, and however slowly, or never, it is read.
//! Between two chunks nothing is held, no connection to the database and no thread.

use std::{fmt::Display, future::Future, io};

use axum::{
    body::{Body, Bytes},
    http::header,
    response::{IntoResponse, Response},
};
use futures::{FutureExt as _, future::BoxFuture};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

/// Bytes that are sent at once.
const CHUNK: usize = 32 * 1024;
/// Chunks that may wait for a slow reader.
const CHUNKS_AHEAD: usize = 2;

/// Why a file ends early.
#[derive(Debug)]
pub enum Broken {
    /// Nobody takes it any more.
    ReaderLeft,
    /// It can't be written to its end.
    Failed(String),
}

impl<E: Display> From<E> for Broken {
    fn from(error: E) -> Self {
        Self::Failed(error.to_string())
    }
}

type Chunk = Result<Bytes, io::Error>;

/// A file on its way.
#[derive(Debug)]
pub struct Outgoing {
    sender: mpsc::Sender<Chunk>,
    waiting: Vec<u8>,
}

impl Outgoing {
    /// Where the next bytes are written.
    pub const fn buffer(&mut self) -> &mut Vec<u8> {
        &mut self.waiting
    }

    /// Sends what was written, once it is enough; waits for the reader.
    ///
    /// # Errors
    /// [`Broken::ReaderLeft`].
    pub async fn send_if_full(&mut self) -> Result<(), Broken> {
        if self.waiting.len() < CHUNK { Ok(()) } else { self.send().await }
    }

    async fn send(&mut self) -> Result<(), Broken> {
        let bytes = Bytes::from(std::mem::replace(&mut self.waiting, Vec::with_capacity(CHUNK + CHUNK / 8)));
        self.sender.send(Ok(bytes)).await.map_err(|_| Broken::ReaderLeft)
    }
}

/// Answers with the file that `write` writes. What fails before this call can still be a refusal; later the connection is cut, so that
/// nobody takes a part for the whole.
pub fn download<F>(media_type: &'static str, file_name: &str, write: impl FnOnce(Outgoing) -> F) -> Response
where
    F: Future<Output = Result<Outgoing, Broken>> + Send + 'static,
{
    let (sender, receiver) = mpsc::channel(CHUNKS_AHEAD);
    let written = write(Outgoing { sender: sender.clone(), waiting: Vec::new() });
    tokio::spawn(send(written.boxed(), sender).boxed());
    let headers = [
        (header::CONTENT_TYPE, media_type.to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{file_name}\"")),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    (headers, Body::from_stream(ReceiverStream::new(receiver))).into_response()
}

async fn send(written: BoxFuture<'static, Result<Outgoing, Broken>>, sender: mpsc::Sender<Chunk>) {
    let outcome = match written.await {
        Ok(mut file) => file.send().await,
        Err(broken) => Err(broken),
    };
    if let Err(Broken::Failed(error)) = outcome {
        tracing::warn!(%error, "an export broke off");
        // Nobody listening is as good.
        let _ = sender.send(Err(io::Error::other("the export broke off"))).await;
    }
}
