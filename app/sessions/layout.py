"""Where a session's files are on the volume, and what they are called.

    sessions/abc/SHA-256.log                    the log
    sessions/abc/SHA-256.log.next               its successor, for a moment (see succession.py)
    sessions/abc/SHA-256.log.draft-RANDOM       what is to become one
    sessions/abc/SHA-256.log.damaged-TIME-...   a copy of one in which there was damage
    sessions/abc/SHA-256.live-NAME              a text that is being written (see live.py)
    sessions/abc/SHA-256.blobs/                 the attachments (see blobs.py)
    sessions/abc/SHA-256.blobs.removed-RANDOM   those of a session that is being removed

`abc` are the name's first digits. One level of 4,096 folders: a client that has not met a session
asks for one folder's name, and in 300,000 sessions a folder has 73.
"""

import re
from pathlib import Path

FOLDER = "sessions"
LOG, BLOBS = ".log", ".blobs"
NEXT = ".next"
DRAFT = ".draft-"
ASIDE = ".damaged-"
REMOVED = ".removed-"
LIVE = ".live-"
PLACE = re.compile(r"[0-9a-f]{3}", re.ASCII)
_DIGITS = 3


def folder_of(root: Path, digest: str) -> Path:
    """Return the folder of a session; the beginning of its digest is enough."""
    return root / FOLDER / digest[:_DIGITS]


def log_of(root: Path, digest: str) -> Path:
    """Return where the log of a session is."""
    return folder_of(root, digest) / f"{digest}{LOG}"
