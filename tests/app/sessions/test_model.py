"""The store against an in-memory model: any order of operations by three replicas."""

import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from app.sessions import Conflict, Position, Session, SessionStore, mint, record

WHO = st.integers(0, 2)
TEXT = st.text(st.characters(), max_size=20)
VALUES = st.none() | st.booleans() | st.integers() | TEXT | st.lists(st.integers(), max_size=3)
NAMES = st.sampled_from("abc")


class Replicas(RuleBasedStateMachine):
    """Three replicas that have the same session open."""

    def __init__(self) -> None:
        super().__init__()
        self.root = Path(tempfile.mkdtemp())
        self.store = SessionStore(self.root)
        self.key = mint()
        self.sessions: list[Session] = [self.store.open(self.key) for _ in range(3)]
        self.messages: list[object] = []
        self.settings: dict[str, object] = {}
        self.position: Position = self.sessions[0].position

    def teardown(self) -> None:
        """Remove the volume."""
        shutil.rmtree(self.root)

    def moved(self, who: int) -> None:
        """Take note of where the conversation ends now."""
        self.position = self.sessions[who].position

    @rule(who=WHO, text=TEXT)
    def append(self, who: int, text: str) -> None:
        """Any replica may append at any time."""
        self.sessions[who].messages.append({"text": text})
        self.messages.append({"text": text})
        self.moved(who)

    @rule(who=WHO, text=TEXT)
    def append_if_up_to_date(self, who: int, text: str) -> None:
        """A guarded append goes through exactly when nothing came in between."""
        session = self.sessions[who]
        known = session.position
        if known == self.position:
            session.messages.append({"text": text}, after=known)
            self.messages.append({"text": text})
        else:
            with pytest.raises(Conflict):
                session.messages.append({"text": text}, after=known)
        self.moved(who)

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
        self.sessions[who] = self.store.open(self.key)

    @rule(size=st.integers(1, 40))
    def die_in_mid_append(self, size: int) -> None:
        """A fourth replica may die in an append, having written some of its frame."""
        for path in self.root.rglob("*.log"):
            data = path.read_bytes()
            end = record.scan(data).end
            lost, _ = record.frame(record.Kind.MESSAGE, b'{"text":"written in part"}', end)
            path.write_bytes(data[: end.offset] + lost[:size])

    @rule(who=WHO)
    def refresh(self, who: int) -> None:
        """After a refresh a replica shows what the model says, and a second finds nothing."""
        session = self.sessions[who]
        session.refresh()
        assert not session.refresh()
        assert session.messages == self.messages
        assert dict(session.settings) == self.settings
        assert session.position == self.position

    @invariant()
    def restores(self) -> None:
        """Whoever opens the session now sees what the model says."""
        session = self.store.open(self.key)
        assert session.messages == self.messages
        assert dict(session.settings) == self.settings
        assert session.notice is None


TestReplicas = Replicas.TestCase
TestReplicas.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
