"""What several test files need."""

import functools
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from app.sessions import Session

ROOT = Path(__file__).parents[3]
# How long a compaction may take that writers disturb.
PATIENCE_SECONDS = 60
# A program: compacts one log again and again; when it is killed, another of it goes on.
# By a program of its own: one that a test forked would hold the locks of that test's writers.
# Arguments: root, digest.
_COMPACTOR = """
import os
import sys
from pathlib import Path
from app.sessions import SessionError
from app.sessions.compaction import compact
from app.sessions.log import Log

while os.fork():
    os.wait()
print("begins", os.getpid(), flush=True)
while True:
    try:
        if compact(Log(Path(sys.argv[1]), sys.argv[2], "", 0)):
            print("compacted", flush=True)
    except (OSError, SessionError):
        pass
"""


@contextmanager
def compactor(root: Path, digest: str) -> Iterator[Callable[..., int]]:
    """Compact a session's log all the while.

    Gives a function that waits until so many compactions came to their end, and so many seconds
    more, and kills in the midst of what is done then; it returns how many came to their end.
    """
    command = [sys.executable, "-c", _COMPACTOR, str(root), digest]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as parent:
        assert parent.stdout
        lines = parent.stdout
        end = functools.partial(os.killpg, parent.pid, signal.SIGKILL)
        child = int(lines.readline().split()[1])

        def kill(seconds: float, *, after: int) -> int:
            nonlocal child
            late = threading.Timer(PATIENCE_SECONDS, end)
            late.start()
            done = [lines.readline() for _ in range(after)]
            time.sleep(seconds)
            os.kill(child, signal.SIGKILL)
            while not (line := lines.readline()).startswith("begins"):
                assert line, "no compaction came to its end"
                done.append(line)
            late.cancel()
            child = int(line.split()[1])
            return len(done)

        try:
            yield kill
        finally:
            end()


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
