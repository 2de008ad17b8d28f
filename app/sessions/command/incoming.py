"""One session that is being imported: drafts beside its place, which housekeeping would remove.

When it is whole, its attachments get their names, and then the log, as after a compaction. If the
import dies before that, there is no session yet, whatever it left: it can be repeated.
"""
# ruff: noqa: TID252 - the package knows no name but its own

import base64
import contextlib
import hashlib
import os
import re
import secrets
import shutil
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from .. import files, lock, record, succession
from ..keys import PUBLIC_LENGTH
from ..layout import BLOBS, DRAFT, REMOVED
from ..log import Log
from ..reading import Mark
from ..record import NONCE_SIZE, START, VERSION, Cursor, Kind
from .entries import PATIENCE
from .lines import KINDS
from .peeking import peek

_NAME = re.compile(r"[0-9a-f]{64}", re.ASCII)
_BEYOND = 2**16
_KINDS = {name: kind for kind, name in KINDS.items()}


class Exists(Exception):  # noqa: N818 - names the event
    """There is such a session already."""


class Incoming:
    """What came so far of one session. Raises KeyError, TypeError or ValueError for wrong lines."""

    def __init__(self, root: Path, line: Mapping[str, Any]) -> None:
        digest, nonce = line["session"], bytes.fromhex(line["nonce"])
        if line["format"] != VERSION or not _NAME.fullmatch(digest) or len(nonce) != NONCE_SIZE:
            raise ValueError
        self.id = digest[:PUBLIC_LENGTH]
        self._log = Log(root, digest, self.id, PATIENCE)
        self._blobs = self._log.path.with_suffix(BLOBS)
        if self._is_there():
            raise self._exists()
        tag = secrets.token_hex(4)
        self._draft = self._log.path.with_name(f"{self._log.path.name}{DRAFT}{tag}")
        self._pieces = self._blobs.with_name(f"{self._blobs.name}{REMOVED}{tag}")
        self._log.make_folders()
        files.make_folder(self._pieces)
        self._fd = files.open_to_write(self._draft)
        lock.acquire(self._fd, 0)  # until its name is durable; see compaction.py
        self._check = hashlib.sha256()
        self._records = 0
        self._sizes: dict[str, int] = {}
        header, self._end = record.file_header(nonce)
        self._write(header, START)

    def take(self, line: Mapping[str, Any]) -> bool:
        """Take a line in; return whether it is the last, for `finish`."""
        if "blob" in line:
            self._add_piece(line)
        elif "kind" in line:
            self._add_record(line)
        else:
            return True
        return False

    def finish(self, line: Mapping[str, Any]) -> dict[str, object]:
        """Make the session; return the line that says so. Raises Exists, and SessionError."""
        whole = line["end"] == self._check.hexdigest() and line["records"] == self._records
        if not whole or any(not self._is_sound(name) for name in self._sizes):
            raise ValueError
        os.fsync(self._fd)
        with self._log.writing() as writer:
            writer.catch_up(Mark())
            if self._is_there():
                raise self._exists()
            if self._sizes:
                self._name_blobs()
            succession.install(self._log, writer, self._draft)
        return {"id": self.id, "records": self._records, "attachments": len(self._sizes)}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Leave no drafts."""
        files.close(self._fd)
        with contextlib.suppress(OSError):
            self._draft.unlink()
        shutil.rmtree(self._pieces, ignore_errors=True)

    def _is_there(self) -> bool:
        """Tell whether anything was ever said; an import that died has left no more than ends."""
        try:
            found = peek(self._log)
        except FileNotFoundError:
            return False
        return bool(found.fault) or any(each.kind != Kind.SUPERSEDED for each in found.scan.records)

    def _name_blobs(self) -> None:
        """Give the attachments their names, durably; what is there already is the same."""
        files.make_folder(self._blobs)
        for name in self._sizes:
            (self._pieces / name).rename(self._blobs / name)
        files.sync_folder(self._blobs)
        files.sync_folder(self._blobs.parent)

    def _exists(self) -> Exists:
        return Exists(f"session {self.id} is there already; it was left as it is")

    def _add_record(self, line: Mapping[str, Any]) -> None:
        if isinstance(line["kind"], str):
            kind: int = _KINDS[line["kind"]]
            payload = record.encode(line["value"])
            record.verify(kind, payload)
            frame, added = record.frame(kind, payload, self._end)
        else:
            kind, version = line["kind"], line["version"]
            if not all(type(each) is int and 0 <= each < _BEYOND for each in (kind, version)):
                raise ValueError
            payload = base64.b64decode(line["base64"], validate=True)
            frame, added = record.frame(kind, payload, self._end, version)
            if added.known:  # or readers here would take it for damage
                record.verify(kind, payload)
        self._write(frame, self._end)
        self._end = added.end
        self._records += 1

    def _add_piece(self, line: Mapping[str, Any]) -> None:
        name, at = line["blob"], line["at"]
        if not _NAME.fullmatch(name) or at != self._sizes.get(name, 0):
            raise ValueError
        data = base64.b64decode(line["base64"], validate=True)
        fd = files.open_to_write(self._pieces / name)
        try:
            files.write(fd, data, at)
            os.fsync(fd)
        finally:
            files.close(fd)
        self._sizes[name] = at + len(data)

    def _is_sound(self, name: str) -> bool:
        with (self._pieces / name).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == name

    def _write(self, data: bytes, place: Cursor) -> None:
        files.write(self._fd, data, place.offset)
        self._check.update(data)
