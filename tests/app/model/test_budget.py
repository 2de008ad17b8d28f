"""Requests with large attachments wait for one another, and small ones do not."""

from __future__ import annotations

import threading

import pytest

from app.model import budget


def test_large_requests_wait_for_room() -> None:
    """The second begins when the first is written; one larger than all room has it to itself."""
    order: list[str] = []
    begun = threading.Event()

    def second() -> None:
        begun.set()
        with budget.holding(budget.LIMIT):
            order.append("second")

    with budget.holding(budget.LIMIT // budget.COPIES):
        thread = threading.Thread(target=second)
        thread.start()
        begun.wait()
        with budget.holding(0):
            order.append("without attachments")
        order.append("first")
    thread.join(10)
    assert order == ["without attachments", "first", "second"]


def test_room_comes_back_after_a_failure() -> None:
    """Else nothing could be attached any more."""
    for _ in range(3):
        with pytest.raises(OSError, match="broken"), budget.holding(budget.LIMIT):
            raise OSError("broken")
