"""Encoding of `application/vnd.amazon.eventstream`; the only module that needs Python 3.12."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from smithy_aws_event_stream.events import (  # type: ignore[import-not-found,unused-ignore]
    EventMessage,
)

if TYPE_CHECKING:
    from bedrock.events import Event


def encode(event: Event) -> bytes:
    """The bytes of one message, as Bedrock sends it and botocore reads it."""
    headers = {
        f":{event.kind}-type": event.name,
        ":content-type": "application/json",
        ":message-type": event.kind,
    }
    encoded: bytes = EventMessage(headers=headers, payload=json.dumps(event.body).encode()).encode()
    return encoded
