"""`export`: sessions as JSON Lines, from which `import` makes them again, byte for byte.

    {"session": "64 hex digits, the name of its files", "format": 1, "nonce": "16 hex digits"}
    {"blob": "SHA-256", "size": 5, "at": 0, "base64": "..."}       a piece of an attachment
    {"kind": "message", "value": {...}}                            a record; see lines.py
    {"end": "SHA-256 of the log", "records": 1}

Attachments come in pieces, and before the records. What is damaged is left out, and said so.
"""
# ruff: noqa: TID252 - the package knows no name but its own

import argparse
import base64
import hashlib

from .. import files
from ..blobs import Blobs
from ..errors import BlobMissing
from ..record import FILE_HEADER_SIZE, NONCE_SIZE, START, VERSION
from .entries import Entry, wanted
from .lines import emit, note, record_line
from .peeking import peek, words

PIECE = 3 * 2**18  # bytes; a multiple of 3, so that no padding is needed but in the last
_NONCE_AT = FILE_HEADER_SIZE - 4 - NONCE_SIZE


def export(arguments: argparse.Namespace) -> int:
    """Print sessions; return 1 if anything of them had to be left out."""
    complete = True
    for entry in wanted(arguments.root, arguments.id):
        try:
            complete = _print(entry) and complete
        except FileNotFoundError:
            continue  # removed just now
        except OSError as error:
            complete = False
            note(f"session {entry.id}: cannot be read: {words(error)}; left out")
    return 0 if complete else 1


def _print(entry: Entry) -> bool:
    """Print what is sound of one session; return whether that is all."""
    found = peek(entry.log)
    if found.fault:
        note(f"session {entry.id}: {found.fault}; left out from there")
    end = found.scan.end
    if end == START:
        return not found.fault
    nonce = found.data[_NONCE_AT:][:NONCE_SIZE].hex()
    emit({"session": entry.digest, "format": VERSION, "nonce": nonce})
    complete = not found.fault
    blobs = Blobs(entry.log)
    for name, status in blobs.listed():
        try:
            fd = blobs.open(name)
        except BlobMissing:
            complete = False
            continue
        try:
            _print_blob(name, fd, status.st_size)
        finally:
            files.close(fd)
    for each in found.scan.records:
        emit(record_line(each))
    digest = hashlib.sha256(found.data[: end.offset]).hexdigest()
    emit({"end": digest, "records": len(found.scan.records)})
    return complete


def _print_blob(name: str, fd: int, size: int) -> None:
    for at in range(0, size, PIECE):
        text = base64.b64encode(files.read(fd, at, PIECE)).decode()
        emit({"blob": name, "size": size, "at": at, "base64": text})
