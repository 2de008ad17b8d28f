"""Keeping house in the session store, in a thread of its own beside the page."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from app.sessions import Housekeeper

if TYPE_CHECKING:
    from app.settings import Settings


def start(settings: Settings) -> threading.Thread:
    """Keep house for as long as this process lives, and not hold up its end."""
    housekeeper = Housekeeper(settings.session_root, settings.session_max_age)
    thread = threading.Thread(target=housekeeper.run_forever, name="upkeep", daemon=True)
    thread.start()
    return thread
