"""Runs the faults on the databases; one line each, and why when one fails."""

import os
import shutil
import sys
import tempfile
import time
import traceback

import clients
import clocks
import crashes
import storage
from system import Failed, Postgres, Sqlite

FAULTS = [*crashes.FAULTS, *storage.FAULTS, *clients.FAULTS, *clocks.FAULTS]


def main(words):
    passed = failed = 0
    for fault, engines in FAULTS:
        if words and not any(word in fault.__name__ for word in words):
            continue
        for engine in engines:
            folder = tempfile.mkdtemp(prefix="todo-faults-")
            os.chmod(folder, 0o755)
            started, database = time.monotonic(), None
            try:
                database = engine(folder)
                said = fault(database)
                passed += 1
                print(f"ok      {fault.__name__:<28} {engine.name:<11} {time.monotonic() - started:5.1f} s  {said}", flush=True)
            except Exception as error:
                failed += 1
                print(f"FAILED  {fault.__name__:<28} {engine.name:<11} {time.monotonic() - started:5.1f} s  {error}", flush=True)
                if not isinstance(error, Failed):
                    traceback.print_exc()
            finally:
                if database:
                    database.close()
                shutil.rmtree(folder, ignore_errors=True)
    if passed + failed == 0:
        print(f"there is no fault of that name; they are {', '.join(fault.__name__ for fault, _ in FAULTS)}")
        failed = 1
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


sys.exit(main(sys.argv[1:]))
