"""Keeping house in the session store, in a thread of its own beside the page."""

from __future__ import annotations

import random
import threading
import time
from typing import TYPE_CHECKING

from app.sessions.housekeeping import INTERVAL, Housekeeper

if TYPE_CHECKING:
    from app.settings import Settings


def start(settings: Settings) -> threading.Thread:
    """Keep house for as long as this process lives.

    A daemon thread: it may hang on a volume that does not answer, and must not hold up the end of
    the process. It may be killed at any point.
    """
    housekeeper = Housekeeper(settings.session_root, settings.session_max_age)
    thread = threading.Thread(target=_keep, args=(housekeeper,), name="upkeep", daemon=True)
    thread.start()
    return thread


def _keep(housekeeper: Housekeeper) -> None:
    while True:
        # At random, so that replicas that start together do not all come at once.
        time.sleep(INTERVAL * random.uniform(0.9, 1.1))  # noqa: S311 - no secret
        housekeeper.run()
