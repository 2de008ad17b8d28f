"""Durable sessions for Streamlit apps that run as several replicas over one shared volume.

    store = SessionStore("/sessions")
    session = store.open(key)                     # a key from `mint()`, kept by the browser
    for message in session.messages:
        ...
    session.messages.append({"role": "user", "content": "hello"})   # durable when it returns
    session.settings["model"] = "nova-micro"

    if Follower(session).wait(10):                # somebody else wrote, on whichever replica
        ...

Standard library only; nothing outside this folder is imported.
"""

from .errors import (
    Conflict,
    InvalidKey,
    NotJson,
    QuotaReached,
    RecordTooLarge,
    SessionError,
    StoreBusy,
    StoreUnavailable,
    VolumeFull,
)
from .follow import Follower
from .keys import digest, is_valid, mint, public_id
from .record import JSON
from .session import Message, Messages, Position, Session, Settings
from .store import SessionStore

__all__ = [
    "JSON",
    "Conflict",
    "Follower",
    "InvalidKey",
    "Message",
    "Messages",
    "NotJson",
    "Position",
    "QuotaReached",
    "RecordTooLarge",
    "Session",
    "SessionError",
    "SessionStore",
    "Settings",
    "StoreBusy",
    "StoreUnavailable",
    "VolumeFull",
    "digest",
    "is_valid",
    "mint",
    "public_id",
]
