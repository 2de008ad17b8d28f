"""What may go wrong beneath the store, and what an app then gets: the table of docs/store.md."""

from __future__ import annotations

import fcntl
import os
import time
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast
from unittest import mock

from app.sessions import (
    BlobMissing,
    InvalidKey,
    QuotaReached,
    SessionError,
    SessionStore,
    StoreBusy,
    StoreUnavailable,
    VolumeFull,
    mint,
)
from app.sessions.housekeeping import Housekeeper
from parity.efs import control
from parity.efs.faults import Kind
from tests.app.sessions.helpers import say
from tests.store.children import Child
from tests.store.effort import EFFORT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from app.sessions import JSON, Attachment, Session
    from tests.store.conftest import Volume

WORDS = ["one", "two", "three"]
CONTENT = b"attached"
TYPED = "typed while it was broken"
QUOTA = 2**19
DAY = 86_400.0
PATIENCE = 1.0
NOTHING = "Nothing saved before is affected; try again"


@dataclass(frozen=True)
class Stage:
    """A session, one beside it at the same replica, and one at another, each with WORDS in it."""

    volume: Volume
    store: SessionStore
    key: str
    session: Session
    file: Attachment
    beside: Session
    elsewhere: Session


@dataclass(frozen=True)
class Row:
    """One line of the table.

    inject: makes it so while its block runs, at the first replica. error and sentence: what
    `attempt` then raises; without an error, the sentence tells what becomes of it. one_session:
    it is that session's trouble alone, so that the one beside it does not feel it. seconds: how
    long the attempt takes at least.
    """

    injected: str
    inject: Callable[[Stage], AbstractContextManager[object]]
    error: type[SessionError] | None
    sentence: str
    attempt: Callable[[Stage], object]
    one_session: bool = False
    seconds: float = 0

    @property
    def gets(self) -> str:
        """What the app gets, in words."""
        return f"`{self.error.__name__}`: {self.sentence}" if self.error else self.sentence


def set_stage(volume: Volume) -> Stage:
    """Have three conversations, and something attached to the first."""
    store = SessionStore(volume.mounts[0], patience=PATIENCE, quota=QUOTA)
    key = mint()
    session, beside, elsewhere = (
        place.open(key) for place, key in ((store, key), (store, mint()), (volume.store(1), mint()))
    )
    for each in (session, beside, elsewhere):
        say(each, *WORDS)
    file = session.attach(CONTENT, name="a.txt")
    session.settings["file"] = cast("dict[str, JSON]", file)
    return Stage(volume, store, key, session, file, beside, elsewhere)


def append(stage: Stage) -> None:
    """Say something."""
    say(stage.session, TYPED)


def open_anew(stage: Stage) -> None:
    """Open the session, as a page does after a refresh."""
    stage.store.open(stage.key)


def attach(stage: Stage) -> None:
    """Attach something else."""
    stage.session.attach(b"something else", name="b.txt")


def fault(kind: Kind, seconds: float = 60) -> Callable[[Stage], AbstractContextManager[None]]:
    """Return what breaks the first replica's client."""
    return lambda stage: control.fault(stage.volume.mounts[0], kind, seconds)


def fault_before_sync(kind: Kind) -> Callable[[Stage], AbstractContextManager[None]]:
    """Return what breaks the first replica's client when all is written, and nothing synced."""

    @contextmanager
    def inject(stage: Stage) -> Iterator[None]:
        mount, sync = stage.volume.mounts[0], os.fsync

        def broken(fd: int) -> None:
            if os.readlink(f"/proc/self/fd/{fd}").startswith(str(mount)):  # noqa: PTH115 - no path
                control.set_fault(mount, kind, 60)
            sync(fd)

        with mock.patch("os.fsync", broken):
            try:
                yield
            finally:
                control.set_fault(mount, None)

    return inject


@contextmanager
def held_by_a_frozen_replica(stage: Stage) -> Iterator[None]:
    """Let a process at another replica hold the log, and its client not answer any more."""
    there = stage.volume.mounts[2]
    (log,) = there.rglob(stage.volume.files(stage.key)[".log"].name)

    def hold(report: Callable[[], None]) -> None:
        with log.open("r+") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            report()
            time.sleep(60)

    with Child(hold) as holder:
        holder.wait_for(1)
        with control.fault(there, Kind.STALL):
            yield


