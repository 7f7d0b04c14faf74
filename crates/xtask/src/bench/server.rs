//! The program under test, started as an operator starts it.

use std::{
    fs::File,
    net::{Ipv4Addr, SocketAddr, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, bail};

use super::{load, postgres::free_port};

/// A running program; it ends with this value.
pub struct Server {
    /// Where it listens.
    pub address: SocketAddr,
    /// From the start of the process to the first 200 of its readiness.
    pub ready_after: Duration,
    child: Child,
}

/// A program of ours, in the folder that cargo builds into.
pub fn binary(folder: &Path, name: &str) -> anyhow::Result<PathBuf> {
    let path = folder.join(name);
    if !path.is_file() {
        bail!("{} is missing", path.display());
    }
    Ok(path)
}

impl Server {
    /// `todo-backend` on the database that `url` names. The limit of requests counts, but is never reached.
    pub fn backend(binaries: &Path, url: &str, log: &Path) -> anyhow::Result<Self> {
        let mut command = Command::new(binary(binaries, "todo-backend")?);
        command.env("DATABASE_URL", url).env("RATE_LIMIT_PER_MINUTE", "1000000000").env("AUTH_RATE_LIMITS", "false");
        Self::start(command, "/health/ready", log)
    }

    /// `todo` with its data in a folder of its own.
    pub fn all_in_one(binaries: &Path, data: &Path, log: &Path) -> anyhow::Result<Self> {
        let mut command = Command::new(binary(binaries, "todo")?);
        command.arg("serve").env("TODO_DATA_DIR", data);
        command.env("RATE_LIMIT_PER_MINUTE", "0").env("AUTH_RATE_LIMITS", "false");
        Self::start(command, "/health/ready", log)
    }

    /// `todo-frontend` before a backend.
    pub fn frontend(binaries: &Path, backend: SocketAddr, log: &Path) -> anyhow::Result<Self> {
        let mut command = Command::new(binary(binaries, "todo-frontend")?);
        // As in its image.
        command.env("BACKEND_URL", format!("http://{backend}")).env("MIMALLOC_ALLOW_THP", "0");
        Self::start(command, "/health/live", log)
    }

    fn start(mut command: Command, readiness: &str, log: &Path) -> anyhow::Result<Self> {
        let port = free_port()?;
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        command
            .env("PORT", port.to_string())
            .env("HOST", "127.0.0.1")
            .env("METRICS_PORT", "0")
            .env("BETTER_AUTH_SECRET", "a secret that is long enough for a measurement")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(File::create(log)?);
        let started = Instant::now();
        let child = command.spawn().with_context(|| format!("can't start {command:?}"))?;
        let mut server = Self { address, ready_after: Duration::ZERO, child };
        let request = format!("GET {readiness} HTTP/1.1\r\nhost: localhost\r\n\r\n").into_bytes();
        loop {
            if TcpStream::connect(address).is_ok()
                && load::once(address, &request).is_ok_and(|(status, _)| status == 200)
            {
                server.ready_after = started.elapsed();
                return Ok(server);
            }
            if let Some(status) = server.child.try_wait()? {
                bail!("the server ended with {status}: {}", std::fs::read_to_string(log)?);
            }
            if started.elapsed() > Duration::from_secs(20) {
                bail!("the server was not ready within 20 s: {}", std::fs::read_to_string(log)?);
            }
            std::thread::sleep(Duration::from_micros(500));
        }
    }

    /// Its process.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // SIGTERM, as an orchestrator sends it; if that fails, the process is gone already.
        let _ = Command::new("kill").arg(self.pid().to_string()).status();
        let _ = self.child.wait();
    }
}

/// Brings the schema of a fresh database up to date.
pub fn migrate(binaries: &Path, url: &str) -> anyhow::Result<()> {
    let output = Command::new(binary(binaries, "todo-backend")?).arg("migrate").env("DATABASE_URL", url).output()?;
    if !output.status.success() {
        bail!("migrate: {}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(())
}
