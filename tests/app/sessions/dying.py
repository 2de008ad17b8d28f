"""Run something in a process that dies, or is refused, right before its n-th file operation."""

from __future__ import annotations

import fcntl
import os
import signal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

CALLS = (
    "open pread pwrite fsync ftruncate rename unlink rmdir utime fstat lstat listdir mkdir close"
)


class Countdown:
    """Counts file operations, and does something before one of them."""

    def __init__(self, number: int, act: Callable[[], None]) -> None:
        self.left = number
        self._act = act
        self._real = {(os, name): getattr(os, name) for name in CALLS.split()}
        self._real[fcntl, "flock"] = fcntl.flock

    def __enter__(self) -> None:
        for (module, name), call in self._real.items():
            setattr(module, name, self._counting(call))

    def __exit__(self, *_: object) -> None:
        for (module, name), call in self._real.items():
            setattr(module, name, call)

    def _counting(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def counting(*arguments: Any, **options: Any) -> Any:  # noqa: ANN401 - as the system's own
            self.left -= 1
            if self.left == 0:
                if call is self._real[os, "close"]:
                    call(*arguments)  # close(2): a descriptor is gone also where closing it fails
                self._act()
            return call(*arguments, **options)

        return counting


def killed_before(number: int, act: Callable[[], object]) -> bool:
    """Do it in a child that is killed before its n-th file operation; False if it came to its end.

    The kill is a real one: locks, descriptors and what was not written go as they go then.
    """
    child = os.fork()
    if child == 0:
        try:
            with Countdown(number, lambda: os.kill(os.getpid(), signal.SIGKILL)):
                act()
            os._exit(0)
        finally:
            os._exit(1)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return True
    assert os.WEXITSTATUS(status) == 0, "the child failed"
    return False


def refused_at(number: int, error: int, act: Callable[[], object]) -> bool:
    """Do it with the n-th file operation refused; False if it made fewer than that."""

    def refuse() -> None:
        raise OSError(error, os.strerror(error))

    countdown = Countdown(number, refuse)
    with countdown:
        act()
    return countdown.left <= 0
