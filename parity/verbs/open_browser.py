"""`parity open`: the chat in the user's browser."""

from __future__ import annotations

import os
import sys
import webbrowser


def open_page(url: str) -> bool:
    """Open the page in a browser; False when this machine has no display or no browser."""
    return has_display() and webbrowser.open(url)


def has_display() -> bool:
    """Tell whether a window can be shown."""
    if sys.platform in ("darwin", "win32"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
