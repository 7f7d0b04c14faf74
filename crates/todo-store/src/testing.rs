//! Databases for tests: SQLite in a temporary folder, and a private PostgreSQL server that is started once per test program.
//!
//! The server listens on a socket in a temporary folder only, runs without durability, and ends with the test program. When the
//! machine has no PostgreSQL programs, tests say so loudly and pass without it, unless `TODO_REQUIRE_POSTGRES=1`.

use std::{
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::OnceLock,
    time::{Duration, Instant},
};

use crate::{Store, StoreConfig};

/// A fresh database of its own, gone when this is dropped.
pub struct TestDb {
    /// The migrated store.
    pub store: Store,
    /// Its URL, for a second connection.
    pub url: String,
    _folder: Option<Folder>,
}

/// A temporary folder, removed when dropped.
struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        // What is left in the temporary folder of the machine harms nobody.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

impl Folder {
    fn new() -> std::io::Result<Self> {
        let path = std::env::temp_dir().join(format!("todo-test-{}", uuid::Uuid::now_v7().simple()));
        std::fs::create_dir_all(&path)?;
        Ok(Self(path))
    }
}

/// What went wrong while preparing a database.
pub type Error = Box<dyn std::error::Error + Send + Sync>;

impl TestDb {
    /// A SQLite file. Commits survive the program, not a power cut, which tests do not cause.
    ///
    /// # Errors
    /// The file system's, the store's.
    pub async fn sqlite() -> Result<Self, Error> {
        let folder = Folder::new()?;
        let url = format!("sqlite:{}", folder.0.join("todo.db").display());
        let mut config = StoreConfig::from_url(&url)?;
        config.durable = false;
        let store = Store::open(&config)?;
        store.migrate().await?;
        Ok(Self { store, url, _folder: Some(folder) })
    }

    /// A database on the private PostgreSQL server, reached as an ordinary role, so that row-level security holds. `None` when
    /// the machine has no PostgreSQL programs.
    ///
    /// # Errors
    /// The server's, the store's; the lack of programs when `TODO_REQUIRE_POSTGRES=1`.
    pub async fn postgres() -> Result<Option<Self>, Error> {
        Self::postgres_with("")
    }

    /// As [`TestDb::postgres`], spoken to as through a transaction pooler: without prepared statements.
    ///
    /// # Errors
    /// As [`TestDb::postgres`].
    pub async fn postgres_pooled() -> Result<Option<Self>, Error> {
        Self::postgres_with("&pgbouncer=true")
    }

    fn postgres_with(parameters: &str) -> Result<Option<Self>, Error> {
        let Some(server) = server()? else { return Ok(None) };
        let name = format!("t{}", uuid::Uuid::now_v7().simple());
        server.sql("postgres", &format!("CREATE DATABASE {name} TEMPLATE todo_template OWNER app"))?;
        let url = format!("{}{parameters}", server.url("app", &name));
        let store = Store::open(&StoreConfig::from_url(&url)?)?;
        Ok(Some(Self { store, url, _folder: None }))
    }

    /// A fresh database on each engine that the machine has, and by each way of speaking to it, with its name.
    ///
    /// # Errors
    /// As [`TestDb::sqlite`] and [`TestDb::postgres`].
    pub async fn each() -> Result<Vec<(&'static str, Self)>, Error> {
        let mut all = vec![("SQLite", Self::sqlite().await?)];
        all.extend(Self::postgres().await?.map(|db| ("PostgreSQL", db)));
        all.extend(Self::postgres_pooled().await?.map(|db| ("PostgreSQL without prepared statements", db)));
        Ok(all)
    }

    /// The address of an empty database on the private server, as its owner `app`.
    ///
    /// # Errors
    /// As [`TestDb::postgres`].
    pub fn empty_postgres() -> Result<Option<String>, Error> {
        let Some(server) = server()? else { return Ok(None) };
        let name = format!("t{}", uuid::Uuid::now_v7().simple());
        server.sql("postgres", &format!("CREATE DATABASE {name} OWNER app"))?;
        Ok(Some(server.url("app", &name)))
    }
}

/// The private server.
struct Server {
    folder: PathBuf,
    child: std::sync::Mutex<Option<Child>>,
}

const PORT: u16 = 5432;

impl Server {
    fn url(&self, role: &str, database: &str) -> String {
        let host = self.folder.display().to_string().replace('/', "%2F");
        format!("postgres://{role}@{host}:{PORT}/{database}?sslmode=disable")
    }

    /// Runs a statement as superuser.
    fn sql(&self, database: &str, sql: &str) -> Result<(), Error> {
        let url = self.url("postgres", database);
        let sql = sql.to_owned();
        // Tests may or may not be inside a runtime; this works in both.
        std::thread::spawn(move || -> Result<(), Error> {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(async {
                let (client, connection) = tokio_postgres::connect(&url, tokio_postgres::NoTls).await?;
                let connection = tokio::spawn(connection);
                client.batch_execute(&sql).await?;
                drop(client);
                connection.await??;
                Ok(())
            })
        })
        .join()
        .map_err(|_| "the helper thread panicked")?
    }
}

