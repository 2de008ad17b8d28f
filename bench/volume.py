"""What a chat does to the shared volume: system calls and bytes, counted in this process.

Counted are the store's own calls; an NFS client turns each into about one operation of EFS, fewer
where its cache answers. A read of nothing at a file's end counts, too.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from app.conversation import Turn, answer_record, prompt_record
from app.sessions import SessionStore, mint
from bench.calls import Calls, counted
from bench.report import Report, Row, Target, run_as_program, show

if TYPE_CHECKING:
    from app.sessions import Session

SHORT, LONG = 10, 1000  # messages
KIT = "kit"
NOON = 1_800_000_000.123456  # Unix time; the real one has now more digits, now fewer
TEXT = "word "  # one token of English text, near enough


def measure() -> dict[str, Calls]:
    """Count, by what was done: a look, a record, a restore, the first record, a live text."""
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
        with counted() as found["live text begun and removed"]:
            live = session.write_live("0" * 16)
            live.close()
        live = session.write_live("1" * 16)
        with counted() as found["live text grown"]:
            live.extend(TEXT)
        live.close()
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
            found[f"{done} after {LONG} messages"].total
            / found[f"{done} after {SHORT} messages"].total,
            "x",
        )
        for done in ("look for news", "record")
    ]
    return Report(rows, targets)


def main(*, json: bool = False) -> int:
    """Measure, print and return the exit code: 1 if a target is missed."""
    return show(report(measure(), record_overhead()), json=json)


if __name__ == "__main__":
    run_as_program(main)
