"""The combinations of values that the render checks go through."""

import random

from .helm import BASE, CHART, merge, profile

SECRET = {"betterAuthSecret": BASE["secrets"]["betterAuthSecret"]}
# What somebody who uses the profile passes besides.
PROFILE_EXTRAS = {
    "values-minikube": {"database": {"bundled": {"password": "from-a-file"}}},
    "values-s0": {"secrets": {**BASE["secrets"], "cohereApiKey": "co-key"}},
    "values-s1": {"secrets": {**BASE["secrets"], "openaiApiKey": "sk-key"}},
    "values-s2": {
        "secrets": {**BASE["secrets"], "openrouterApiKey": "or-key", "vapidPublicKey": "BP", "vapidPrivateKey": "pr"}
    },
}
PROFILES = sorted(path.stem for path in CHART.glob("values*.yaml") if path.stem != "values")

BUNDLED = {"secrets": SECRET, "database": {"mode": "bundled", "bundled": {"password": "p@ss/w:rd"}}}
CNPG = {"secrets": SECRET, "database": {"mode": "cnpg"}}
EXISTING = {"secrets": {"existingSecret": "mine", "keys": {"openaiApiKey": "openai"}}}
EXTERNAL = {"secrets": {"externalSecret": {"enabled": True, "storeName": "vault", "remoteKey": "todo"}}}


def both(values):
    return {"backend": values, "frontend": values}