fn server() -> Result<Option<&'static Server>, Error> {
    static SERVER: OnceLock<Result<Option<Server>, String>> = OnceLock::new();
    match SERVER.get_or_init(|| start().map_err(|error| error.to_string())) {
        Ok(server) => Ok(server.as_ref()),
        Err(error) => Err(error.clone().into()),
    }
}

/// Finds a PostgreSQL program on the path, or where Debian and Homebrew keep them.
fn program(name: &str) -> Option<PathBuf> {
    let mut folders: Vec<PathBuf> =
        std::env::var_os("PATH").map(|path| std::env::split_paths(&path).collect()).unwrap_or_default();
    for parent in ["/usr/lib/postgresql", "/opt/homebrew/opt", "/usr/local/opt"] {
        let mut found: Vec<PathBuf> =
            std::fs::read_dir(parent).into_iter().flatten().flatten().map(|entry| entry.path().join("bin")).collect();
        found.sort();
        folders.extend(found.into_iter().rev());
    }
    folders.into_iter().map(|folder| folder.join(name)).find(|path| path.is_file())
}

/// A command that does not run as root, which PostgreSQL refuses.
fn unprivileged(program: &Path) -> Command {
    let id = |what: &str| {
        Command::new("id").arg(what).output().map(|out| String::from_utf8_lossy(&out.stdout).trim().to_owned())
    };
    if id("-u").is_ok_and(|id| id == "0") {
        let user = if Command::new("id").arg("postgres").output().is_ok_and(|out| out.status.success()) {
            "postgres"
        } else {
            "nobody"
        };
        let mut command = Command::new("runuser");
        command.args(["-u", user, "--"]).arg(program);
        command
    } else {
        Command::new(program)
    }
}

fn start() -> Result<Option<Server>, Error> {
    let (Some(initdb), Some(postgres)) = (program("initdb"), program("postgres")) else {
        if std::env::var_os("TODO_REQUIRE_POSTGRES").is_some_and(|value| value == "1") {
            return Err(
                "TODO_REQUIRE_POSTGRES=1, but initdb and postgres are not on this machine; install PostgreSQL".into()
            );
        }
        eprintln!("\n*** PostgreSQL is not on this machine: its tests are LEFT OUT. Install it to run them. ***\n");
        return Ok(None);
    };
    let folder = std::env::temp_dir().join(format!("todo-pg-{}", uuid::Uuid::now_v7().simple()));
    // Made by the one who will clean it up. Tests need only the socket in it.
    if !unprivileged(Path::new("/bin/mkdir")).args(["-m", "755"]).arg(&folder).status()?.success() {
        return Err(format!("{} can't be made", folder.display()).into());
    }
    let data = folder.join("data");
    let made = unprivileged(&initdb)
        .arg("-D")
        .arg(&data)
        .args(["-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync", "--locale=C"])
        .current_dir(&folder)
        .output()?;
    if !made.status.success() {
        return Err(format!("initdb failed: {}", String::from_utf8_lossy(&made.stderr)).into());
    }
    // The shell ends the server when its standard input closes: when this program ends, however that happens.
    let script = format!(
        "'{}' -D '{}' -k '{}' -p {PORT} -c listen_addresses= -c fsync=off -c synchronous_commit=off -c full_page_writes=off \
         -c max_connections=200 -c shared_buffers=128MB -c max_wal_size=4GB > '{}/log' 2>&1 & \
         server=$!; cat > /dev/null; kill -INT $server; wait $server; rm -rf '{}'",
        postgres.display(),
        data.display(),
        folder.display(),
        folder.display(),
        folder.display(),
    );
    let child = unprivileged(Path::new("/bin/sh"))
        .args(["-c", &script])
        .current_dir(&folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    let server = Server { folder, child: std::sync::Mutex::new(Some(child)) };
    let start = Instant::now();
    while let Err(error) = server.sql("postgres", "SELECT 1") {
        if start.elapsed() > Duration::from_secs(30) {
            return Err(format!("PostgreSQL did not start: {error}").into());
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    server.sql("postgres", "CREATE ROLE app LOGIN NOSUPERUSER NOBYPASSRLS CREATEDB")?;
    server.sql("postgres", "CREATE DATABASE todo_template OWNER app")?;
    migrate_template(server.url("app", "todo_template"))?;
    Ok(Some(server))
}

fn migrate_template(url: String) -> Result<(), Error> {
    std::thread::spawn(move || -> Result<(), Error> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(async {
            let store = Store::open(&StoreConfig::from_url(&url)?)?;
            store.migrate().await?;
            Ok(())
        })
    })
    .join()
    .map_err(|_| "the helper thread panicked")?
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Ok(mut child) = self.child.lock()
            && let Some(mut child) = child.take()
        {
            drop(child.stdin.take());
            // Its end is all that matters.
            let _ = child.wait();
        }
    }
}
