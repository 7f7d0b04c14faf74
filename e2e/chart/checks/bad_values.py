"""Wrong values, made from the schema, are refused by Helm with a message that names the value."""

import json
import re

import jsonschema
import yaml

from .helm import BASE, CHART, Loader, merge, nested, parallel, template
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


def judges(number):
    """The schema itself judges all values, Helm 4 every third and Helm 3 every twelfth: each call of Helm takes its time."""
    if number % 3 == 0:
        yield "helm4"
    if number % 12 == 0:
        yield "helm3"


def refused(job):
    number, (path, values) = job
    for helm in judges(number):
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
    asked = sum("helm4" in judges(number) for number, _ in jobs)
    assert asked >= 500, f"Helm is asked about {asked} bad values only"
    schema = jsonschema.Draft7Validator(json.loads((CHART / "values.schema.json").read_text()))
    defaults = yaml.load((CHART / "values.yaml").read_text(), Loader)
    for (number, (path, values)), error in zip(jobs, parallel(refused, jobs)):
        if schema.is_valid(merge(defaults, values)):
            error = "the schema accepts it"
        yield f"{number} {path}", error and f"{error} {json.dumps(values)[-200:]}"
