"""Every value in values.yaml changes what is rendered, in at least one complete set of values."""

import json
from functools import cache

import yaml

from .cases import BUNDLED, CNPG, EXISTING, EXTERNAL, both
from .helm import BASE, CHART, Loader, merge, nested, parallel, template
from .runner import check

EVERYTHING = {
    "ingress": {"enabled": True, "tls": {"enabled": True}},
    "httpRoute": {"enabled": True, "parentRefs": [{"name": "g"}]},
    "certificate": {"enabled": True, "issuerName": "i"},
    "metrics": {
        "serviceMonitor": {"enabled": True},
        "prometheusRule": {"enabled": True},
        "dashboard": {"enabled": True},
    },
    "pilot": {"rbac": {"enabled": True}},
    "trustedCa": {"configMap": "ca"},
    "networkPolicy": {"metricsFrom": [{"namespaceSelector": {}}]},
}
ALL_SECRETS = {
    "secrets": {
        **BASE["secrets"],
        **{f"{name}ApiKey": name for name in ("openai", "openrouter", "cohere")},
        "vapidPublicKey": "p",
        "vapidPrivateKey": "q",
        "smtpUrl": "smtp://m",
    }
}
AUTOSCALED = both({"autoscaling": {"enabled": True, "targetMemory": 50}})
PUBLISHED = both({"service": {"type": "LoadBalancer"}})
# Each value is tried in these, in this order, until one shows it.
SETTINGS = [
    merge(ALL_SECRETS, EVERYTHING),
    merge(BASE, AUTOSCALED, PUBLISHED),
    merge(BASE, {"networkPolicy": {"frontend": {"openToAll": False}}}),
    BUNDLED,
    merge(CNPG, {"database": {"cnpg": {"pooler": {"enabled": True}, "backup": {"enabled": True, "snapshotClassName": "s"}}}}),
    merge(CNPG, {"database": {"cnpg": {"backup": {"enabled": True, "method": "plugin", "objectStoreName": "o"}}}}),
    EXISTING,
    EXTERNAL,
    {"backend": {"enabled": False}, "frontend": {"backendUrl": "http://b", "secrets": {"existingSecret": "f", "keys": {"betterAuthSecret": "a"}}}},
    merge(BASE, {"migrations": {"mode": "job"}}),
    merge(BASE, {"namespace": {"name": "other"}, "migrations": {"mode": "job"}}),
    # Switches that are off, with all they need at hand.
    merge(BASE, {"ingress": {"enabled": True}, "httpRoute": {"parentRefs": [{"name": "g"}]}}),
    merge(BASE, {"ingress": {"enabled": True, "tls": {"enabled": True}}, "certificate": {"issuerName": "i"}}),
    merge(BASE, {"frontend": {"backendUrl": "http://b"}}),
    merge(CNPG, {"database": {"cnpg": {"backup": {"snapshotClassName": "s", "objectStoreName": "o"}}}}),
    merge(CNPG, {"database": {"cnpg": {"backup": {"enabled": True, "snapshotClassName": "s", "objectStoreName": "o"}}}}),
]
# Values that show only together with others.
TOGETHER = {
    "secrets.existingSecret": {"secrets": {"databaseUrl": "", "betterAuthSecret": ""}},
    "secrets.externalSecret.enabled": {
        "secrets": {"databaseUrl": "", "betterAuthSecret": "", "externalSecret": {"storeName": "s", "remoteKey": "r"}}
    },
}


def schema():
    return json.loads((CHART / "values.schema.json").read_text())


def leaves(node, path=""):
    for key, child in node.get("properties", {}).items():
        here = f"{path}.{key}".lstrip(".")
        if "properties" in child:
            yield from leaves(child, here)
        elif here != "enabled":
            yield here, child


def current(path):
    node = yaml.load((CHART / "values.yaml").read_text(), Loader)
    for key in path.split("."):
        node = node[key]
    return node


def alternatives(path, node):
    """Valid values other than the default."""
    value = current(path)
    if "enum" in node:
        yield from (choice for choice in node["enum"] if choice != value)
    yield from (example for example in node.get("examples", []) if example != value)
    if isinstance(value, bool):
        yield not value
    elif isinstance(value, int):
        # Room for both directions: some limits stand on either side.
        yield value + 1
        yield value + 7
    elif isinstance(value, str) and "enum" not in node and path.rsplit(".", 1)[-1] in ("cpu", "memory", "ephemeral-storage"):
        yield "333Mi" if path.endswith(("memory", "storage")) else "333m"


@cache
def rendered_setting(number):
    result = template(SETTINGS[number])
    assert result.ok, f"setting {number}: {result.error}"
    return result.text


def shows(job):
    path, node = job
    if path == "skipApiChecks":
        refused, accepted = template(CNPG, apis=()), template(merge(CNPG, {"skipApiChecks": True}), apis=())
        return path, None if accepted.ok and not refused.ok else "accepts the same as before"
    company = TOGETHER.get(path, {})
    for value in alternatives(path, node):
        for number, setting in enumerate(SETTINGS):
            before = template(merge(setting, company)).text if company else rendered_setting(number)
            result = template(merge(setting, company, nested(path, value)))
            # A switch may also show by a refusal that names it.
            if (result.ok and result.text != before) or f"{path} is on" in result.error:
                return path, None
    return path, "no rendered byte changes"


@check
def every_value_changes_a_rendered_byte():
    jobs = list(leaves(schema()))
    assert len(jobs) > 250, f"only {len(jobs)} values"
    # Rendered first, so that the workers below find them.
    parallel(rendered_setting, range(len(SETTINGS)))
    yield from parallel(shows, jobs)
