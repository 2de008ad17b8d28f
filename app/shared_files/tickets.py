"""Ids of files: every replica knows its own again, and nobody else can make one.

An upload's id is handed out before there is a file, by the replica that has the page's websocket,
and comes back with the file to any other one. So it is a ticket: the time, chance, and a keyed hash
over these, the session and its owner. A medium's id is the keyed hash of its content and of whose
it is: the same on each run and on each replica, and of no use for finding out who else has it.

The key comes from `server.cookieSecret`, which all replicas share.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from functools import cache

from streamlit.web.server.server_util import get_cookie_secret

from app.shared_files.kept import ID

TICKET_SECONDS = 86_400.0  # from when the page asked where to upload to
_TIME, _CHANCE, _SIGNATURE = 4, 12, 16  # bytes: together the 32 of an id


class Tickets:
    """The ids that go with one secret."""

    def __init__(self, secret: str) -> None:
        self._key = hashlib.blake2b(
            secret.encode(), digest_size=32, person=b"shared files"
        ).digest()

    def issue(self, session: str, owner: str) -> str:
        """Return the id of a file that this session may now upload; owner is "" if not known."""
        payload = int(time.time()).to_bytes(_TIME, "big") + secrets.token_bytes(_CHANCE)
        return (payload + self._sign(payload, session, owner)).hex()

    def is_issued(self, file_id: str, session: str, owner: str) -> bool:
        """Tell whether that session was given this id, for its owner or before it had one."""
        if not ID.fullmatch(file_id):
            return False
        given = bytes.fromhex(file_id)
        payload, signature = given[:-_SIGNATURE], given[-_SIGNATURE:]
        age = time.time() - int.from_bytes(payload[:_TIME], "big")
        return abs(age) < TICKET_SECONDS and any(
            hmac.compare_digest(signature, self._sign(payload, session, each))
            for each in {owner, ""}
        )

    def medium(self, whose: str, *facts: str) -> hashlib.blake2b:
        """Return the hash to feed a medium's content to; its digest is the id."""
        hashed = hashlib.blake2b(digest_size=32, key=self._key, person=b"media")
        for each in (whose, *facts):
            text = each.encode(errors="replace")
            hashed.update(len(text).to_bytes(4, "big") + text)
        return hashed

    def _sign(self, payload: bytes, session: str, owner: str) -> bytes:
        text = b"\0".join((payload, session.encode(), owner.encode()))
        return hashlib.blake2b(
            text, digest_size=_SIGNATURE, key=self._key, person=b"uploads"
        ).digest()


@cache
def shared_tickets() -> Tickets:
    """Return those of this server; to be called when its configuration is complete."""
    return Tickets(get_cookie_secret() or secrets.token_hex(32))
