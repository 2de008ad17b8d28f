"""Faults, one a file, each a context manager that undoes itself; written against any cluster."""

from __future__ import annotations

from parity.cluster.protocol import Ability
from parity.faults.all_down import all_down
from parity.faults.balancer import reloaded, restarted
from parity.faults.cut import cut
from parity.faults.fault import Fault
from parity.faults.kill import kill
from parity.faults.model_cut import model_cut
from parity.faults.pause import pause
from parity.faults.redeploy import redeploy
from parity.faults.scale_in import scale_in
from parity.faults.stop import stop
from parity.faults.volume import full, stall

FAULTS = (
    Fault("replica killed", kill, ends_replica=True),
    Fault("replica stopped", stop, ends_replica=True),
    Fault("replica frozen and thawed", pause, frozenset({Ability.PAUSE})),
    Fault("replica cut from the network", cut, frozenset({Ability.CUT})),
    Fault("every replica down and back", all_down),
    Fault("rolling redeploy", redeploy, ends_replica=True),
    Fault("scale in", scale_in, ends_replica=True),
    Fault("load balancer reloaded", reloaded, frozenset({Ability.BALANCER})),
    Fault("load balancer restarted", restarted, frozenset({Ability.BALANCER})),
    Fault("model cut from the network", model_cut, frozenset({Ability.MODEL})),
    Fault("volume stalls", stall, frozenset({Ability.VOLUME})),
    Fault("volume full", full, frozenset({Ability.VOLUME})),
)

__all__ = ["FAULTS", "Fault"]
