"""The backend, the databases, a wire that can be cut, and how to speak with them."""

import http.client
import json
import os
import re
import select
import signal
import socket
import sqlite3
import subprocess
import tempfile
import threading
import time
import uuid

BACKEND = os.path.abspath(os.environ["TODO_E2E_BACKEND"])
HERE = os.path.dirname(os.path.abspath(__file__))
SECRET = "a-secret-of-at-least-thirty-two-characters"
PASSWORD = "correct horse battery"


class Failed(Exception):
    """Something does not hold."""


def check(holds, what):
    if not holds:
        raise Failed(what)


def until(what, holds, seconds=20.0):
    """Waits for something; answers how long that took."""
    started = time.monotonic()
    while True:
        if holds():
            return time.monotonic() - started
        check(time.monotonic() - started < seconds, f"waited {seconds} s in vain: {what}")
        time.sleep(0.02)


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return f"{self.status} {self.body[:300]!r}"


class Sqlite:
    """A database in a file."""

    name = "SQLite"

    def __init__(self, folder):
        self.path = os.path.join(folder, "todo.db")
        self.url = f"sqlite:{self.path}"

    def query(self, sql):
        with sqlite3.connect(self.path, timeout=5) as connection:
            return connection.execute(sql).fetchall()

    def is_sound(self):
        return self.query("PRAGMA integrity_check") == [("ok",)]

    def schema(self):
        return self.query("SELECT type, name, sql FROM sqlite_master ORDER BY type, name")

    def close(self):
        pass


class Postgres:
    """A database on a server of its own."""

    name = "PostgreSQL"

    def __init__(self, folder):
        self.folder = os.path.join(folder, "pg")
        self.script("start")
        options = open(os.path.join(self.folder, "data", "postmaster.opts")).read()
        self.port = int(re.search(r'"-p" "(\d+)"|-p (\d+)', options).group(1) or re.search(r"-p (\d+)", options).group(1))
        self.url = self.url_by(self.port)

    def url_by(self, port, database="todo"):
        return f"postgres://app@127.0.0.1:{port}/{database}?sslmode=disable"

    def script(self, action):
        subprocess.run(["bash", os.path.join(HERE, "..", "postgres"), action, self.folder], check=True, stdout=subprocess.DEVNULL)

    def control(self, *words):
        program = subprocess.run(
            "command -v pg_ctl || find /usr/lib/postgresql -name pg_ctl | sort -V | tail -n 1",
            shell=True, capture_output=True, text=True, check=True).stdout.strip()
        owner = os.stat(os.path.join(self.folder, "data")).st_uid
        command = [program, "-D", os.path.join(self.folder, "data"), "-l", os.path.join(self.folder, "log"), *words]
        if os.geteuid() == 0:
            command = ["setpriv", f"--reuid={owner}", f"--regid={owner}", "--clear-groups", *command]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/")

    def psql(self, sql, database="todo", role="todo"):
        done = subprocess.run(
            ["psql", "-qXAt", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-p", str(self.port), "-U", role, database, "-c", sql],
            capture_output=True, text=True)
        check(done.returncode == 0, f"psql: {done.stderr}")
        return done.stdout.strip()

    def is_sound(self):
        return self.psql("SELECT count(*) FROM tasks") != ""

    def close(self):
        self.script("stop")


class Wire:
    """A TCP connection to the database that can fall silent."""

    def __init__(self, port):
        self.target = port
        self.silent = threading.Event()
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=512)
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                near, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.forward, args=(near,), daemon=True).start()

    def forward(self, near):
        try:
            with near, socket.create_connection(("127.0.0.1", self.target)) as far:
                while True:
                    ready, _, _ = select.select([near, far], [], [], 0.2)
                    while self.silent.is_set():
                        time.sleep(0.02)
                    for source in ready:
                        data = source.recv(65536)
                        if not data:
                            return
                        (far if source is near else near).sendall(data)
        except OSError:
            pass


