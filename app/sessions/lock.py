"""One writer at a time on a file, across threads, processes and hosts.

Why `flock` and not record locks (`lockf`):
- it belongs to the open file, so two threads of one process exclude each other, and closing some
  other descriptor of the same file releases nothing;
- on EFS (NFSv4.1) the Linux client turns it into a byte-range lock over the whole file at the
  server, so it holds across hosts; taking it makes the client drop what it had cached of the
  file (flock(2), nfs(5)). There it needs a file open for writing.

Why it polls: the NFS client itself polls for a lock that is taken, once a second and then rarer,
and a blocking call cannot give up. A frozen holder must not freeze everybody.
"""

import fcntl
import random
import time

from .errors import StoreBusy

PATIENCE = 10.0  # seconds; a holder needs some milliseconds
_FIRST_PAUSE = 0.001
_LONGEST_PAUSE = 0.02


def acquire(fd: int, patience: float) -> None:
    """Hold the file exclusively until `fd` is closed.

    Raises StoreBusy when it is still taken after `patience` seconds.
    """
    deadline = time.monotonic() + patience
    pause = _FIRST_PAUSE
    while True:
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                raise StoreBusy(
                    "This conversation is being written to from elsewhere; "
                    "nothing was changed, try again in a moment."
                ) from None
            time.sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311 - spreads waiters, no secret
            pause = min(2 * pause, _LONGEST_PAUSE)
        else:
            return
