"""What the chart passes to the programs, they understand: every variable is one that their sources read."""

import re

from .helm import BASE, REPOSITORY, containers, pod_specs, template
from .render import rendered
from .runner import check

# Set for Kubernetes or for the composition of others, not read by the programs.
COMPOSED = {"DATABASE_USER", "DATABASE_PASSWORD"}
# Read by the OpenTelemetry and TLS libraries themselves, or by people's own extra settings in the combinations.
FOREIGN = {"OTEL_EXPORTER_OTLP_ENDPOINT", "SSL_CERT_FILE", "FEATURE", "A"}


def sources():
    return "\n".join(path.read_text() for path in (REPOSITORY / "crates").glob("*/src/**/*.rs"))


@check
def every_variable_is_read_by_a_program():
    text = sources()
    names = set()
    for result in rendered().values():
        for config in result.find("ConfigMap"):
            if config["metadata"]["name"].endswith("-config"):
                names |= set(config["data"])
        for owner, _, spec in pod_specs(result):
            if owner["kind"] != "StatefulSet":
                names |= {v["name"] for c in containers(spec) for v in c.get("env", [])}
    for name in sorted(names - COMPOSED - FOREIGN):
        plain = name.removesuffix("_FILE")
        yield name, None if f'"{plain}"' in text else "no source reads it"


def commands(container):
    """First words after the program, in arguments and in the preStop hook."""
    yield from container.get("args", [])[:1]
    hook = container.get("lifecycle", {}).get("preStop", {}).get("exec", {}).get("command", [])
    yield from hook[1:2]


@check
def every_command_is_one_of_the_programs():
    """The commands are variants of an enum, in both programs' command lines."""
    text = sources()
    used = {
        command
        for results in (rendered().values(), [template(BASE, kubernetes="1.28.0")])
        for result in results
        for owner, _, spec in pod_specs(result)
        if owner["kind"] != "StatefulSet"
        for container in containers(spec)
        for command in commands(container)
    }
    assert {"serve", "migrate", "selftest", "drain"} <= used, used
    for command in sorted(used):
        known = re.search(rf"^    {command.capitalize()}\b", text, re.M)
        yield command, None if known else "no such command"
