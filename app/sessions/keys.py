"""Session keys: bearer secrets of 256 bits. Only their hash ever reaches a file name or a log."""

import hashlib
import re
import secrets
from typing import TypeGuard

_BYTES = 32
_PATTERN = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)
PUBLIC_LENGTH = 8


def mint() -> str:
    """Return a new key: 43 URL-safe characters from the system's random source."""
    return secrets.token_urlsafe(_BYTES)


def is_valid(text: object) -> TypeGuard[str]:
    """Tell whether `text` has the form of a key; anything at all may be asked."""
    return isinstance(text, str) and _PATTERN.fullmatch(text) is not None


def digest(key: str) -> str:
    """Return the SHA-256 of a key in hex: the name of its files, which reveals no key."""
    return hashlib.sha256(key.encode()).hexdigest()


def public_id(key: str) -> str:
    """Return the eight characters that pages and logs may show of a session."""
    return digest(key)[:PUBLIC_LENGTH]
