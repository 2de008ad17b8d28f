"""The session behind this page, on the shared volume."""

from __future__ import annotations

from contextlib import suppress
from functools import cache
from typing import TYPE_CHECKING

import streamlit as st

from app import log, shared_files
from app.conversation import attachments_of
from app.sessions import BlobMissing, SessionStore
from app.settings import read_settings

if TYPE_CHECKING:
    from app.browser.identity import Identity
    from app.sessions import Session
    from app.shared_files import KeptFile


@cache
def _store() -> SessionStore:
    settings = read_settings()
    return SessionStore(settings.session_root, quota=settings.session_quota)


def open_session(identity: Identity) -> Session:
    """Return the session as it stands on the volume now. Raises SessionError.

    Opened once a page and read on from there; a page whose key was superseded by a faster tab's
    brings along what it had already written.
    """
    if (known := held(identity)) is not None:
        known.refresh()
        return known
    session = _store().open(identity.key)
    log.event("session_opened", session=session.id, origin=identity.origin.value)
    if identity.superseded is not None:
        _bring_along(identity.superseded, session)
        identity.superseded = None
    st.session_state.session = (identity.key, session)
    return session


def held(identity: Identity) -> Session | None:
    """Return the session as this page read it last, if it has."""
    known: tuple[str, Session] | None = st.session_state.get("session")
    return known[1] if known is not None and known[0] == identity.key else None


def _bring_along(superseded: str, session: Session) -> None:
    """Append what was said under another key, with what is attached to it."""
    before = _store().open(superseded)
    for record in before.messages:
        for each in attachments_of(record):
            with suppress(BlobMissing), before.open_attachment(each) as file:
                session.attach(file, name=each["name"], type=each["type"])
        session.messages.append(record)


class Uploads:
    """The files that the browser of an identity has uploaded, on whichever replica."""

    def __init__(self, identity: Identity) -> None:
        self._key = identity.key
        self._root = read_settings().session_root

    def find(self, file_id: str) -> KeptFile | None:
        """Return one, open; None if there is none. Raises OSError."""
        return shared_files.find_upload(self._root, file_id, self._key)

    def remove(self, file_id: str) -> None:
        """Remove one, if it is there. Raises OSError."""
        shared_files.remove_upload(self._root, file_id, self._key)
