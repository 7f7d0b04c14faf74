"""What is generated from the chart is committed and up to date."""

from .helm import REPOSITORY, TOOLS, run
from .runner import check


@check
def schema_and_readme_follow_the_values():
    done = run(TOOLS / "venv/bin/python", REPOSITORY / "deploy/chart/generate", "--check")
    assert done.returncode == 0, done.stderr


@check
def plain_manifests_follow_the_chart():
    done = run(REPOSITORY / "deploy/manifests/render", "--check", env={"PATH": f"{TOOLS / 'bin'}:/usr/bin:/bin"})
    assert done.returncode == 0, done.stdout + done.stderr
