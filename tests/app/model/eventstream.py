"""Encode `application/vnd.amazon.eventstream` on any Python; the stand-in's own needs 3.12."""

from __future__ import annotations

import json
import struct
import zlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bedrock.events import Event


def encode(event: Event) -> bytes:
    """Return the bytes of one message."""
    headers = {
        f":{event.kind}-type": event.name,
        ":content-type": "application/json",
        ":message-type": event.kind,
    }
    named = b"".join(_header(name, value) for name, value in headers.items())
    payload = json.dumps(event.body).encode()
    prelude = struct.pack(">II", 16 + len(named) + len(payload), len(named))
    message = prelude + struct.pack(">I", zlib.crc32(prelude)) + named + payload
    return message + struct.pack(">I", zlib.crc32(message))


def _header(name: str, value: str) -> bytes:
    length = struct.pack(">BH", 7, len(value))  # 7: a string
    return struct.pack(">B", len(name)) + name.encode() + length + value.encode()
