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
    """Return the round trips of an action."""
    before = counted(place)
    act()
    return counted(place) - before


def counted(place: Path) -> Counter[str]:
    """Return the round trips so far, once all files are closed: a moment after close returns."""
    deadline = time.monotonic() + 5
    while True:
        found = Counter(control.read_counters(place)["operations"])
        if found["CLOSE"] == found["OPEN"] + found["CREATE"]:
            return found
        assert time.monotonic() < deadline, f"files are still open: {found}"
        time.sleep(0.01)


def test_a_turn_is_six_operations_whatever_its_length(mount: Mount) -> None:
    """Open, lock, ask whether others wrote, write, unlock, close; nothing is read or listed."""
    (here,) = mount(1, pace=0)
    session = SessionStore(here).open(mint())
    session.messages.append({"text": "first"})
    costs = []
    for length in (10, 200):
        while len(session.messages) < length:
            session.messages.append({"text": "x" * 100})
        costs.append(asked(here, lambda: session.messages.append({"text": "y" * 1000})))
    once = ("OPEN", "LOCK", "GETATTR", "WRITE", "LOCKU", "CLOSE")
    assert costs == [dict.fromkeys(once, 1)] * 2


def test_a_turn_after_that_of_another_replica_reads_it(mount: Mount) -> None:
    """What is new is read, once; a client that doubts a name by then asks for that, too."""
    here, there = mount(2, pace=0)
    key = mint()
    session, other = SessionStore(here).open(key), SessionStore(there).open(key)
    for each in (session, other, session):
        each.messages.append({"text": "x"})
    other.messages.append({"text": "y"})
    cost = asked(here, lambda: session.messages.append({"text": "z"}))
    assert (cost["OPEN"], cost["READ"], cost["WRITE"]) == (1, 1, 1)
    assert cost.total() <= 8, cost
    assert [message["text"] for message in session.messages] == [*"xxxyz"]


def test_a_restore_is_four_operations_where_nobody_has_met_the_session(mount: Mount) -> None:
    """The folder's name, open, read, close: on a client that knows no more than `sessions`."""
    here, there = mount(2, pace=0)
    key = mint()
    session = SessionStore(here).open(key)
    for _ in range(200):
        session.messages.append({"text": "x" * 100})
    (there / "sessions").stat()
    cost = asked(there, lambda: SessionStore(there).open(key))
    assert cost == dict.fromkeys(("LOOKUP", "OPEN", "READ", "CLOSE"), 1)
    session.messages.append({"text": "y"})
    cost = asked(there, lambda: SessionStore(there).open(key))
    assert cost == dict.fromkeys(("OPEN", "READ", "CLOSE"), 1)


def test_following_asks_open_and_close_while_there_is_no_news(mount: Mount) -> None:
    """A refresh without news reads nothing."""
    (here,) = mount(1, pace=0)
    session = SessionStore(here).open(mint())
    session.messages.append({"text": "x"})
    session.refresh()
    cost = asked(here, session.refresh)
    assert cost["READ"] == cost["LOCK"] == cost["WRITE"] == 0
    assert (cost["OPEN"], cost["CLOSE"]) == (1, 1)
