"""What a fault is: something that the cloud may do, which undoes itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from parity.errors import ParityError

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from parity.cluster.protocol import Ability, Cluster


@dataclass(frozen=True)
class Fault:
    """One kind of fault, on whatever cluster.

    inject: given the cluster and the host name of the replica that a user is on, breaks something,
    makes sure that it is broken (ParityError), and mends it when the block ends. needs: what the
    cluster must be able to do. ends_replica: whether the user's page must go elsewhere. lasts:
    seconds that it must last to show all that it does.
    """

    name: str
    inject: Callable[[Cluster, str], AbstractContextManager[None]]
    needs: frozenset[Ability] = field(default_factory=frozenset)
    ends_replica: bool = False
    lasts: float = 0.0


def require(broken: bool) -> None:  # noqa: FBT001 - a condition and nothing else
    """Raise ParityError unless the fault took: what follows would prove nothing."""
    if not broken:
        raise ParityError("the fault did not take", hint="parity ps")
