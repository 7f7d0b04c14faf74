"""Every `if` and `with` of the templates is taken both ways by values that the other checks use, and every `range` entered.

Each arm of a copy of the chart begins with a `fail` that names the arm. A rendering stops at the first one that it reaches;
that arm is seen, its `fail` is taken out, and the same values are rendered again until they go through. What still has its
`fail` after all values was never reached.
"""

import re
import shutil
import tempfile
from itertools import product
from pathlib import Path

from .cases import CNPG, combinations
from .helm import BASE, CHART, KUBERNETES, both_digests, merge, parallel, template
from .live_values import SETTINGS, current
from .runner import check
from .sentences import MISSING_APIS, REFUSED

ACTION = re.compile(r"\{\{-?\s*(/\*.*?\*/\s*|.*?)\s*-?\}\}", re.DOTALL)
# `with` only to shorten names: there is always something.
SCOPES = ("index $.probes $kind", "$own.autoscaling")
REACHED = re.compile(r"reached (\S+)")
# Values that another Kubernetes or release shows.
ELSEWHERE = [
    {"values": BASE, "kubernetes": KUBERNETES[0]},
    {"values": merge(BASE, {"frontend": {"service": {"trafficDistribution": "PreferClose"}}}), "kubernetes": KUBERNETES[0]},
    {"values": BASE, "kubernetes": "1.30.0"},
    {"values": BASE, "release": "production"},
    {"values": BASE, "release": "my-todo-chatbot"},
    {"values": merge(BASE, both_digests())},
    {"values": merge(CNPG, {"skipApiChecks": True}), "apis": ()},
    # As `helm lint` sees a chart without values: what is missing is no failure there.
    {"values": {}, "without": "validate.yaml"},
    {"values": {"migrations": {"mode": "job"}}, "without": "validate.yaml"},
]


def always_there(body):
    """Whether a `with` names a group of values."""
    subject = body.removeprefix("with").strip()
    path = re.fullmatch(r"(?:\$|\.root)?\.Values\.([.\w]+)", subject)
    return isinstance(current(path.group(1)), dict) if path else subject in SCOPES


def arms(text, name):
    """(place, what to insert there, name of the arm) of every arm in a template."""
    open_blocks = []
    for action in ACTION.finditer(text):
        body = action.group(1)
        word = body.split(None, 1)[0] if body.split() else ""
        line = text.count("\n", 0, action.start()) + 1
        if word in ("if", "with", "range", "define", "block"):
            open_blocks.append({"word": word, "line": line, "else": word == "with" and always_there(body)})
            if word in ("if", "with", "range"):
                yield action.end(), "", f"{name}:{line}:{word}"
        elif word == "else":
            # Without a condition of its own it is the last arm.
            open_blocks[-1]["else"] |= body == "else"
            yield action.end(), "", f"{name}:{line}:{'else' if body == 'else' else 'else-if'}"
        elif word == "end":
            block = open_blocks.pop()
            # A list that stands in the template is never empty: of a `range` the body is enough.
            if block["word"] in ("if", "with") and not block["else"]:
                # Space is trimmed before it as it was before the end.
                before = "{{- else }}" if action.group().startswith("{{-") else "{{ else }}"
                yield action.start(), before, f"{name}:{block['line']}:not-{block['word']}"
    assert not open_blocks, f"{name}: blocks left open: {open_blocks}"


class Marked:
    """A copy of the chart with a `fail` in every arm that was not seen yet."""

    def __init__(self, folder):
        self.chart = Path(folder) / "todo-chatbot"
        shutil.copytree(CHART, self.chart)
        self.templates = {}
        for path in sorted((self.chart / "templates").rglob("*")):
            if path.is_file():
                name = str(path.relative_to(self.chart / "templates"))
                text = path.read_text()
                self.templates[name] = (path, text, list(arms(text, name)))
        self.unseen = {arm for _, _, marks in self.templates.values() for _, _, arm in marks}
        assert len(self.unseen) == sum(len(marks) for _, _, marks in self.templates.values()), "two arms of one name"
        for name in self.templates:
            self.write(name)

    def write(self, name):
        path, text, marks = self.templates[name]
        for place, before, arm in sorted(marks, reverse=True, key=lambda mark: mark[0]):
            if arm in self.unseen:
                text = text[:place] + before + '{{ fail "reached ' + arm + '" }}' + text[place:]
        path.write_text(text)

    def render(self, arguments):
        """Takes out what these values reach."""
        without = arguments.pop("without", None)
        if without:
            self.templates[without][0].unlink()
        self.render_on(arguments)
        if without:
            self.write(without)

    def render_on(self, arguments):
        while True:
            result = template(chart=self.chart, **arguments)
            reached = [] if result.ok else [arm for arm in REACHED.findall(result.error) if arm in self.unseen]
            if not reached:
                return
            self.unseen.discard(reached[0])
            self.write(reached[0].split(":", 1)[0])


def everything_rendered():
    values = [*combinations().values(), *SETTINGS]
    yield from ({"values": one} for one in values)
    yield from ELSEWHERE
    yield from ({"values": one} for one, _ in REFUSED)
    yield from ({"values": one, "apis": ()} for one, _, _ in MISSING_APIS)


def seen_by(job):
    """Arms that a share of all values does not reach."""
    share, shares = job
    with tempfile.TemporaryDirectory() as folder:
        marked = Marked(folder)
        everything = set(marked.unseen)
        for number, arguments in enumerate(everything_rendered()):
            if not marked.unseen:
                break
            if number % shares == share:
                marked.render(dict(arguments))
        return everything, marked.unseen


@check
def every_branch_is_taken_both_ways():
    found = parallel(seen_by, list(product(range(2), [2])))
    everything = found[0][0]
    assert len(everything) > 300, f"only {len(everything)} arms"
    unseen = set.intersection(*(one for _, one in found))
    for arm in sorted(everything):
        yield arm, "no rendering takes it" if arm in unseen else None
