"""Linters of the formats around the chart: helm lint, shellcheck, hadolint, YAML of the workflows and of compose."""

import tempfile

import yaml

from .cases import PROFILES, profile_values
from .helm import CHART, HELMS, REPOSITORY, Loader, run, tool
from .runner import check

DEPLOY = REPOSITORY / "deploy"


@check
def helm_lint_is_strict_and_silent():
    for helm in HELMS:
        for name in ["values", *PROFILES]:
            with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
                yaml.safe_dump({} if name == "values" else profile_values(name), file)
                file.flush()
                done = tool(helm, "lint", "--strict", CHART, "--values", file.name, "--kube-version", "1.36.0")
            quiet = done.returncode == 0 and "[WARNING]" not in done.stdout and "[ERROR]" not in done.stdout
            yield f"{helm} {name}", None if quiet else done.stdout + done.stderr


def shell_scripts():
    for folder in (DEPLOY, REPOSITORY / "e2e/chart"):
        for path in sorted(folder.rglob("*")):
            if path.is_file() and path.open("rb").readline(40).startswith((b"#!/bin/sh", b"#!/usr/bin/env bash")):
                yield path


@check
def shell_scripts_pass_shellcheck():
    for path in shell_scripts():
        done = run("shellcheck", "--external-sources", "--source-path=SCRIPTDIR", path)
        yield path.relative_to(REPOSITORY), done.stdout or None


@check
def minikube_scripts_are_posix():
    """dash and bash read them; shellcheck has judged their dialect by the first line."""
    for path in sorted((DEPLOY / "minikube").glob("*")):
        if path.suffix:
            continue
        first = path.read_text().splitlines()[0]
        done = run("dash", "-n", path)
        yield path.name, None if first == "#!/bin/sh" and done.returncode == 0 else f"{first} {done.stderr}"


@check
def the_dockerfile_passes_hadolint_and_checkov():
    dockerfile = DEPLOY / "images/Dockerfile"
    done = run("hadolint", "--failure-threshold", "style", dockerfile)
    yield "hadolint", None if done.returncode == 0 else done.stdout + done.stderr
    done = run("checkov", "-f", dockerfile, "--framework", "dockerfile", "--skip-download", "--quiet", "--compact")
    yield "checkov", None if done.returncode == 0 else done.stdout


@check
def other_yaml_can_be_read():
    paths = [*(REPOSITORY / ".github/workflows").glob("*.yml"), DEPLOY / "compose.yaml"]
    assert len(paths) > 4, f"only {len(paths)} files"
    for path in paths:
        text = path.read_text()
        document = yaml.load(text, Loader)
        yield path.name, None if isinstance(document, dict) else "no mapping"
    for path in (REPOSITORY / ".github/workflows").glob("*.yml"):
        document = yaml.load(path.read_text(), Loader)
        # Without this a workflow's token may write.
        yield f"{path.name} permissions", None if "permissions" in document else "has no top-level permissions"
