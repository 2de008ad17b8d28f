"""JSON Lines, out and in, whatever the terminal's encoding; and records as lines of it."""
# ruff: noqa: TID252 - the package knows no name but its own

import base64
import json
import sys

from .. import record
from ..record import JSON, Kind, Record, decode

KINDS = {kind: kind.name.lower() for kind in Kind}


def emit(line: dict[str, object]) -> None:
    """Print one line of data."""
    text = json.dumps(line, ensure_ascii=False, separators=(", ", ": "))
    try:
        data = text.encode()
    except UnicodeEncodeError:  # a lone surrogate, which UTF-8 cannot hold
        data = json.dumps(line).encode()
    sys.stdout.flush()
    sys.stdout.buffer.write(data + b"\n")


def note(text: str, end: str = "\n") -> None:
    """Print what is no data, on stderr."""
    sys.stdout.flush()
    sys.stderr.write(text + end)
    sys.stderr.flush()


def record_line(found: Record) -> dict[str, object]:
    """Return a record as a line from which exactly its bytes can be made again.

    {"kind": "message", "value": {...}}, or {"kind": 99, "version": 1, "base64": "..."} where it is
    of a later release.
    """
    if found.known and (value := _value_of(found.payload)) is not None:
        return {"kind": KINDS[Kind(found.kind)], "value": value}
    text = base64.b64encode(found.payload).decode()
    return {"kind": found.kind, "version": found.version, "base64": text}


def _value_of(payload: bytes) -> JSON:
    """Return a payload's value if that makes exactly this payload again."""
    value = decode(payload)
    return value if record.encode(value) == payload else None
