//! The end of a process: readiness first, then the streams, then the connections.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tokio_util::sync::CancellationToken;

/// How long a stop may take.
#[derive(Clone, Copy, Debug)]
pub struct Grace {
    /// Serving goes on for so long after the signal, with readiness refused, until nobody sends new requests any more.
    pub delay: Duration,
    /// After that, requests in flight may take so long.
    pub timeout: Duration,
}

impl Default for Grace {
    fn default() -> Self {
        Self { delay: Duration::ZERO, timeout: Duration::from_secs(20) }
    }
}

/// Shared knowledge of whether the process is stopping. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Shutdown {
    draining: Arc<AtomicBool>,
    streams: CancellationToken,
    connections: CancellationToken,
}

impl Shutdown {
    /// Whether the process was told to stop: readiness must answer 503.
    #[must_use]
    pub fn is_draining(&self) -> bool {
        self.draining.load(Ordering::Relaxed)
    }

    /// Refuses readiness from now on.
    pub fn drain(&self) {
        self.draining.store(true, Ordering::Relaxed);
    }

    /// Resolves when long-lived streams should say goodbye.
    pub async fn streams_should_end(&self) {
        self.streams.cancelled().await;
    }

    /// Resolves when no new connection is accepted any more.
    pub async fn listening_should_end(&self) {
        self.connections.cancelled().await;
    }

    /// Stops at once: streams and connections.
    pub fn stop(&self) {
        self.drain();
        self.streams.cancel();
        self.connections.cancel();
    }

    /// Waits for SIGTERM or SIGINT and walks through the stages.
    ///
    /// # Errors
    /// When signal handlers can't be installed.
    pub async fn on_signal(&self, grace: Grace) -> std::io::Result<()> {
        let signal = signalled().await?;
        tracing::info!(
            signal,
            delay_ms = millis(grace.delay),
            "stopping: readiness refused, serving goes on for the delay"
        );
        self.drain();
        if signal == "SIGTERM" {
            tokio::time::sleep(grace.delay).await;
        }
        self.stop();
        Ok(())
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(unix)]
async fn signalled() -> std::io::Result<&'static str> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(tokio::select! {
        _ = terminate.recv() => "SIGTERM",
        _ = interrupt.recv() => "SIGINT",
    })
}

#[cfg(not(unix))]
async fn signalled() -> std::io::Result<&'static str> {
    tokio::signal::ctrl_c().await.map(|()| "SIGINT")
}
