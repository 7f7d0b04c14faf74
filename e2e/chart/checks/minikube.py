"""The Minikube scripts, run against programs that only pretend: what they call, in which order, and what they refuse."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from .helm import REPOSITORY
from .runner import check

TAG = "0123456789ab"
IMAGES = {name: "sha256:" + digit * 64 for name, digit in (("backend", "a"), ("frontend", "b"))}

# Each writes down how it was called and answers from files in $FAKE.
FAKES = {
    "minikube": """
case "$*" in
  *"status --format"*) cat "$FAKE/host" ;;
  *" start"*) echo Running > "$FAKE/host" ;;
  *"profile list"*) cat "$FAKE/profiles" ;;
  *"image ls"*) cat "$FAKE/node-images" ;;
  *" ip") echo 192.168.49.2 ;;
esac""",
    "helm": """
case " $* " in
  *" version "*) cat "$FAKE/helm-version" ;;
  *" history "*) cat "$FAKE/history" ;;
  *" status "*) test -s "$FAKE/release" && cat "$FAKE/release" || exit 1 ;;
  *" rollback "*) echo '{"info":{"status":"deployed"}}' > "$FAKE/release" ;;
  *" uninstall "*) : > "$FAKE/release" ;;
  *" upgrade "*) for word in "$@"; do case "$word" in
      database.bundled.password=*) cp "${word#*=}" "$FAKE/password-seen" ;; esac; done
    exit "$(cat "$FAKE/upgrade-exit")" ;;
esac""",
    "kubectl": """
case "$*" in
  *"get secret todo-secrets --output"*) base64 < "$FAKE/password" ;;
  *"get secret todo-secrets"*) test -e "$FAKE/secret" ;;
  *"create secret"*) : > "$FAKE/secret"
    for word in "$@"; do case "$word" in --from-file=postgres-password=*) cp "${word##*=}" "$FAKE/password" ;; esac; done ;;
  *"get namespace"*) test -e "$FAKE/namespace" ;;
  *"wait "*) exit "$(cat "$FAKE/wait-exit")" ;;
esac""",
    "docker": """
case "$*" in
  *"{{.Id}}"*backend*) cat "$FAKE/id-backend" ;;
  *"{{.Id}}"*frontend*) cat "$FAKE/id-frontend" ;;
esac""",
    "build": """
