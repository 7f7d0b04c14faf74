"""The chart as a package, and as a part of another chart."""

import shutil
import tarfile
import tempfile
from pathlib import Path

import yaml

from .helm import BASE, CHART, HELMS, REPOSITORY, Loader, run, template, tool
from .runner import check


@check
def the_package_is_small_and_holds_nothing_else():
    with tempfile.TemporaryDirectory() as folder:
        done = tool("helm4", "package", CHART, "--destination", folder)
        assert done.returncode == 0, done.stderr
        package = next(Path(folder).glob("*.tgz"))
        size = package.stat().st_size
        assert size <= 100_000, f"{size} bytes"
        with tarfile.open(package) as archive:
            inside = {name.split("/", 1)[1] for name in archive.getnames()}
    # Files that are not committed must not be packed either.
    committed = run("git", "ls-files", "--cached", "--others", "--exclude-standard", ".", cwd=CHART).stdout.split()
    extra = inside - set(committed)
    assert not extra, f"packed by accident: {extra}"


@check
def it_works_as_a_part_of_another_chart():
    """Helm adds `global`, and a parent's condition may add `enabled`: the schema must accept both."""
    with tempfile.TemporaryDirectory() as folder:
        parent = Path(folder) / "parent"
        shutil.copytree(CHART, parent / "charts/todo-chatbot")
        (parent / "templates").mkdir()
        (parent / "Chart.yaml").write_text(
            yaml.safe_dump(
                {
                    "apiVersion": "v2",
                    "name": "parent",
                    "version": "1.0.0",
                    "dependencies": [{"name": "todo-chatbot", "version": "*", "condition": "todo-chatbot.enabled"}],
                }
            )
        )
        values = {"global": {"anything": {"goes": 1}}, "todo-chatbot": {**BASE, "enabled": True}}
        for helm in HELMS:
            result = template(values, helm=helm, chart=parent)
            found = result.ok and bool(result.find("Deployment"))
            yield helm, None if found else result.error or "no Deployment"


@check
def chart_and_program_have_one_version():
    chart = yaml.load((CHART / "Chart.yaml").read_text(), Loader)
    cargo = (REPOSITORY / "Cargo.toml").read_text().split('[workspace.package]\nversion = "')[1].split('"')[0]
    assert str(chart["appVersion"]) == cargo, f"appVersion {chart['appVersion']}, workspace {cargo}"
