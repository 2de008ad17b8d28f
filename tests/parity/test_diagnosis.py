"""Output of real programs is told apart, and the next step fits it."""

from __future__ import annotations

import pytest

from parity.diagnosis import diagnose

REAL = {
    "prune": [
        "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device",
        "Error response from daemon: write /usr/lib/x: no space left on device",
        "E: You don't have enough free space in /var/cache/apt/archives/.\nnot enough free space",
    ],
    "names the port": [
        "driver failed: Bind for 127.0.0.1:8080 failed: port is already allocated",
        "listen tcp4 127.0.0.1:8080: bind: address already in use",
    ],
    "usermod": [
        "permission denied while trying to connect to the Docker daemon socket at unix:///var/run",
        "permission denied while trying to connect to the docker API at unix:///var/run/docker.sock",
    ],
    "SSL_CERT_FILE": [
        "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: unable to get local issuer",
        "tls: failed to verify certificate: x509: certificate signed by unknown authority",
    ],
    "until it is done": [
        "E: Could not get lock /var/lib/dpkg/lock-frontend. It is held by 1 (apt)"
    ],
    "dpkg --configure": ["E: dpkg was interrupted, you must manually run 'dpkg --configure -a' to"],
    "connection": [
        "W: Failed to fetch http://mirror.example  Temporary failure resolving 'mirror.example'",
        "connect: network is unreachable",
    ],
    "doctor": [
        "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is it running?"
    ],
}


@pytest.mark.parametrize(
    ("hint", "output"), [(hint, output) for hint, outputs in REAL.items() for output in outputs]
)
def test_known_failure_is_recognised(hint: str, output: str) -> None:
    """From messages that Docker, apt and pip print."""
    known = diagnose(f"some line before\n{output}\nsome line after")
    assert known is not None
    assert hint in known.hint


def test_unknown_failure_is_not_guessed_at() -> None:
    """A wrong cause is worse than none."""
    assert diagnose("SyntaxError: invalid syntax") is None
