"""What a bind mount forgives and EFS does not: each way of keeping a session fails here as there.

Every test runs on a plain folder, where it must work, and on EFS semantics, where it must not.
"""

from __future__ import annotations

import os
import pickle
import time
from pathlib import Path

Volumes = tuple[str, list[Path]]
PLAIN = "plain folder"
TURNS = 5
SOON = 1.0  # seconds; what a user would call at once


def save_as_pickle(path: Path, message: str) -> None:
    """Add a message in the article's way: read the whole conversation, write the whole back."""
    found = pickle.loads(path.read_bytes()) if path.exists() else []  # noqa: S301 - the article's way
    path.write_bytes(pickle.dumps([*found, message]))


def test_whole_file_pickle_loses_turns(volumes: Volumes) -> None:
    """Two replicas that take turns, each after the other is done: the second starts afresh.

    It had looked for the file before there was one, and goes on believing that there is none.
    """
    kind, (here, there) = volumes
    name = "session.pkl"
    assert not (there / name).exists(), "the other replica's first look"
    for turn in range(TURNS):
        save_as_pickle(here / name, f"here {turn}")
    save_as_pickle(there / name, "there")
    kept = pickle.loads((here / name).read_bytes())  # noqa: S301 - as above
    said = [*(f"here {turn}" for turn in range(TURNS)), "there"]
    assert kept == (said if kind == PLAIN else ["there"])


def test_unlocked_append_overwrites(volumes: Volumes) -> None:
    """Two replicas append in turn to a log that each has open: one writes over the other."""
    kind, (here, there) = volumes
    path = "session.jsonl"
    (here / path).touch()
    first, second = (os.open(each / path, os.O_WRONLY | os.O_APPEND) for each in (here, there))
    said = []
    for turn in range(TURNS):
        for who, fd in (("here", first), ("also", second)):
            line = f"{who} {turn}\n"
            os.write(fd, line.encode())
            os.fsync(fd)
            said.append(line)
    os.close(first)
    os.close(second)
    kept = (here / path).read_text().splitlines(keepends=True)
    if kind == PLAIN:
        assert kept == said
    else:
        assert set(kept) < set(said), "acknowledged, synced, and gone"


def test_stat_polling_reader_is_late(volumes: Volumes) -> None:
    """A replica that follows a log by its size is told the size of some seconds ago."""
    kind, (here, there) = volumes
    path = "session.jsonl"
    (here / path).write_text("first\n")
    known = (there / path).stat().st_size
    with (here / path).open("a") as log:
        log.write("second\n")
        log.flush()
        os.fsync(log.fileno())
    started = time.monotonic()
    while (there / path).stat().st_size == known:
        assert time.monotonic() - started < 10, "the news never came"
        time.sleep(0.02)
    late = time.monotonic() - started
    assert (late < SOON) == (kind == PLAIN), f"seen after {late:.1f} s"
