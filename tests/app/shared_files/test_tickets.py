"""Ids: every replica knows its own again, and nobody else can make one."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from app.shared_files import tickets
from app.shared_files.kept import ID
from app.shared_files.tickets import Tickets

if TYPE_CHECKING:
    import pytest


def test_ticket_is_known_on_every_replica_for_its_session_and_owner() -> None:
    """They share a secret and nothing else."""
    here, there = Tickets("secret"), Tickets("secret")
    ticket = here.issue("session", "owner")
    assert ID.fullmatch(ticket)
    assert there.is_issued(ticket, "session", "owner")
    assert not there.is_issued(ticket, "session", "another")
    assert not there.is_issued(ticket, "session", "")
    assert not there.is_issued(ticket, "another", "owner")
    assert not Tickets("another").is_issued(ticket, "session", "owner")


def test_ticket_of_a_page_without_a_cookie_is_good_with_one() -> None:
    """It was asked for before the cookie came, and used afterwards."""
    ticket = Tickets("secret").issue("session", "")
    assert Tickets("secret").is_issued(ticket, "session", "owner")
    assert Tickets("secret").is_issued(ticket, "session", "")


def test_every_digit_of_a_ticket_counts() -> None:
    """And no two are the same."""
    ours = Tickets("secret")
    ticket = ours.issue("session", "owner")
    assert ticket != ours.issue("session", "owner")
    for at in range(64):
        changed = ticket[:at] + ("0" if ticket[at] != "0" else "1") + ticket[at + 1 :]
        assert not ours.is_issued(changed, "session", "owner")
    for text in ("", "x", ticket.upper(), ticket + "0", ticket[:-1]):
        assert not ours.is_issued(text, "session", "owner")


def test_ticket_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """A day after the page asked for it."""
    ticket, now = Tickets("secret").issue("session", ""), time.time()
    monkeypatch.setattr(time, "time", lambda: now + tickets.TICKET_SECONDS - 10)
    assert Tickets("secret").is_issued(ticket, "session", "")
    monkeypatch.setattr(time, "time", lambda: now + tickets.TICKET_SECONDS + 10)
    assert not Tickets("secret").is_issued(ticket, "session", "")


def test_medium_has_one_id_for_its_owner_and_content() -> None:
    """On each replica; another owner, type, name or content has another; parts do not run over."""

    def of(secret: str, whose: str, *facts: str, content: bytes = b"content") -> str:
        hashed = Tickets(secret).medium(whose, *facts)
        hashed.update(content)
        return hashed.hexdigest()

    mine = of("secret", "me", "media", "a/b", "name")
    assert ID.fullmatch(mine)
    assert mine == of("secret", "me", "media", "a/b", "name")
    others = {
        of("another", "me", "media", "a/b", "name"),
        of("secret", "you", "media", "a/b", "name"),
        of("secret", "me", "downloadable", "a/b", "name"),
        of("secret", "me", "media", "a/c", "name"),
        of("secret", "me", "media", "a/b", "nam"),
        of("secret", "me", "media", "a/b", "name", content=b"contents"),
        of("secret", "me", "media", "a/b", "nam", content=b"econtent"),
    }
    assert mine not in others
    assert len(others) == 7
