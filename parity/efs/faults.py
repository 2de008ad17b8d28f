"""What a volume may do to its clients; each fault ends by itself."""

from __future__ import annotations

import errno
import os
import time
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from parity.efs.figures import GROWING, WRITING

if TYPE_CHECKING:
    from collections.abc import Callable

POLL_SECONDS = 0.02
# A file is closed and a lock given back whatever the server says.
FORGIVEN = frozenset({"CLOSE", "LOCKU"})


class Kind(StrEnum):
    """What the server does."""

    STALL = "stall"  # it does not answer; what was asked is done when the fault ends
    EIO = "eio"
    ENOSPC = "enospc"  # to what takes up room
    ESTALE = "estale"  # it knows no file any more
    READ_ONLY = "read-only"  # to what changes anything, and to opening for writing


@dataclass(frozen=True)
class Fault:
    """A fault that lasts until a moment of the given clock."""

    kind: Kind
    until: float


class Faults:
    """The fault of one client, if any."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._fault: Fault | None = None

    def set(self, kind: Kind, seconds: float) -> None:
        """Have the fault from now on for so many seconds, instead of any other."""
        self._fault = Fault(kind, self._clock() + seconds)

    def clear(self) -> None:
        """Be well again at once."""
        self._fault = None

    @property
    def current(self) -> Fault | None:
        """The fault now."""
        fault = self._fault
        return fault if fault and self._clock() < fault.until else None

    @property
    def seconds_left(self) -> float:
        """How much longer it lasts."""
        fault = self.current
        return fault.until - self._clock() if fault else 0.0

    def meet(self, operation: str, abandoned: Callable[[], bool], *, changes: bool = False) -> None:
        """Let an operation feel the fault: wait it out, or raise OSError.

        abandoned: whether the caller was killed, so that nobody waits for it any more. changes:
        the operation asks for the right to write, whatever its name.
        """
        while (fault := self.current) and fault.kind is Kind.STALL:
            if abandoned():
                raise OSError(errno.EINTR, os.strerror(errno.EINTR))
            time.sleep(min(POLL_SECONDS, max(0.0, fault.until - self._clock())))
        if fault and (number := _answer(fault.kind, operation, changes=changes)):
            raise OSError(number, os.strerror(number))


def _answer(kind: Kind, operation: str, *, changes: bool) -> int:
    """Return the error number that an operation gets; 0 for none."""
    if operation in FORGIVEN:
        return 0
    match kind:
        case Kind.EIO:
            return errno.EIO
        case Kind.ESTALE:
            return errno.ESTALE
        case Kind.ENOSPC:
            return errno.ENOSPC if operation in GROWING else 0
        case Kind.READ_ONLY:
            return errno.EROFS if operation in WRITING or changes else 0
        case _:
            return 0