def clock_set_back(_: Stage) -> AbstractContextManager[object]:
    """Let the process believe that it is 40 days ago."""
    return mock.patch("time.time", return_value=time.time() - 40 * DAY)


def append_and_keep_house(stage: Stage) -> None:
    """Say something, and let housekeeping look at all sessions."""
    append(stage)
    for _ in range(2):
        assert Housekeeper(stage.store.root, 30 * DAY).run().expired == 0


@contextmanager
def quota_used_up(stage: Stage) -> Iterator[None]:
    """Fill the session, and make room again."""
    stage.session.settings["ballast"] = "x" * (QUOTA - 1000)
    stage.session.settings["more"] = "x" * 700
    yield
    del stage.session.settings["ballast"]
    del stage.session.settings["more"]


@contextmanager
def blob_taken_away(stage: Stage) -> Iterator[None]:
    """Take the file away from under the session, and put it back."""
    blob = stage.volume.files(stage.key)[".blobs"] / stage.file["sha256"]
    away = stage.volume.folder / "away"
    blob.rename(away)
    yield
    away.rename(blob)


def nothing(_: Stage) -> AbstractContextManager[None]:
    """Let all be well."""
    return nullcontext()


def cannot(verb: str, why: str) -> str:
    """Return what a refused volume is called."""
    return f"This conversation cannot be {verb} right now ({why}). {NOTHING} in a moment."


FULL = (
    "This could not be saved, because the storage for conversations is full "
    f"(No space left on device). {NOTHING} later."
)

ROWS = (
    Row("volume full, on a message", fault(Kind.ENOSPC), VolumeFull, FULL, append),
    Row("volume full, on an attachment", fault(Kind.ENOSPC), VolumeFull, FULL, attach),
    Row(
        "volume full, told at fsync only",
        fault_before_sync(Kind.ENOSPC),
        VolumeFull,
        FULL,
        append,
    ),
    Row(
        "volume read-only",
        fault(Kind.READ_ONLY),
        StoreUnavailable,
        cannot("saved", "Read-only file system"),
        append,
    ),
    Row(
        "EIO, on a message",
        fault(Kind.EIO),
        StoreUnavailable,
        cannot("saved", "Input/output error"),
        append,
    ),
    Row(
        "EIO, on opening a session",
        fault(Kind.EIO),
        StoreUnavailable,
        cannot("read", "Input/output error"),
        open_anew,
    ),
    Row(
        "EIO, told at fsync only",
        fault_before_sync(Kind.EIO),
        StoreUnavailable,
        cannot("saved", "Input/output error"),
        append,
    ),
    Row(
        "ESTALE",
        fault(Kind.ESTALE),
        StoreUnavailable,
        cannot("saved", "Stale file handle"),
        append,
    ),
    Row(
        "volume stalls, 20 s",
        fault(Kind.STALL, EFFORT.stall),
        None,
        "It waits, and is saved when the volume answers.",
        append,
        seconds=0.9 * EFFORT.stall,
    ),
    Row(
        "a replica freezes while it holds the session",
        held_by_a_frozen_replica,
        StoreBusy,
        "This conversation is being written to from elsewhere; nothing was changed, "
        "try again in a moment.",
        append,
        one_session=True,
        seconds=PATIENCE,
    ),
    Row(
        "clock set back, 40 days",
        clock_set_back,
        None,
        "It is saved, behind what came before; nothing expires.",
        append_and_keep_house,
        one_session=True,
    ),
    Row(
        "quota of a session reached",
        quota_used_up,
        QuotaReached,
        "This conversation has reached its limit of 0.5 MiB; nothing was added. Reset it to go on.",
        lambda stage: say(stage.session, TYPED * 20),
        one_session=True,
    ),
    Row(
        "attachment missing",
        blob_taken_away,
        BlobMissing,
        "This attachment cannot be shown, because its file is gone. "
        "The rest of the conversation is not affected.",
        lambda stage: stage.session.read(stage.file),
        one_session=True,
    ),
    Row(
        "invalid key",
        nothing,
        InvalidKey,
        "This is not a session key: it must be 43 URL-safe characters.",
        lambda stage: stage.store.open("../../etc/passwd"),
        one_session=True,
    ),
)
