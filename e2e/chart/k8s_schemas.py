"""Lays out the strict schemas of the PyPI package kubernetes-validate (made from Kubernetes' published OpenAPI) as
kubeconform reads them: VERSION/KIND-GROUP-VERSION.json, each complete in itself."""

import json
import sys
from pathlib import Path

import kubernetes_validate

VERSIONS = [f"1.{minor}.0" for minor in range(28, 38)]
KINDS = (
    "configmap-v1 namespace-v1 pod-v1 secret-v1 service-v1 serviceaccount-v1 deployment-apps-v1 statefulset-apps-v1 "
    "job-batch-v1 horizontalpodautoscaler-autoscaling-v2 poddisruptionbudget-policy-v1 ingress-networking-v1 "
    "networkpolicy-networking-v1 role-rbac-v1 rolebinding-rbac-v1"
).split()
FOREIGN, OWN = "/api/_definitions.json#/$defs/", "#/$defs/"


def references(node):
    """Names of the definitions that a node refers to."""
    if isinstance(node, list):
        for item in node:
            yield from references(item)
    elif isinstance(node, dict):
        for key, value in node.items():
            if key == "$ref" and isinstance(value, str):
                yield value.removeprefix(FOREIGN).removeprefix(OWN)
            else:
                yield from references(value)


def complete(schema, definitions):
    """The schema with every definition that it needs, directly or not."""
    needed, waiting = {}, list(references(schema))
    while waiting:
        name = waiting.pop()
        if name not in needed:
            needed[name] = definitions[name]
            waiting.extend(references(definitions[name]))
    del schema["$id"]
    return json.dumps({**schema, "$defs": needed}).replace(f'"{FOREIGN}', f'"{OWN}')


def main(target):
    source = Path(kubernetes_validate.__file__).parent / "kubernetes-json-schema"
    for version in VERSIONS:
        folder = source / f"v{version}-local-strict"
        definitions = json.loads((folder / "_definitions.json").read_text())["$defs"]
        out = Path(target) / version
        out.mkdir(parents=True)
        for kind in KINDS:
            path = folder / f"{kind}.json"
            (out / path.name).write_text(complete(json.loads(path.read_text()), definitions))


if __name__ == "__main__":
    main(*sys.argv[1:])
