//! The table of log signatures: what a line means, most telling first.

use std::sync::LazyLock;

use regex::{Regex, RegexBuilder, RegexSet, RegexSetBuilder};
use serde::Serialize;

/// What kind of trouble a line speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum LogClass {
    /// The API server refused the pod's service account.
    Rbac,
    /// The database refused the credentials.
    DatabaseLogin,
    /// A database, table or column does not exist: migrations did not run.
    MigrationMissing,
    /// No free database connection.
    ConnectionPool,
    /// A name did not resolve.
    Dns,
    /// A TLS certificate was not accepted.
    Tls,
    /// A listening port was taken.
    PortInUse,
    /// A file system refused a write or a read.
    FileAccess,
    /// A disk is full.
    DiskFull,
    /// Memory ran out.
    Memory,
    /// A configuration value is missing.
    Configuration,
    /// A peer refused the connection.
    ConnectionRefused,
    /// A peer did not answer in time.
    Timeout,
    /// A service said: too many requests, or quota used up.
    RateLimit,
    /// A service refused a token or a login.
    Authentication,
    /// A runtime error of the program.
    RuntimeError,
    /// The program crashed.
    Crash,
    /// Some other line that speaks of an error.
    Error,
}

/// One row of the table.
#[derive(Debug)]
pub struct Signature {
    /// The class.
    pub class: LogClass,
    /// What it means, as half a sentence.
    pub meaning: &'static str,
    /// Where to look first.
    pub hint: &'static str,
    pattern: &'static str,
}