# Complete on their own.
DATABASES = {
    "external": BASE,
    "bundled": BUNDLED,
    "bundled-alpine": merge(BUNDLED, {"database": {"bundled": {"userId": 70, "image": {"tag": "17-alpine"}}}}),
    "cnpg": CNPG,
    "cnpg-pooler-backup": merge(
        CNPG, {"database": {"cnpg": {"pooler": {"enabled": True}, "backup": {"enabled": True, "snapshotClassName": "s"}}}}
    ),
    "cnpg-plugin-backup": merge(
        CNPG, {"database": {"cnpg": {"backup": {"enabled": True, "method": "plugin", "objectStoreName": "store"}}}}
    ),
    "existing-secret": EXISTING,
    "external-secret": EXTERNAL,
}
# Added to one of the above.
FEATURES = {
    "secrets-as-env": {"secrets": {"mount": "env"}},
    "migrate-job": {"migrations": {"mode": "job"}},
    "migrate-init": {"migrations": {"mode": "init"}},
    "migrate-none": {"migrations": {"mode": "none"}},
    "migrate-delete": {"migrations": {"deleteSucceeded": True}},
    "argocd": {"gitops": {"argocd": True}},
    "autoscaling": {
        "backend": {"autoscaling": {"enabled": True, "targetMemory": 80, "eventStreamsPerPod": 200}},
        "frontend": {"autoscaling": {"enabled": True, "targetCPU": None, "targetMemory": 70}},
    },
    "no-pdb": both({"pdb": {"enabled": False}}),
    "percentages": both({"pdb": {"maxUnavailable": "25%"}, "rollout": {"maxSurge": "50%", "maxUnavailable": "10%"}}),
    "no-network-policy": {"networkPolicy": {"enabled": False}},
    "open-network": {"networkPolicy": {"backend": {"openToAll": True, "internet": False}}},
    "closed-network": {
        "networkPolicy": {
            "frontend": {"openToAll": False, "from": [{"ipBlock": {"cidr": "10.0.0.0/8"}}]},
            "backend": {"databaseTo": [{"ipBlock": {"cidr": "10.1.2.3/32"}}], "internetExcept": []},
            "metricsFrom": [{"namespaceSelector": {}}],
        }
    },
    "ingress": {"ingress": {"enabled": True}},
    "ingress-tls": {
        "ingress": {"enabled": True, "className": "nginx", "tls": {"enabled": True}},
        "certificate": {"enabled": True, "issuerName": "ca"},
    },
    "http-route": {"httpRoute": {"enabled": True, "parentRefs": [{"name": "public"}]}},
    "monitoring": {
        "metrics": {
            "serviceMonitor": {"enabled": True},
            "prometheusRule": {"enabled": True},
            "dashboard": {"enabled": True},
        }
    },
    "no-metrics": {"metrics": {"enabled": False}},
    "load-balancer": both(
        {
            "service": {
                "type": "LoadBalancer",
                "loadBalancerClass": "service.k8s.aws/nlb",
                "loadBalancerSourceRanges": ["203.0.113.0/24"],
                "externalTrafficPolicy": "Local",
                "ipFamilyPolicy": "PreferDualStack",
                "annotations": {"a": "b"},
            }
        }
    ),
    "node-port": {"frontend": {"service": {"type": "NodePort", "nodePort": 30000}}},
    "prefer-close": both({"service": {"trafficDistribution": "PreferClose"}}),
    "namespace": {"namespace": {"create": True, "name": "elsewhere"}, "migrations": {"mode": "job"}},
    "names": {
        "nameOverride": "tasks",
        "backend": {"fullnameOverride": "api", "nameOverride": "api"},
        "frontend": {"fullnameOverride": "web", "labels": {"app": "web"}},
    },
    "long-name": {"fullnameOverride": "a" * 36},
    "shared-service-account": both({"serviceAccount": {"create": False, "name": "shared"}}),
    "default-service-account": both({"serviceAccount": {"create": False}}),
    "no-probes": both({"probes": {kind: {"enabled": False} for kind in ("startup", "liveness", "readiness")}}),
    "no-pre-stop": both({"drain": {"preStopSeconds": 0, "delaySeconds": 0}}),
    "hard-placement": both(
        {
            "antiAffinity": "hard",
            "topologySpread": "hard",
            "priorityClassName": "critical",
            "nodeSelector": {"disk": "ssd"},
            "tolerations": [{"key": "spot", "operator": "Exists"}],
            "nodeAffinity": {
                "requiredDuringSchedulingIgnoredDuringExecution": {
                    "nodeSelectorTerms": [{"matchExpressions": [{"key": "a", "operator": "Exists"}]}]
                }
            },
        }
    ),
    "loose-placement": both({"antiAffinity": "none", "topologySpread": "none"}),
    "openshift": {"podSecurity": {"runAsUser": None, "runAsGroup": None, "fsGroup": None}},
    "user-namespaces": {"podSecurity": {"hostUsers": False}},
    "private-ca": {"trustedCa": {"configMap": "corporate-ca"}},
    "pilot": {
        "pilot": {
            "rbac": {
                "enabled": True,
                "operator": True,
                "secretMetadata": True,
                "subjects": [{"kind": "Group", "name": "ops"}, {"kind": "ServiceAccount", "name": "bot"}],
            }
        }
    },
    "no-tests": {"tests": {"enabled": False}},
    "digests": both({"image": {"digest": "sha256:" + "a" * 64, "registry": "ghcr.io", "repository": "acme/todo"}}),
    "registry": {"global": {"imageRegistry": "registry.internal:5000"}, "imagePullSecrets": ["login"]},
    "annotations": {
        "commonLabels": {"team": "t"},
        "commonAnnotations": {"contact": "c"},
        **both({"annotations": {"a": "1"}, "podAnnotations": {"b": "2"}}),
        "secrets": {"reloader": True, "rolloutToken": "1"},
    },
    "extra-env": both({"extraEnv": [{"name": "A", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}}]}),
    "extra-config": {"config": {"extra": {"FEATURE": "x: {y}"}, "databasePoolSize": 4, "frontendUrl": "https://t.io"}},
    "backend-only": {"frontend": {"enabled": False}},
    "frontend-only": {"backend": {"enabled": False}, "frontend": {"backendUrl": "http://api.example.com"}},
}
# Complete on their own, and not mixed: what else the templates ask about.
ALONE = {
    "bundled-storage": merge(BUNDLED, {"database": {"bundled": {"storage": {"className": "fast"}}}}),
    "cnpg-image-storage": merge(
        CNPG, {"database": {"cnpg": {"imageName": "registry.internal/postgres:17", "storage": {"className": "fast"}}}}
    ),
    "bundled-no-network-policy": merge(BUNDLED, {"networkPolicy": {"enabled": False}}),
    "argocd-delete": merge(BASE, {"gitops": {"argocd": True}, "migrations": {"deleteSucceeded": True}}),
    "scaled-by-queue": merge(
        BASE,
        {
            "backend": {
                "autoscaling": {
                    "enabled": True,
                    "metrics": [
                        {"type": "External", "external": {"metric": {"name": "queue"}, "target": {"type": "Value", "value": "9"}}}
                    ],
                }
            }
        },
    ),
    "network-for-nobody": merge(
        BASE, {"networkPolicy": {"frontend": {"openToAll": False}}, "tests": {"enabled": False}}
    ),
    "collector-in-the-cluster": merge(
        BASE,
        {"networkPolicy": {"backend": {"extraEgress": [{"to": [{"namespaceSelector": {}}], "ports": [{"port": 4318}]}]}}},
    ),
    "http-route-tls": merge(
        BASE,
        {
            "httpRoute": {"enabled": True, "parentRefs": [{"name": "public"}]},
            "certificate": {"enabled": True, "issuerName": "ca"},
        },
    ),
    "http-route-any-host": merge(
        BASE, {"httpRoute": {"enabled": True, "parentRefs": [{"name": "public"}], "hostnames": []}}
    ),
    "runbooks": merge(
        BASE, {"metrics": {"prometheusRule": {"enabled": True, "runbookUrl": "https://wiki.example.com/runbooks/"}}}
    ),
    "any-node-port": merge(BASE, {"frontend": {"service": {"type": "NodePort"}}}),
    "nodes-by-label": merge(
        BASE,
        both(
            {
                "antiAffinity": "none",
                "nodeAffinity": {
                    "preferredDuringSchedulingIgnoredDuringExecution": [
                        {"weight": 1, "preference": {"matchExpressions": [{"key": "a", "operator": "Exists"}]}}
                    ]
                },
            }
        ),
    ),
    "ids-of-the-platform": merge(
        BASE, {"podSecurity": {"runAsUser": None, "runAsGroup": None, "fsGroup": None, "hostUsers": True}}
    ),
}


def profile_values(name):
    return merge(profile(name), PROFILE_EXTRAS.get(name, {}))


def combinations():
    """{name: values}: profiles, databases, single features, and 40 mixtures of features on each kind of database."""
    cases = {name: profile_values(name) for name in PROFILES}
    cases.update(DATABASES)
    cases.update(ALONE)
    cases.update({name: merge(BASE, values) for name, values in FEATURES.items()})
    dice = random.Random(20)
    for number in range(40):
        database = dice.choice(sorted(DATABASES))
        chosen = dice.sample(sorted(FEATURES), 4)
        values = merge(DATABASES[database], *(FEATURES[name] for name in chosen))
        # Pairs that validate.yaml refuses.
        if database == "cnpg-pooler-backup" and values.get("migrations", {}).get("mode") == "init":
            values["migrations"]["mode"] = "job"
        if "namespace" in chosen:
            values["migrations"]["mode"] = "job"
        cases[f"{number}: {' + '.join([database, *chosen])}"] = values
    return cases
