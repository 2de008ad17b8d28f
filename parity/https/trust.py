"""How programs come to trust a stack's certificate: Python, Node and Chromium."""

from __future__ import annotations

import base64
import ssl
from typing import TYPE_CHECKING

from parity.https import files

if TYPE_CHECKING:
    from parity.project import Settings


def context(settings: Settings) -> ssl.SSLContext | None:
    """Return what Python's clients check the stack's certificate with; None where it has none."""
    if not settings.https:
        return None
    return ssl.create_default_context(cafile=str(files.of(settings.project).authority))


def environment(settings: Settings) -> dict[str, str]:
    """Return the environment in which other programs' clients trust it.

    Node's, so that Playwright's own requests do, as well as all else; OpenSSL's, as in Python,
    instead of all else.
    """
    if not settings.https:
        return {}
    authority = str(files.of(settings.project).authority)
    return {"NODE_EXTRA_CA_CERTS": authority, "SSL_CERT_FILE": authority}


def chromium_arguments(settings: Settings) -> tuple[str, ...]:
    """Return the arguments that let Chromium take this one public key for trusted.

    All other certificates it checks as ever, unlike with --ignore-certificate-errors.
    """
    if not settings.https:
        return ()
    from parity.https.authority import public_key_hash  # noqa: PLC0415 - slow, see files.py

    found = public_key_hash(files.of(settings.project).certificate.read_bytes())
    return (f"--ignore-certificate-errors-spki-list={base64.b64encode(found).decode()}",)