class Backend:
    """A running program. `before` are words put before its command."""

    def __init__(self, url, before=(), migrate=True, **variables):
        self.folder = tempfile.mkdtemp(prefix="todo-fault-")
        self.log_path = os.path.join(self.folder, "log")
        self.port = free_port()
        self.environment = {
            "PATH": os.environ["PATH"], "DATABASE_URL": url, "HOST": "127.0.0.1", "PORT": str(self.port), "METRICS_PORT": "0",
            "BETTER_AUTH_SECRET": SECRET, "RATE_LIMIT_PER_MINUTE": "0", "LOG_FORMAT": "json", **variables}
        self.before = list(before)
        if migrate:
            self.migrate()
        self.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def migrate(self):
        done = subprocess.run(self.before + [BACKEND, "migrate"], env=self.environment, capture_output=True, text=True)
        check(done.returncode == 0, f"migrate: {done.stdout}{done.stderr}")

    def start(self):
        self.log = open(self.log_path, "ab")
        self.process = subprocess.Popen(self.before + [BACKEND], env=self.environment, stdout=self.log, stderr=self.log)
        until("ready", lambda: self.try_get("/health/ready") == 200 or self.process.poll() is not None)
        check(self.process.poll() is None, f"ended at once: {self.logged()[-1500:]}")

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self):
        self.process.terminate()
        try:
            return self.process.wait(25)
        except subprocess.TimeoutExpired:
            self.kill()
            raise Failed("did not stop within 25 s of SIGTERM") from None

    def logged(self):
        return open(self.log_path, errors="replace").read()

    def line(self, pattern):
        """The one line of the log that names the cause."""
        found = [line for line in self.logged().splitlines() if re.search(pattern, line)]
        check(found, f"no line of the log says /{pattern}/; it ends with: {self.logged()[-1500:]}")
        return found[0]

    def call(self, method, path, body=None, token=None, timeout=20.0, **headers):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            send = {name.replace("_", "-"): value for name, value in headers.items()}
            if token:
                send["Authorization"] = f"Bearer {token}"
            if body is not None:
                send["Content-Type"] = "application/json"
                body = json.dumps(body)
            connection.request(method, path, body, send)
            answer = connection.getresponse()
            return Answer(answer.status, answer.headers, answer.read())
        finally:
            connection.close()

    def try_get(self, path):
        """The status, or nothing when there is no answer."""
        try:
            return self.call("GET", path, timeout=2).status
        except (OSError, http.client.HTTPException):
            return None

    def health(self, path="/health/live"):
        """Status and seconds."""
        started = time.monotonic()
        answer = self.call("GET", path, timeout=30)
        return answer.status, time.monotonic() - started

    def sign_up(self, name="ann"):
        answer = self.call("POST", "/api/auth/sign-up/email", {"name": name, "email": f"{name}@example.com", "password": PASSWORD})
        check(answer.status == 200, f"sign-up: {answer}")
        return answer.json["token"]

    def add(self, token, title, key=None, timeout=20.0):
        """Creates a task once, whatever happens on the way: the same key until the answer is there. Answers how often it asked."""
        key = key or str(uuid.uuid4())
        deadline = time.monotonic() + 60
        for attempt in range(1, 10_000):
            try:
                answer = self.call("POST", "/api/tasks", {"title": title}, token, timeout, Idempotency_Key=key)
                if answer.status == 201:
                    return attempt
                check(answer.status in (409, 429, 503), f"a write was answered {answer}")
            except (OSError, http.client.HTTPException):
                pass
            check(time.monotonic() < deadline, "a write was not acknowledged within a minute")
            time.sleep(0.02)

    def titles(self, token):
        """The titles of all tasks, page by page."""
        found, cursor = [], ""
        while True:
            answer = self.call("GET", f"/api/tasks?status=all&limit=100&sort_by=created_at{cursor}", token=token, timeout=30)
            check(answer.status == 200, f"list: {answer}")
            page = answer.json
            found += [task["title"] for task in page["tasks"]]
            if not page.get("next_cursor"):
                return found
            cursor = f"&cursor={page['next_cursor']}"

    def must_hold(self, token, titles):
        """Every acknowledged write is there, and there once."""
        found = self.titles(token)
        lost, doubled = set(titles) - set(found), len(found) - len(set(found))
        check(not lost and not doubled, f"{len(lost)} lost ({sorted(lost)[:3]}), {doubled} doubled")
        return f"{len(set(titles))} acknowledged, 0 lost, 0 doubled"

    def children(self):
        """The program itself, below the words put before it."""
        return self.process.pid

    def open_files(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def connections(self):
        """How many connections of clients it holds."""
        rows = [line.split() for line in open("/proc/net/tcp").readlines()[1:]]
        # 0A listens; without an inode a connection is the kernel's alone.
        return sum(row[1].endswith(f":{self.port:04X}") and row[3] != "0A" and row[9] != "0" for row in rows)

    def memory(self):
        """Resident memory in MiB."""
        status = open(f"/proc/{self.process.pid}/status").read()
        return int(re.search(r"VmRSS:\s+(\d+)", status).group(1)) // 1024

    def is_calm(self):
        """No panic and nothing internal went wrong."""
        bad = [line for line in self.logged().splitlines() if "panicked" in line or "INTERNAL" in line]
        check(not bad, f"in the log: {bad[:2]}")

    def close(self):
        if self.process.poll() is None:
            self.kill()
        self.log.close()
        subprocess.run(["rm", "-rf", self.folder], check=False)


def in_parallel(count, work):
    """Runs `work(n)` in threads; answers what they answered, and raises what one raised."""
    answers, errors = [None] * count, []

    def one(n):
        try:
            answers[n] = work(n)
        except Exception as error:  # told below, in the thread that waits
            errors.append(error)

    threads = [threading.Thread(target=one, args=(n,), daemon=True) for n in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
    return answers


def shim(folder):
    """The preloaded library."""
    path = os.path.join(folder, "shim.so")
    subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-o", path, os.path.join(HERE, "shim.c"), "-ldl"], check=True)
    return path
