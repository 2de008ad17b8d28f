"""What can be done to a target group of AWS; ServiceView only looks at it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from parity.aws.errors import plainly

if TYPE_CHECKING:
    from collections.abc import Mapping

    from parity.aws.account import Account


class TargetGroup:
    """One target group, by its ARN."""

    def __init__(self, account: Account, arn: str) -> None:
        self._elb = account.client("elbv2")
        self._arn = arn

    def deregister(self, address: str) -> None:
        """Let a target drain."""
        with plainly():
            self._elb.deregister_targets(TargetGroupArn=self._arn, Targets=[{"Id": address}])

    def register(self, address: str) -> None:
        """Make an address a target, at the port of the target group."""
        with plainly():
            self._elb.register_targets(TargetGroupArn=self._arn, Targets=[{"Id": address}])

    def modify(self, attributes: Mapping[str, bool | int | str]) -> None:
        """Change attributes; AWS takes their values as text."""
        pairs = [{"Key": name, "Value": _text(value)} for name, value in attributes.items()]
        with plainly():
            self._elb.modify_target_group_attributes(TargetGroupArn=self._arn, Attributes=pairs)


def _text(value: bool | int | str) -> str:  # noqa: FBT001 - an attribute's value
    return str(value).lower() if isinstance(value, bool) else str(value)
