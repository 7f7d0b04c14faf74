//! The statements that the server sends for one request, read from PostgreSQL's own log, as a pgbench script: so the comparison
//! runs what the server really runs, whatever becomes of its code.

use std::{net::SocketAddr, time::Duration};

use anyhow::{Context, bail};
use serde_json::Value;

use super::{
    load,
    postgres::Postgres,
    workload::{Account, Operation},
};

/// The statements of one request.
pub struct Recorded {
    /// Those of the operation's own transaction, with variables of pgbench for parameters.
    own: Vec<String>,
    /// The values of the variables `v0`, `v1` and so on.
    values: Vec<String>,
}

/// A statement as the log shows it.
struct Statement {
    process: i64,
    sql: String,
    parameters: Vec<Option<String>>,
}

/// Makes one request and reads what it cost.
pub fn record(
    postgres: &Postgres,
    address: SocketAddr,
    account: &Account,
    operation: Operation,
) -> anyhow::Result<Recorded> {
    // Connections that are warm prepare nothing and look nothing up.
    for number in 0..200 {
        load::once(address, &operation.request(&account.token, number))?;
    }
    let before = postgres.log()?.len();
    postgres.sql("postgres", "ALTER SYSTEM SET log_statement = 'all';\nSELECT pg_reload_conf()")?;
    std::thread::sleep(Duration::from_millis(300));
    let mut found = None;
    // The background work of the server is logged as well; a request whose statements stand apart from it comes soon.
    for number in 0..5 {
        load::once(address, &operation.request(&account.token, number))?;
        std::thread::sleep(Duration::from_millis(200));
        found = own(&statements(&postgres.log()?[before..])?, account, operation.marker());
        if found.is_some() {
            break;
        }
    }
    postgres.sql("postgres", "ALTER SYSTEM RESET log_statement;\nSELECT pg_reload_conf()")?;
    std::thread::sleep(Duration::from_millis(300));
    found.with_context(|| format!("PostgreSQL's log shows no statement with `{}`", operation.marker()))
}

fn statements(log: &str) -> anyhow::Result<Vec<Statement>> {
    let mut statements = Vec::new();
    for line in log.lines() {
        let entry: Value = serde_json::from_str(line).context("a line of PostgreSQL's log")?;
        let message = entry["message"].as_str().unwrap_or_default();
        let Some((_, sql)) = message.strip_prefix("execute ").and_then(|rest| rest.split_once(": ")) else { continue };
        let detail = entry["detail"].as_str().unwrap_or_default();
        statements.push(Statement {
            process: entry["pid"].as_i64().unwrap_or_default(),
            sql: sql.to_owned(),
            parameters: parameters(detail)?,
        });
    }
    Ok(statements)
}

/// Reads `parameters: $1 = 'it''s', $2 = NULL`.
fn parameters(detail: &str) -> anyhow::Result<Vec<Option<String>>> {
    let Some((_, mut rest)) = detail.split_once("arameters: ") else { return Ok(Vec::new()) };
    let mut values = Vec::new();
    while let Some((_, after)) = rest.split_once(" = ") {
        if let Some(null) = after.strip_prefix("NULL") {
            values.push(None);
            rest = null;
            continue;
        }
        let quoted = after.strip_prefix('\'').context("a parameter without quotes")?;
        let mut end = 0;
        while let Some(quote) = quoted[end..].find('\'') {
            end += quote + 1;
            if !quoted[end..].starts_with('\'') {
                break;
            }
            end += 1;
        }
        if end == 0 {
            bail!("a parameter without an end");
        }
        values.push(Some(quoted[..end - 1].replace("''", "'")));
        rest = &quoted[end..];
    }
    Ok(values)
}

/// The unit of work that holds the marked statement: from what begins it (a transaction, or the naming of the user) to its end.
fn own(statements: &[Statement], account: &Account, marker: &str) -> Option<Recorded> {
    let marked = statements.iter().position(|statement| statement.sql.contains(marker))?;
    let process = statements[marked].process;
    let begins = |sql: &str| sql.starts_with("BEGIN") || sql.contains("set_config(");
    let line: Vec<&Statement> = statements.iter().filter(|statement| statement.process == process).collect();
    let place = line.iter().position(|statement| std::ptr::eq(*statement, &statements[marked]))?;
    let mut first = place;
    while first > 0 && begins(&line[first - 1].sql) && !begins_twice(&line, first, begins) {
        first -= 1;
    }
    let mut last = place;
    while let Some(next) = line.get(last + 1)
        && !begins(&next.sql)
        && !next.sql.starts_with("SELECT s.")
    {
        last += 1;
        if next.sql.starts_with("COMMIT") {
            break;
        }
    }
    let mut known = Known::default();
    let own = line[first..=last].iter().map(|statement| known.fill(statement, account)).collect();
    Some(Recorded { own, values: known.values })
}

