"""What the session store asks of EFS, by the client's own counters."""

from __future__ import annotations

import time
from collections import Counter
from typing import TYPE_CHECKING

from app.sessions import SessionStore, mint
from parity.efs import control

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Mount = Callable[..., list[Path]]


def asked(place: Path, act: Callable[[], object]) -> Counter[str]:
    """Return the round trips of an action; a file is closed a moment after close returns."""
    before = Counter(control.read_counters(place)["operations"])
    act()
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        spent = Counter(control.read_counters(place)["operations"]) - before
        if spent["CLOSE"] == spent["OPEN"] + spent["CREATE"]:
            break
        time.sleep(0.01)
    return spent


def test_a_turn_is_one_write_whatever_its_length(mount: Mount) -> None:
    """One record is one WRITE; nothing else is written, and no folder is listed."""
    (here,) = mount(1, pace=0)
    session = SessionStore(here).open(mint())
    session.messages.append({"text": "first"})
    costs = []
    for length in (10, 200):
        while len(session.messages) < length:
            session.messages.append({"text": "x" * 100})
        costs.append(asked(here, lambda: session.messages.append({"text": "y" * 1000})))
    for cost in costs:
        assert (cost["OPEN"], cost["LOCK"], cost["WRITE"], cost["LOCKU"], cost["CLOSE"]) == (1,) * 5
        assert cost["READDIR"] == cost["CREATE"] == cost["COMMIT"] == 0


def test_a_restore_reads_once(mount: Mount) -> None:
    """Open, read, close, on a client that knows the folders."""
    here, there = mount(2, pace=0)
    key = mint()
    session = SessionStore(here).open(key)
    session.messages.append({"text": "x" * 100})
    SessionStore(there).open(key)
    for _ in range(200):
        session.messages.append({"text": "x" * 100})
    time.sleep(0.05)
    cost = asked(there, lambda: SessionStore(there).open(key))
    assert (cost["OPEN"], cost["READ"], cost["CLOSE"]) == (1, 1, 1)
    assert cost.total() <= 4


def test_following_asks_open_and_close_while_there_is_no_news(mount: Mount) -> None:
    """A refresh without news reads nothing."""
    (here,) = mount(1, pace=0)
    session = SessionStore(here).open(mint())
    session.messages.append({"text": "x"})
    session.refresh()
    cost = asked(here, session.refresh)
    assert cost["READ"] == cost["LOCK"] == cost["WRITE"] == 0
    assert (cost["OPEN"], cost["CLOSE"]) == (1, 1)
