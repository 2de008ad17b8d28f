"""What other processes do in these tests: `python -m tests.app.sessions.workers ROOT KEY`."""

import os
import sys
from itertools import count
from pathlib import Path

from app.sessions import SessionStore


def append_until_killed(root: Path, key: str) -> None:
    """Append numbered messages for ever; write one byte to stdout for each acknowledged one."""
    session = SessionStore(root).open(key)
    for number in count(len(session.messages)):
        session.messages.append({"number": number, "text": "x" * (number % 50) * 100})
        os.write(1, b".")


if __name__ == "__main__":
    append_until_killed(Path(sys.argv[1]), sys.argv[2])
