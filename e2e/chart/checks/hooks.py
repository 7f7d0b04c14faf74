"""What a hook needs must exist when it runs: on a first install nothing of the release does."""

from .helm import BASE, containers, merge, pod_specs, template
from .render import rendered
from .runner import check

HOOK, WEIGHT, DELETE = "helm.sh/hook", "helm.sh/hook-weight", "helm.sh/hook-delete-policy"


def annotations(item):
    return item["metadata"].get("annotations") or {}


def needs(spec):
    """(kind, name) of every object that a pod refers to."""
    if "serviceAccountName" in spec:
        yield "ServiceAccount", spec["serviceAccountName"]
    for container in containers(spec):
        for source in container.get("envFrom", []):
            for kind, key in (("Secret", "secretRef"), ("ConfigMap", "configMapRef")):
                if key in source:
                    yield kind, source[key]["name"]
        for variable in container.get("env", []):
            origin = variable.get("valueFrom", {})
            for kind, key in (("Secret", "secretKeyRef"), ("ConfigMap", "configMapKeyRef")):
                if key in origin:
                    yield kind, origin[key]["name"]
    for volume in spec.get("volumes", []):
        sources = [volume, *volume.get("projected", {}).get("sources", [])]
        for source in sources:
            if "secret" in source:
                yield "Secret", source["secret"].get("secretName") or source["secret"]["name"]
            if "configMap" in source:
                yield "ConfigMap", source["configMap"]["name"]
            if "persistentVolumeClaim" in source:
                yield "PersistentVolumeClaim", source["persistentVolumeClaim"]["claimName"]


def provided(item):
    """What an object brings into being."""
    yield item["kind"], item["metadata"]["name"]
    if item["kind"] == "ExternalSecret":
        yield "Secret", item["spec"]["target"]["name"]
    if item["kind"] == "Cluster":
        yield "Secret", f"{item['metadata']['name']}-app"


@check
def install_hooks_need_only_lighter_hooks():
    seen = 0
    for name, result in rendered().items():
        of_release = {thing for item in result.objects if HOOK not in annotations(item) for thing in provided(item)}
        problems = []
        for owner, _, spec in pod_specs(result):
            events = annotations(owner).get(HOOK, "").split(",")
            if "pre-install" not in events:
                continue
            seen += 1
            weight = int(annotations(owner)[WEIGHT])
            lighter = {
                thing
                for item in result.objects
                if "pre-install" in annotations(item).get(HOOK, "") and int(annotations(item)[WEIGHT]) < weight
                for thing in provided(item)
            }
            for thing in needs(spec):
                if thing in of_release or (thing not in lighter and thing[0] == "ServiceAccount"):
                    problems.append(f"{owner['metadata']['name']} needs {thing}, which comes after it")
        yield name, "; ".join(problems) or None
    assert seen > 10, f"only {seen} hook pods seen"


@check
def hooks_survive_an_interrupted_run():
    """`hook-succeeded` alone leaves an interrupted Job behind, and every later upgrade fails with "already exists"."""
    for name, result in rendered().items():
        hooks = [item for item in result.objects if HOOK in annotations(item)]
        problems = [
            item["metadata"]["name"]
            for item in hooks
            if not annotations(item).get(DELETE, "").startswith("before-hook-creation")
        ]
        # After install, Helm waits for pods that wait for the migration: a deadlock.
        problems += [item["metadata"]["name"] for item in hooks if "post-" in annotations(item)[HOOK]]
        # The prerequisites must outlive the Job.
        problems += [
            item["metadata"]["name"]
            for item in hooks
            if item["kind"] not in ("Job", "Pod") and "hook-succeeded" in annotations(item)[DELETE]
        ]
        yield name, f"delete policy or event: {problems}" if problems else None


@check
def argocd_gets_sync_waves_and_no_helm_hook():
    found = 0
    for name, result in rendered().items():
        waves = {
            (item["kind"], item["metadata"]["name"]): int(annotations(item).get("argocd.argoproj.io/sync-wave", 0))
            for item in result.objects
        }
        if not any(waves.values()):
            continue
        found += 1
        problems = [
            item["metadata"]["name"] for item in result.objects if "pre-install" in annotations(item).get(HOOK, "")
        ]
        for owner, _, spec in pod_specs(result):
            own = waves[owner["kind"], owner["metadata"]["name"]]
            if owner["kind"] == "Job":
                problems += [
                    f"{thing} comes after the Job" for thing in needs(spec) if thing in waves and waves[thing] >= own
                ]
        yield name, "; ".join(problems) or None
    assert found >= 2, "no combination is for Argo CD"


@check
def the_migration_mode_may_change_between_upgrades():
    """Helm refuses to take over an object that a hook made, so no name may be a hook's in one mode and its own in another."""
    of_hooks, of_release = set(), set()
    for mode in ("hook", "job", "init", "none"):
        for item in template(merge(BASE, {"migrations": {"mode": mode}})).objects:
            if annotations(item).get(HOOK) != "test":
                (of_hooks if HOOK in annotations(item) else of_release).add((item["kind"], item["metadata"]["name"]))
    assert of_hooks and not of_hooks & of_release, f"both: {of_hooks & of_release}"
