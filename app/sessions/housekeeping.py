"""Housekeeping: sessions that nobody used for long are removed, and what crashes left behind.

    housekeeper = Housekeeper(root, max_age=30 * 86_400)
    Thread(target=housekeeper.run_forever, daemon=True).start()

Every replica runs it; the lease (lease.py) lets one at a time do a slice of the walk: some folders,
until it has made SLICE looks at files and folders. A walk begins once a day, so a small store is
walked in one slice a day, and one with 300,000 sessions in three days.

A session's age is that of its log's time stamp. Appending sets it, and so does looking at the
session, once a day (`Log._note_use`). What is old enough is judged again under the log's lock,
which nobody waits for: a session in use is left alone.

Copies of damaged logs go at the same age, as do attachments without a log; those that no message
names, soon after the session was used. What a dead compaction, removal or writer of a live text
left goes after a day, and so does what a dead NFS client did, under a name of its own. Empty
folders stay: one that vanished under a writer's hands would cost it an error. Whatever else lies
there stays.

A failure ends the slice, and the next run goes on behind the folder in which it was.

Logs that are mostly garbage are compacted, one a run, by the replica that noticed (garbage.py).
"""

from __future__ import annotations

import errno
import logging
import os
import random
import re
import shutil
import stat
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Never

from . import garbage, lease
from .attachments import tidy
from .compaction import compact
from .errors import NewerFormat, SessionError, StoreBusy
from .keys import PUBLIC_LENGTH
from .layout import ASIDE, BLOBS, DRAFT, FOLDER, LIVE, LOG, NEXT, REMOVED
from .lease import Lease
from .log import Log
from .removal import remove
from .walk import folders_after

INTERVAL = 300.0  # seconds between a replica's runs, and at least between two slices
CYCLE = 86_400.0
SLICE = 500  # looks
_REMOVAL = 10  # looks that a removal costs
_LEFT_OVER_AGE = 86_400.0
_ORPHANS_WITHIN = 4 * 86_400.0  # of the last use: longer than a walk, so none is missed
_LONGEST_GAP = 7 * 86_400.0
_DAMAGED, _DRAFT, _REMOVED = LOG + ASIDE, LOG + DRAFT, BLOBS + REMOVED
_SESSION, _LEFT = (
    "|".join(map(re.escape, each))
    for each in ((LOG, LOG + NEXT, BLOBS), (_DAMAGED, _DRAFT, _REMOVED, LIVE))
)
# What an NFS client makes of a file that is removed while it has it open; see succession.py.
_SILLY = r"\.(?:nfs|fuse_hidden)[0-9a-f]{16,}"
_NAME = re.compile(
    rf"(?P<digest>[0-9a-f]{{64}})(?:(?P<session>{_SESSION})|(?P<left>{_LEFT}).+)|{_SILLY}", re.ASCII
)

logger = logging.getLogger(__name__)


@dataclass
class Done:
    """What a run did, how many files and folders it looked at, and what it failed of."""

    expired: int = 0
    left_overs: int = 0
    compacted: int = 0
    looks: int = 0
    failure: str = ""


