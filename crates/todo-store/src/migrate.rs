//! Schema migrations: numbered scripts per engine, forward only.
//!
//! Each runs in one transaction with its entry in `schema_versions`, under a lock that lets one process migrate at a time. An entry
//! says from which version of the program's schema on the result is still usable (`compatible_from`), so that an older program
//! keeps serving while a newer one rolls out or after a rollback (expand, then contract in a later release).

use sha2::{Digest, Sha256};

use crate::{
    db::{Db, Dialect, Identity},
    error::{Result, StoreError},
};

struct Migration {
    version: i64,
    name: &'static str,
    postgres: &'static str,
    sqlite: &'static str,
    /// Programs that know the schema from this version on can use the result.
    compatible_from: i64,
}

/// An empty script: the other engine has no use for it.
const NOTHING: &str = "SELECT 1;";

/// The same for both engines.
const FEEDBACK: &str = include_str!("../migrations/0005_feedback.sql");

const MIGRATIONS: &[Migration] = &[
    Migration {
        version: 1,
        name: "tasks",
        postgres: include_str!("../migrations/postgres/0001_tasks.sql"),
        sqlite: include_str!("../migrations/sqlite/0001_tasks.sql"),
        compatible_from: 1,
    },
    Migration {
        version: 2,
        name: "assistant",
        postgres: include_str!("../migrations/postgres/0002_assistant.sql"),
        sqlite: include_str!("../migrations/sqlite/0002_assistant.sql"),
        compatible_from: 1,
    },
    Migration {
        version: 3,
        name: "accounts",
        postgres: include_str!("../migrations/postgres/0003_accounts.sql"),
        sqlite: include_str!("../migrations/sqlite/0003_accounts.sql"),
        compatible_from: 1,
    },
    Migration {
        version: 4,
        name: "row_level_security",
        postgres: include_str!("../migrations/postgres/0004_row_level_security.sql"),
        sqlite: NOTHING,
        compatible_from: 1,
    },
    Migration { version: 5, name: "feedback", postgres: FEEDBACK, sqlite: FEEDBACK, compatible_from: 1 },
    Migration {
        version: 6,
        name: "mcp_sessions",
        postgres: include_str!("../migrations/postgres/0006_mcp_sessions.sql"),
        sqlite: include_str!("../migrations/sqlite/0006_mcp_sessions.sql"),
        compatible_from: 1,
    },
];

/// How the database's schema and this program fit together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SchemaState {
    /// They are equal.
    Current,
    /// The database is older: `migrate` has to run first.
    Behind {
        /// Version of the database.
        have: i64,
        /// Version of this program.
        want: i64,
    },
    /// The database is newer, as after a rollback of the program.
    Ahead {
        /// Version of the database.
        have: i64,
        /// Whether this program can still use it.
        compatible: bool,
    },
    /// It can't be told.
    Unreachable(String),
}

impl SchemaState {
    /// Whether this program may serve.
    #[must_use]
    pub const fn is_usable(&self) -> bool {
        matches!(self, Self::Current | Self::Ahead { compatible: true, .. })
    }
}

/// Version of the schema that this program was written for.
#[must_use]
pub fn wanted_version() -> i64 {
    MIGRATIONS.last().map_or(0, |migration| migration.version)
}

pub(crate) async fn state(db: &Db) -> SchemaState {
    // What reads a table that is not there would be taken for the fault of its connection.
    let there = match db.dialect() {
        Dialect::Postgres => {
            db.query(Identity::System, "SELECT to_regclass('schema_versions') IS NOT NULL", vec![]).await
        }
        Dialect::Sqlite => Ok(vec![(true,)]),
    };
    match there {
        Ok(rows) if rows.contains(&(false,)) => return SchemaState::Behind { have: 0, want: wanted_version() },
        Ok(_) => {}
        Err(error) => return SchemaState::Unreachable(error.to_string()),
    }
    match applied(db).await {
        Ok(applied) => judge(&applied),
        Err(StoreError::Database(_)) => SchemaState::Behind { have: 0, want: wanted_version() },
        Err(error) => SchemaState::Unreachable(error.to_string()),
    }
}

fn judge(applied: &[(i64, String, i64)]) -> SchemaState {
    let want = wanted_version();
    let have = applied.iter().map(|entry| entry.0).max().unwrap_or(0);
    let compatible_from = applied.iter().map(|entry| entry.2).max().unwrap_or(0);
    match have.cmp(&want) {
        std::cmp::Ordering::Equal => SchemaState::Current,
        std::cmp::Ordering::Less => SchemaState::Behind { have, want },
        std::cmp::Ordering::Greater => SchemaState::Ahead { have, compatible: compatible_from <= want },
    }
}

/// Version, checksum and oldest compatible version of each migration that ran.
async fn applied(db: &Db) -> Result<Vec<(i64, String, i64)>> {
    db.query(
        Identity::System,
        "SELECT version, checksum, compatible_from FROM schema_versions ORDER BY version",
        Vec::new(),
    )
    .await
}

