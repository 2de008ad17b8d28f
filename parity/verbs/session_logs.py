"""`parity logs --session`: one conversation, from the logs of all replicas in the order of time."""

from __future__ import annotations

import subprocess
import sys
import time
from queue import Empty, Queue
from threading import Thread
from typing import TYPE_CHECKING

from parity import console, stack
from parity.cluster.compose import Compose
from parity.errors import ParityError
from parity.session_log import Merger, markup, require_id

if TYPE_CHECKING:
    from parity.cluster.protocol import Replica
    from parity.project import Settings
    from parity.session_log import Line

# How soon a replica that is new, or runs again, is read.
LOOK_SECONDS = 2.0


def show_session(  # noqa: PLR0913 - each is an option of the command
    settings: Settings,
    session: str,
    which: int | str | None,
    *,
    follow: bool,
    tail: int | None,
    as_json: bool,
) -> None:
    """Print what the replicas, or one, wrote of a session, by its public id.

    tail: only that many lines of what there is. Raises UsageError for what is no id, and
    ParityError where there is nothing and none is waited for.
    """
    merger = Merger(require_id(session))
    cluster = Compose(settings)
    cluster.url()  # says so when the stack is not up
    begun = time.time()
    for each in cluster.replicas() if which is None else [cluster.serving(which)]:
        for line in cluster.logs(each.number).splitlines():
            merger.take(line)
    lines = merger.all()
    if not lines and not follow:
        raise ParityError(f"no log has the session '{session}'", hint="parity sessions ls")
    _tell(lines if tail is None else lines[len(lines) - min(tail, len(lines)) :], as_json=as_json)
    if follow:
        _follow(cluster, which, merger, since=begun, as_json=as_json)


def _follow(
    cluster: Compose, which: int | str | None, merger: Merger, *, since: float, as_json: bool
) -> None:
    """Print what comes, until Ctrl-C; of a replica that is read again, only what is new."""
    written: Queue[str] = Queue()
    readers: dict[str, subprocess.Popen[str]] = {}
    look_at = 0.0
    try:
        while True:
            if time.monotonic() > look_at:
                look_at = time.monotonic() + LOOK_SECONDS
                for _, replica in cluster.processes(which):
                    if replica.name not in readers or readers[replica.name].poll() is not None:
                        readers[replica.name] = _reader(replica, since, written)
            try:
                merger.take(written.get(timeout=0.2))
            except Empty:
                _tell(merger.due(), as_json=as_json)
            else:
                if written.empty():
                    _tell(merger.due(), as_json=as_json)
    finally:
        for reader in readers.values():
            reader.terminate()
            reader.wait()


def _reader(replica: Replica, since: float, written: Queue[str]) -> subprocess.Popen[str]:
    """Put the lines that a replica writes into the queue, in a thread, while it runs."""
    argv = stack.logs_command(follow=True, tail=None, container=replica.name, since=since)
    process = subprocess.Popen(
        argv,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,  # where nobody writes JSON
        text=True,
        errors="replace",
    )

    def read() -> None:
        for line in process.stdout or ():
            written.put(line.rstrip("\n"))

    Thread(target=read, daemon=True).start()
    return process


def _tell(lines: list[Line], *, as_json: bool) -> None:
    for line in lines:
        if as_json:
            sys.stdout.write(f"{line.raw}\n")
        else:
            console.out.print(markup(line.entry))
    if lines:
        sys.stdout.flush()
