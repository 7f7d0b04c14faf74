"""Turns the CustomResourceDefinitions below a folder into strict JSON schemas: GROUP/KIND_VERSION.json."""

import json
import sys
from pathlib import Path

import yaml

# The folders in which the projects keep the definitions as users install them.
FOLDERS = ("example/prometheus-operator-crd", "config/crds/bases", "deploy/crds", "config/crd/standard")
WANTED = {"ServiceMonitor", "PrometheusRule", "ExternalSecret", "Certificate", "HTTPRoute"}


# A bare "=" is a string, whatever YAML 1.1 says.
Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
Loader.add_constructor("tag:yaml.org,2002:value", lambda loader, node: loader.construct_scalar(node))


def strict(node):
    """Refuse unknown fields wherever the definition lists the known ones."""
    if isinstance(node, list):
        return [strict(item) for item in node]
    if not isinstance(node, dict):
        return node
    node = {key: strict(value) for key, value in node.items() if not key.startswith("x-kubernetes-validations")}
    if "properties" in node and not node.get("x-kubernetes-preserve-unknown-fields"):
        node.setdefault("additionalProperties", False)
    if node.get("x-kubernetes-int-or-string"):
        node.pop("type", None)
    if node.pop("nullable", False) and "type" in node:
        node["type"] = [node["type"], "null"]
    return node


def main(source, target):
    for folder in FOLDERS:
        for path in sorted((Path(source) / folder).glob("*.yaml")):
            for document in yaml.load_all(path.read_text(), Loader=Loader):
                if not document or document.get("kind") != "CustomResourceDefinition":
                    continue
                names, spec = document["spec"]["names"], document["spec"]
                if names["kind"] not in WANTED:
                    continue
                for version in spec["versions"]:
                    schema = strict(version["schema"]["openAPIV3Schema"])
                    schema["properties"]["metadata"] = {"type": "object"}
                    out = Path(target) / spec["group"] / f"{names['kind'].lower()}_{version['name']}.json"
                    out.parent.mkdir(parents=True, exist_ok=True)
                    out.write_text(json.dumps(schema))


main(*sys.argv[1:])
