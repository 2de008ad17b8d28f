"""`parity efs`: the words of its options, and what it shows."""

from __future__ import annotations

from pathlib import Path

import pytest

from parity.efs.faults import Kind
from parity.efs.replica_clients import Found, Mount
from parity.errors import UsageError
from parity.verbs import efs

COUNTERS = {
    "operations": {"OPEN": 2, "CLOSE": 1},
    "calls": {"open": 2},
    "bytes": {"read": 2048},
    "fault": "stall",
    "fault_seconds_left": 4.2,
}


def test_fault_is_a_kind_and_seconds() -> None:
    """As on the command line."""
    assert efs.parse_fault("stall=20") == (Kind.STALL, 20)
    assert efs.parse_fault("read-only=0.5") == (Kind.READ_ONLY, 0.5)


@pytest.mark.parametrize("text", ["stall", "stall=", "stall=nan", "eio=0", "eio=1e9", "fire=3", ""])
def test_nonsense_is_quoted(text: str) -> None:
    """With an example that works."""
    with pytest.raises(UsageError) as caught:
        efs.parse_fault(text)
    assert "parity efs --fault" in caught.value.hint


def test_rows_and_documents_say_the_same() -> None:
    """One line a replica; JSON has every count."""
    found = [Found(Mount(1, "abc", Path("/m")), COUNTERS)]
    assert efs.rows(found) == [
        ["1", "abc", "3", "CLOSE 1 OPEN 2", "2 KiB", "0 KiB", "[red]stall[/], 4 s left"]
    ]
    assert efs.documents(found) == [{"replica": 1, "host": "abc", **COUNTERS}]
    assert len(efs.rows(found)[0]) == len(efs.COLUMNS)
