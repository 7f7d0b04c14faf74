"""A clock that jumps an hour ahead and an hour back."""

import os
import tempfile

from system import PASSWORD, Backend, Postgres, Sqlite, check, shim, until


def clock_jumps(database):
    """Sessions, writes, keys, limits and the chat go on through jumps of an hour each way; nobody is locked out."""
    with tempfile.TemporaryDirectory(prefix="todo-fault-") as folder:
        hand = os.path.join(folder, "clock")

        def jump(seconds):
            with open(hand + ".new", "w") as file:
                file.write(str(seconds))
            os.replace(hand + ".new", hand)

        jump(0)
        with Backend(database.url, LD_PRELOAD=shim(folder), SHIM_CLOCK=hand, AUTH_RATE_LIMITS="true") as backend:
            token = backend.sign_up()
            titles = []

            def sign_in():
                return backend.call("POST", "/api/auth/sign-in/email", {"email": "ann@example.com", "password": PASSWORD}).status

            def works(when):
                check(backend.call("GET", "/api/auth/get-session", token=token).json["user"]["email"] == "ann@example.com", f"{when}: session")
                for n in range(5):
                    backend.add(token, f"{when} {n}", key=f"{when}-{n}")
                    backend.add(token, f"{when} {n}", key=f"{when}-{n}")
                    titles.append(f"{when} {n}")
                said = backend.call("POST", "/api/chat", {"message": f"add {when} by chat"}, token)
                check(said.status == 200, f"{when}: chat {said}")
                jwt = backend.call("GET", "/api/auth/token", token=token).json["token"]
                check(backend.call("GET", "/api/tasks", token=jwt).status == 200, f"{when}: a fresh token")
                return jwt

            jwt = works("now")
            jump(3600)
            check(backend.call("GET", "/api/tasks", token=jwt).status == 401, "a token of an hour ago has expired")
            works("ahead")
            statuses = [sign_in() for _ in range(5)]
            check(statuses.count(200) == 3 and statuses.count(429) == 2, f"three sign-ins in ten seconds, got {statuses}")
            jump(0)
            works("back")
            check(sign_in() == 200, "what was counted an hour ahead locks nobody out for an hour")
            jump(-3600)
            works("behind")
            until("sign-in behind", lambda: sign_in() == 200, 15)
            jump(0)
            works("home")
            kept = backend.must_hold(token, titles)
            check(backend.health("/health/ready")[0] == 200, "ready")
            backend.is_calm()
            return f"+1 h, -1 h, -1 h, +1 h: {kept}"


FAULTS = [(clock_jumps, (Sqlite, Postgres))]
