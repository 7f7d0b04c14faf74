"""Policy scanners find nothing on the production profile, but for the reasoned exclusions in exclusions.yaml."""

import json
import tempfile
from pathlib import Path

import yaml

from .cases import profile_values
from .helm import HERE, Loader, both_digests, merge, run, template, tool
from .runner import check


def exclusions():
    return yaml.load((HERE / "exclusions.yaml").read_text(), Loader)


def excluded(scanner):
    return {name for entry in exclusions() for name in entry.get(scanner, [])}


def production():
    # Images by digest, as a release's digests.yaml gives them.
    result = template(merge(profile_values("values-production"), both_digests()), namespace="todo")
    assert result.ok, result.error
    return result


@check
def exclusions_are_few_and_reasoned():
    entries = exclusions()
    assert len(entries) <= 5, f"{len(entries)} exclusions"
    for number, entry in enumerate(entries):
        good = len(entry.get("reason", "")) > 40 and len(entry) > 1
        yield number, None if good else "no reason, or nothing excluded"


@check
def scanners_find_nothing_on_production():
    result = production()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "production.yaml"
        path.write_text(result.text)
        yield from checkov(path)
        yield from kube_score(path)


def checkov(path):
    done = run("checkov", "-f", path, "--framework", "kubernetes", "--skip-download", "--output", "json")
    report = json.loads(done.stdout)
    passed, failed = report["summary"]["passed"], report["results"]["failed_checks"]
    found = {f"{c['check_id']} {c['check_name']} {c['resource']}" for c in failed if c["check_id"] not in excluded("checkov")}
    yield f"checkov, {passed} passed", "; ".join(sorted(found)) or ("it checked nothing" if passed < 100 else None)
    unused = excluded("checkov") - {c["check_id"] for c in failed}
    yield "checkov exclusions are used", f"{unused} exclude nothing" if unused else None


def kube_score(path):
    listed = tool("kube-score", "list").stdout.splitlines()
    optional = [line.split(",")[0] for line in listed if line.rstrip().endswith("optional")]
    arguments = [argument for name in optional for argument in ("--enable-optional-test", name)]
    done = tool("kube-score", "score", *arguments, "--output-format", "json", path)
    report = json.loads(done.stdout)
    checks = [(item["object_name"], c) for item in report for c in item["checks"]]
    bad = [(name, c) for name, c in checks if not c["skipped"] and c["grade"] < 7]
    found = {f"{c['check']['id']} {name}" for name, c in bad if c["check"]["id"] not in excluded("kube-score")}
    yield f"kube-score, {len(checks)} checks", "; ".join(sorted(found)) or ("nothing" if len(checks) < 100 else None)
    unused = excluded("kube-score") - {c["check"]["id"] for _, c in bad}
    yield "kube-score exclusions are used", f"{unused} exclude nothing" if unused else None


@check
def every_profile_passes_checkov_with_its_local_waivers():
    """Local profiles waive what is meant for production: digests, forced pulls, the bundled database's password."""
    waived = excluded("checkov") | {"CKV_K8S_43", "CKV_K8S_14", "CKV_K8S_15", "CKV_K8S_35", "CKV_K8S_40"}
    for name in ("values-dev", "values-minikube", "values-cnpg", "values-airgap", "values-argocd", "values.example"):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "all.yaml"
            path.write_text(template(profile_values(name), namespace="todo").text)
            done = run("checkov", "-f", path, "--framework", "kubernetes", "--skip-download", "--output", "json")
        failed = json.loads(done.stdout)["results"]["failed_checks"]
        found = {f"{c['check_id']} {c['resource']}" for c in failed if c["check_id"] not in waived}
        yield name, "; ".join(sorted(found)) or None
