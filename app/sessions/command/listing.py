"""`ls` and `show`: what is there."""
# ruff: noqa: TID252 - the package knows no name but its own

import argparse
from datetime import UTC, datetime

from ..blobs import Blobs
from ..layout import ASIDE, LOG
from ..record import OVERHEAD
from .entries import Entry, entries, find
from .lines import emit, note, record_line
from .peeking import peek, words


def ls(arguments: argparse.Namespace) -> int:
    """Print a line a session; `notice` is what is to be known of it, null if nothing."""
    for entry in entries(arguments.root):
        try:
            emit(_line(entry))
        except FileNotFoundError:
            continue  # removed just now
        except OSError as error:
            emit({"id": entry.id, "notice": f"cannot be read: {words(error)}"})
    return 0


def show(arguments: argparse.Namespace) -> int:
    """Print a line a record, those before a reset, too."""
    entry = find(arguments.root, arguments.id)
    found = peek(entry.log)
    for number, each in enumerate(found.scan.records, 1):
        at = each.end.offset - OVERHEAD - len(each.payload)
        emit({"record": number, "at": at, **record_line(each)})
    if found.fault:
        note(f"session {entry.id}: {found.fault}")
    return 1 if found.fault else 0


def _line(entry: Entry) -> dict[str, object]:
    found = peek(entry.log)
    state = found.state()
    blobs = Blobs(entry.log).listed()
    copies = sum(LOG + ASIDE in name for name in entry.names)
    return {
        "id": entry.id,
        "messages": len(state.messages),
        "settings": len(state.settings),
        "bytes": len(found.data),
        "attachments": len(blobs),
        "attachment_bytes": sum(status.st_size for _, status in blobs),
        "last_use": f"{datetime.fromtimestamp(found.used_at, UTC):%Y-%m-%dT%H:%M:%SZ}",
        "notice": found.fault or (f"damage was set aside, {copies} x" if copies else None),
    }
