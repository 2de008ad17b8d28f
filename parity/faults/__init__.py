"""Faults, one a file, each a context manager that undoes itself; written against any cluster."""

from __future__ import annotations

from parity.cluster.protocol import Ability
from parity.efs.faults import Kind
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
from parity.faults.volume import broken_volume

_VOLUME = frozenset({Ability.VOLUME})

FAULTS = (
    Fault("replica killed", kill, ends_replica=True),
    Fault("replica stopped", stop, ends_replica=True),
    Fault("replica frozen and thawed", pause, frozenset({Ability.PAUSE}), lasts=30),
    Fault("replica cut from the network", cut, frozenset({Ability.CUT})),
    Fault("every replica down and back", all_down),
    Fault("rolling redeploy", redeploy, ends_replica=True),
    Fault("scale in", scale_in, ends_replica=True),
    Fault("load balancer reloaded", reloaded, frozenset({Ability.BALANCER})),
    Fault("load balancer restarted", restarted, frozenset({Ability.BALANCER})),
    Fault("model cut from the network", model_cut, frozenset({Ability.MODEL})),
    Fault("volume stalls", broken_volume(Kind.STALL), _VOLUME, lasts=20),
    Fault("volume full", broken_volume(Kind.ENOSPC), _VOLUME),
    Fault("volume failing", broken_volume(Kind.EIO), _VOLUME),
    Fault("volume with stale handles", broken_volume(Kind.ESTALE), _VOLUME),
    Fault("volume read-only", broken_volume(Kind.READ_ONLY), _VOLUME),
)

__all__ = ["FAULTS", "Fault"]
