"""Processes that die: the backend, the database, a migration."""

import os
import subprocess
import tempfile
import threading
import time

from system import BACKEND, SECRET, Backend, Postgres, Sqlite, check, in_parallel, shim, until

WRITES = 1000
WRITERS = 8


def written_while(backend, token, breaks):
    """A thousand writes by eight clients, each until it is acknowledged, while `breaks(done)` breaks things. Answers the titles."""
    done = []

    def writer(n):
        for m in range(WRITES // WRITERS):
            title = f"write {n}-{m}"
            backend.add(token, title)
            done.append(title)

    breaker = threading.Thread(target=breaks, args=(done,), daemon=True)
    breaker.start()
    in_parallel(WRITERS, writer)
    breaker.join()
    return done


def at(done, share):
    until(f"{share:.0%} of the writes", lambda: len(done) >= WRITES * share, 120)


def killed_under_load(database):
    """kill -9, five times, each client repeating what was not acknowledged under the same key."""
    with Backend(database.url) as backend:
        token = backend.sign_up()

        def breaks(done):
            for share in (0.1, 0.3, 0.5, 0.7, 0.9):
                at(done, share)
                backend.kill()
                backend.start()

        done = written_while(backend, token, breaks)
        kept = backend.must_hold(token, done)
        backend.kill()
        check(database.is_sound(), "the database is damaged")
        backend.start()
        backend.must_hold(token, done)
        starts = backend.logged().count('"listening"')
        check(starts == 7, f"the log tells of each start, got {starts}")
        return f"5 kills: {kept}"


def database_restarts(database):
    """The database server dies and comes back, three times."""
    with Backend(database.url) as backend:
        token = backend.sign_up()

        def breaks(done):
            for share in (0.2, 0.5, 0.8):
                at(done, share)
                database.control("-m", "immediate", "-w", "stop")
                until("not ready", lambda: backend.try_get("/health/ready") == 503)
                check(backend.try_get("/health/live") == 200, "alive, so that nobody restarts it")
                database.control("-w", "start", "-o", f"-p {database.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off")
                until("ready again", lambda: backend.try_get("/health/ready") == 200)

        done = written_while(backend, token, breaks)
        kept = backend.must_hold(token, done)
        # Writes may be repeated until the database is back, unseen; readiness always says it.
        line = backend.line(r'"not ready"')
        check('"disconnected"' in line and '"detail":"' in line, line)
        backend.is_calm()
        return f"3 restarts: {kept}"


def environment(url, **more):
    return {"PATH": os.environ["PATH"], "DATABASE_URL": url, "BETTER_AUTH_SECRET": SECRET, **more}


def migrate(url, **more):
    return subprocess.run([BACKEND, "migrate"], env=environment(url, **more), capture_output=True, text=True, timeout=60)


def two_replicas_migrate(database):
    """Six processes bring an empty database up to date at once."""
    done = in_parallel(6, lambda _: migrate(database.url))
    for process in done:
        check(process.returncode == 0, f"a replica failed: {process.stdout}{process.stderr}")
    versions = versions_of(database)
    check(versions == sorted(set(versions)) and versions, f"each version once, got {versions}")
    with Backend(database.url, migrate=False) as backend:
        token = backend.sign_up()
        backend.add(token, "works")
        return f"6 at once: versions {versions}"


def versions_of(database):
    if isinstance(database, Sqlite):
        return [row[0] for row in database.query("SELECT version FROM schema_versions ORDER BY version")]
    return [int(line) for line in database.psql("SELECT version FROM schema_versions ORDER BY version").split()]


def migration_cut_at_every_write(database):
    """The migrating process ends before its n-th write to the file, for every n, as in a power cut; then it runs to its end."""
    with tempfile.TemporaryDirectory(prefix="todo-fault-") as folder:
        library = shim(folder)
        clean = Sqlite(os.path.join(folder))
        check(migrate(clean.url).returncode == 0, "a clean migration")
        cuts = 0
        # Every write of the first fifty, and then ever wider steps until it gets through.
        last = 0
        while True:
            for suffix in ("", "-wal", "-shm", "-journal"):
                if os.path.exists(database.path + suffix):
                    os.remove(database.path + suffix)
            cut = migrate(database.url, LD_PRELOAD=library, SHIM_LAST_WRITE=str(last))
            if cut.returncode == 0:
                break
            check(cut.returncode == 99, f"cut at write {last}: {cut.returncode} {cut.stderr}")
            cuts += 1
            again = migrate(database.url)
            check(again.returncode == 0, f"after a cut at write {last}: {again.stdout}{again.stderr}")
            check(database.is_sound() and database.schema() == clean.schema(), f"after a cut at write {last} the schema differs")
            last += 1 if last < 50 else 7
        check(cuts > 20, f"only {cuts} cuts: the shim does not see the writes")
        return f"{cuts} cuts: each time the same schema as without one"


# The server ends the connection at the n-th statement that changes the schema. A sequence counts, because it is not rolled back.
CUT = """
CREATE SEQUENCE faults_seen;
CREATE TABLE faults_at (n bigint);
INSERT INTO faults_at VALUES (0);
GRANT ALL ON SEQUENCE faults_seen TO app; GRANT ALL ON faults_at TO app;
CREATE FUNCTION faults_cut() RETURNS event_trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
  IF nextval('faults_seen') >= (SELECT n FROM faults_at) THEN PERFORM pg_terminate_backend(pg_backend_pid()); PERFORM pg_sleep(0.01); END IF;
END $$;
CREATE EVENT TRIGGER faults_cut ON ddl_command_end EXECUTE FUNCTION faults_cut();
"""


# Without naming the table, which may not be there.
REACHED = """SELECT coalesce((xpath('/row/v/text()', query_to_xml(
    'SELECT max(version) AS v FROM ' || coalesce(to_regclass('schema_versions')::text, '(SELECT 0 AS version) AS none'), false, true, '')))[1]::text, '0')"""


def migration_cut_at_every_statement(database):
    """The connection of the migration ends at the n-th statement of each migration, for every n; then it runs to its end."""
    database.psql("CREATE DATABASE clean OWNER app", "postgres")
    check(migrate(database.url_by(database.port, "clean")).returncode == 0, "a clean migration")
    database.psql(CUT)
    cuts, n, version, line = 0, 1, 0, ""
    while True:
        database.psql(f"UPDATE faults_at SET n = {n}; SELECT setval('faults_seen', 1, false)")
        process = migrate(database.url)
        if process.returncode == 0:
            break
        cuts += 1
        said = (process.stdout + process.stderr).strip().splitlines()
        check(said and said[-1].startswith("todo-backend:"), f"one line says why: {said}")
        line = said[-1]
        # Nothing is there before the very first statement went through.
        reached = int(database.psql(REACHED))
        # After a migration that went through, the next one is cut at its first statement.
        n = n + 1 if reached == version else 1
        version = reached
    database.psql("DROP EVENT TRIGGER faults_cut; DROP FUNCTION faults_cut; DROP TABLE faults_at; DROP SEQUENCE faults_seen")
    check(cuts > 60, f"only {cuts} cuts")
    check(dump(database, "todo") == dump(database, "clean"), "the schema differs from one that was never cut")
    return f"{cuts} cuts, the last said: {line[:110]}"


def dump(database, name):
    done = subprocess.run(
        ["pg_dump", "-s", "-h", "127.0.0.1", "-p", str(database.port), "-U", "todo", name], capture_output=True, text=True, check=True)
    # Two lines of newer versions hold a random word.
    return [line for line in done.stdout.splitlines() if not line.startswith(("\\restrict", "\\unrestrict"))]


FAULTS = [
    (killed_under_load, (Sqlite, Postgres)),
    (database_restarts, (Postgres,)),
    (two_replicas_migrate, (Sqlite, Postgres)),
    (migration_cut_at_every_write, (Sqlite,)),
    (migration_cut_at_every_statement, (Postgres,)),
]
