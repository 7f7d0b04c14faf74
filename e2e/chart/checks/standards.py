"""Rules for every object of every combination, of the kind that Polaris and kube-linter know: nothing points at
nothing, every pod is restricted, limited, probed and fenced."""

import json

from .helm import TOOLS, containers, pod_specs, run
from .hooks import HOOK, annotations, needs, provided
from .render import rendered
from .runner import check


def labels_match(selector, labels):
    return all(labels.get(key) == value for key, value in selector.items())


@check
def pod_security_restricted_admits_every_pod():
    """Asked of Kubernetes' own library."""
    pods, owners = [], []
    for name, result in rendered().items():
        for owner, metadata, spec in pod_specs(result):
            title = f"{name}/{owner['kind']}/{owner['metadata']['name']}"
            pods.append({"metadata": {**metadata, "name": title}, "spec": spec})
            owners.append(title)
    done = run(TOOLS / "bin/podsecurity", input=json.dumps(pods))
    assert done.returncode == 0 and f"{len(pods)} pods" in done.stderr, done.stderr
    refused = {line.split(": ", 1)[0]: line for line in done.stdout.splitlines()}
    for title in owners:
        yield title, refused.get(title)


@check
def containers_are_locked_and_limited():
    for name, result in rendered().items():
        problems = []
        for owner, _, spec in pod_specs(result):
            where = owner["metadata"]["name"]
            if spec.get("automountServiceAccountToken") is not False:
                problems.append(f"{where} mounts a token")
            if spec.get("enableServiceLinks") is not False:
                problems.append(f"{where} gets every Service as variables")
            if not spec.get("serviceAccountName"):
                problems.append(f"{where} has no ServiceAccount")
            for container in containers(spec):
                security = container["securityContext"]
                if security.get("readOnlyRootFilesystem") is not True:
                    problems.append(f"{where} can write its root")
                for part in ("requests", "limits"):
                    lacking = {"cpu", "memory", "ephemeral-storage"} - set(container["resources"][part])
                    if lacking:
                        problems.append(f"{where} has no {part} of {lacking}")
            for volume in spec.get("volumes", []):
                if "hostPath" in volume or ("emptyDir" in volume and "sizeLimit" not in volume["emptyDir"]):
                    problems.append(f"{where} volume {volume['name']} has no limit or is the host's")
        yield name, "; ".join(problems) or None


@check
def names_point_at_something():
    """A name stands for an object of the release, or for one that the values declare to be there already."""
    declared = {"mine", "todo-secrets", "backend-secrets", "frontend-secrets", "corporate-ca", "shared", "default"}
    for name, result in rendered().items():
        there = {thing for item in result.objects for thing in provided(item)}
        problems = [
            f"{owner['metadata']['name']} needs {thing}"
            for owner, _, spec in pod_specs(result)
            for thing in needs(spec)
            if thing not in there and thing[1] not in declared
        ]
        pods = [metadata.get("labels", {}) for _, metadata, _ in pod_specs(result)]
        for kind, selector_of in (
            ("Service", lambda spec: spec["selector"]),
            ("PodDisruptionBudget", lambda spec: spec["selector"]["matchLabels"]),
            ("NetworkPolicy", lambda spec: spec["podSelector"]["matchLabels"]),
        ):
            for item in result.find(kind):
                selector = selector_of(item["spec"])
                if not any(labels_match(selector, labels) for labels in pods):
                    problems.append(f"{kind} {item['metadata']['name']} selects no pod")
        for item in result.find("Service"):
            ports = {
                port["name"]
                for _, metadata, spec in pod_specs(result)
                if labels_match(item["spec"]["selector"], metadata.get("labels", {}))
                for container in spec["containers"]
                for port in container.get("ports", [])
            }
            problems += [
                f"Service {item['metadata']['name']} has no port {port['targetPort']}"
                for port in item["spec"]["ports"]
                if port["targetPort"] not in ports
            ]
        for item in result.find("HorizontalPodAutoscaler"):
            target = item["spec"]["scaleTargetRef"]["name"]
            deployment = result.find("Deployment", target)
            if not deployment or "replicas" in deployment[0]["spec"]:
                problems.append(f"autoscaler of {target}: no Deployment, or one that fixes replicas")
        for item in result.find("ServiceMonitor"):
            selector = item["spec"]["selector"]["matchLabels"]
            if not any(labels_match(selector, s["metadata"]["labels"]) for s in result.find("Service")):
                problems.append("the ServiceMonitor selects no Service")
        services = {item["metadata"]["name"] for item in result.find("Service")}
        for item in result.find("Ingress"):
            for rule in item["spec"]["rules"]:
                for path in rule["http"]["paths"]:
                    if path["backend"]["service"]["name"] not in services:
                        problems.append("the Ingress points at no Service")
        for item in result.find("HTTPRoute"):
            if item["spec"]["rules"][0]["backendRefs"][0]["name"] not in services:
                problems.append("the HTTPRoute points at no Service")
        yield name, "; ".join(problems) or None


