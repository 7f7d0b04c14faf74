"""Collects checks and counts them."""

import sys
import time
import traceback
from collections import Counter

# Failures printed per check.
SHOWN = 8
_checks = []


def check(function):
    """Registers a check. It fails by an exception; a generator yields (name, error or None) for each of its cases."""
    _checks.append(function)
    return function


def main(wanted):
    passed, failed = 0, []
    for function in _checks:
        module = function.__module__.rsplit(".", 1)[-1]
        name = f"{module}.{function.__name__}"
        if wanted and not any(part in name for part in wanted):
            continue
        start, before, failures = time.monotonic(), passed, len(failed)
        try:
            cases = function()
            if cases is None:
                passed += 1
            else:
                for case, error in cases:
                    if error:
                        failed.append(f"{name}[{case}]: {error}")
                    else:
                        passed += 1
                if passed == before and len(failed) == failures:
                    failed.append(f"{name}: no case was found")
        except Exception as error:  # one broken check must not hide the others
            detail = str(error) or traceback.format_exc()
            failed.append(f"{name}: {detail}")
        mark = "ok  " if len(failed) == failures else "FAIL"
        print(f"{mark} {name}  {passed - before} passed  {time.monotonic() - start:.1f} s", flush=True)
    shown = Counter()
    for failure in failed:
        name = failure.split("[", 1)[0]
        shown[name] += 1
        if shown[name] <= SHOWN:
            print(f"FAILED {failure}", file=sys.stderr)
    for name, count in shown.items():
        if count > SHOWN:
            print(f"FAILED {name}: {count - SHOWN} more cases", file=sys.stderr)
    print(f"{passed} passed, {len(failed)} failed")
    return 1 if failed or not passed else 0
