import pytest

from app.sessions import QuotaReached, SessionStore, StoreUnavailable
from app.sessions.compaction import compact

from .helpers import say, texts
from .test_compaction import log_of


@pytest.fixture
def tight(store: SessionStore) -> SessionStore:
    """The same volume, with sessions of 10,000 bytes at most."""
    return SessionStore(store.root, quota=10_000)


def test_a_full_session_says_so_and_keeps_what_it_has(tight: SessionStore, key: str) -> None:
    """One plain sentence, which is no failure of the volume; others are not concerned."""
    session = tight.open(key)
    say(session, "x" * 9000)
    with pytest.raises(QuotaReached, match=r"limit of 0\.00954 MiB; nothing was added") as refusal:
        say(session, "y" * 1000)
    assert not isinstance(refusal.value, StoreUnavailable)
    with pytest.raises(QuotaReached):
        session.settings["a"] = "y" * 1000
    for each in (session, tight.open(key)):
        assert texts(each) == ["x" * 9000]
        assert dict(each.settings) == {}
    say(session, "short")
    say(tight.open("A" * 43), "y" * 1000)


def test_what_makes_room_is_allowed(tight: SessionStore, key: str) -> None:
    """A reset and the removal of a setting go through, and then there is room, log full or not."""
    session = tight.open(key)
    session.settings["a"] = "y" * 900
    say(session, "x" * 9000)
    with pytest.raises(QuotaReached):
        say(session, "z" * 500)
    del session.settings["a"]
    say(session, "z" * 500)
    with pytest.raises(QuotaReached):
        say(session, "z" * 500)
    session.reset()
    say(session, "z" * 9000)
    assert texts(tight.open(key)) == ["z" * 9000]


def test_only_what_is_said_now_counts(tight: SessionStore, key: str) -> None:
    """Neither settings that were set anew nor a compaction change how much room there is."""
    session = tight.open(key)
    for number in range(100):
        session.settings["a"] = "y" * 3000 + str(number)
    say(session, "x" * 6000)
    assert compact(log_of(tight, key)) > 0
    session.require_room(500)
    for each in (session, tight.open(key)):
        with pytest.raises(QuotaReached):
            each.require_room(1000)


def test_room_left_by_others_is_seen(tight: SessionStore, key: str) -> None:
    """The limit is the session's, whoever writes."""
    here, there = tight.open(key), tight.open(key)
    say(there, "x" * 9000)
    with pytest.raises(QuotaReached):
        say(here, "y" * 1000)
    assert texts(here) == ["x" * 9000]
