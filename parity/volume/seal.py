"""What is sent through a log that others read: sealed for a key that lives as long as the answer.

CMS by openssl at both ends: the app's image has no other cryptography.
"""

from __future__ import annotations

import base64
import json
import subprocess
import zlib
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from parity.errors import ParityError
from parity.host.command import run

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

HINT = "openssl version    (3 or newer, on this machine and in the image)"


@dataclass(frozen=True)
class OneTimeKey:
    """A private key in a folder of its own, and the certificate (PEM) to seal for it."""

    folder: Path
    certificate: str

    def open(self, sealed: bytes) -> bytes:
        """Return the content. Raises ParityError for what was sealed for another, or not whole."""
        argv = ["openssl", "cms", "-decrypt", "-inform", "DER", "-inkey", "key.pem"]
        done = subprocess.run(
            [*argv, "-recip", "certificate.pem"],
            cwd=self.folder,
            input=sealed,
            capture_output=True,
            check=False,
        )
        try:
            return zlib.decompress(done.stdout)
        except zlib.error as error:
            raise ParityError(
                "the answer about the volume cannot be opened",
                hint=HINT,
                detail=done.stderr.decode(errors="replace") or str(error),
            ) from error


@contextmanager
def one_time_key() -> Iterator[OneTimeKey]:
    """Give a key that is gone afterwards."""
    with TemporaryDirectory(prefix="parity-key-") as name:  # mode 0700
        argv = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1"]
        files = ["-keyout", "key.pem", "-out", "certificate.pem"]
        run([*argv, "-subj", "/CN=parity", *files], cwd=Path(name), timeout=60, hint=HINT)
        yield OneTimeKey(Path(name), (Path(name) / "certificate.pem").read_text())


def sealed_in(lines: Sequence[str]) -> bytes | None:
    """Return what a task's lines hold, in whatever order; None while some are missing.

    Raises ParityError when they tell of a failure instead. All other lines are passed over.
    """
    pieces: dict[int, str] = {}
    of = 1
    for line in lines:
        if not line.startswith('{"volume"'):
            continue
        piece = json.loads(line)
        if piece["volume"] == "failed":
            raise ParityError(f"the volume could not be looked into: {piece['why']}")
        pieces[piece["volume"]], of = piece["sealed"], piece["of"]
    if len(pieces) < of:
        return None
    return base64.b64decode("".join(pieces[number] for number in range(of)))
