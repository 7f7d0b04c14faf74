"""The four published variants of this deployment, cell by cell: names, ports, types, probes, resources, Secrets."""

from .cases import profile_values
from .helm import template
from .runner import check

# profile: (release, namespace, {(kind, name): {path in the object: value}})
VARIANTS = {
    "values-s0": (
        "todo-app",
        "default",
        {
            ("Deployment", "todo-backend"): {
                "spec.replicas": 2,
                "spec.template.metadata.labels.app": "todo-app",
                "spec.template.metadata.labels.component": "backend",
                "spec.template.spec.containers.0.image": "todo-backend:latest",
                "spec.template.spec.containers.0.imagePullPolicy": "Never",
                "spec.template.spec.containers.0.ports.0.containerPort": 7860,
                "spec.template.spec.containers.0.env.PORT": "7860",
                "spec.template.spec.containers.0.env.COHERE_API_KEY_FILE": "/run/secrets/todo/COHERE_API_KEY",
                "spec.template.spec.containers.0.livenessProbe.httpGet.path": "/health",
                "spec.template.spec.containers.0.livenessProbe.initialDelaySeconds": 10,
                "spec.template.spec.containers.0.livenessProbe.periodSeconds": 5,
                "spec.template.spec.containers.0.livenessProbe.timeoutSeconds": 3,
                "spec.template.spec.containers.0.readinessProbe.httpGet.path": "/health",
                "spec.template.spec.containers.0.resources.requests.cpu": "250m",
                "spec.template.spec.containers.0.resources.requests.memory": "512Mi",
                "spec.template.spec.containers.0.resources.limits.cpu": "500m",
                "spec.template.spec.containers.0.resources.limits.memory": "1Gi",
            },
            ("Deployment", "todo-frontend"): {
                "spec.replicas": 2,
                "spec.template.spec.containers.0.image": "todo-frontend:latest",
                "spec.template.spec.containers.0.livenessProbe.httpGet.path": "/api/health",
                "spec.template.spec.containers.0.resources.requests.cpu": "100m",
                "spec.template.spec.containers.0.resources.requests.memory": "256Mi",
                "spec.template.spec.containers.0.resources.limits.cpu": "250m",
                "spec.template.spec.containers.0.resources.limits.memory": "512Mi",
            },
            ("Service", "todo-backend"): {"spec.type": "ClusterIP", "spec.ports.0.port": 7860},
            ("Service", "todo-frontend"): {
                "spec.type": "NodePort",
                "spec.ports.0.port": 3000,
                "spec.ports.0.nodePort": 30080,
            },
            ("ConfigMap", "todo-config"): {
                "data.BACKEND_URL": "http://todo-backend:7860",
                "data.FRONTEND_URL": "http://localhost:30080",
                "data.LOG_LEVEL": "info",
            },
            ("Secret", "todo-secrets"): {
                "data.database-url": ...,
                "data.cohere-api-key": ...,
                "data.better-auth-secret": ...,
            },
        },
    ),
    "values-s1": (
        "todo-chatbot",
        "todo-chatbot",
        {
            ("Deployment", "backend"): {
                "spec.replicas": 1,
                "spec.template.metadata.labels.app.kubernetes.io/name": "backend",
                "spec.selector.matchLabels.app.kubernetes.io/name": "backend",
                "spec.template.spec.containers.0.ports.0.containerPort": 8000,
                "spec.template.spec.containers.0.env.OPENAI_API_KEY_FILE": "/run/secrets/todo/OPENAI_API_KEY",
            },
            ("Deployment", "frontend"): {
                "spec.replicas": 1,
                "spec.template.metadata.labels.app.kubernetes.io/name": "frontend",
                "spec.template.spec.containers.0.image": "todo-frontend:latest",
            },
            ("Service", "backend"): {"spec.type": "ClusterIP", "spec.ports.0.port": 8000},
            ("Service", "frontend"): {
                "spec.type": "NodePort",
                "spec.ports.0.port": 3000,
                "spec.ports.0.nodePort": 30000,
                "spec.selector.app.kubernetes.io/name": "frontend",
            },
            ("ConfigMap", "todo-chatbot-config"): {"data.BACKEND_URL": "http://backend:8000"},
            ("Secret", "todo-chatbot-secrets"): {
                "data.database-url": ...,
                "data.better-auth-secret": ...,
                "data.openai-api-key": ...,
            },
        },
    ),
    "values-s2": (
        "todo-app",
        "todo-app",
        {
            ("Deployment", "todo-app-backend"): {
                "spec.replicas": 1,
                "spec.strategy.rollingUpdate.maxUnavailable": 0,
                "spec.strategy.rollingUpdate.maxSurge": 1,
                "spec.template.metadata.labels.app": "todo-app",
                "spec.template.metadata.labels.component": "backend",
                "spec.template.metadata.labels.version": "3.0.0",
                "spec.template.spec.securityContext.runAsUser": 1000,
                "spec.template.spec.terminationGracePeriodSeconds": 10,
                "spec.template.spec.containers.0.image": "todo-backend:latest",
                "spec.template.spec.containers.0.imagePullPolicy": "IfNotPresent",
                "spec.template.spec.containers.0.ports.0.containerPort": 7860,
                "spec.template.spec.containers.0.env.OPENROUTER_API_KEY_FILE": ...,
                "spec.template.spec.containers.0.env.VAPID_PRIVATE_KEY_FILE": ...,
                "spec.template.spec.containers.0.startupProbe.httpGet.path": "/health/live",
                "spec.template.spec.containers.0.startupProbe.periodSeconds": 5,
                "spec.template.spec.containers.0.startupProbe.failureThreshold": 6,
                "spec.template.spec.containers.0.livenessProbe.httpGet.path": "/health/live",
                "spec.template.spec.containers.0.livenessProbe.periodSeconds": 10,
                "spec.template.spec.containers.0.livenessProbe.failureThreshold": 3,
                "spec.template.spec.containers.0.readinessProbe.httpGet.path": "/health/ready",
                "spec.template.spec.containers.0.readinessProbe.periodSeconds": 5,
                "spec.template.spec.containers.0.readinessProbe.timeoutSeconds": 5,
                "spec.template.spec.containers.0.resources.requests.cpu": "250m",
                "spec.template.spec.containers.0.resources.requests.memory": "256Mi",
                "spec.template.spec.containers.0.resources.limits.cpu": "500m",
                "spec.template.spec.containers.0.resources.limits.memory": "512Mi",
            },
            ("Deployment", "todo-app-frontend"): {
                "spec.replicas": 1,
                "spec.template.spec.containers.0.livenessProbe.httpGet.path": "/api/health",
                "spec.template.spec.containers.0.resources.requests.cpu": "100m",
                "spec.template.spec.containers.0.resources.requests.memory": "128Mi",
                "spec.template.spec.containers.0.resources.limits.cpu": "250m",
                "spec.template.spec.containers.0.resources.limits.memory": "256Mi",
            },
            ("Service", "todo-app-backend"): {"spec.type": "ClusterIP", "spec.ports.0.port": 7860},
            ("Service", "todo-app-frontend"): {"spec.type": "LoadBalancer", "spec.ports.0.port": 3000},
            ("ConfigMap", "todo-app-config"): {
                "data.LOG_LEVEL": "info",
                "data.LOG_FORMAT": "json",
                "data.ALLOWED_ORIGINS": "http://localhost:3000",
                "data.ENVIRONMENT": "development",
                "data.BETTER_AUTH_URL": "http://localhost:3000",
            },
            ("Secret", "todo-app-secret"): {
                "data.database-url": ...,
                "data.openrouter-api-key": ...,
                "data.better-auth-secret": ...,
                "data.vapid-private-key": ...,
                "data.vapid-public-key": ...,
            },
            ("Job", "todo-app-backend-migrate"): {"metadata.annotations.helm.sh/hook": "pre-install,pre-upgrade"},
        },
    ),
    "values-s3-backend": (
        "backend",
        "default",
        {
            ("Deployment", "backend"): {
                "spec.replicas": 1,
                "spec.template.metadata.labels.app": "backend",
                "spec.template.spec.securityContext.runAsUser": 1001,
                "spec.template.spec.containers.0.image": "todo-backend:phase4",
                "spec.template.spec.containers.0.imagePullPolicy": "IfNotPresent",
                "spec.template.spec.containers.0.ports.0.containerPort": 8000,
                "spec.template.spec.containers.0.env.BETTER_AUTH_URL_FILE": "/run/secrets/todo/BETTER_AUTH_URL",
                "spec.template.spec.containers.0.env.OPENAI_API_KEY_FILE": "/run/secrets/todo/OPENAI_API_KEY",
                "spec.template.spec.volumes.1.projected.sources.0.secret.name": "backend-secrets",
                "spec.template.spec.containers.0.livenessProbe.httpGet.path": "/api/health",
                "spec.template.spec.containers.0.livenessProbe.initialDelaySeconds": 15,
                "spec.template.spec.containers.0.livenessProbe.periodSeconds": 10,
                "spec.template.spec.containers.0.readinessProbe.httpGet.path": "/api/health",
                "spec.template.spec.containers.0.readinessProbe.periodSeconds": 5,
                "spec.template.spec.containers.0.resources.requests.cpu": "500m",
                "spec.template.spec.containers.0.resources.requests.memory": "512Mi",
                "spec.template.spec.containers.0.resources.limits.cpu": "1000m",
                "spec.template.spec.containers.0.resources.limits.memory": "1Gi",
            },
            ("Service", "backend"): {
                "spec.type": "NodePort",
                "spec.ports.0.port": 8000,
                "spec.ports.0.nodePort": 30001,
            },
            ("Deployment", "frontend"): None,
            ("Secret", "backend-secrets"): None,
        },
    ),
    "values-s3-frontend": (
        "frontend",
        "default",
        {
            ("Deployment", "frontend"): {
                "spec.replicas": 2,
                "spec.template.metadata.labels.app": "frontend",
                "spec.template.spec.containers.0.image": "todo-frontend:phase4",
                "spec.template.spec.containers.0.env.BETTER_AUTH_SECRET_FILE": ...,
                "spec.template.spec.volumes.1.projected.sources.0.secret.name": "frontend-secrets",
                "spec.template.spec.volumes.1.projected.sources.0.secret.items.0.key": "auth-secret",
                "spec.template.spec.containers.0.livenessProbe.httpGet.path": "/api/health",
                "spec.template.spec.containers.0.livenessProbe.initialDelaySeconds": 10,
                "spec.template.spec.containers.0.readinessProbe.periodSeconds": 5,
                "spec.template.spec.containers.0.resources.requests.cpu": "250m",
                "spec.template.spec.containers.0.resources.requests.memory": "256Mi",
                "spec.template.spec.containers.0.resources.limits.cpu": "500m",
                "spec.template.spec.containers.0.resources.limits.memory": "512Mi",
            },
            ("Service", "frontend"): {
                "spec.type": "NodePort",
                "spec.ports.0.port": 3000,
                "spec.ports.0.nodePort": 30000,
            },
            ("ConfigMap", "frontend-todo-chatbot-config"): {"data.BACKEND_URL": "http://backend:8000"},
            ("Deployment", "backend"): None,
            ("Secret", "frontend-secrets"): None,
            ("Job", "frontend-todo-chatbot-backend-migrate"): None,
        },
    ),
}
MISSING = object()


