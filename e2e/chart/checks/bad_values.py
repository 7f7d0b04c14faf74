"""Wrong values, made from the schema, are refused by Helm with a message that names the value."""

import json
import re

from .helm import BASE, CHART, merge, nested, parallel, template
from .live_values import leaves
from .runner import check


def wrong_types(node):
    """One value of each JSON type that the schema does not allow."""
    allowed = node.get("type", "string" if "enum" in node else [])
    allowed = {allowed} if isinstance(allowed, str) else set(allowed)
    samples = {"string": "§ not this", "integer": 7, "number": 1.5, "boolean": True, "array": ["x"], "object": {"x": "y"}}
    for kind, value in samples.items():
        if kind not in allowed and not (kind == "string" and "enum" in node):
            yield value


def out_of_range(node):
    if "enum" in node:
        yield "no-such-choice"
    if "minimum" in node:
        yield node["minimum"] - 1
    if "maximum" in node:
        yield node["maximum"] + 1
    if "maxLength" in node:
        yield "a" * (node["maxLength"] + 1)
    types = node.get("type", [])
    if "pattern" in node and "string" in ([types] if isinstance(types, str) else types):
        yield from (text for text in ("§ %", "no such\nthing", "-.-;") if not re.search(node["pattern"], text))
    if node.get("additionalProperties") == {"type": "string"}:
        yield {"x": 1}
        yield {"x": ["y"]}
    if "items" in node:
        yield [1.5]


def closed_objects(node, path=""):
    if node.get("additionalProperties") is False:
        yield path
    for key, child in node.get("properties", {}).items():
        yield from closed_objects(child, f"{path}.{key}".lstrip("."))


def bad_values():
    """(path, values)"""
    schema = json.loads((CHART / "values.schema.json").read_text())
    for path, node in leaves(schema):
        for value in [*wrong_types(node), *out_of_range(node)]:
            yield path, merge(BASE, nested(path, value))
    for path in closed_objects(schema):
        for name in ("notAKey", "Enabled"):
            yield f"{path}.{name}".lstrip("."), merge(BASE, nested(f"{path}.{name}".lstrip("."), True))


def refused(job):
    number, (path, values) = job
    # Helm 4 judges all, Helm 3 every seventh: both use the same schema library in different versions.
    for helm in ("helm4", "helm3") if number % 7 == 0 else ("helm4",):
        result = template(values, helm=helm, extra=["--show-only", "templates/configmap.yaml"])
        if result.ok:
            return "accepted"
        key = path.rsplit(".", 1)[-1]
        if key not in result.error:
            return f"the message does not name it: {result.error[:300]}"
    return None


@check
def generated_bad_values_are_refused_by_name():
    jobs = list(enumerate(bad_values()))
    assert len(jobs) >= 500, f"only {len(jobs)} bad values"
    for (number, (path, values)), error in zip(jobs, parallel(refused, jobs)):
        yield f"{number} {path}", error and f"{error} {json.dumps(values)[-200:]}"
