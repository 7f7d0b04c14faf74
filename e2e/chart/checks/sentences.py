"""Values that can't work are refused with a sentence that names the value."""

import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path

from .cases import BUNDLED, CNPG, EXISTING, EXTERNAL
from .helm import BASE, CHART, HELMS, merge, template
from .runner import check

# (values, what the message must name)
REFUSED = [
    ({}, ["secrets.betterAuthSecret is empty", "secrets.databaseUrl is empty", "todo keygen"]),
    (merge(BASE, {"backend": {"enabled": False}, "frontend": {"enabled": False}}), ["backend.enabled and frontend.enabled"]),
    ({"backend": {"enabled": False}}, ["frontend.backendUrl is empty"]),
    (merge(BUNDLED, {"database": {"bundled": {"password": ""}}}), ["database.bundled.password is empty"]),
    (merge(BUNDLED, {"migrations": {"mode": "hook"}}), ["migrations.mode hook", "bundled"]),
    (merge(CNPG, {"migrations": {"mode": "hook"}}), ["migrations.mode hook", "cnpg"]),
    (merge(BUNDLED, {"secrets": {"databaseUrl": "postgres://x/y"}}), ["secrets.databaseUrl is set", "bundled"]),
    (
        merge(CNPG, {"database": {"cnpg": {"pooler": {"enabled": True}}}, "migrations": {"mode": "init"}}),
        ["migrations.mode init"],
    ),
    (merge(CNPG, {"database": {"cnpg": {"backup": {"enabled": True}}}}), ["snapshotClassName is empty"]),
    (
        merge(CNPG, {"database": {"cnpg": {"backup": {"enabled": True, "method": "plugin"}}}}),
        ["objectStoreName is empty"],
    ),
    (merge(EXISTING, {"secrets": {"openaiApiKey": "x"}}), ["secrets.openaiApiKey is set", "ignored"]),
    (merge(BASE, {"secrets": {"forbidInline": True}}), ["secrets.databaseUrl is set", "forbidInline", "release record"]),
    (merge(BASE, {"backend": {"terminationGracePeriodSeconds": 10}}), ["backend.terminationGracePeriodSeconds is 10"]),
    (
        merge(BASE, {"frontend": {"autoscaling": {"enabled": True, "minReplicas": 9, "maxReplicas": 3}}}),
        ["frontend.autoscaling.minReplicas"],
    ),
    (
        merge(BASE, {"frontend": {"autoscaling": {"enabled": True, "targetCPU": None}}}),
        ["frontend.autoscaling.enabled", "scale by"],
    ),
    (merge(BASE, {"backend": {"rollout": {"maxSurge": 0, "maxUnavailable": 0}}}), ["backend.rollout.maxSurge"]),
    (merge(BASE, {"metrics": {"port": 8000}}), ["backend.containerPort and metrics.port"]),
    (merge(BASE, {"certificate": {"enabled": True, "issuerName": "x"}}), ["certificate.enabled", "ingress.enabled"]),
    (
        merge(BASE, {"certificate": {"enabled": True, "issuerName": "x"}, "ingress": {"enabled": True}}),
        ["ingress.tls.enabled"],
    ),
    (merge(BASE, {"namespace": {"create": True, "name": "other"}}), ["namespace.create", "--create-namespace"]),
    (merge(BASE, {"config": {"authRateLimits": "on", "trustedProxies": ""}}), ["config.trustedProxies is empty", "share one limit"]),
    # From the schema.
    (merge(BASE, {"backend": {"service": {"nodePort": 30001}}}), ["/backend/service/nodePort"]),
    (merge(BASE, {"frontend": {"service": {"loadBalancerClass": "x"}}}), ["/frontend/service/loadBalancerClass"]),
    (merge(BASE, {"certificate": {"enabled": True}}), ["/certificate/issuerName"]),
    (merge(BASE, {"httpRoute": {"enabled": True}}), ["/httpRoute/parentRefs"]),
    (merge(BASE, {"namespace": {"create": True}}), ["/namespace/name"]),
    ({"secrets": {"externalSecret": {"enabled": True}}}, ["/secrets/externalSecret/storeName"]),
    (merge(EXISTING, EXTERNAL), ["/secrets/externalSecret/enabled"]),
    (merge(BASE, {"backend": {"replicas": 3}}), ["replicas"]),
]
MISSING_APIS = [
    (CNPG, "postgresql.cnpg.io/v1", "CloudNativePG"),
    (EXTERNAL, "external-secrets.io/v1", "External Secrets"),
    (merge(BASE, {"httpRoute": {"enabled": True, "parentRefs": [{"name": "g"}]}}), "gateway.networking.k8s.io/v1", "Gateway"),
    (merge(BASE, {"metrics": {"serviceMonitor": {"enabled": True}}}), "monitoring.coreos.com/v1", "Prometheus operator"),
    (merge(BASE, {"metrics": {"prometheusRule": {"enabled": True}}}), "monitoring.coreos.com/v1", "Prometheus operator"),
    (
        merge(
            BASE,
            {"ingress": {"enabled": True, "tls": {"enabled": True}}, "certificate": {"enabled": True, "issuerName": "i"}},
        ),
        "cert-manager.io/v1",
        "cert-manager",
    ),
]


