"""How much memory requests with attachments may take at one time, in all of this replica.

A request is held as bytes, in base64, as JSON text and as its bytes: about five times what is
attached, at the moment in which it is written. A few large ones at once would be more than a
replica has; so they wait for one another.
"""

from __future__ import annotations

from contextlib import contextmanager
from threading import Condition
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

COPIES = 5
# Of the 512 MiB that Fargate's smallest task has.
LIMIT = 160 * 2**20

_free = LIMIT
_changed = Condition()


@contextmanager
def holding(size: int) -> Iterator[None]:
    """Hold memory for so many bytes of attachments; wait until there is some."""
    global _free  # noqa: PLW0603 - of the process, as its memory is
    wanted = min(size * COPIES, LIMIT)
    with _changed:
        _changed.wait_for(lambda: wanted <= _free)
        _free -= wanted
    try:
        yield
    finally:
        with _changed:
            _free += wanted
            _changed.notify_all()
