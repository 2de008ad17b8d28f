"""What a chat does to the shared volume: system calls and bytes, counted in this process.

Counted are the store's own calls; an NFS client turns each into about one operation of EFS, fewer
where its cache answers. A read of nothing at a file's end counts, too.
"""

from __future__ import annotations

import fcntl
import os
import tempfile
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from app.conversation import Turn, answer_record, prompt_record
from app.sessions import SessionStore, mint
from bench.report import Report, Row, Target, run_as_program, show

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from app.sessions import Session

SHORT, LONG = 10, 1000  # messages
KIT = "kit"
# The store's calls by what EFS counts and meters them as. `close` gives the lock back.
METADATA_READS = ("open", "fstat", "lstat", "flock", "close")
METADATA_WRITES = ("mkdir", "fsync", "ftruncate")
DATA_READS = ("pread",)
DATA_WRITES = ("pwrite",)
NOON = 1_800_000_000.123456  # Unix time; the real one has now more digits, now fewer
TEXT = "word "  # one token of English text, near enough


@dataclass
class Calls:
    """System calls since the count began, by kind, and the bytes that they moved."""

    metadata_reads: int = 0
    metadata_writes: int = 0
    data_reads: int = 0
    data_writes: int = 0
    bytes_read: int = 0
    bytes_written: int = 0


@contextmanager
def counted() -> Iterator[Calls]:
    """Count what the store asks of the system while the block runs."""
    calls = Calls()
    kinds = {
        "metadata_reads": METADATA_READS,
        "metadata_writes": METADATA_WRITES,
        "data_reads": DATA_READS,
        "data_writes": DATA_WRITES,
    }
    with ExitStack() as stack:
        for kind, names in kinds.items():
            for name in names:
                module = fcntl if name == "flock" else os
                stack.enter_context(
                    patch.object(module, name, _counting(calls, kind, getattr(module, name)))
                )
        yield calls


def _counting(calls: Calls, kind: str, call: Callable[..., Any]) -> Callable[..., Any]:
    def counting(*arguments: Any, **options: Any) -> Any:  # noqa: ANN401 - as the system's own
        setattr(calls, kind, getattr(calls, kind) + 1)
        result = call(*arguments, **options)
        calls.bytes_read += len(result) if kind == "data_reads" else 0
        calls.bytes_written += result if kind == "data_writes" else 0
        return result

    return counting


def measure() -> dict[str, Calls]:
    """Count, by what was done: a look for news, a record, a restore, the first record."""
    with tempfile.TemporaryDirectory() as folder:
        store = SessionStore(Path(folder))
        found: dict[str, Calls] = {}
        key = mint()
        session = store.open(key)
        with counted() as found["first record of a session"]:
            _say(session, 1)
        for length in (SHORT, LONG):
            _grow(session, length)
            with counted() as found[f"look for news after {length} messages"]:
                session.refresh()
            with counted() as found[f"record after {length} messages"]:
                _say(session, 1)
        with counted() as found[f"restore of {LONG} messages"]:
            store.open(key)
    return found


def record_overhead() -> float:
    """Return the bytes that a turn's two records take beyond the texts of prompt and answer."""
    with tempfile.TemporaryDirectory() as folder:
        session = SessionStore(Path(folder)).open(mint())
        _say(session, 1)
        with counted() as calls:
            _say(session, 1)
            _answer(session, 1)
    return calls.bytes_written - 2 * len(TEXT)


def _grow(session: Session, length: int) -> None:
    while len(session.messages) < length:
        _say(session, 1)


def _say(session: Session, tokens: int) -> None:
    session.messages.append(prompt_record("0" * 32, TEXT * tokens) | {"at": NOON})


def _answer(session: Session, tokens: int) -> None:
    usage = {"inputTokens": 1000, "outputTokens": 1000, "totalTokens": 2000}
    turn = Turn("0" * 32, "", 0)
    session.messages.append(answer_record(turn, TEXT * tokens, "amazon.nova-micro-v1:0", usage))


def report(found: dict[str, Calls], overhead: float) -> Report:
    """Sum up: one row a count, and the promise that length costs nothing."""
    rows = [
        Row(f"{done}: {count.replace('_', ' ')}", "", {KIT: value})
        for done, calls in found.items()
        for count, value in vars(calls).items()
    ]
    rows.append(Row("a turn's records beyond its texts", "bytes", {KIT: overhead}))
    targets = [
        Target(
            f"{done} at message {LONG}, against message {SHORT}",
            1.0,
            _operations(found[f"{done} after {LONG} messages"])
            / _operations(found[f"{done} after {SHORT} messages"]),
            "x",
        )
        for done in ("look for news", "record")
    ]
    return Report(rows, targets)


def _operations(calls: Calls) -> int:
    return calls.metadata_reads + calls.metadata_writes + calls.data_reads + calls.data_writes


def main(*, json: bool = False) -> int:
    """Measure, print and return the exit code: 1 if a target is missed."""
    return show(report(measure(), record_overhead()), json=json)


if __name__ == "__main__":
    run_as_program(main)
