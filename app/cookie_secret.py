"""One cookie secret for every replica, kept on the volume that they share."""

from __future__ import annotations

import os
import secrets
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

NAME = "cookie-secret"


def shared_secret(volume: Path) -> str:
    """Return the volume's secret, made by whichever replica asks first.

    Written aside and then linked, which succeeds for one replica only, so none ever reads a part
    of it. Raises OSError where the volume cannot be written.
    """
    path = volume / NAME
    if not path.exists():
        draft = volume / f".{NAME}-{secrets.token_hex(8)}"
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_hex(32))
            file.flush()
            os.fsync(descriptor)
        try:
            os.link(draft, path)
        except FileExistsError:
            pass  # another replica was faster: use that one's
        finally:
            draft.unlink()
    return path.read_text()
