"""Do one thing to the volume and print the result, sealed: the program of a one-off task.

It is sent as text to the app's image, so it takes what that has: Python 3.11 or newer, openssl.
argv: the certificate to seal for (PEM), what to do (JSON). Of a file's content nothing is printed
that is readable without the certificate's key.
"""

import base64
import json
import os
import subprocess
import sys
import time
import zlib
from pathlib import Path

PIECE = 8000  # characters; the log driver breaks a line at 16 KiB
PAUSE = 0.02  # s; it drops lines where they come faster than it sends them on


def do(root: Path, wanted: dict[str, str]) -> bytes:
    """Return the names, or the content behind a byte that says that there is some."""
    path = root / wanted.get("path", "")
    match wanted["do"]:
        case "list":
            found = [str(file.relative_to(root)) for file in path.rglob("*") if file.is_file()]
            return os.fsencode("\0".join(found))
        case "read":
            return b"+" + path.read_bytes() if path.exists() else b""
        case _:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(zlib.decompress(base64.b64decode(wanted["content"])))
            return b""


def seal(content: bytes, certificate: str) -> bytes:
    """Return the content as only the holder of the certificate's key can read it."""
    reading, writing = os.pipe()  # the root file system is read-only
    with os.fdopen(writing, "w") as pipe:
        pipe.write(certificate)
    argv = ["openssl", "cms", "-encrypt", "-binary", "-aes256", "-outform", "DER"]
    return subprocess.run(
        [*argv, f"/dev/fd/{reading}"],
        input=zlib.compress(content, 9),
        pass_fds=[reading],
        stdout=subprocess.PIPE,
        check=True,
    ).stdout


def say(line: dict[str, str | int]) -> None:
    """Print one line of the log."""
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


def main(certificate: str, wanted: str) -> None:
    """Print the result in numbered pieces, one JSON object a line; or the error."""
    try:
        result = seal(do(Path(os.environ["SESSION_ROOT"]), json.loads(wanted)), certificate)
    except OSError as error:
        say({"volume": "failed", "why": f"{type(error).__name__}: {error}"})
        sys.exit(1)
    text = base64.b64encode(result).decode()
    pieces = [text[start : start + PIECE] for start in range(0, len(text), PIECE)]
    for number, piece in enumerate(pieces):
        say({"volume": number, "of": len(pieces), "sealed": piece})
        time.sleep(PAUSE)


if __name__ == "__main__":
    main(*sys.argv[1:])