/// All signatures; when several match a line, the earlier one names it.
pub static SIGNATURES: &[Signature] = &[
    Signature {
        class: LogClass::Rbac,
        meaning: "the service account lacks a permission",
        hint: "grant exactly the missing verb on the resource with a Role and a RoleBinding",
        pattern: r#"\buser \\?"[^"\\]+\\?" cannot \w+ resource|\bis forbidden: User\b"#,
    },
    Signature {
        class: LogClass::DatabaseLogin,
        meaning: "the database refuses the login",
        hint: "compare user and password in the Secret with the database's",
        pattern: r#"password authentication failed|FATAL: +role "|no pg_hba\.conf entry|SASL authentication failed|SCRAM.*(fail|invalid|mismatch)|Access denied for user|authentication plugin .* cannot be loaded|WRONGPASS|NOAUTH Authentication required"#,
    },
    Signature {
        class: LogClass::MigrationMissing,
        meaning: "the database schema is not there yet",
        hint: "run the migrations (their Job or hook) against the database that DATABASE_URL names",
        pattern: r#"(database|relation|table|column) "?[\w.]+"? does(n't| not) exist|undefined (table|column)|no such (table|column)|UndefinedTable|unknown database|Table '[^']+' doesn't exist"#,
    },
    Signature {
        class: LogClass::ConnectionPool,
        meaning: "the database has no free connection",
        hint: "lower the pool size times replicas, or raise max_connections",
        pattern: r"too many (connections|clients already)|remaining connection slots|pool timed out|timeout (while )?waiting for (a )?connection( from (the )?pool)?|QueuePool limit|connection pool exhausted",
    },
    Signature {
        class: LogClass::Dns,
        meaning: "a host name does not resolve",
        hint: "check the Service name and namespace, and that egress to DNS (port 53) is allowed",
        pattern: r"no such host|NXDOMAIN|EAI_AGAIN|ENOTFOUND|temporary failure in name resolution|could not resolve|name or service not known|could not translate host name|failed to lookup address|nodename nor servname|getaddrinfo failed|server misbehaving",
    },
    Signature {
        class: LogClass::Tls,
        meaning: "a TLS certificate is not accepted",
        hint: "check the certificate's dates, names and the trusted authorities in the image",
        pattern: r"x509:|certificate (has expired|is not (yet )?valid|verify failed|required)|(unknown|invalid) (certificate )?(authority|issuer|peer certificate)|UnknownIssuer|self[- ]signed certificate|CERT_HAS_EXPIRED|UNABLE_TO_VERIFY_LEAF_SIGNATURE|tls: (handshake failure|failed to verify)|SSL: ",
    },
    Signature {
        class: LogClass::PortInUse,
        meaning: "the listening port is taken",
        hint: "two processes or containers of the pod listen on the same port",
        pattern: r"address already in use|EADDRINUSE|only one usage of each socket address",
    },
    Signature {
        class: LogClass::DiskFull,
        meaning: "a disk is full",
        hint: "find the volume, then expand the claim or give emptyDir a larger sizeLimit",
        pattern: r"no space left|ENOSPC|disk quota exceeded|disk is full",
    },
    Signature {
        class: LogClass::FileAccess,
        meaning: "the file system refuses an access",
        hint: "mount an emptyDir at the path, or set fsGroup and runAsUser to the owner",
        pattern: r"permission denied|\bEACCES\b|\bEPERM\b|operation not permitted|read-only file system|\bEROFS\b",
    },
    Signature {
        class: LogClass::Memory,
        meaning: "memory ran out",
        hint: "raise the memory limit, or look for a leak",
        pattern: r"OutOfMemory|out of memory|cannot allocate memory|\bENOMEM\b|heap (out of memory|limit|space)|memory allocation of \d+ bytes failed|MemoryError|oom-kill",
    },
    Signature {
        class: LogClass::Configuration,
        meaning: "a configuration value is missing or wrong",
        hint: "set the variable in the ConfigMap or Secret that the container reads",
        pattern: r#"(missing|required|undefined|unset|must set|please set|not (set|found|defined|provided)).{0,40}\b(env(ironment)?\b|config(uration)?\b|setting|variable)|\b(env(ironment)?|config(uration)?|setting|variable)\b.{0,60}(is )?(missing|required|undefined|unset|not (set|found|defined|provided)|must be set)|\b[A-Z][A-Z0-9]*(_[A-Z0-9]+)+\b.{0,20}(is )?(missing|required|undefined|unset|not (set|defined|provided)|must be set)|KeyError: '[A-Z][A-Z0-9_]+'"#,
    },
    Signature {
        class: LogClass::ConnectionRefused,
        meaning: "a peer refuses connections",
        hint: "check that the Service has ready endpoints and that the port is the one listened on",
        pattern: r"ECONNREFUSED|connection refused|connect: refused|ERR_CONNECTION_REFUSED",
    },
    Signature {
        class: LogClass::RateLimit,
        meaning: "a service limits the rate or the quota is used up",
        hint: "slow down, or raise the plan's quota at the provider",
        pattern: r#"too many requests|rate[ _-]?limit(ed|s| exceeded| reached|ing)?\b|insufficient_quota|quota (has been )?exceeded|exceeded your current quota|(status|code|http/[\d.]+"?)["' =:]{1,3}429\b"#,
    },
    Signature {
        class: LogClass::Authentication,
        meaning: "a login or token is refused",
        hint: "check the key in the Secret, its expiry and the clock",
        pattern: r#"(status|code|http/[\d.]+"?)["' =:]{1,3}40[13]\b|\b401 unauthori[sz]ed|\b403 forbidden|invalid (api[ _-]?key|(access |bearer |auth )?token|credentials|signature)|(jwt|token) (has )?expired|incorrect api key|unauthenticated\b|InvalidAccessKeyId|SignatureDoesNotMatch"#,
    },
    Signature {
        class: LogClass::Timeout,
        meaning: "a peer does not answer in time",
        hint: "check the peer's readiness, network policies on the way, and the client's timeout",
        pattern: r"i/o timeout|deadline exceeded|ETIMEDOUT|timed out|timeout (exceeded|expired|error|of \d+)|ConnectTimeout|ReadTimeout|no route to host|EHOSTUNREACH|network is unreachable",
    },
    Signature {
        class: LogClass::RuntimeError,
        meaning: "the program runs into an error of its own",
        hint: "the literal message and its count are below; it needs a fix in the code or its data",
        pattern: r"division by zero|divide by zero|ZeroDivisionError|nil pointer dereference|null ?pointer|NullReferenceException|index out of (range|bounds)|(Type|Value|Key|Index|Attribute|Reference|Syntax|Import|ModuleNotFound|Assertion)Error\b|cannot (read|set) propert(y|ies) of (undefined|null)|cannot find module|stack overflow|segmentation fault|SIGSEGV|deadlock",
    },
    Signature {
        class: LogClass::Crash,
        meaning: "the program crashes",
        hint: "read the lines around the first occurrence in the previous container's log",
        pattern: r"\bpanic(ked)?\b|\bfatal\b|traceback \(most recent call last\)|unhandled (exception|rejection|promise)|uncaught (exception|\w*error)|core dumped|aborted\b",
    },
    Signature {
        class: LogClass::Error,
        meaning: "an error is reported",
        hint: "read the message",
        pattern: r#"\b(error|err|exception|critical|failed|failure|cannot|could not|unable to)\b"#,
    },
];

