"""Secrets arrive as they were given, and only where they belong."""

import base64
import random
import string
import tempfile
from pathlib import Path

import yaml

from .cases import BUNDLED, EXISTING, EXTERNAL
from .helm import BASE, HELMS, merge, pod_specs, template
from .render import rendered
from .runner import check


def urls():
    """Database addresses with everything that `--set` would cut apart."""
    dice = random.Random(6)
    yield "postgresql://todo:p%2C{w}\\d@db.example.com:5432/todo?sslmode=verify-full&options=a,b"
    for _ in range(30):
        password = "".join(dice.choices(string.ascii_letters + ",{}[]\\=\"'$`!%&*()<>|;~^ é", k=20))
        yield f"postgresql://user:{password}@host/db?options=-c a={{1,2}},b\\,c"


@check
def any_database_address_survives_the_documented_commands():
    for helm in HELMS:
        for number, url in enumerate(urls()):
            with tempfile.TemporaryDirectory() as folder:
                plain, values = Path(folder) / "database-url.txt", Path(folder) / "values.yaml"
                plain.write_text(url + "\n")
                values.write_text(yaml.safe_dump({"secrets": {"databaseUrl": url}}))
                without = merge(BASE, {"secrets": {"databaseUrl": ""}})
                for way in (["--set-file", f"secrets.databaseUrl={plain}"], ["--values", str(values)]):
                    result = template(without, helm=helm, extra=way)
                    if not result.ok:
                        yield f"{helm} {way[0]} {number}", result.error
                        continue
                    wrong = [
                        name
                        for name in ("todo-secrets", "todo-backend-migrate-env")
                        if base64.b64decode(result.one("Secret", name)["data"]["database-url"]).decode() != url
                    ]
                    yield f"{helm} {way[0]} {number}", f"{wrong} differ" if wrong else None


@check
def the_bundled_password_is_escaped_in_the_address():
    result = template(BUNDLED)
    data = result.one("Secret", "todo-postgres")["data"]
    assert base64.b64decode(data["password"]).decode() == "p@ss/w:rd"
    url = base64.b64decode(data["database-url"]).decode()
    assert url == "postgresql://todo:p%40ss%2Fw%3Ard@todo-postgres:5432/todo?sslmode=disable", url


@check
def no_secret_stands_outside_a_secret():
    """Not in a ConfigMap, an environment variable or an argument."""
    marked = {
        name: f"MARKED-{name}"
        for name in "betterAuthSecret openaiApiKey openrouterApiKey cohereApiKey vapidPublicKey vapidPrivateKey".split()
    }
    marked["databaseUrl"] = "postgresql://u:MARKED-databaseUrl@h/d"
    for mount in ("files", "env"):
        result = template({"secrets": {**marked, "mount": mount}})
        assert result.ok, result.error
        leaks = [o["metadata"]["name"] for o in result.objects if o["kind"] != "Secret" and "MARKED" in yaml.safe_dump(o)]
        yield mount, f"secrets in {leaks}" if leaks else None
    bundled = template(merge(BUNDLED, {"database": {"bundled": {"password": "MARKED"}}}))
    leaks = [o["metadata"]["name"] for o in bundled.objects if o["kind"] != "Secret" and "MARKED" in yaml.safe_dump(o)]
    yield "bundled", f"secrets in {leaks}" if leaks else None


@check
def programs_get_each_secret_once_as_file_or_variable():
    for mount in ("files", "env"):
        for kind, values in (("made", BASE), ("existing", EXISTING), ("external", EXTERNAL)):
            result = template(merge(values, {"secrets": {"mount": mount}}))
            for owner, _, spec in pod_specs(result):
                if owner["kind"] != "Deployment" or "backend" not in owner["metadata"]["name"]:
                    continue
                names = [variable["name"] for variable in spec["containers"][0]["env"]]
                suffix = "_FILE" if mount == "files" else ""
                wanted = {f"DATABASE_URL{suffix}", f"BETTER_AUTH_SECRET{suffix}"}
                missing = wanted - set(names)
                double = {name for name in names if names.count(name) > 1}
                yield f"{mount} {kind}", f"missing {missing}, twice {double}" if missing or double else None


@check
def a_changed_secret_or_setting_rolls_the_pods():
    def checksum(values):
        spec = template(values).one("Deployment", "todo-backend")["spec"]["template"]
        return spec["metadata"]["annotations"]

    before = checksum(BASE)
    changes = {
        "secret": {"secrets": {"openaiApiKey": "sk-other"}},
        "setting": {"config": {"logLevel": "debug"}},
        "token": {"secrets": {"rolloutToken": "2"}},
    }
    for name, change in changes.items():
        yield name, None if checksum(merge(BASE, change)) != before else "the pod template stays the same"


@check
def production_keeps_secrets_out_of_the_release_record():
    for name in ("values-production", "values-cnpg", "values-airgap", "values-argocd"):
        found = rendered()[name].find("Secret")
        yield name, f"makes {[o['metadata']['name'] for o in found]}" if found else None
