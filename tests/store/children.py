"""Processes that work until they are killed, and tell what was acknowledged to them by then."""

from __future__ import annotations

import os
import signal
import traceback
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Callable


class Child:
    """A process of its own; it begins at once.

    work: is given what to call each time that something was acknowledged. It ends only by a kill,
    which comes when the `with` block ends. reports: how many of its reports were read so far.
    """

    def __init__(self, work: Callable[[Callable[[], None]], object]) -> None:
        self._pipe, ours = os.pipe()
        self.reports = 0
        self.pid = os.fork()
        if self.pid:
            os.close(ours)
            return
        try:
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            work(lambda: _report(ours))
        except BaseException:  # noqa: BLE001 - whatever it is, it is told, and fails the test
            traceback.print_exc()
        finally:
            os._exit(1)

    def wait_for(self, reports: int) -> None:
        """Wait until so many things were acknowledged."""
        while self.reports < reports:
            got = os.read(self._pipe, reports - self.reports)
            assert got, "it ended by itself"
            self.reports += len(got)

    def gone(self) -> None:
        """Wait until it is killed, by whomever; `reports` is then how often it had reported."""
        while got := os.read(self._pipe, 4096):
            self.reports += len(got)
        os.close(self._pipe)
        _, status = os.waitpid(self.pid, 0)
        assert os.WIFSIGNALED(status), "it failed, see above"
        assert os.WTERMSIG(status) == signal.SIGKILL

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Kill it, wherever it is."""
        os.kill(self.pid, signal.SIGKILL)
        self.gone()


def _report(pipe: int) -> None:
    os.write(pipe, b".")
