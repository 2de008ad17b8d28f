"""The account's quotas that a deploy runs into; here those of a new VPC with its addresses.

Codes: `aws service-quotas list-service-quotas --service-code fargate` (vpc, ec2).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from parity.deploy.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Mapping

    from parity.aws.account import Account


@dataclass(frozen=True)
class Quota:
    """A quota by Service Quotas' codes."""

    name: str
    service: str
    code: str


VPCS = Quota("VPCs per region", "vpc", "L-F678F1CE")
ADDRESSES = Quota("Elastic IP addresses", "ec2", "L-0263D0A3")
# One NAT gateway in each of the template's two zones.
NAT_ADDRESSES = 2


def findings(account: Account, parameters: Mapping[str, str], *, first: bool) -> list[Finding]:
    """Return a finding for each of these that this deploy draws on."""
    own_vpc = not parameters.get("VpcId")
    found = []
    if first and own_vpc:
        found.append(room_finding(VPCS, 1, _used_vpcs(account), _limit(account, VPCS)))
    if first and own_vpc and parameters.get("Egress", "NatGateway") == "NatGateway":
        used, limit = _used_addresses(account), _limit(account, ADDRESSES)
        found.append(room_finding(ADDRESSES, NAT_ADDRESSES, used, limit))
    return found


def room_finding(quota: Quota, needed: int, used: int | None, limit: float | None) -> Finding:
    """Judge whether there is room for so many more of something."""
    if used is None or limit is None:
        return unknown(quota)
    what = f"{used} of {limit:g} used, {needed} more needed"
    if used + needed > limit:
        return reached(quota, what, used + needed)
    return Finding(quota.name, "ok", what)


def reached(quota: Quota, what: str, wanted: float) -> Finding:
    """Return the finding for a quota that is too low, with the command that asks for more."""
    command = "aws service-quotas request-service-quota-increase"
    return Finding(
        quota.name,
        "failed",
        f"quota reached: {quota.name}: {what}",
        f"{command} --service-code {quota.service} --quota-code {quota.code}"
        f" --desired-value {wanted:g}",
    )


def unknown(quota: Quota) -> Finding:
    """Return the finding for a quota that cannot be judged."""
    return Finding(quota.name, "noted", "could not be read")


def read_quota(account: Account, quota: Quota) -> Mapping[str, Any] | None:
    """Return what Service Quotas says of a quota; None where it cannot be asked."""
    try:
        answer = account.client("service-quotas").get_service_quota(
            ServiceCode=quota.service, QuotaCode=quota.code
        )
    except (BotoCoreError, ClientError):
        return None
    found: Mapping[str, Any] = answer["Quota"]
    return found


def _limit(account: Account, quota: Quota) -> float | None:
    found = read_quota(account, quota)
    return float(found["Value"]) if found else None


def _used_vpcs(account: Account) -> int | None:
    try:
        return len(account.client("ec2").describe_vpcs()["Vpcs"])
    except (BotoCoreError, ClientError):
        return None


def _used_addresses(account: Account) -> int | None:
    try:
        return len(account.client("ec2").describe_addresses()["Addresses"])
    except (BotoCoreError, ClientError):
        return None