@check
def every_pod_is_fenced_by_a_network_policy():
    for name, result in rendered().items():
        if name == "no-network-policy" or "no-network-policy" in name:
            continue
        policies = result.find("NetworkPolicy")
        problems = []
        for owner, metadata, _ in pod_specs(result):
            own = [p for p in policies if labels_match(p["spec"]["podSelector"]["matchLabels"], metadata["labels"])]
            if len(own) != 1 or set(own[0]["spec"]["policyTypes"]) != {"Ingress", "Egress"}:
                problems.append(f"{owner['metadata']['name']} has {len(own)} policies")
        yield name, "; ".join(problems) or None


@check
def services_leave_without_losing_a_request():
    """preStop, drain delay and grace fit; nothing is taken away before its successor is ready."""
    for name, result in rendered().items():
        problems = []
        for item in result.find("Deployment"):
            spec = item["spec"]["template"]["spec"]
            container = spec["containers"][0]
            pause = container.get("lifecycle", {}).get("preStop", {}).get("sleep", {}).get("seconds", 0)
            delay = next(int(v["value"].rstrip("s")) for v in container["env"] if v["name"] == "SHUTDOWN_DELAY")
            if spec["terminationGracePeriodSeconds"] < pause + delay + 5:
                problems.append(f"{item['metadata']['name']} is killed while it drains")
            if "no-probes" not in name:
                live, ready = container["livenessProbe"], container["readinessProbe"]
                if live["httpGet"]["path"] == "/health/ready":
                    problems.append(f"{item['metadata']['name']}: liveness asks the database")
                if "startupProbe" not in container or not ready:
                    problems.append(f"{item['metadata']['name']} lacks a probe")
        for item in result.find("PodDisruptionBudget"):
            if item["spec"].get("maxUnavailable") in (0, "0%") or "minAvailable" in item["spec"]:
                problems.append("a disruption budget can block a drain")
        yield name, "; ".join(problems) or None


@check
def selectors_hold_only_what_never_changes():
    wanted = {"app.kubernetes.io/name", "app.kubernetes.io/instance", "app.kubernetes.io/component"}
    for name, result in rendered().items():
        wrong = [
            item["metadata"]["name"]
            for item in result.objects
            if item["kind"] in ("Deployment", "StatefulSet") and set(item["spec"]["selector"]["matchLabels"]) != wanted
        ]
        yield name, f"selectors of {wrong}" if wrong else None


@check
def objects_carry_the_recommended_labels_and_a_namespace():
    recommended = {f"app.kubernetes.io/{key}" for key in "name instance component version part-of managed-by".split()}
    for name, result in rendered().items():
        problems = []
        for item in result.objects:
            metadata = item["metadata"]
            if not recommended <= set(metadata["labels"]):
                problems.append(f"{item['kind']} {metadata['name']} lacks labels")
            if item["kind"] != "Namespace" and not metadata.get("namespace"):
                problems.append(f"{item['kind']} {metadata['name']} has no namespace")
        yield name, "; ".join(problems) or None


@check
def the_pilot_may_look_but_not_touch():
    for name, result in rendered().items():
        for item in result.find("Role"):
            verbs = {verb for rule in item["rules"] for verb in rule["verbs"]}
            if "*" in verbs or any("*" in rule["resources"] + rule["apiGroups"] for rule in item["rules"]):
                yield name, "a wildcard in the Role"
                continue
            if name == "values-production":
                yield name, f"verbs {verbs}" if verbs - {"get", "list", "watch"} else None
                secrets = [rule for rule in item["rules"] if "secrets" in rule["resources"]]
                yield f"{name} secrets", f"{secrets}" if secrets else None


@check
def test_pods_run_the_own_image():
    for name, result in rendered().items():
        images = {c["image"] for o in result.find("Deployment") for c in containers(o["spec"]["template"]["spec"])}
        tests = [o for o in result.find("Pod") if annotations(o).get(HOOK) == "test"]
        wrong = [o["metadata"]["name"] for o in tests if o["spec"]["containers"][0]["image"] not in images]
        yield name, f"{wrong} run another image" if wrong else None
