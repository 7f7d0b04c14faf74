"""Every combination renders, the same twice and with both Helm majors, into objects that every Kubernetes accepts."""

import re
import tempfile
from functools import cache
from pathlib import Path

import yaml

from .cases import combinations
from .helm import CHART, HELMS, HERE, KUBERNETES, NEWEST, TOOLS, parallel, template, tool
from .runner import check


@cache
def attempts():
    cases = combinations()
    return dict(zip(cases, parallel(template, cases.values())))


def rendered():
    """{name: Rendered} of every combination on the newest Kubernetes."""
    broken = [name for name, result in attempts().items() if not result.ok]
    assert not broken, f"{len(broken)} combinations do not render, such as {broken[0]}"
    return attempts()


@check
def every_combination_renders():
    assert len(attempts()) >= 60, f"only {len(attempts())} combinations"
    for name, result in attempts().items():
        yield name, None if result.ok else result.error.strip()[-600:]


def rendered_alike(version):
    """The oldest Kubernetes for which the templates render the same: they compare versions only where they say so."""
    text = "".join(path.read_text() for path in (CHART / "templates").rglob("*") if path.is_file())
    compared = re.findall(r'semverCompare "([^"]*)"', text)
    assert compared and all(re.fullmatch(r">=1\.\d+\.0-0", words) for words in compared), compared
    steps = {int(words.split(".")[1]) for words in compared} | {int(KUBERNETES[0].split(".")[1])}
    return f"1.{max(step for step in steps if step <= int(version.split('.')[1]))}.0"


@check
def objects_are_strictly_valid_on_every_kubernetes():
    """Unknown fields are refused, so a field that an old Kubernetes lacks must not be rendered for it."""
    cases = combinations()
    locations = [
        str(TOOLS / "schemas/crds") + "/{{.Group}}/{{.ResourceKind}}_{{.ResourceAPIVersion}}.json",
        str(HERE / "schemas") + "/{{.Group}}/{{.ResourceKind}}_{{.ResourceAPIVersion}}.json",
    ]
    renderings = {}
    for version in KUBERNETES:
        same = rendered_alike(version)
        if same not in renderings:
            renderings[same] = (
                list(rendered().values())
                if same == rendered_alike(NEWEST)
                else parallel(lambda values: template(values, kubernetes=same), cases.values())
            )
        results = renderings[same]
        with tempfile.TemporaryDirectory() as folder:
            for number, result in enumerate(results):
                (Path(folder) / f"{number}.yaml").write_text(result.text)
            own = str(TOOLS / f"schemas/k8s/{version}") + "/{{.ResourceKind}}{{.KindSuffix}}.json"
            arguments = [argument for location in [own, *locations] for argument in ("-schema-location", location)]
            done = tool("kubeconform", "-strict", "-summary", "-n", "2", *arguments, folder)
        valid = "Invalid: 0, Errors: 0, Skipped: 0" in done.stdout
        yield version, None if valid and done.returncode == 0 else done.stdout[:2000] + done.stderr


@check
def rendering_twice_gives_the_same_bytes():
    again = dict(zip(combinations(), parallel(template, combinations().values())))
    for name, result in rendered().items():
        yield name, None if again[name].text == result.text else "the second rendering differs"


@check
def both_helm_majors_render_the_same():
    assert HELMS == ("helm4", "helm3")
    cases = combinations()
    other = dict(zip(cases, parallel(lambda values: template(values, helm="helm3"), cases.values())))
    for name, result in rendered().items():
        same = list(yaml_objects(other[name])) == list(yaml_objects(result))
        yield name, None if same else other[name].error or "Helm 3 and Helm 4 differ"


def yaml_objects(result):
    return sorted((yaml.safe_dump(item) for item in result.objects))


@check
def names_are_unique_and_short_enough():
    for name, result in rendered().items():
        keys = [(o["kind"], o["metadata"].get("namespace"), o["metadata"]["name"]) for o in result.objects]
        twice = {key for key in keys if keys.count(key) > 1}
        long = {key for key in keys if len(key[2]) > 63}
        yield name, f"twice: {twice}, too long: {long}" if twice or long else None
