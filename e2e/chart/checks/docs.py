"""What the deployment pages show, works: values render, linked and named files exist."""

import re

import yaml

from .cases import profile_values
from .helm import REPOSITORY, Loader, merge, template
from .runner import check

PAGES = [REPOSITORY / "docs" / f"{name}.md" for name in "kubernetes rollback secrets cloud troubleshooting".split()] + [
    REPOSITORY / "deploy/chart/todo-chatbot/README.md"
]


@check
def values_in_the_pages_render():
    for page in PAGES:
        for number, block in enumerate(re.findall(r"```yaml\n(.*?)```", page.read_text(), re.S)):
            result = template(merge(profile_values("values-production"), yaml.load(block, Loader)))
            yield f"{page.name} {number}", None if result.ok else result.error
    inline = re.findall(r"`([a-zA-Z]+(?:\.[a-zA-Z]+)+)`", "".join(page.read_text() for page in PAGES[:-1]))
    known = yaml.load((REPOSITORY / "deploy/chart/todo-chatbot/values.yaml").read_text(), Loader)
    for path in sorted(set(inline)):
        head, *rest = path.split(".")
        # `drain.preStopSeconds` and the like stand for both services.
        node = known.get(head, known["backend"].get(head))
        for key in rest:
            node = node.get(key, ...) if isinstance(node, dict) else ...
        if head in known or head in known["backend"]:
            yield path, "no such value" if node is ... else None


@check
def linked_and_named_files_exist():
    for page in PAGES:
        text = page.read_text()
        links = [(page.parent / link.split("#")[0]) for link in re.findall(r"\]\(([^)#:]+)[^)]*\)", text)]
        named = [REPOSITORY / path for path in re.findall(r"\bdeploy/[\w./-]*\w", text)]
        for path in {*links, *named}:
            yield f"{page.name} {path.name}", None if path.exists() else "does not exist"
        for name in set(re.findall(r"\bvalues[-.][\w.-]*?\.yaml\b", text)):
            yield f"{page.name} {name}", None if (REPOSITORY / "deploy/chart/todo-chatbot" / name).exists() else "no profile"
