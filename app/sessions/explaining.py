"""From the system's errors to sentences that a page may show."""

import contextlib
import errno
import logging
from collections.abc import Iterator

from .errors import StoreUnavailable, VolumeFull

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}

logger = logging.getLogger(__name__)


@contextlib.contextmanager
def explained(label: str, verb: str) -> Iterator[None]:
    """Turn the system's errors into sentences; numbers go to the log, paths nowhere."""
    try:
        yield
    except OSError as error:
        raise explanation(error, label, verb) from error


def explanation(error: OSError, label: str, verb: str) -> StoreUnavailable:
    """Return what to raise instead, for a session that cannot be `verb`; the log is told why."""
    name = errno.errorcode.get(error.errno or 0, "unknown")
    logger.warning("session %s: cannot be %s: %s (%s)", label, verb, error.strerror, name)
    if error.errno in _FULL:
        return VolumeFull(
            f"This could not be {verb}, because the storage for conversations is full "
            f"({error.strerror}). Nothing saved before is affected; try again later."
        )
    return StoreUnavailable(
        f"This conversation cannot be {verb} right now ({error.strerror}). "
        "Nothing saved before is affected; try again in a moment."
    )
