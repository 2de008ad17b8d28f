"""nginx in the local stack, through its control interface; nginx/README.md lists what it takes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, cast

from docker.errors import APIError

from parity.cluster import container as read
from parity.cluster.protocol import Target
from parity.errors import ParityError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from docker.models.containers import Container

Json = dict[str, Any]


class Balancer:
    """The control interface inside nginx's container."""

    def __init__(self, container: Container) -> None:
        self._container = container

    def targets(self, replicas: Iterable[Container]) -> list[Target]:
        """Return the targets by address, each with the replica that has that address."""
        by_address = {read.address(each.attrs): each.attrs for each in replicas}
        return [_target(each, by_address.get(each["Id"])) for each in self._ask("GET", "/targets")]

    def deregister(self, address: str) -> None:
        """Let a target drain. Raises ParityError when there is no such target."""
        self._ask("POST", f"/targets/{address}/deregister")

    def register(self, address: str) -> None:
        """Make it a target again. Raises ParityError when it is none that is known."""
        self._ask("POST", f"/targets/{address}/register")

    def is_sticky(self) -> bool:
        """Tell whether it binds browsers to targets."""
        return bool(self._ask("GET", "/attributes")["stickiness.enabled"])

    def modify(self, attributes: Mapping[str, bool | int | str]) -> None:
        """Change attributes of the target group. Raises ParityError naming one that cannot be."""
        self._ask("PATCH", "/attributes", json.dumps(dict(attributes)))

    def _ask(self, *words: str) -> Any:  # noqa: ANN401 - JSON
        code, text = self._control(*words)
        if not code and not text:  # a busy engine loses it now and then; it does no harm twice
            code, text = self._control(*words)
        try:
            answer = json.loads(text)
        except ValueError as error:
            raise ParityError(
                "the load balancer did not answer", hint="parity logs", detail=text
            ) from error
        if code:
            raise ParityError(f"the load balancer: {answer['Message']}", hint="parity targets")
        return answer

    def _control(self, *words: str) -> tuple[int, str]:
        try:
            code, output = self._container.exec_run(["control", *words])
        except APIError as error:
            raise ParityError(
                f"the load balancer does not run: {error.explanation}", hint="scripts/up"
            ) from error
        return int(code or 0), cast("bytes", output).decode(errors="replace")


def _target(described: Json, replica: read.Attributes | None) -> Target:
    return Target(
        address=described["Id"],
        port=described["Port"],
        replica=None if replica is None else read.number(replica),
        hostname="" if replica is None else replica["Config"]["Hostname"],
        zone="",
        state=described["State"],
        reason=described["Reason"],
        description=described["Description"],
        outstanding=described["Outstanding"],
    )
