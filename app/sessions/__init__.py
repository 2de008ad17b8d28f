"""Durable sessions for Streamlit apps that run as several replicas over one shared volume.

    store = SessionStore("/sessions")
    session = store.open(key)                     # a key from `mint()`, kept by the browser
    for message in session.messages:
        ...
    session.messages.append({"role": "user", "content": "hello"})   # durable when it returns
    session.settings["model"] = "nova-micro"

    file = session.attach(uploaded)               # an image or a document, up to 25 MB
    session.messages.append({"role": "user", "content": "look", "attachments": [file]})
    data = session.read(file)

    if Follower(session).wait(10):                # somebody else wrote, on whichever replica
        ...

Nothing expires, and no garbage goes, unless each replica keeps house, in a thread of its own:

    housekeeper = Housekeeper("/sessions", max_age=30 * 86_400)
    Thread(target=housekeeper.run_forever, daemon=True).start()

Standard library only; nothing outside this folder is imported.
"""

from .attachments import Attachment
from .errors import (
    AttachmentRefused,
    BlobMissing,
    Conflict,
    InvalidKey,
    NewerFormat,
    NotJson,
    QuotaReached,
    RecordTooLarge,
    SessionError,
    StoreBusy,
    StoreUnavailable,
    VolumeFull,
)
from .follow import Follower
from .housekeeping import INTERVAL, Housekeeper
from .keys import digest, is_valid, mint, public_id
from .live import LiveReader, LiveWriter
from .media import converse_format
from .record import JSON
from .session import Message, Messages, Position, Session, Settings
from .store import SessionStore

__all__ = [
    "INTERVAL",
    "JSON",
    "Attachment",
    "AttachmentRefused",
    "BlobMissing",
    "Conflict",
    "Follower",
    "Housekeeper",
    "InvalidKey",
    "LiveReader",
    "LiveWriter",
    "Message",
    "Messages",
    "NewerFormat",
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
    "converse_format",
    "digest",
    "is_valid",
    "mint",
    "public_id",
]
