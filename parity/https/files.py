"""Where a stack's certificate authority and certificate are kept, and how they come there."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from shutil import rmtree
from typing import TYPE_CHECKING

from parity.errors import ParityError
from parity.project import STATE

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from parity.https.authority import Pair

FOLDER = STATE / "https"


@dataclass(frozen=True)
class Files:
    """A stack's folder; what of it nginx gets to see is in a folder within."""

    folder: Path

    @property
    def authority(self) -> Path:
        """The certificate to trust, in PEM."""
        return self.folder / "ca.pem"

    @property
    def authority_key(self) -> Path:
        """The key that signs; it never leaves this folder."""
        return self.folder / "ca-key.pem"

    @property
    def served(self) -> Path:
        """The folder for nginx; see compose.https.yaml for whose the key in it becomes."""
        return self.folder / "nginx"

    @property
    def certificate(self) -> Path:
        """The certificate that nginx shows, in PEM."""
        return self.served / "certificate.pem"

    @property
    def key(self) -> Path:
        """The key of that certificate."""
        return self.served / "key.pem"

    @property
    def mark(self) -> Path:
        """A file that is there while the stack speaks HTTPS."""
        return self.folder / "on"

    @property
    def fingerprint(self) -> str:
        """The SHA-256 of the certificate's file, or of none: as for a build before the start."""
        return hashlib.sha256(_bytes(self.certificate)).hexdigest()


def of(project: str) -> Files:
    """Return where the files of a Compose project are, made or not."""
    return Files(FOLDER / project)


def ensure(files: Files, project: str, now: datetime | None = None) -> None:
    """Have an authority and a certificate that are good for the next weeks.

    What is there and good stays, so that an authority has to be trusted once only. Raises
    ParityError when they cannot be read or written.
    """
    # Not above: it takes a quarter of a second, which only HTTPS is to cost.
    from parity.https import authority as made  # noqa: PLC0415

    now = now or made.now()
    try:
        files.served.mkdir(parents=True, exist_ok=True)
        files.served.chmod(0o755)  # whatever the umask: nginx's user has to find what is in it
        known = _read(files.authority, files.authority_key)
        if known is None or not made.lasts(known.certificate, now):
            known = made.make_authority(f"Parity Kit ({project})", now)
            _write(known, files.authority, files.authority_key)
        if not files.key.exists() or not made.serves(
            _bytes(files.certificate), known.certificate, now
        ):
            _write(made.issue(known, now), files.certificate, files.key)
    except OSError as error:
        raise ParityError(
            f"'{error.filename}' cannot be used: {error.strerror}",
            hint=f"sudo rm -r {files.folder}, then run this again",
        ) from error


def delete(project: str) -> None:
    """Delete the authority of a Compose project and all that it has issued."""
    files = of(project)
    try:
        rmtree(files.folder)
    except FileNotFoundError:
        return
    except OSError as error:
        raise ParityError(
            f"'{error.filename}' could not be deleted: {error.strerror}",
            hint=f"sudo rm -r {files.folder}",
        ) from error


def _read(certificate: Path, key: Path) -> Pair | None:
    from parity.https.authority import Pair  # noqa: PLC0415 - as above

    try:
        return Pair(certificate.read_bytes(), key.read_bytes())
    except FileNotFoundError:
        return None


def _bytes(file: Path) -> bytes:
    return file.read_bytes() if file.exists() else b""


def _write(pair: Pair, certificate: Path, key: Path) -> None:
    """Write both; interrupted in between, there is no certificate, and so neither is believed."""
    certificate.unlink(missing_ok=True)
    _put(key, pair.key, mode=0o600)
    _put(certificate, pair.certificate, mode=0o644)


def _put(file: Path, content: bytes, *, mode: int) -> None:
    """Write a file anew, as its last owner may be another; nobody ever sees a part of it."""
    draft = file.with_suffix(".new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "wb") as output:
        os.fchmod(descriptor, mode)  # whatever the umask
        output.write(content)
    draft.replace(file)
