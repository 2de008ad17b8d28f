"""Which session this browser has: the key is kept there, never here."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass, field
from enum import StrEnum

import streamlit as st

from app import shared_files
from app.browser import cookie, local_storage
from app.browser.names import LOCAL_STORAGE_ITEM
from app.sessions import is_valid, mint

# Local storage answers in 0.3 to 0.6 s; after this long it most probably never will.
PATIENCE_SECONDS = 3.0
# The cookie is set 0.1 to 0.3 s after the first paint. Where it never is, the key has long been in
# local storage by then.
KEPT_SECONDS = 5.0


class Origin(StrEnum):
    """Where a key came from, as the page shows it."""

    NEW = "new"
    RESTORED = "restored"


@dataclass
class Identity:
    """The key of this page's session.

    mirrored: the browser holds it as a cookie, and has said so. superseded: the key that this page
    had minted before it learnt that another tab of the browser had been faster.
    """

    key: str
    origin: Origin
    mirrored: bool
    superseded: str | None = None
    known_since: float = field(default_factory=time.monotonic)

    @property
    def is_kept(self) -> bool:
        """True once a refresh would find the key; nothing may be acknowledged before."""
        return (
            self.mirrored
            or self.origin is Origin.RESTORED
            or time.monotonic() - self.known_since > KEPT_SECONDS
        )


def known() -> Identity | None:
    """Return the identity where it can be known without asking the browser; mounts nothing."""
    identity: Identity | None = st.session_state.get("identity")
    if identity is None and (key := cookie.read()):
        identity = st.session_state.identity = Identity(key, Origin.RESTORED, mirrored=True)
    return identity


def ask() -> Identity | None:
    """Ask local storage. None until it has answered; only then may a key be minted."""
    items = local_storage.read(_nonce())
    if items is None:
        return None
    kept = items.get(LOCAL_STORAGE_ITEM)
    if is_valid(kept):
        identity = Identity(str(kept), Origin.RESTORED, mirrored=False)
    else:
        identity = Identity(mint(), Origin.NEW, mirrored=False)
    st.session_state.identity = identity
    return identity


def ask_anew() -> None:
    """Have the next run mount the component anew: its files may not have come."""
    st.session_state.pop("identity_nonce", None)


def start_without_local_storage() -> None:
    """Mint a key because the user said so: only the cookie will remember it."""
    st.session_state.identity = Identity(mint(), Origin.NEW, mirrored=False)


def waited_too_long() -> bool:
    """Tell whether local storage has left the page waiting for longer than it ever takes."""
    asked_at: float = st.session_state.setdefault("local_storage_asked_at", time.monotonic())
    return time.monotonic() - asked_at > PATIENCE_SECONDS


def settle(identity: Identity) -> None:
    """Mirror the key as a cookie; take over the key of a faster tab, and run again with it.

    A key that was just minted goes into local storage at once, for nothing else holds it yet. Once
    the cookie is there, so is the browser's right to the files that carry its name.
    """
    if identity.origin is Origin.NEW:
        remember(identity)
    held = identity.key if identity.mirrored else cookie.claim(identity.key)
    if held == identity.key:
        identity.mirrored = True
        shared_files.belongs_to(identity.key)
    elif held is not None:
        st.session_state.identity = Identity(
            held, Origin.NEW, mirrored=True, superseded=identity.key
        )
        st.rerun()


def remember_later(identity: Identity) -> None:
    """Write the key into local storage where only the cookie may hold it; harmless twice."""
    if identity.mirrored and identity.origin is Origin.RESTORED:
        remember(identity)


def remember(identity: Identity) -> None:
    """Write the key into local storage."""
    local_storage.write(identity.key, _nonce())


def _nonce() -> str:
    """Return a name that is this server-side session's own, so it differs after each hop."""
    nonce: str = st.session_state.setdefault("identity_nonce", secrets.token_hex(4))
    return nonce
