"""`verify`: whether every record and every attachment is as it was written."""
# ruff: noqa: TID252 - the package knows no name but its own

import argparse

from ..blobs import Blobs
from ..errors import StoreUnavailable
from .entries import Entry, wanted
from .lines import emit, note
from .peeking import attached, peek, words


def verify(arguments: argparse.Namespace) -> int:
    """Print a line a session; return 1 if any has problems."""
    checked = bad = 0
    for entry in wanted(arguments.root, arguments.id):
        try:
            line = _line(entry)
        except FileNotFoundError:
            continue  # removed just now
        except OSError as error:
            line = {"id": entry.id, "ok": False, "problems": [f"cannot be read: {words(error)}"]}
        emit(line)
        checked += 1
        bad += not line["ok"]
    note(f"{checked} sessions checked, {bad} with problems")
    return 1 if bad else 0


def _line(entry: Entry) -> dict[str, object]:
    found = peek(entry.log)
    problems = [found.fault] if found.fault else []
    blobs = Blobs(entry.log)
    listed = [name for name, _ in blobs.listed()]
    for name in listed:
        try:
            sound = blobs.has(name)
        except StoreUnavailable:
            problems.append(f"attachment {name[:8]} cannot be read")
            continue
        if not sound:
            problems.append(f"attachment {name[:8]} is damaged")
    gone = attached(found.state()) - set(listed)
    problems += [f"attachment {name[:8]} is gone" for name in sorted(gone)]
    return {
        "id": entry.id,
        "ok": not problems,
        "records": len(found.scan.records),
        "bytes": len(found.data),
        "attachments": len(listed),
        "problems": problems,
    }