class Housekeeper:
    """Keeps house in one store; `max_age` in seconds, 0 to keep sessions for ever."""

    def __init__(self, root: Path | str, max_age: float) -> None:
        self._root = Path(root).absolute()
        self._top = self._root / FOLDER
        self._max_age = max_age
        self._gap = min(_LONGEST_GAP, max_age / 4)

    def run_forever(self) -> Never:
        """Run every INTERVAL, for a daemon thread: it may hang on a volume that does not answer.

        It may be killed at any point.
        """
        while True:
            # At random, so that replicas that start together do not all come at once.
            time.sleep(INTERVAL * random.uniform(0.9, 1.1))  # noqa: S311 - no secret
            self.run()

    def run(self) -> Done:
        """Compact a log if one is known to need it, and do a slice of the walk if one is due.

        Never raises for what the volume does: logs one line, and the next run tries again.
        """
        done = Done()
        for step in (self._compact, self._keep):
            try:
                step(done)
            except (OSError, SessionError) as error:
                done.failure = done.failure or _words(error)
        if done.failure:
            logger.warning("housekeeping: %s; tried again later", done.failure)
        if done.expired or done.left_overs or done.compacted:
            logger.info(
                "housekeeping: %d sessions expired, %d left-overs removed, %d logs compacted",
                done.expired,
                done.left_overs,
                done.compacted,
            )
        return done

    def _compact(self, done: Done) -> None:
        log = garbage.take(self._top)
        if log is None:
            return
        try:
            done.compacted += compact(log.impatient()) > 0
        except StoreBusy:
            return  # in use; the next append notes it again

    def _keep(self, done: Done) -> None:
        if not self._max_age or not self._top.is_dir():
            return
        with lease.held(self._top) as mine:
            if mine is None:
                return
            now, last = mine.now, mine.lease
            if last is None:
                mine.write(Lease(now, now, now))
            elif not 0 <= now - last.at < 0.9 * INTERVAL:
                current = last.advanced(now, self._gap)
                due = current.cursor or now - current.cycle_since >= CYCLE
                mine.write(self._walk(current, done) if due else current)

    def _walk(self, current: Lease, done: Done) -> Lease:
        """Do a slice; return the lease as it stands after it."""
        if not current.cursor:
            current = replace(current, cycle_since=current.at)
        for place, folder in folders_after(self._top, current.cursor):
            try:
                self._tidy(folder, current, done)
            except (OSError, SessionError) as error:
                done.failure = _words(error)
            current = replace(current, cursor=place)
            if done.failure or done.looks >= SLICE:
                return current
        return replace(current, cursor="")

    def _tidy(self, folder: Path, current: Lease, done: Done) -> None:
        """Remove from one folder what is too old."""
        names = os.listdir(folder)  # noqa: PTH208 - names are enough
        done.looks += 1 + len(names)
        for name in names:
            if found := _NAME.fullmatch(name):
                try:
                    self._judge(folder / name, found, names, current, done)
                except (FileNotFoundError, StoreBusy, NewerFormat):
                    continue  # gone, in use, or for a newer release to judge

    def _judge(
        self, path: Path, found: re.Match[str], names: list[str], current: Lease, done: Done
    ) -> None:
        """Remove one thing if it is too old. Time that was not steady does not count."""
        status = path.lstat()
        steady = current.at - current.steady_since
        digest = found["digest"]
        if found["session"]:
            alone = found["session"] != LOG and f"{digest}{LOG}" not in names
            is_log = found["session"] == LOG and stat.S_ISREG(status.st_mode)
            old = min(current.at - status.st_mtime, steady) > self._max_age
            log = Log(self._root, digest, digest[:PUBLIC_LENGTH], patience=0)
            if found["session"] == BLOBS and not alone:
                in_use = current.at - log.path.lstat().st_mtime < _ORPHANS_WITHIN
                done.left_overs += tidy(log, current.at) if in_use else 0
            if old and (is_log or alone):
                removed = remove(log, unused_since=current.at - self._max_age)
                done.expired += removed
                done.looks += removed * _REMOVAL
            return
        least = self._max_age if found["left"] == _DAMAGED else _LEFT_OVER_AGE
        # What was renamed or stamped for another file is as old as that: st_mtime alone says less.
        if min(current.at - max(status.st_mtime, status.st_ctime), steady) > least:
            shutil.rmtree(path) if stat.S_ISDIR(status.st_mode) else path.unlink()
            done.left_overs += 1


def _words(error: OSError | SessionError) -> str:
    """Return what happened without the path, which would put a whole digest into the log."""
    if isinstance(error, OSError):
        return f"{error.strerror} ({errno.errorcode.get(error.errno or 0, 'unknown')})"
    return str(error)
