"""Application Auto Scaling of the ECS service: its limits, and whether somebody suspended it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from parity.aws.errors import plainly

if TYPE_CHECKING:
    from parity.aws.account import Account
    from parity.deploy.rollout import Service

NAMESPACE, DIMENSION = "ecs", "ecs:service:DesiredCount"


@dataclass(frozen=True)
class Scaling:
    """A service's scalable target. least, most: tasks; suspended: which kinds, by AWS's names."""

    resource: str
    least: int
    most: int
    suspended: tuple[str, ...] = ()

    @property
    def resume(self) -> str:
        """The command that lets it scale again."""
        state = ",".join(f"{name}=false" for name in self.suspended)
        return (
            f"aws application-autoscaling register-scalable-target --service-namespace {NAMESPACE}"
            f" --scalable-dimension {DIMENSION} --resource-id {self.resource}"
            f" --suspended-state {state}"
        )


def read_scaling(account: Account, service: Service) -> Scaling | None:
    """Return how a service is scaled; None where nothing scales it."""
    resource = f"service/{service.cluster}/{service.name}"
    with plainly():
        answer = account.client("application-autoscaling").describe_scalable_targets(
            ServiceNamespace=NAMESPACE, ResourceIds=[resource], ScalableDimension=DIMENSION
        )
    for target in answer["ScalableTargets"]:
        suspended = target.get("SuspendedState") or {}
        return Scaling(
            resource=resource,
            least=int(target["MinCapacity"]),
            most=int(target["MaxCapacity"]),
            suspended=tuple(sorted(name for name, value in suspended.items() if value)),
        )
    return None
