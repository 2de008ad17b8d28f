"""A replica's way to the volume breaks, as EFS semantics can have it."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from parity.faults.fault import require

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from parity.cluster.protocol import Cluster
    from parity.efs.faults import Kind

LONGEST_SECONDS = 300.0


def broken_volume(kind: Kind) -> Callable[[Cluster, str], AbstractContextManager[None]]:
    """Return the fault that has every call of one replica to its volume answered so."""

    @contextmanager
    def inject(cluster: Cluster, hostname: str) -> Iterator[None]:
        cluster.break_volume(hostname, kind, LONGEST_SECONDS)
        try:
            require(cluster.volume_fault(hostname) == kind)
            yield
        finally:
            cluster.mend_volume(hostname)

    return inject