def lookup(node, path):
    """The value at a dotted path; keys may hold dots themselves, and a list of {name, value} is read by name."""
    if not path:
        return node
    if isinstance(node, list):
        head, _, rest = path.partition(".")
        if head.isdigit():
            return lookup(node[int(head)], rest) if int(head) < len(node) else MISSING
        named = [item for item in node if item.get("name") == head]
        return lookup(named[0].get("value", ...), rest) if named else MISSING
    if not isinstance(node, dict):
        return MISSING
    for key, value in node.items():
        if path == key or path.startswith(f"{key}."):
            found = lookup(value, path[len(key) + 1 :])
            if found is not MISSING:
                return found
    return MISSING


@check
def every_cell_of_every_variant_is_as_published():
    for profile, (release, namespace, wanted) in VARIANTS.items():
        result = template(profile_values(profile), release=release, namespace=namespace)
        if not result.ok:
            yield profile, result.error
            continue
        for (kind, name), cells in wanted.items():
            found = result.find(kind, name)
            if cells is None:
                yield f"{profile} no {kind}/{name}", "it is rendered" if found else None
                continue
            if not found:
                yield f"{profile} {kind}/{name}", "not rendered"
                continue
            for path, value in cells.items():
                actual = lookup(found[0], path)
                good = actual is not MISSING and (value is ... or actual == value)
                yield f"{profile} {kind}/{name} {path}", None if good else f"{actual!r}, not {value!r}"
