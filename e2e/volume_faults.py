"""Break a replica's way to the volume, as the client of `parity up --efs` can."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from parity.efs.faults import Kind
from parity.verbs.efs import break_or_mend, mounts, read

if TYPE_CHECKING:
    from parity.cluster.compose import Compose
    from parity.project import Settings


@dataclass(frozen=True)
class VolumeFaults:
    """The clients through which the replicas see the volume; each can be broken by itself."""

    settings: Settings
    cluster: Compose

    def inject(self, kind: Kind, seconds: float, hostname: str) -> None:
        """Give one replica's client that fault, for so long unless it is mended before."""
        break_or_mend(mounts(self.settings, self.cluster, hostname), (kind, seconds))

    def current(self, hostname: str) -> Kind | None:
        """Return the fault that one replica's client says it has."""
        (found,) = read(mounts(self.settings, self.cluster, hostname))
        return Kind(found.counters["fault"]) if found.counters["fault"] else None

    def mend(self) -> None:
        """Take away every fault."""
        break_or_mend(mounts(self.settings, self.cluster), None)
