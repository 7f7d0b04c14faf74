"""Storage that is full, silent, scarce, or gone."""

import os
import sqlite3
import subprocess
import threading
import time

from system import Backend, Postgres, Sqlite, Wire, check, in_parallel, until

# What must answer, whatever the database does.
HEALTH_MAX = 0.1
READY_MAX = 0.25


class Watch:
    """Asks a health endpoint over and over and remembers the slowest answer, and how late the machine itself was meanwhile."""

    def __init__(self, backend, path="/health/live"):
        self.times, self.late, self.going, self.statuses = [], [], True, set()

        def watch():
            while self.going:
                status, seconds = backend.health(path)
                self.statuses.add(status)
                self.times.append(seconds)
                asleep = time.monotonic()
                time.sleep(0.01)
                self.late.append(time.monotonic() - asleep - 0.01)

        self.thread = threading.Thread(target=watch, daemon=True)
        self.thread.start()

    def end(self, limit, share=0.99):
        """The slowest but for one in a hundred, or whatever `share` says. Where other work keeps even a sleeping thread waiting,
        that wait is allowed twice: once for who asks and once for who answers."""
        self.going = False
        self.thread.join()
        times = sorted(self.times)
        check(len(times) >= 10, f"only {len(times)} answers")
        p99 = times[int(len(times) * share) - 1]
        late = sorted(self.late)[int(len(self.late) * 0.99) - 1]
        check(p99 <= limit + 2 * late, f"health took {p99 * 1000:.0f} ms (limit {limit * 1000:.0f}), median {times[len(times) // 2] * 1000:.1f}, the machine {late * 1000:.0f} late")
        return f"health p{share * 100:.0f} {p99 * 1000:.0f} ms (limit {limit * 1000:.0f}, machine {late * 1000:.0f} late)"


def full_disk(database):
    """The disk is full, then has room again: what was acknowledged is kept, reading goes on, writing comes back."""
    small = os.path.join(os.path.dirname(database.path), "small")
    os.mkdir(small)
    # A file system of its own for this process, so that nothing else runs out of room.
    rights = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
    url = f"sqlite:{small}/todo.db"
    # Migrate and serve in one mount: the file is gone with it.
    program = ["unshare", "--mount", *rights, "sh", "-c", 'mount -t tmpfs -o size=4m tmpfs "$0"; "$1" migrate && exec "$1"', small]
    with Backend(url, before=program, migrate=False) as backend:
        token = backend.sign_up()
        kept, refused = [], None
        for n in range(3000):
            body = {"title": f"write {n}", "description": "x" * 1900}
            answer = backend.call("POST", "/api/tasks", body, token)
            if answer.status != 201:
                refused = answer
                break
            kept.append(f"write {n}")
        check(refused is not None, "the disk never got full")
        check(refused.status == 507 or refused.status == 503, f"a full disk is answered {refused}")
        check(backend.health()[0] == 200, "alive")
        held = backend.must_hold(token, kept)
        line = backend.line(r"(?i)disk is full|full")
        for _ in range(20):
            again = backend.call("POST", "/api/tasks", {"title": "no room", "description": "x" * 1900}, token)
            check(again.status in (201, 503, 507), f"{again}")
        enter = ["nsenter", "--mount", "-t", str(backend.process.pid)] + (["--user", "--preserve-credentials"] if rights else [])
        subprocess.run([*enter, "mount", "-o", "remount,size=64m", small], check=True)
        backend.add(token, "after")
        backend.must_hold(token, [*kept, "after"])
        copy = subprocess.run(
            [*enter, "python3", "-c", f"import sqlite3; print(sqlite3.connect('{small}/todo.db').execute('PRAGMA integrity_check').fetchall())"],
            capture_output=True, text=True, check=True).stdout
        check("'ok'" in copy, f"damaged: {copy}")
        backend.is_calm()
        return f"{held}; answered {refused.status}; {line[-140:]}"