@check
def contradictions_are_refused_by_name():
    for helm in HELMS:
        for number, (values, words) in enumerate(REFUSED):
            result = template(values, helm=helm)
            missing = [word for word in words if word not in result.error]
            yield f"{helm} {number}", "accepted" if result.ok else f"{missing} not in: {result.error}" if missing else None


@check
def an_api_that_the_cluster_lacks_is_named():
    for values, api, program in MISSING_APIS:
        result = template(values, apis=())
        named = not result.ok and api in result.error and program in result.error
        yield api, None if named else f"not named: {result.error}"
        away = template(merge(values, {"skipApiChecks": True}), apis=())
        yield f"{api} skipped", None if away.ok else away.error


@check
def an_old_kubernetes_is_refused():
    result = template(BASE, kubernetes="1.27.9")
    assert not result.ok and "1.28" in result.error, result.error


@check
def notes_tell_how_to_open_the_page():
    ways = {
        "ClusterIP": ({}, ["port-forward service/todo-frontend 3000:3000"]),
        "NodePort": (
            {"frontend": {"service": {"type": "NodePort", "nodePort": 30000}}},
            ["minikube service todo-frontend", ":30000"],
        ),
        "NodePort of its choice": ({"frontend": {"service": {"type": "NodePort"}}}, [".spec.ports[0].nodePort"]),
        "LoadBalancer": ({"frontend": {"service": {"type": "LoadBalancer"}}}, ["EXTERNAL-IP", "minikube tunnel"]),
        "Ingress": ({"ingress": {"enabled": True}}, ["http://todo.example.com"]),
        "Ingress with TLS": ({"ingress": {"enabled": True, "tls": {"enabled": True}}}, ["https://todo.example.com"]),
        "API alone": ({"frontend": {"enabled": False}}, ["port-forward service/todo-backend 8000:8000"]),
    }
    with chart_that_shows_its_notes() as chart:
        for name, (values, words) in ways.items():
            for helm in HELMS:
                text = notes(chart, merge(BASE, values), helm)
                missing = [word for word in words if word not in text]
                yield f"{helm} {name}", f"{missing} not in: {text}" if missing else None


def notes(chart, values, helm):
    result = template(values, helm=helm, chart=chart, extra=["--show-only", "templates/notes.yaml"])
    assert result.ok, result.error
    return result.objects[0]["data"]["notes"]


@contextmanager
def chart_that_shows_its_notes():
    """`helm template` leaves the notes out and `helm install --dry-run` wants a cluster: a copy renders them as data."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "todo-chatbot"
        shutil.copytree(CHART, copy)
        (copy / "templates/NOTES.txt").rename(copy / "notes.txt")
        (copy / "templates/notes.yaml").write_text(
            "apiVersion: v1\nkind: ConfigMap\nmetadata: { name: notes }\ndata:\n"
            '  notes: {{ tpl (.Files.Get "notes.txt") . | toJson }}\n'
        )
        yield copy