echo "todo-backend:$TAG  unpacked 1  compressed 1  sha256:x"
echo "todo-frontend:$TAG  unpacked 1  compressed 1  sha256:y" """,
}


class World:
    """A copy of deploy/ with pretended programs, for one run after another."""

    def __init__(self, folder, **files):
        self.folder, self.fake, programs = Path(folder), Path(folder) / "fake", Path(folder) / "bin"
        for part in (self.fake, programs):
            part.mkdir()
        shutil.copytree(REPOSITORY / "deploy", self.folder / "deploy")
        for name, body in FAKES.items():
            path = self.folder / "deploy/images/build" if name == "build" else programs / name
            path.write_text(f'#!/bin/sh\necho "{name} $*" >> "$FAKE/calls"\n{body}\n')
            path.chmod(0o755)
        answers = {
            "host": "Stopped",
            "profiles": '{"valid":[{"Name":"minikube","Config":{"Driver":"kvm2"}}]}',
            "node-images": "[" + ",".join(
                f'{{"id":"{digest[7:]}","repoTags":["docker.io/library/todo-{name}:{TAG}"]}}'
                for name, digest in IMAGES.items()
            ) + "]",
            "helm-version": "v4.2.4",
            "release": "",
            "history": '[{"revision":1,"updated":"x","status":"superseded"},{"revision":2,"updated":"x","status":"deployed"}]',
            "upgrade-exit": "0",
            "wait-exit": "0",
            **{f"id-{name}": digest for name, digest in IMAGES.items()},
            **files,
        }
        for name, text in answers.items():
            (self.fake / name).write_text(text)

    def run(self, script, *arguments, shell="dash"):
        environment = {
            "PATH": f"{self.folder / 'bin'}:/usr/bin:/bin",
            "FAKE": str(self.fake),
            "TAG": TAG,
            "HOME": os.environ["HOME"],
        }
        (self.fake / "calls").write_text("")
        done = subprocess.run(
            [shell, self.folder / "deploy/minikube" / script, *arguments], env=environment, capture_output=True, text=True
        )
        return done, (self.fake / "calls").read_text()


def released(status):
    return f'{{"name":"todo","info":{{"first_deployed":"x","status":"{status}","notes":""}},"version":3}}'


SCENARIOS = []


def scenario(function):
    SCENARIOS.append(function)
    return function


@scenario
def a_first_run_starts_builds_loads_and_installs(folder):
    for shell in ("dash", "bash"):
        own = Path(folder) / shell
        own.mkdir()
        world = World(own)
        done, calls = world.run("up", shell=shell)
        assert done.returncode == 0, done.stderr
        order = ["minikube --profile minikube start", "build", "image load todo-backend", "create namespace todo",
                 "create secret generic todo-secrets", "upgrade --install todo"]
        places = [calls.index(words) for words in order]
        assert places == sorted(places), calls
        assert f"backend.image.tag={TAG}" in calls and "--wait" in calls
        assert "--atomic" not in calls and "--rollback-on-failure" not in calls, "a first failure must stay to be seen"
        assert done.stdout.strip() == "http://192.168.49.2:30000", done.stdout
        password = (world.fake / "password-seen").read_text()
        assert len(password) == 40 and password not in calls + done.stdout + done.stderr, "the password leaked"


@scenario
def a_second_run_keeps_the_secrets(folder):
    world = World(folder, host="Running", namespace="", secret="", password="kept", release=released("deployed"))
    done, calls = world.run("up")
    assert done.returncode == 0, done.stderr
    assert "create secret" not in calls and " start" not in calls and "--rollback-on-failure" in calls, calls
    assert (world.fake / "password-seen").read_text() == "kept"


@scenario
def helm_3_gets_its_own_flag(folder):
    world = World(folder, release=released("deployed"), **{"helm-version": "v3.21.4"})
    done, calls = world.run("up")
    assert done.returncode == 0 and "--atomic" in calls and "--rollback-on-failure" not in calls, calls


@scenario
def an_interrupted_upgrade_is_rolled_back_first(folder):
    world = World(folder, release=released("pending-upgrade"))
    done, calls = world.run("up")
    assert done.returncode == 0, done.stderr
    assert calls.index("rollback todo 2 --namespace todo --wait") < calls.index("upgrade --install"), calls


@scenario
def an_interrupted_installation_is_removed_first(folder):
    history = '[{"revision":1,"updated":"x","status":"pending-install"}]'
    world = World(folder, release=released("pending-install"), history=history)
    done, calls = world.run("up")
    assert done.returncode == 0, done.stderr
    assert calls.index("uninstall todo --namespace todo --wait") < calls.index("upgrade --install"), calls


@scenario
def a_stale_image_in_the_node_stops_the_run(folder):
    world = World(folder, **{"id-frontend": "sha256:" + "c" * 64})
    done, calls = world.run("up")
    assert done.returncode == 1 and "minikube image rm todo-frontend" in done.stderr, done.stderr
    assert "upgrade" not in calls


@scenario
def a_missing_image_in_the_node_stops_the_run(folder):
    world = World(folder, **{"node-images": "[]"})
    done, _ = world.run("up")
    assert done.returncode == 1 and "no image" in done.stderr, done.stderr


@scenario
def a_failed_deployment_says_where_to_look(folder):
    world = World(folder, **{"upgrade-exit": "1"})
    done, calls = world.run("up")
    assert done.returncode == 1 and "docs/troubleshooting.md" in done.stderr, done.stderr
    assert "get events" in calls and not done.stdout.strip()


@scenario
def the_docker_driver_is_told_apart(folder):
    profiles = '{"invalid":[],"valid":[{"Name":"other","Config":{"Driver":"kvm2"}},{"Name":"minikube","Config":{"Driver":"docker"}}]}'
    world = World(folder, host="Running", release=released("deployed"), profiles=profiles)
    (world.folder / "bin/uname").write_text("#!/bin/sh\necho Darwin\n")
    (world.folder / "bin/uname").chmod(0o755)
    done, _ = world.run("status")
    assert done.returncode == 0 and "port-forward service/todo-frontend 3000:3000" in done.stderr, done.stderr
    assert done.stdout.strip().endswith("http://localhost:3000"), done.stdout


@scenario
def status_fails_when_something_is_not_ready(folder):
    world = World(folder, host="Running", release=released("deployed"), **{"wait-exit": "1"})
    done, _ = world.run("status")
    assert done.returncode == 1 and "not every Deployment" in done.stderr, done.stderr


@scenario
def status_names_an_interrupted_operation(folder):
    world = World(folder, host="Running", release=released("pending-upgrade"))
    done, _ = world.run("status")
    assert done.returncode == 1 and "interrupted" in done.stderr, done.stderr


@scenario
def down_keeps_the_data_unless_told(folder):
    world = World(folder, host="Running", release=released("deployed"))
    done, calls = world.run("down")
    assert done.returncode == 0 and "uninstall todo" in calls and "delete namespace" not in calls, calls
    assert "component=migrate" in calls, "what the hook left must go too"
    done, calls = world.run("down", "--delete")
    assert "delete namespace todo" in calls and "minikube --profile minikube delete" in calls, calls


@scenario
def down_can_return_to_compose(folder):
    world = World(folder, host="Running", release=released("deployed"))
    done, calls = world.run("down", "--compose")
    assert done.returncode == 0 and calls.index("minikube --profile minikube stop") < calls.index("docker compose"), calls


@scenario
def unknown_arguments_are_refused(folder):
    world = World(folder)
    for script in ("up", "down"):
        done, calls = world.run(script, "--nonsense")
        assert done.returncode == 1 and "--nonsense" in done.stderr and not calls, done.stderr


@check
def minikube_scripts_do_what_they_say():
    for function in SCENARIOS:
        with tempfile.TemporaryDirectory() as folder:
            try:
                function(folder)
                yield function.__name__, None
            except (AssertionError, ValueError) as error:
                yield function.__name__, str(error) or "failed"
