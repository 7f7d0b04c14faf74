//! A private PostgreSQL server in a temporary folder, with its defaults but for the size of its cache: commits are durable.

use std::{
    fs,
    io::Write,
    net::{Ipv4Addr, SocketAddr, TcpListener},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, bail};

/// The server; it ends with this value.
pub struct Postgres {
    folder: PathBuf,
    port: u16,
    child: Child,
}

/// The ordinary role that owns the tables, so that row-level security holds, as in production.
const ROLE: &str = "app";

impl Postgres {
    /// Starts a server with an empty database `todo`.
    pub fn start() -> anyhow::Result<Self> {
        let folder = std::env::temp_dir().join(format!("todo-bench-{}", std::process::id()));
        // Made by whoever the server runs as.
        run(unprivileged(Path::new("/bin/mkdir")).args(["-m", "755"]).arg(&folder))?;
        let data = folder.join("data");
        run(unprivileged(&program("initdb")?).arg("-D").arg(&data).current_dir(&folder).args([
            "-U",
            "postgres",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C",
        ]))?;
        let port = free_port()?;
        let mut command = unprivileged(&program("postgres")?);
        command.arg("-D").arg(&data).arg("-k").arg(&folder).arg("-p").arg(port.to_string()).current_dir(&folder);
        for setting in [
            "listen_addresses=127.0.0.1",
            "shared_buffers=512MB",
            "max_wal_size=4GB",
            "max_connections=200",
            "logging_collector=on",
            "log_destination=jsonlog",
            "log_filename=server",
        ] {
            command.args(["-c", setting]);
        }
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
        let server = Self { folder, port, child };
        let start = Instant::now();
        while let Err(error) = server.sql("postgres", "SELECT 1") {
            if start.elapsed() > Duration::from_secs(30) {
                return Err(error.context("PostgreSQL did not start"));
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        server.sql("postgres", &format!("CREATE ROLE {ROLE} LOGIN NOSUPERUSER NOBYPASSRLS"))?;
        server.sql("postgres", &format!("CREATE DATABASE todo OWNER {ROLE}"))?;
        Ok(server)
    }

    /// The URL of the database for the server under test.
    pub fn url(&self) -> String {
        format!("postgres://{ROLE}@127.0.0.1:{}/todo?sslmode=disable", self.port)
    }

    /// The process that all others of this server descend from.
    pub fn pid(&self) -> anyhow::Result<u32> {
        let text = fs::read_to_string(self.folder.join("data/postmaster.pid"))?;
        Ok(text.lines().next().unwrap_or_default().trim().parse()?)
    }

    /// Runs statements as superuser, each by itself; answers what they print.
    pub fn sql(&self, database: &str, sql: &str) -> anyhow::Result<String> {
        let mut child = Command::new(program("psql")?)
            .args([
                "-X",
                "-q",
                "-A",
                "-t",
                "-v",
                "ON_ERROR_STOP=1",
                "-h",
                "127.0.0.1",
                "-U",
                "postgres",
                "-d",
                database,
            ])
            .args(["-p", &self.port.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        child.stdin.take().context("psql has no input")?.write_all(sql.as_bytes())?;
        let output = child.wait_with_output()?;
        if !output.status.success() {
            bail!("psql: {}", String::from_utf8_lossy(&output.stderr).trim());
        }
        Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    }

    /// Transactions per second of a pgbench script from `connections` connections, one thread, statements prepared.
    pub fn pgbench(&self, script: &str, connections: usize, seconds: u64) -> anyhow::Result<f64> {
        let file = std::env::temp_dir().join(format!("todo-bench-{}.sql", std::process::id()));
        fs::write(&file, script)?;
        let output = Command::new(program("pgbench")?)
            .args(["-n", "-M", "prepared", "-j", "1", "-h", "127.0.0.1", "-U", ROLE, "-p", &self.port.to_string()])
            .args(["-c", &connections.to_string(), "-T", &seconds.to_string(), "-D", "first=1", "-D", "count=0"])
            .arg("-f")
            .arg(&file)
            .arg("todo")
            .output()?;
        fs::remove_file(&file)?;
        let text = String::from_utf8_lossy(&output.stdout);
        let errors = String::from_utf8_lossy(&output.stderr);
        if !output.status.success() {
            bail!("pgbench: {}", errors.trim());
        }
        let rate = text.lines().find_map(|line| line.strip_prefix("tps = ")?.split(' ').next()?.parse().ok());
        rate.with_context(|| format!("pgbench printed no rate: {text}{errors}"))
    }

    /// The server's log, one JSON object a line.
    pub fn log(&self) -> anyhow::Result<String> {
        Ok(fs::read_to_string(self.folder.join("data/log/server.json"))?)
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        if let Ok(pid) = self.pid() {
            // SIGINT is PostgreSQL's fast shutdown. If it fails, the server is gone already.
            let _ = Command::new("kill").args(["-INT", &pid.to_string()]).status();
        }
        // Its end is all that matters; what is left in the temporary folder harms nobody.
        let _ = self.child.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// A port of this machine that nobody listens on.
pub fn free_port() -> anyhow::Result<u16> {
    Ok(TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))?.local_addr()?.port())
}

fn run(command: &mut Command) -> anyhow::Result<()> {
    let output = command.output().with_context(|| format!("can't start {command:?}"))?;
    if !output.status.success() {
        bail!("{command:?}: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(())
}

/// A PostgreSQL program: the newest that Debian or Homebrew keep, else the one on the path.
fn program(name: &str) -> anyhow::Result<PathBuf> {
    let mut folders = Vec::new();
    for parent in ["/usr/lib/postgresql", "/opt/homebrew/opt", "/usr/local/opt"] {
        folders.extend(fs::read_dir(parent).into_iter().flatten().flatten().map(|entry| entry.path().join("bin")));
    }
    folders.sort();
    folders.reverse();
    folders.extend(std::env::var_os("PATH").iter().flat_map(std::env::split_paths));
    folders.into_iter().map(|folder| folder.join(name)).find(|path| path.is_file()).with_context(|| {
        format!("`{name}` is not on this machine; install PostgreSQL with its contrib programs (Debian: postgresql, postgresql-contrib)")
    })
}

/// A command that does not run as root, which PostgreSQL refuses.
fn unprivileged(program: &Path) -> Command {
    let id = |arguments: &[&str]| Command::new("id").args(arguments).output().ok().filter(|out| out.status.success());
    let root = id(&["-u"]).is_some_and(|out| String::from_utf8_lossy(&out.stdout).trim() == "0");
    if !root {
        return Command::new(program);
    }
    let user = if id(&["postgres"]).is_some() { "postgres" } else { "nobody" };
    let mut command = Command::new("runuser");
    command.args(["-u", user, "--"]).arg(program);
    command
}