def locked_file(database):
    """Another program holds the file for writing: readers and health go on, a write waits or says when to come back."""
    with Backend(database.url) as backend:
        token = backend.sign_up()
        backend.add(token, "before")
        other = sqlite3.connect(database.path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        watch = Watch(backend)
        ready = Watch(backend, "/health/ready")
        waiting = threading.Thread(target=backend.add, args=(token, "while locked"), daemon=True)
        waiting.start()
        for _ in range(20):
            check(backend.call("GET", "/api/tasks", token=token).status == 200, "reading goes on")
            time.sleep(0.1)
        said = watch.end(HEALTH_MAX)
        ready.end(READY_MAX, share=0.5)
        other.execute("ROLLBACK")
        other.close()
        waiting.join(30)
        backend.is_calm()
        return f"{said}; {backend.must_hold(token, ['before', 'while locked'])}"


def silent_database(database):
    """The connection to the database swallows everything, as when a network policy or a firewall changes."""
    wire = Wire(database.port)
    with Backend(database.url_by(wire.port), REQUEST_TIMEOUT="4s") as backend:
        token = backend.sign_up()
        titles = [f"before {n}" for n in range(10)]
        for title in titles:
            backend.add(token, title)
        wire.silent.set()
        live, ready = Watch(backend), Watch(backend, "/health/ready")
        started = time.monotonic()
        answers = in_parallel(20, lambda n: backend.call("POST", "/api/tasks", {"title": f"lost {n}"}, token, Idempotency_Key=f"key-{n}"))
        took = time.monotonic() - started
        check(all(answer.status == 503 and int(answer.headers["Retry-After"]) > 0 for answer in answers), f"{answers[0]}")
        check(took < 8, f"requests hung for {took:.1f} s")
        said = live.end(HEALTH_MAX)
        statuses = ready.statuses
        ready.end(READY_MAX, share=0.5)
        check(503 in statuses, f"readiness said {statuses}")
        line = backend.line(r"database unavailable|took too long")
        wire.silent.clear()
        back = until("ready again", lambda: backend.try_get("/health/ready") == 200)
        for n in range(20):
            backend.add(token, f"lost {n}", key=f"key-{n}")
        kept = backend.must_hold(token, titles + [f"lost {n}" for n in range(20)])
        backend.is_calm()
        return f"{said}, back after {back:.1f} s; {kept}; {line[-120:]}"


class Locker:
    """Somebody who holds the lock that every write needs."""

    def __init__(self, database):
        self.psql = subprocess.Popen(
            ["psql", "-qXAt", "-h", "127.0.0.1", "-p", str(database.port), "-U", "todo", "todo"],
            stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
        self.say("BEGIN; SELECT number FROM counters FOR UPDATE;")
        until("the lock", lambda: database.psql("SELECT count(*) FROM pg_locks WHERE mode = 'RowShareLock' AND granted") != "0")

    def say(self, text):
        self.psql.stdin.write(text + "\n")
        self.psql.stdin.flush()

    def let_go(self):
        self.say("ROLLBACK;\n\\q")
        self.psql.wait(20)


def crowded_pool(database):
    """200 requests at once on five connections, all of which wait for a lock that somebody else holds."""
    with Backend(database.url, DATABASE_POOL_SIZE="5", REQUEST_TIMEOUT="15s") as backend:
        token = backend.sign_up()
        backend.add(token, "first")
        locker = Locker(database)
        live, ready = Watch(backend), Watch(backend, "/health/ready")
        done = []

        def write(n):
            done.append(backend.add(token, f"write {n}", timeout=40))

        crowd = threading.Thread(target=lambda: in_parallel(200, write), daemon=True)
        crowd.start()
        time.sleep(3)
        check(len(done) == 0, "the lock does not hold")
        locker.let_go()
        crowd.join(60)
        check(len(done) == 200, f"{len(done)} of 200 were acknowledged")
        said = live.end(HEALTH_MAX)
        ready_said = ready.end(READY_MAX, share=0.5)
        kept = backend.must_hold(token, ["first", *(f"write {n}" for n in range(200))])
        backend.is_calm()
        return f"{said}, ready {ready_said}; {kept}"


def dead_connections(database):
    """The database ends every connection of the pool, idle and busy, ten times."""
    with Backend(database.url) as backend:
        token = backend.sign_up()
        done, going = [], [True]

        def breaks():
            for _ in range(10):
                time.sleep(0.3)
                database.psql("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE usename = 'app'")
            going[0] = False

        breaker = threading.Thread(target=breaks, daemon=True)
        breaker.start()

        def writer(n):
            m = 0
            while going[0]:
                backend.add(token, f"write {n}-{m}")
                done.append(f"write {n}-{m}")
                m += 1

        in_parallel(4, writer)
        # With nothing under way, the next requests must not find the dead ones.
        time.sleep(0.2)
        database.psql("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE usename = 'app'")
        time.sleep(0.2)
        for _ in range(20):
            answer = backend.call("GET", "/api/tasks", token=token)
            check(answer.status == 200, f"a dead connection was handed out: {answer}")
        kept = backend.must_hold(token, done)
        backend.is_calm()
        return f"11 times: {kept}"


# Code inside the database, or a pooler before it, can leave a session changed for whoever gets the connection next. Here a task's
# title says what is changed, at the commit of that task and for good.
POISON = """
CREATE FUNCTION faults_poison() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM set_config(split_part(NEW.title, ' ', 2), split_part(NEW.title, ' ', 3), false);
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER faults_poison AFTER INSERT ON tasks DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW WHEN (NEW.title LIKE 'poison %') EXECUTE FUNCTION faults_poison();
"""


def poisoned_pool(database):
    """Connections come back to the pool with their session changed, or in the middle of a transaction whose client was given up:
    nobody gets them so."""
    with Backend(database.url, DATABASE_POOL_SIZE="4", REQUEST_TIMEOUT="2s") as backend:
        ann, bob = backend.sign_up("ann"), backend.sign_up("bob")
        database.psql(POISON)
        mine = {ann: [], bob: []}

        def add(token, title):
            backend.add(token, title)
            mine[token].append(title)

        def all_is_well(when, turns):
            for n in range(turns):
                for token in (ann, bob):
                    answer = backend.call("GET", "/api/tasks?limit=100&sort_by=created_at", token=token)
                    check(answer.status == 200, f"{when}: a list was answered {answer}")
                    found = {task["title"] for task in answer.json["tasks"]}
                    check(found == set(mine[token]), f"{when}: one user sees {found ^ set(mine[token])}")
                made = backend.call("POST", "/api/tasks", {"title": f"{when} {n}"}, ann)
                check(made.status == 201, f"{when}: a write was answered {made}")
                mine[ann].append(f"{when} {n}")

        stranger = database.psql("SELECT min(id) FROM \"user\"")
        poisons = ["search_path nowhere", "default_transaction_read_only on", f"app.user_id {stranger}", "app.role worker", "role nobody_else"]
        database.psql("CREATE ROLE nobody_else; GRANT nobody_else TO app")
        for poison in poisons:
            # One of the pool's connections, and then several.
            add(bob, f"poison {poison}")
            all_is_well(poison.split()[0], 6)
            in_parallel(3, lambda n: backend.add(bob, f"poison {poison} {n}"))
            mine[bob] += [f"poison {poison} {n}" for n in range(3)]
            all_is_well(poison.split()[0] + " thrice", 6)
        line = backend.line(r"is not used again")
        # Transactions that wait for a lock until their requests are given up.
        locker = Locker(database)
        late = [f"late {n}" for n in range(4)]
        given_up = in_parallel(4, lambda n: backend.call("POST", "/api/tasks", {"title": late[n]}, ann, Idempotency_Key=late[n]).status)
        check(set(given_up) == {503}, f"requests that wait for a lock were answered {given_up}")
        locker.let_go()
        for title in late:
            backend.add(ann, title, key=title)
        mine[ann] += late
        all_is_well("given up", 6)
        broken = database.psql("SELECT count(*) FROM pg_stat_activity WHERE usename = 'app' AND state LIKE 'idle in transaction%'")
        check(broken == "0", f"{broken} connections are left in a transaction")
        kept = [backend.must_hold(token, titles) for token, titles in mine.items()]
        backend.is_calm()
        return f"{len(poisons)} changes of the session, 4 broken transactions: {kept[0]}; {line[-170:]}"


FAULTS = [
    (full_disk, (Sqlite,)),
    (locked_file, (Sqlite,)),
    (silent_database, (Postgres,)),
    (crowded_pool, (Postgres,)),
    (dead_connections, (Postgres,)),
    (poisoned_pool, (Postgres,)),
]
