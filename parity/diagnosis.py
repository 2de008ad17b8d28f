"""What a failed program's output means, where it is known: one sentence and the next step."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Diagnosis:
    """pattern: what the output holds (ignoring case). what, hint: as in ParityError."""

    pattern: str
    what: str
    hint: str


KNOWN = (
    Diagnosis(
        r"no space left on device|not enough free space",
        "the disk of Docker is full",
        "docker system prune --all    (frees what no container uses), then run this again",
    ),
    Diagnosis(
        r"port is already allocated|address already in use",
        "a port that the stack needs was taken by another program meanwhile",
        "run this again: it then names the port and a free one",
    ),
    Diagnosis(
        r"permission denied while trying to connect to the docker",
        "this user may not talk to Docker Engine",
        "sudo usermod -aG docker $USER, log in again, then run this again",
    ),
    Diagnosis(
        r"cannot connect to the docker daemon",
        "Docker Engine does not answer",
        "parity doctor",
    ),
    Diagnosis(
        r"certificate verify failed|certificate signed by unknown authority",
        "a TLS certificate was not trusted: this network seems to re-sign TLS",
        "SSL_CERT_FILE=/path/to/your-network's-ca.pem scripts/up",
    ),
    Diagnosis(
        r"could not get lock /var/lib",
        "another package manager holds the lock of dpkg",
        "wait until it is done, then run this again",
    ),
    Diagnosis(
        r"dpkg --configure -a",
        "an earlier installation of packages was interrupted",
        "dpkg --configure -a, then run this again",
    ),
    Diagnosis(
        r"temporary failure (in name resolution|resolving)|network is unreachable"
        r"|no route to host|temporary failure in resolv",
        "the network, or a name in it, could not be reached",
        "check the connection (and HTTPS_PROXY behind a proxy), then run this again",
    ),
)


def diagnose(output: str) -> Diagnosis | None:
    """Return the first known meaning of a failed program's output."""
    for known in KNOWN:
        if re.search(known.pattern, output, re.IGNORECASE):
            return known
    return None
