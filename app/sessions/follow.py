"""Follow a session: notice what other pages, threads, processes and hosts add to it.

In a Streamlit fragment, which asks now and then:

    follower = Follower(session)                     # kept in st.session_state

    @st.fragment(run_every=0.8)
    def news():
        if follower.news():
            st.rerun()

In a thread, which waits:

    for session in Follower(session):
        print(session.messages[-1])

A look at the volume is one open, one fstat, one close: close-to-open consistency means that an NFS
client asks the server for a file's attributes when it opens it, and may answer a bare stat from
what it cached up to a minute ago. Nothing is read unless the length has changed, and then only
what is new.

When what is seen: `within` seconds after the append, always; unless `quiet_within` allows more for
the first record after QUIET_SECONDS in which nobody else said anything. Asking before a look is due
costs nothing, so `news` may be asked as often as one likes. Delays grow by what a look takes and,
for `news`, by the time between two questions.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .session import Session

WITHIN = 0.9  # seconds
QUIET_SECONDS = 60.0


class Follower:
    """Follows one session, for one thread or page; others take their own."""

    __slots__ = ("_busy_until", "_looked_at", "_quiet_within", "_within", "session")

    def __init__(
        self, session: Session, *, within: float = WITHIN, quiet_within: float | None = None
    ) -> None:
        self.session = session
        self._within = within
        self._quiet_within = max(within, quiet_within or 0)
        self._looked_at = time.monotonic()
        self._busy_until = self._looked_at

    @property
    def busy(self) -> bool:
        """Whether others added something of late."""
        return time.monotonic() < self._busy_until

    @property
    def due_in(self) -> float:
        """Seconds until the next look is due, 0 if it is."""
        pause = self._within if self.busy else self._quiet_within
        return max(0.0, self._looked_at + pause - time.monotonic())

    def expect(self) -> None:
        """Be as quick as where others are busy: something is known to be on its way."""
        self._busy_until = time.monotonic() + QUIET_SECONDS

    def news(self) -> bool:
        """Tell whether others added anything, which the session then shows; looks only if due.

        Raises StoreUnavailable when the volume does not answer.
        """
        return self.due_in == 0 and self._look()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait for news; False if none came within `timeout` seconds. Raises as `news` does."""
        deadline = None if timeout is None else time.monotonic() + timeout
        while True:
            pause = self.due_in
            if deadline is not None and time.monotonic() + pause > deadline:
                time.sleep(max(0.0, deadline - time.monotonic()))
                return False
            time.sleep(pause)
            if self._look():
                return True

    def _look(self) -> bool:
        self._looked_at = time.monotonic()
        if not self.session.refresh():
            return False
        self.expect()
        return True

    def __iter__(self) -> Iterator[Session]:
        """Yield the session each time that something was added to it, for ever."""
        while self.wait():
            yield self.session
