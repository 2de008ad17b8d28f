"""Attachments: from what a page was given to a durable blob, and back.

A message names its attachments under `attachments`, each as `attach` returned it:

    {"sha256": "64 hex digits", "name": "plan.pdf", "type": "application/pdf", "size": 48213}

`sha256` leads to the blob (see blobs.py), `type` is a media type (see media.py), `size` in bytes.
"""

import os
from collections.abc import Mapping
from typing import BinaryIO, TypedDict

from . import files, quota
from .blobs import Blobs, named_in
from .compaction import is_understood
from .explaining import explained
from .log import Log
from .media import recognise
from .reading import Mark
from .replay import Replay, State
from .upload import Data, Upload
from .writer import Writer

ORPHAN_AGE = 3600.0  # seconds: long after the message that was to name it


class Attachment(TypedDict):
    """What a message keeps of an attachment."""

    sha256: str
    name: str
    type: str
    size: int


def attach(replay: Replay, data: Data, name: str | None, type_: str | None) -> Attachment:
    """Put it on the volume; when this returns, a message may name it. See `Session.attach`."""
    upload, log = Upload(data, name), replay.log
    blobs = Blobs(log)
    claimed = upload.type if type_ is None else type_
    with explained(log.label, "saved"):
        if upload.seekable:
            upload.measure()
            found = _described(upload, claimed)
            if blobs.has(upload.digest):
                with replay.holding():
                    os.utime(blobs.path(upload.digest))
                    _make_durable(blobs, log)
                return found
        with blobs.draft() as (fd, part):
            _copy(upload, fd)
            found = _described(upload, claimed)
            with replay.holding() as writer:
                _require_room(blobs, writer, upload.size, os.fstat(fd).st_mtime)
                part.rename(blobs.path(upload.digest))
                _make_durable(blobs, log)
    return found


def read(replay: Replay, attachment: Mapping[str, object]) -> bytes:
    """Return the content of an attachment. See `Session.read`."""
    with open_(replay, attachment) as file:
        return file.read()


def open_(replay: Replay, attachment: Mapping[str, object]) -> BinaryIO:
    """Return an attachment as an open file. See `Session.open_attachment`."""
    digest = attachment.get("sha256") if isinstance(attachment, Mapping) else None
    return os.fdopen(Blobs(replay.log).open(digest), "rb")


def tidy(log: Log, now: float) -> int:
    """Remove orphans of a session; return how many. For housekeeping, with a log that is impatient.

    `now` is Unix time by the volume's clock. Raises SessionError and OSError.
    """
    with log.writing() as writer:
        return remove_orphans(log, writer, now - ORPHAN_AGE)


def remove_orphans(log: Log, writer: Writer, before: float) -> int:
    """Remove what no message names and nobody touched since; return how many files that were.

    `writer` holds the log; `before` is Unix time by the volume's clock. Where a newer release has
    added to the log, or part of it is set aside, nothing is removed: that may name any of them.
    """
    reading = writer.catch_up(Mark())
    if log.set_aside() or not is_understood(reading):
        return 0
    state = State()
    for each in reading.records:
        state.apply(each)
    named = named_in((*state.messages, *state.settings.values()))
    orphans = Blobs(log).orphans(named, before)
    for path in orphans:
        path.unlink()
    return len(orphans)


def _described(upload: Upload, claimed: object) -> Attachment:
    return Attachment(
        sha256=upload.digest,
        name=upload.name,
        type=recognise(upload.name, claimed, upload.head),
        size=upload.size,
    )


def _copy(upload: Upload, fd: int) -> None:
    """Write all of it, durably."""
    offset = 0
    for chunk in upload.chunks():
        files.write(fd, chunk, offset)
        offset += len(chunk)
    os.fsync(fd)


def _require_room(blobs: Blobs, writer: Writer, size: int, now: float) -> None:
    """Raise QuotaReached unless it fits, if need be where orphans were."""
    for last_try in (False, True):
        kept = sum(status.st_size for _, status in blobs.listed())
        if last_try or kept + size <= quota.ATTACHMENTS:
            break
        remove_orphans(blobs.log, writer, now - ORPHAN_AGE)
    quota.check_attachments(kept + size)


def _make_durable(blobs: Blobs, log: Log) -> None:
    files.sync_folder(blobs.folder)
    log.sync_folders()
