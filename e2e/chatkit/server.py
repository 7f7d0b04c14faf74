"""Our server as a program of its own, on a fresh SQLite file, and an account on it."""

import json
import os
import socket
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path


class Server:
    def __init__(self, program: str, work: str) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.base = f"http://127.0.0.1:{port}"
        self.log = Path(work) / "server.log"
        environment = {
            "PATH": os.environ["PATH"],
            "TODO_DATA_DIR": f"{work}/data",
            "TODO_CLOCK": "2026-11-18T10:00[Europe/Paris]",
            "HOST": "127.0.0.1",
            "PORT": str(port),
            "METRICS_PORT": "0",
            "LOG_FORMAT": "json",
            "LOG_LEVEL": "warn",
            "RATE_LIMIT_PER_MINUTE": "0",
            "CHAT_RATE_LIMIT_PER_MINUTE": "0",
        }
        with self.log.open("w") as log:
            self.process = subprocess.Popen([program, "serve"], env=environment, stdout=log, stderr=log)
        for _ in range(200):
            if self.ready():
                return
            if self.process.poll() is not None:
                break
            time.sleep(0.1)
        raise RuntimeError(f"the server did not start:\n{self.log.read_text()}")

    def ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.base}/health/ready", timeout=2) as answer:
                return answer.status == 200
        except OSError:
            return False

    def post(self, path: str, body: object, token: str | None = None) -> tuple[int, str, str]:
        """Status, media type and text of the answer."""
        headers = {"content-type": "application/json"}
        if token:
            headers["authorization"] = f"Bearer {token}"
        request = urllib.request.Request(f"{self.base}{path}", json.dumps(body).encode(), headers)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, answer.headers["content-type"], answer.read().decode()
        except urllib.error.HTTPError as refused:
            return refused.code, refused.headers["content-type"], refused.read().decode()

    def account(self, name: str) -> str:
        """The token of a new account."""
        person = {"name": name, "email": f"{name}@example.com", "password": f"correct horse battery {name}"}
        status, _, text = self.post("/api/auth/sign-up/email", person)
        assert status == 200, text
        return json.loads(text)["token"]

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(20)
