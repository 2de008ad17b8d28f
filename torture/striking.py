"""Carry out what the nemesis decided: hit, see that it broke, wait, mend, wait for health."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from parity.efs.faults import Kind
from parity.errors import ParityError
from torture.nemesis import OF_VOLUME, Fault

if TYPE_CHECKING:
    from collections.abc import Callable

    from e2e.volume_faults import VolumeFaults
    from parity.cluster.protocol import Cluster, Replica
    from torture.nemesis import Strike

BROKEN = {
    Fault.KILL: "exited",
    Fault.KILL_ALL: "exited",
    Fault.STOP: "exited",
    Fault.PAUSE: "paused",
    Fault.CUT: "cut",
}
HEALTHY_SECONDS = 120.0


@dataclass(frozen=True)
class Struck:
    """What became of a strike. began, ended: s of the run; ended when all is well.

    replica: the host name of who was hit. proof: the state that it was then in, or its volume.
    """

    strike: Strike
    replica: str
    proof: str
    began: float
    ended: float


@dataclass(frozen=True)
class Striker:
    """Who does it. volume: the replicas' ways to it, where they can be broken."""

    cluster: Cluster
    volume: VolumeFaults | None
    clock: Callable[[], float]
    sleep: Callable[[float], None] = time.sleep

    def strike(self, strike: Strike) -> Struck:
        """Do all of it. Raises ParityError where a fault had no effect, or cannot be mended."""
        replicas = self.cluster.replicas()
        victim = replicas[strike.place % len(replicas)]
        victims = replicas if strike.fault is Fault.KILL_ALL else [victim]
        began = self.clock()
        try:
            for each in victims:
                self._hit(strike, each)
            proof = self._proof(strike, victim)
            self.sleep(strike.lasts)
        finally:
            for each in victims:
                self._mend(strike, each)
        self.cluster.wait_healthy(HEALTHY_SECONDS)
        return Struck(strike, victim.hostname, proof, began, self.clock())

    def _hit(self, strike: Strike, replica: Replica) -> None:
        match strike.fault:
            case Fault.KILL | Fault.KILL_ALL:
                self.cluster.kill(replica.number)
            case Fault.STOP:
                self.cluster.stop(replica.number)
            case Fault.PAUSE:
                self.cluster.pause(replica.number)
            case Fault.CUT:
                self.cluster.cut(replica.number)
            case Fault.RESTART:
                self.cluster.restart(replica.number)
            case _ if self.volume is not None:
                self.volume.inject(Kind(strike.fault), strike.lasts, replica.hostname)

    def _proof(self, strike: Strike, replica: Replica) -> str:
        now = self.cluster.serving(replica.number)
        if strike.fault in BROKEN and now.state != BROKEN[strike.fault]:
            raise ParityError(f"'{strike.fault}' left {replica.name} {now.state}", hint="parity ps")
        if strike.fault is Fault.RESTART and now.started_at == replica.started_at:
            raise ParityError(f"{replica.name} was not restarted", hint="parity ps")
        if strike.fault in OF_VOLUME and self.volume is not None:
            fault = self.volume.current(replica.hostname)
            if fault != Kind(strike.fault):
                raise ParityError(f"'{strike.fault}' left the volume of {replica.name} well")
            return f"volume: {fault}"
        return now.state

    def _mend(self, strike: Strike, replica: Replica) -> None:
        if strike.fault in OF_VOLUME:
            if self.volume is not None:
                self.volume.mend()
        elif strike.fault is not Fault.RESTART:
            self.cluster.start(replica.number)
