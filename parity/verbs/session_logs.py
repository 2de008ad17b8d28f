"""`parity logs --session`: one conversation, from the logs of all replicas in the order of time."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

from parity import console
from parity.cluster.compose import Compose
from parity.errors import ParityError
from parity.log_follower import LogFollower
from parity.session_log import Merger, markup, require_id

if TYPE_CHECKING:
    from parity.project import Settings
    from parity.session_log import Line


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

    def running() -> list[str]:
        return [replica.name for _, replica in cluster.processes(which)]

    with LogFollower(running, since) as follower:
        while True:
            for written in follower.lines(patience=0.2):
                merger.take(written.text)
            _tell(merger.due(), as_json=as_json)


def _tell(lines: list[Line], *, as_json: bool) -> None:
    for line in lines:
        if as_json:
            sys.stdout.write(f"{line.raw}\n")
        else:
            console.out.print(markup(line.entry))
    if lines:
        sys.stdout.flush()
