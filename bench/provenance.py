"""Of what, when and on which machine a comparison was measured."""

from __future__ import annotations

import os
import platform
from datetime import UTC, datetime
from functools import cache

from parity.host.command import run, succeeds
from parity.project import ROOT

_GIT = ["git", "-C", str(ROOT)]
_BUT_RESULTS = ":!bench/results"  # these are being written


@cache
def provenance() -> dict[str, object]:
    """Return commit, date (ISO 8601, UTC) and machine; the same for as long as a process lives."""
    machine = {
        "cores": os.cpu_count(),
        "kernel": platform.release(),
        "architecture": platform.machine(),
        "python": platform.python_version(),
    }
    date = datetime.now(UTC).isoformat(timespec="seconds")
    return {"commit": _commit(), "date": date, "machine": machine}


def _commit() -> str:
    """Return the checkout's commit, marked where other files than results differ from it."""
    head = [*_GIT, "rev-parse", "HEAD"]
    if not succeeds(head):
        return "unknown"
    changed = run([*_GIT, "status", "--porcelain", "--untracked-files=no", "--", ".", _BUT_RESULTS])
    return run(head).strip() + ("-dirty" if changed else "")
