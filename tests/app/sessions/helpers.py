"""What several test files need."""

import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from app.sessions import Session

ROOT = Path(__file__).parents[3]
# A program: compacts one log again and again until it is killed. Arguments: root, digest.
_COMPACTOR = """
import sys
from pathlib import Path
from app.sessions import SessionError
from app.sessions.compaction import compact
from app.sessions.log import Log

print("begins", flush=True)
while True:
    try:
        if compact(Log(Path(sys.argv[1]), sys.argv[2], "", 0)):
            print("compacted", flush=True)
    except (OSError, SessionError):
        pass
"""


def compact_until_killed(root: Path, digest: str, seconds: float) -> int:
    """Compact a session's log for so long; return how many compactions came to their end.

    By a program of its own: one that was forked would hold the locks of this process's writers.
    """
    command = [sys.executable, "-c", _COMPACTOR, str(root), digest]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout
        child.stdout.readline()
        time.sleep(seconds)
        child.kill()
        return child.stdout.read().count("compacted")


def texts(session: Session) -> list[object]:
    """Return the text of each message."""
    return [message["text"] for message in session.messages]


def say(session: Session, *words: object) -> None:
    """Append one message a word."""
    for word in words:
        session.messages.append({"text": word})


def aside(path: Path) -> list[Path]:
    """Return what was set aside of a log."""
    return sorted(path.parent.glob(f"{path.name}.damaged-*"))


def tree(root: Path) -> set[str]:
    """Return every name below a folder."""
    return {str(found.relative_to(root)) for found in root.rglob("*")}


def flipped(data: bytes, at: int, bit: int) -> bytes:
    """Return `data` with one bit changed."""
    changed = bytearray(data)
    changed[at] ^= 1 << bit
    return bytes(changed)


def is_prefix(part: Sequence[object], whole: Sequence[object]) -> bool:
    """Tell whether `whole` begins with `part`."""
    return list(whole[: len(part)]) == list(part)
