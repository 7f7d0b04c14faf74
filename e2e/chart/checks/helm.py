"""Calls Helm and reads what it renders."""

import functools
import os
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import yaml

REPOSITORY = Path(__file__).resolve().parents[3]
CHART = REPOSITORY / "deploy/chart/todo-chatbot"
HERE = REPOSITORY / "e2e/chart"
TOOLS = Path(os.environ["TODO_TOOLS"])
HELMS = ("helm4", "helm3")
NEWEST = "1.37.0"
KUBERNETES = [f"1.{minor}.0" for minor in range(28, 38)]
APIS = [
    "cert-manager.io/v1",
    "external-secrets.io/v1",
    "gateway.networking.k8s.io/v1",
    "monitoring.coreos.com/v1",
    "postgresql.cnpg.io/v1",
]
Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

# A complete installation on an external database, as small as it can be.
BASE = {
    "secrets": {
        "databaseUrl": "postgresql://todo:pw@db.example.com/todo",
        "betterAuthSecret": "0123456789abcdef0123456789abcdef",
    }
}


def run(*command, **options):
    return subprocess.run([str(part) for part in command], capture_output=True, text=True, **options)


def tool(name, *arguments, **options):
    return run(TOOLS / "bin" / name, *arguments, **options)


@functools.lru_cache(maxsize=1)
def workers():
    return ThreadPoolExecutor(max_workers=max(2, os.cpu_count() or 2))


def parallel(function, items):
    """Results in the order of the items; the work is done by subprocesses, so threads are enough."""
    return list(workers().map(function, items))


def merge(*layers):
    """Values merged as Helm merges files: maps deeply, everything else replaced."""
    result = {}
    for layer in layers:
        for key, value in layer.items():
            if isinstance(value, dict) and isinstance(result.get(key), dict):
                result[key] = merge(result[key], value)
            else:
                result[key] = value
    return result


def nested(path, value):
    """{"a": {"b": value}} for "a.b"."""
    for key in reversed(path.split(".")):
        value = {key: value}
    return value


def profile(name):
    return yaml.load((CHART / f"{name}.yaml").read_text(), Loader)


@dataclass
class Rendered:
    ok: bool
    text: str
    error: str

    @functools.cached_property
    def objects(self):
        return [item for item in yaml.load_all(self.text, Loader) if item]

    def find(self, kind, name=None):
        return [o for o in self.objects if o["kind"] == kind and name in (None, o["metadata"]["name"])]

    def one(self, kind, name):
        found = self.find(kind, name)
        assert len(found) == 1, f"{len(found)} objects {kind}/{name}"
        return found[0]


def template(
    values, helm="helm4", kubernetes=NEWEST, release="todo", namespace="todo", apis=APIS, extra=(), chart=CHART
):
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
        yaml.safe_dump(values, file)
        file.flush()
        command = ["template", release, chart, "--namespace", namespace, "--kube-version", kubernetes]
        for api in apis:
            command += ["--api-versions", api]
        done = tool(helm, *command, "--values", file.name, *extra)
    return Rendered(done.returncode == 0, done.stdout, done.stderr)


def pod_specs(rendered):
    """(owner, pod metadata, pod spec) of everything that becomes a pod."""
    for item in rendered.objects:
        if item["kind"] == "Pod":
            yield item, item["metadata"], item["spec"]
        elif item["kind"] in ("Deployment", "StatefulSet", "Job"):
            template_of = item["spec"]["template"]
            yield item, template_of["metadata"], template_of["spec"]


def containers(spec):
    return spec.get("initContainers", []) + spec["containers"]


def both_digests():
    """Image digests for both services."""
    return {
        name: {"image": {"digest": f"sha256:{digit * 64}"}} for name, digit in (("backend", "1"), ("frontend", "2"))
    }
