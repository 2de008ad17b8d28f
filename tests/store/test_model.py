"""The store against an in-memory model: any order of operations by three replicas."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from app.sessions import Conflict, Follower, Session, garbage, mint, record
from app.sessions.attachments import ORPHAN_AGE, tidy
from app.sessions.compaction import compact
from app.sessions.reading import Mark
from app.sessions.record import START, Kind, encode
from app.sessions.removal import remove
from tests.store.effort import EFFORT, IS_LONG

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from app.sessions import Position
    from app.sessions.log import Log
    from tests.store.conftest import Volume

REPLICAS = 3
SHARE_ON_EFS = 10  # of the examples, one in so many is tried on EFS semantics, too
WHO = st.integers(0, REPLICAS - 1)
TEXT = st.text(st.characters(), max_size=20)
FILES = st.sampled_from(["one", "two", "three"])
VALUES = st.none() | st.booleans() | st.integers() | TEXT | st.lists(st.integers(), max_size=3)
NAMES = st.sampled_from("abc")


class Replicas(RuleBasedStateMachine):
    """Three replicas that have the same session open, each in a store of its own."""

    volume: Volume

    def __init__(self) -> None:
        super().__init__()
        self.key = mint()
        self.sessions: list[Session] = [self.opened(who) for who in range(REPLICAS)]
        self.messages: list[dict[str, object]] = []
        self.settings: dict[str, object] = {}
        self.files: dict[str, bytes] = {}
        self.position: Position = START
        self.past: list[tuple[list[dict[str, object]], dict[str, object]]] = [([], {})]

    def opened(self, who: int) -> Session:
        """Open the session at a replica."""
        return self.volume.store(who).open(self.key)

    def log(self, who: int) -> Log:
        """Return the log, as housekeeping at a replica opens it."""
        return self.sessions[who]._replay.log.impatient()

    def said(self, who: int, message: dict[str, object]) -> None:
        """Take note that a replica has appended."""
        self.messages.append(message)
        self.moved(who)

    def moved(self, who: int) -> None:
        """Take note of where the conversation ends now."""
        self.position = self.sessions[who].position

    @rule(who=WHO, text=TEXT)
    def append(self, who: int, text: str) -> None:
        """Any replica may append at any time."""
        self.sessions[who].messages.append({"text": text})
        self.said(who, {"text": text})

    @rule(who=WHO, text=TEXT)
    def append_if_up_to_date(self, who: int, text: str) -> None:
        """A guarded append goes through exactly when nothing came in between."""
        session = self.sessions[who]
        known = session.position
        if known == self.position:
            session.messages.append({"text": text}, after=known)
            self.said(who, {"text": text})
        else:
            with pytest.raises(Conflict):
                session.messages.append({"text": text}, after=known)

    @rule(who=WHO, content=FILES)
    def attach(self, who: int, content: str) -> None:
        """Any replica may attach a file, be it there already or not."""
        file = self.sessions[who].attach(content.encode(), name="a.txt")
        self.files[file["sha256"]] = content.encode()
        message: dict[str, object] = {"attachments": [dict(file)]}
        self.sessions[who].messages.append(message)
        self.said(who, message)

    @rule(who=WHO, name=NAMES, value=VALUES)
    def set(self, who: int, name: str, value: object) -> None:
        """Any replica may set, unless it believes that this is the value already."""
        session = self.sessions[who]
        session.refresh()
        session.settings[name] = value  # type: ignore[assignment]
        self.settings[name] = value

    @rule(who=WHO, name=NAMES)
    def delete(self, who: int, name: str) -> None:
        """Any replica may remove a setting."""
        session = self.sessions[who]
        session.refresh()
        assert (session.settings.pop(name, None) is None) == (self.settings.get(name) is None)
        self.settings.pop(name, None)

    @rule(who=WHO)
    def reset(self, who: int) -> None:
        """Any replica may clear the conversation."""
        self.sessions[who].reset()
        self.messages.clear()
        self.moved(who)

    @rule(who=WHO)
    def hop(self, who: int) -> None:
        """A replica may be replaced by a new one."""
        self.sessions[who] = self.opened(who)

    @rule(who=WHO)
    def rest(self, who: int) -> None:
        """A replica may let go of what it holds in memory."""
        self.sessions[who].rest()

    @rule(who=WHO)
    def compact(self, who: int) -> None:
        """The garbage may be taken out, which is no news to anybody."""
        compact(self.log(who))

    @rule(who=WHO)
    def tidy(self, who: int) -> None:
        """What was attached and is named nowhere may go, and nothing else."""
        tidy(self.log(who), time.time() + 2 * ORPHAN_AGE)

    @rule(who=WHO)
    def expire(self, who: int) -> None:
        """Nobody may have used the session for long, but for pages that are still open."""
        assert remove(self.log(who), unused_since=time.time() + 60)
        self.messages.clear()
        self.settings.clear()
        self.position = START

    @precondition(lambda self: self.position != START)
    @rule(who=WHO, size=st.integers(1, 40))
    def die_in_mid_append(self, who: int, size: int) -> None:
        """Another process may die in an append, having written some of its frame."""
        with self.log(who).writing() as writer:
            end = writer.catch_up(Mark()).mark.cursor
            lost, _ = record.frame(Kind.MESSAGE, encode({"text": "written in part"}), end)
            with open(writer.fd, "r+b", closefd=False) as file:
                file.truncate(end.offset)
                file.seek(end.offset)
                file.write(lost[:size])

    @precondition(lambda self: self.position != START)
    @rule(who=WHO)
    def die_in_mid_compaction(self, who: int) -> None:
        """Another may die between the old log's last word and the new one's name."""
        with self.log(who).writing() as writer:
            writer.catch_up(Mark())
            writer.append(Kind.SUPERSEDED, encode({}))

    @rule(who=WHO)
    def look(self, who: int) -> None:
        """What a replica shows that was not refreshed was so once."""
        session = self.sessions[who]
        assert (list(session.messages), dict(session.settings)) in self.past

    @rule(who=WHO)
    def refresh(self, who: int) -> None:
        """After a refresh a replica shows what the model says, and a second finds nothing."""
        session = self.sessions[who]
        before = (list(session.messages), dict(session.settings), session.position)
        news = session.refresh()
        self.assert_current(session)
        assert news or before == (self.messages, self.settings, self.position)
        assert not session.refresh()

    @rule(who=WHO)
    def follow(self, who: int) -> None:
        """Whoever follows the session sees what others have added."""
        Follower(self.sessions[who], within=0).news()
        self.assert_current(self.sessions[who])

    @invariant()
    def restores(self) -> None:
        """Whoever opens the session now sees what the model says, with all that was attached."""
        state = (list(self.messages), dict(self.settings))
        if state != self.past[-1]:
            self.past.append(state)
        session = self.opened(len(self.past))
        self.assert_current(session)
        assert session.notice is None
        for message in self.messages:
            for file in message.get("attachments", []):  # type: ignore[attr-defined]
                assert session.read(file) == self.files[file["sha256"]]

    def assert_current(self, session: Session) -> None:
        """Assert that a session shows what the model says."""
        assert session.messages == self.messages
        assert dict(session.settings) == self.settings
        assert session.position == self.position


@contextmanager
def anything_is_worth_compacting() -> Iterator[None]:
    """Let no log be too small for it."""
    least, garbage.LEAST = garbage.LEAST, 0
    try:
        yield
    finally:
        garbage.LEAST = least


def test_any_order_of_operations_is_as_the_model_says(
    volume: Volume, tell: Callable[..., None]
) -> None:
    """By several replicas, some of which die in mid-deed, on each kind of volume."""
    examples = EFFORT.examples // (1 if volume.kind == "plain folder" else SHARE_ON_EFS)
    machine = type("Machine", (Replicas,), {"volume": volume})
    options = settings(
        max_examples=examples,
        stateful_step_count=EFFORT.steps,
        deadline=None,
        derandomize=not IS_LONG,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    with anything_is_worth_compacting():
        run_state_machine_as_test(machine, settings=options)
    tell(examples=examples, steps=EFFORT.steps)
