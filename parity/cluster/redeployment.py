"""A new deployment of the task definition that runs already: every task is replaced."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from parity.aws.errors import plainly
from parity.cluster import task as read
from parity.errors import ParityError

if TYPE_CHECKING:
    from parity.aws.account import Account
    from parity.cluster.service_view import ServiceView
    from parity.cluster.task import Json


class Redeployment:
    """Begun when it is made; ended when no task from before it runs on."""

    def __init__(self, account: Account, view: ServiceView) -> None:
        self._view = view
        self._old = {each["taskArn"] for each in view.wanted()}
        with plainly():
            updated: dict[str, Any] = account.client("ecs").update_service(
                **view.names, forceNewDeployment=True
            )
        deployments: list[Json] = updated["service"]["deployments"]
        self._own = next(each for each in deployments if each["status"] == "PRIMARY")

    def unfinished(self) -> str:
        """Return how far it is; empty once it is through. Raises ParityError if it has failed."""
        service = self._view.service()
        if read.has_failed(service, self._own):
            raise self._failed(service)
        state = read.rollout(service, self._own).get("rolloutState", "not listed yet")
        if state != "COMPLETED":
            return f"deployment {self._own['id']} is {state}"
        kept = [each for each in self._view.wanted() if each["taskArn"] in self._old]
        return f"{len(kept)} old tasks run on" if kept else ""

    def _failed(self, service: Json) -> ParityError:
        events = [event["message"] for event in reversed(service.get("events", [])[:5])]
        reason = read.rollout(service, self._own).get("rolloutStateReason", "it was replaced")
        return ParityError(
            f"the deployment {self._own['id']} failed: {reason}",
            hint=self._view.where.hint,
            detail="\n".join(events),
        )
