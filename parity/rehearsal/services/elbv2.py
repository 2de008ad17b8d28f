"""Load balancers that can be reached: the one before tasks that really run has a real address."""

from __future__ import annotations

from typing import Any

from moto.elbv2.models import ELBv2Backend, FakeLoadBalancer

from parity.deploy.stack_state import TAG
from parity.rehearsal.services import runs


def plug_in() -> None:
    """Let the DNS name of the rehearsed stack's load balancer be where its stand-in listens."""
    create = ELBv2Backend.create_load_balancer

    def create_and_name(self: ELBv2Backend, *arguments: Any, **options: Any) -> FakeLoadBalancer:  # noqa: ANN401
        made = create(self, *arguments, **options)
        around = runs.surroundings()
        if around and {"Key": TAG, "Value": around.service} in (options.get("tags") or []):
            made.dns_name = around.balancer
        return made

    ELBv2Backend.create_load_balancer = create_and_name  # type: ignore[method-assign]