/// Brings the schema up to date; answers the versions that were applied.
pub(crate) async fn migrate(db: &Db) -> Result<Vec<i64>> {
    let time = match db.dialect() {
        Dialect::Postgres => "timestamptz NOT NULL DEFAULT now()",
        Dialect::Sqlite => "TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP",
    };
    let table = format!(
        "CREATE TABLE IF NOT EXISTS schema_versions (version bigint PRIMARY KEY, name text NOT NULL, checksum text NOT NULL, \
         compatible_from bigint NOT NULL, applied_at {time});"
    );
    db.script(guarded(db.dialect(), &table)).await?;
    let known = applied(db).await?;
    check(db.dialect(), &known)?;
    let mut done = Vec::new();
    for migration in MIGRATIONS.iter().filter(|migration| !known.iter().any(|entry| entry.0 == migration.version)) {
        let script = migration.script(db.dialect());
        // Another process may have been faster: then the entry is there, and its key makes this whole transaction fail.
        let entry = format!(
            "INSERT INTO schema_versions (version, name, checksum, compatible_from) VALUES ({}, '{}', '{}', {});\n",
            migration.version,
            migration.name,
            checksum(script),
            migration.compatible_from
        );
        match db.script(guarded(db.dialect(), &format!("{entry}{script}"))).await {
            Ok(()) => {
                tracing::info!(version = migration.version, name = migration.name, "migrated");
                done.push(migration.version);
            }
            Err(error) => {
                let now = applied(db).await?;
                if !now.iter().any(|entry| entry.0 == migration.version) {
                    return Err(error);
                }
            }
        }
    }
    check(db.dialect(), &applied(db).await?)?;
    if db.dialect() == Dialect::Postgres && is_exempt_from_row_security(db).await? {
        tracing::warn!(
            "the database role is a superuser or has BYPASSRLS, so row-level security does not protect users from each other; connect as an ordinary role"
        );
    }
    Ok(done)
}

async fn is_exempt_from_row_security(db: &Db) -> Result<bool> {
    let sql = "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user";
    let row: Option<(bool,)> = db.query_opt(Identity::System, sql, Vec::new()).await?;
    Ok(row.is_some_and(|row| row.0))
}

/// Refuses a database whose history is not ours.
fn check(dialect: Dialect, known: &[(i64, String, i64)]) -> Result<()> {
    for migration in MIGRATIONS {
        if let Some((_, found, _)) = known.iter().find(|entry| entry.0 == migration.version)
            && *found != checksum(migration.script(dialect))
        {
            return Err(StoreError::Schema(format!(
                "migration {} ({}) was applied in another form than this program has; use the program that made this database, or a new database",
                migration.version, migration.name
            )));
        }
    }
    match judge(known) {
        SchemaState::Ahead { have, compatible: false } => Err(StoreError::Schema(format!(
            "the database has schema version {have}, which this program (version {}) can't use; run a newer program",
            wanted_version()
        ))),
        _ => Ok(()),
    }
}

impl Migration {
    const fn script(&self, dialect: Dialect) -> &'static str {
        match dialect {
            Dialect::Postgres => self.postgres,
            Dialect::Sqlite => self.sqlite,
        }
    }
}

fn checksum(script: &str) -> String {
    Sha256::digest(script.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// In one transaction that only one process can be in.
fn guarded(dialect: Dialect, script: &str) -> String {
    match dialect {
        // The lock ends with the transaction, so it works behind a transaction pooler too. The number is arbitrary and ours.
        Dialect::Postgres => format!("BEGIN; SELECT pg_advisory_xact_lock(8316863474155614001);\n{script}\nCOMMIT;"),
        Dialect::Sqlite => format!("BEGIN IMMEDIATE;\n{script}\nCOMMIT;"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_count_up_and_windows_make_sense() {
        for (index, migration) in MIGRATIONS.iter().enumerate() {
            assert_eq!(migration.version, index as i64 + 1);
            assert!((1..=migration.version).contains(&migration.compatible_from), "{}", migration.name);
        }
    }

    #[test]
    fn a_newer_schema_is_judged_by_its_window() {
        let want = wanted_version();
        let entry = |version, from| (version, String::new(), from);
        assert_eq!(judge(&[]), SchemaState::Behind { have: 0, want });
        assert_eq!(judge(&[entry(want, 1)]), SchemaState::Current);
        assert_eq!(
            judge(&[entry(want, 1), entry(want + 1, want)]),
            SchemaState::Ahead { have: want + 1, compatible: true }
        );
        assert_eq!(
            judge(&[entry(want + 1, want + 1), entry(want + 2, 1)]),
            SchemaState::Ahead { have: want + 2, compatible: false }
        );
    }
}
