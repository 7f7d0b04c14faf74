"""python -m checks [PART OF A NAME …]"""

import sys

from . import (  # noqa: F401  importing registers the checks, in this order
    drift,
    lint,
    minikube,
    docs,
    render,
    hooks,
    sources,
    secrets,
    sentences,
    standards,
    monitoring,
    programs,
    package,
    policy,
    live_values,
    branches,
    bad_values,
)
from .runner import main

sys.exit(main(sys.argv[1:]))
