"""The lines that containers write, as they come; those of containers that start later, too."""

from __future__ import annotations

import subprocess
import time
from dataclasses import dataclass
from queue import Empty, Queue
from threading import Thread
from typing import TYPE_CHECKING, Self

from parity import stack

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

# How soon a container that is new, or runs again, is read.
LOOK_SECONDS = 2.0


@dataclass(frozen=True)
class Written:
    """A line of a container's log. at: when, in UTC, ISO 8601 with nanoseconds."""

    container: str
    at: str
    text: str


class LogFollower:
    """To be used as a context manager. running: gives the names of the containers that run.

    since: what was written before, in Unix time, is left out. A container that started anew is read
    from there once more: its lines come twice, and are the same then to the nanosecond.
    """

    def __init__(self, running: Callable[[], Iterable[str]], since: float) -> None:
        self._running = running
        self._since = since
        self._written: Queue[Written] = Queue()
        self._readers: dict[str, subprocess.Popen[str]] = {}
        self._look_at = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for reader in self._readers.values():
            reader.terminate()
            reader.wait()

    def lines(self, patience: float) -> Iterator[Written]:
        """Yield what there is; wait so many seconds for a first line."""
        if time.monotonic() > self._look_at:
            self._look_at = time.monotonic() + LOOK_SECONDS
            for name in self._running():
                if name not in self._readers or self._readers[name].poll() is not None:
                    self._readers[name] = self._read(name)
        try:
            yield self._written.get(timeout=patience)
            while True:
                yield self._written.get_nowait()
        except Empty:
            return

    def _read(self, container: str) -> subprocess.Popen[str]:
        """Put the lines that a container writes into the queue, in a thread, while it runs."""
        argv = stack.logs_command(
            follow=True, tail=None, container=container, since=self._since, timestamps=True
        )
        process = subprocess.Popen(
            argv,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )

        def read() -> None:
            for line in process.stdout or ():
                at, _, text = line.rstrip("\n").partition(" ")
                self._written.put(Written(container, at, text))

        Thread(target=read, daemon=True).start()
        return process
