"""How many tasks a service shall have: set, with auto scaling kept still, and brought back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from parity.aws.errors import plainly

if TYPE_CHECKING:
    from collections.abc import Mapping

    from parity.aws.account import Account
    from parity.cluster.service_view import ServiceView

SUSPENDED = {
    "DynamicScalingInSuspended": True,
    "DynamicScalingOutSuspended": True,
    "ScheduledScalingSuspended": True,
}


@dataclass(frozen=True)
class Before:
    """What there was before the first `set`: how many tasks, and what scaling was suspended."""

    desired: int
    suspended: Mapping[str, bool]


class DesiredCount:
    """The desired count of one service.

    Auto scaling is suspended, not narrowed to the number: a schedule would write over minimum and
    maximum, and who is stopped before `bring_back` would leave them wrong with nobody to tell the
    right ones.
    """

    def __init__(self, account: Account, view: ServiceView) -> None:
        self._ecs = account.client("ecs")
        self._scaling = account.client("application-autoscaling")
        self._view = view
        self._before: Before | None = None

    def set(self, tasks: int) -> None:
        """Suspend what would change the count by itself, and set it."""
        suspended = self._suspended()
        self._before = self._before or Before(self._view.desired(), suspended or {})
        if suspended is not None:
            self._suspend(SUSPENDED)
        self._update(tasks)

    def bring_back(self) -> None:
        """Bring back the count and the auto scaling there was before the first `set`, if any."""
        if self._before:
            self._update(self._before.desired)
            if self._suspended() is not None:
                self._suspend({name: self._before.suspended.get(name, False) for name in SUSPENDED})
            self._before = None

    def _update(self, tasks: int) -> None:
        with plainly():
            self._ecs.update_service(**self._view.names, desiredCount=tasks)

    def _suspended(self) -> dict[str, bool] | None:
        """Return what of the scaling is suspended; None where the service has no auto scaling."""
        asked = self._target()
        with plainly():
            described = self._scaling.describe_scalable_targets(
                ServiceNamespace=asked["ServiceNamespace"],
                ResourceIds=[asked["ResourceId"]],
                ScalableDimension=asked["ScalableDimension"],
            )
        found = described["ScalableTargets"]
        return dict(found[0].get("SuspendedState") or {}) if found else None

    def _suspend(self, state: Mapping[str, bool]) -> None:
        with plainly():
            self._scaling.register_scalable_target(**self._target(), SuspendedState=dict(state))

    def _target(self) -> dict[str, Any]:
        where = self._view.where
        return {
            "ServiceNamespace": "ecs",
            "ResourceId": f"service/{where.cluster}/{where.name}",
            "ScalableDimension": "ecs:service:DesiredCount",
        }