/// Whether one more step back would leave the transaction that begins at `first`.
fn begins_twice(line: &[&Statement], first: usize, begins: impl Fn(&str) -> bool) -> bool {
    line[first].sql.starts_with("BEGIN") && begins(&line[first - 1].sql)
}

/// What a transaction has shown so far.
#[derive(Default)]
struct Known {
    /// The ids that it made.
    ids: Vec<String>,
    /// The values that it repeats.
    values: Vec<String>,
}

impl Known {
    /// The statement with its parameters in place: the user of the client, fresh ids for those that were made, and else, as variables
    /// so that they remain parameters, the values that were recorded.
    fn fill(&mut self, statement: &Statement, account: &Account) -> String {
        let mut sql = String::new();
        let mut rest = statement.sql.as_str();
        while let Some(at) = rest.find('$') {
            let digits = rest[at + 1..].bytes().take_while(u8::is_ascii_digit).count();
            sql.push_str(&rest[..at]);
            let number: usize = rest[at + 1..at + 1 + digits].parse().unwrap_or_default();
            rest = &rest[at + 1 + digits..];
            match number.checked_sub(1).and_then(|index| statement.parameters.get(index)) {
                Some(Some(value)) if *value == account.id => sql.push_str(":me"),
                Some(Some(value)) if is_uuid(value) => {
                    let which = place(&mut self.ids, value);
                    sql.push_str(&format!("lpad(to_hex(:id::bigint * 8 + {which}), 32, '0')::uuid"));
                }
                Some(Some(value)) => sql.push_str(&format!(":v{}", place(&mut self.values, value))),
                Some(None) => sql.push_str("NULL"),
                // No parameter: the text stays as it is.
                None => sql.push_str(&format!("${number}")),
            }
        }
        sql.push_str(rest);
        sql
    }
}

/// Where the value stands in the list; at its end when it was not there.
fn place(list: &mut Vec<String>, value: &str) -> usize {
    list.iter().position(|known| known == value).unwrap_or_else(|| {
        list.push(value.to_owned());
        list.len() - 1
    })
}

/// pgbench takes every `:name` for a variable, in quotes too.
fn literal(value: &str) -> String {
    let value = value.replace('\'', "''");
    if value.contains([':', '\\']) {
        format!("E'{}'", value.replace('\\', "\\\\").replace(':', "\\x3a"))
    } else {
        format!("'{value}'")
    }
}

fn is_uuid(text: &str) -> bool {
    text.len() == 36 && text.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-')
}

impl Recorded {
    /// How many statements the operation's own transaction has.
    pub fn own(&self) -> usize {
        self.own.len()
    }

    /// The script for pgbench, whose table `bench_users` names each client's user. Piped, all statements travel together.
    pub fn script(&self, piped: bool) -> String {
        let values: Vec<String> =
            self.values.iter().enumerate().map(|(index, value)| format!(", {} AS v{index}", literal(value))).collect();
        let mut script = format!(
            "\\if :first\nSELECT id AS me{} FROM bench_users WHERE n = :client_id \\gset\n\\set first 0\n\
             \\set count random(1, 1000000000)\n\\endif\n\
             \\set count :count + 1\n\\set id (:client_id + 1) * 10000000000 + :count\n",
            values.concat()
        );
        if piped {
            script.push_str("\\startpipeline\n");
        }
        for statement in &self.own {
            // One line each: pgbench ends a statement at a semicolon, and none of ours holds one.
            script.push_str(&statement.replace('\n', " "));
            script.push_str(";\n");
        }
        if piped {
            script.push_str("\\endpipeline\n");
        }
        script
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_parameters_of_the_log() {
        let read = parameters("parameters: $1 = 'it''s', $2 = NULL, $3 = '', $4 = 'a = ''b'', c'").unwrap();
        assert_eq!(read, [Some("it's".into()), None, Some(String::new()), Some("a = 'b', c".into())]);
        assert!(parameters("").unwrap().is_empty());
    }

    #[test]
    fn puts_parameters_in_place() {
        let account = Account { id: "u1".into(), token: String::new() };
        let statement = Statement {
            process: 1,
            sql: "SELECT $1, $2, $3, $2, $4".into(),
            parameters: vec![
                Some("u1".into()),
                Some("0190a000-0000-7000-8000-000000000000".into()),
                None,
                Some("it's 5:x".into()),
            ],
        };
        let mut known = Known::default();
        let id = "lpad(to_hex(:id::bigint * 8 + 0), 32, '0')::uuid";
        assert_eq!(known.fill(&statement, &account), format!("SELECT :me, {id}, NULL, {id}, :v0"));
        assert_eq!(known.values, ["it's 5:x"]);
        assert_eq!(literal(&known.values[0]), "E'it''s 5\\x3ax'");
    }
}