/// Lines that name errors only to say there were none.
static HARMLESS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    RegexBuilder::new(
        r#"\b(no|0|zero|without) (errors?|failures?|exceptions?)\b|\b(errors?|err|failed|failures?)["']?\s*[=:]\s*["']?(0|null|none|nil|false|<nil>)\b|"error":\s*null|\blevel["']?\s*[=:]\s*["']?(info|debug|trace)\b"#,
    )
    .case_insensitive(true)
    .build()
    .ok()
});

static SET: LazyLock<Option<RegexSet>> = LazyLock::new(|| {
    RegexSetBuilder::new(SIGNATURES.iter().map(|s| s.pattern))
        .case_insensitive(true)
        .size_limit(64 << 20)
        .dfa_size_limit(16 << 20)
        .build()
        .ok()
});

/// The most telling signature of a line, as an index into [`SIGNATURES`].
pub fn classify(line: &str) -> Option<usize> {
    let first = SET.as_ref()?.matches(line).iter().next()?;
    let generic = matches!(SIGNATURES[first].class, LogClass::Error | LogClass::Crash);
    let harmless = generic && HARMLESS.as_ref().is_some_and(|h| h.is_match(line));
    (!harmless).then_some(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn class(line: &str) -> Option<LogClass> {
        classify(line).map(|i| SIGNATURES[i].class)
    }

    #[test]
    fn every_pattern_compiles() {
        assert!(SET.is_some() && HARMLESS.is_some());
    }

    #[test]
    fn the_most_telling_signature_wins() {
        use LogClass::*;
        for (line, want) in [
            (
                r#"pods is forbidden: User "system:serviceaccount:a:b" cannot list resource "pods" in API group "" in the namespace "a""#,
                Rbac,
            ),
            (r#"FATAL:  password authentication failed for user "todo""#, DatabaseLogin),
            (r#"ERROR: relation "tasks" does not exist at character 15"#, MigrationMissing),
            ("sqlite3.OperationalError: no such table: tasks", MigrationMissing),
            ("error: sorry, too many clients already", ConnectionPool),
            ("Error: getaddrinfo ENOTFOUND postgres", Dns),
            ("dial tcp: lookup db.todo on 10.96.0.10:53: no such host", Dns),
            ("x509: certificate signed by unknown authority", Tls),
            ("Error: listen EADDRINUSE: address already in use :::3000", PortInUse),
            ("write /data/x: no space left on device", DiskFull),
            ("mkdir /app/cache: read-only file system", FileAccess),
            ("FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory", Memory),
            ("BETTER_AUTH_SECRET is not set", Configuration),
            ("missing required environment variable DATABASE_URL", Configuration),
            ("dial tcp 10.1.2.3:5432: connect: connection refused", ConnectionRefused),
            ("openai: HTTP 429 Too Many Requests", RateLimit),
            ("upstream answered status=401", Authentication),
            ("context deadline exceeded", Timeout),
            ("ZeroDivisionError: division by zero", RuntimeError),
            ("thread 'main' panicked at src/main.rs:4:5", Crash),
            ("2026-01-01 ERROR something odd", Error),
        ] {
            assert_eq!(class(line), Some(want), "{line}");
        }
    }

    #[test]
    fn quiet_lines_stay_quiet() {
        for line in [
            "GET /api/tasks 200 403ms",
            "listening on 0.0.0.0:8000",
            "finished with 0 errors",
            r#"{"level":"info","msg":"request","error":null}"#,
            "level=info msg=\"retry error budget is fine\"",
            "processed 429 rows in 401 batches",
            "",
        ] {
            assert_eq!(class(line), None, "{line}");
        }
    }
}
