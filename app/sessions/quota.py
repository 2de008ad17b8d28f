"""How much one session may keep, so that nobody fills the volume for all.

Counted is what the session says now: its messages since the last reset, and its settings. What a
reset or a newer setting made void is not counted, for it goes with the next compaction.
Attachments have a limit of their own, for no restore reads them.
"""

from .errors import QuotaReached
from .record import Kind, decode

DEFAULT = 64 * 2**20  # bytes: a restore holds them all in memory
ATTACHMENTS = 250 * 2**20  # bytes of all a session's attachments, each counted once
_MIB = 2**20


def check(limit: int, size: int) -> None:
    """Raise QuotaReached where a session of that size would be beyond the limit."""
    if size > limit:
        raise QuotaReached(
            f"This conversation has reached its limit of {limit / _MIB:.3g} MiB; nothing was added."
            " Reset it to go on."
        )


def check_attachments(size: int) -> None:
    """Raise QuotaReached where a session's attachments would be beyond their limit."""
    if size > ATTACHMENTS:
        raise QuotaReached(
            f"The attachments of this conversation have reached their limit of "
            f"{ATTACHMENTS // _MIB} MiB; nothing was added. A reset makes room within an hour."
        )


def makes_room(kind: int, payload: bytes) -> bool:
    """Tell what is allowed beyond the limit: a reset, and to remove a setting."""
    if kind == Kind.SETTING:
        value = decode(payload)
        return isinstance(value, dict) and "value" not in value
    return kind == Kind.RESET
