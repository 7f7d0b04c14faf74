"""Alerts and dashboard ask for metrics that the programs export; every alert has a runbook and is right in a test."""

import json
import re
import tempfile
from pathlib import Path

import yaml

from .helm import BASE, CHART, HERE, REPOSITORY, Loader, merge, run, template
from .runner import check

# Words of PromQL and labels that are no metric.
METRIC = re.compile(r"\b([a-z][a-z0-9_]*)\s*(?:\{|\[)")


def rules():
    return {path.stem: yaml.load(path.read_text(), Loader) for path in sorted((CHART / "rules").glob("*.yaml"))}


def queries():
    for name, rule in rules().items():
        yield f"alert {name}", rule["expr"]
    for path in (CHART / "dashboards").glob("*.json"):
        for panel in json.loads(path.read_text())["panels"]:
            for target in panel["targets"]:
                yield f"panel {panel['title']}", target["expr"]


def metrics_of(query):
    for name in METRIC.findall(query):
        yield re.sub(r"_(bucket|sum|count)$", "", name)


@check
def queries_name_metrics_that_the_programs_export():
    """An exported metric is a string in the programs' sources."""
    source = "\n".join(path.read_text() for path in (REPOSITORY / "crates").glob("*/src/**/*.rs"))
    for name, query in queries():
        used = set(metrics_of(query))
        unknown = sorted(metric for metric in used if f'"{metric}"' not in source)
        yield name, f"exported nowhere: {unknown}" if unknown else "no metric found" if not used else None


@check
def every_alert_has_a_runbook_of_its_name():
    runbooks = {path.stem for path in (CHART / "runbooks").glob("*.md")}
    for name, rule in rules().items():
        yield name, None if rule["alert"] == name and name in runbooks else "no runbook, or another name"
    yield "no runbook without an alert", f"{runbooks - set(rules())}" if runbooks - set(rules()) else None


@check
def alerts_fire_and_rest_as_promtool_tests_say():
    values = merge(BASE, {"metrics": {"prometheusRule": {"enabled": True}}})
    rule = template(values, namespace="todo").one("PrometheusRule", "todo")
    tested = {case["alertname"] for group in tests()["tests"] for case in group["alert_rule_test"]}
    yield "every alert is tested", f"not tested: {set(rules()) - tested}" if set(rules()) - tested else None
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "rules.yaml").write_text(yaml.safe_dump(rule["spec"]))
        done = run("promtool", "check", "rules", f"{folder}/rules.yaml")
        yield "promtool check rules", None if done.returncode == 0 else done.stdout + done.stderr
        # promtool would compare every word of the annotations.
        bare = yaml.safe_load(yaml.safe_dump(rule["spec"]))
        for item in bare["groups"][0]["rules"]:
            del item["annotations"]
        (Path(folder) / "rules.yaml").write_text(yaml.safe_dump(bare))
        (Path(folder) / "tests.yaml").write_text((HERE / "alerts.test.yaml").read_text())
        done = run("promtool", "test", "rules", f"{folder}/tests.yaml", cwd=folder)
        yield "promtool test rules", None if done.returncode == 0 else done.stdout + done.stderr


def tests():
    return yaml.load((HERE / "alerts.test.yaml").read_text(), Loader)
