"""The account's quotas that a deploy runs into: Fargate's vCPUs, and a new VPC with its addresses.

Codes: `aws service-quotas list-service-quotas --service-code fargate` (vpc, ec2).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from parity.deploy.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Mapping

    from parity.aws.account import Account

TASK_SIZE = re.compile(r"(\d+(?:\.\d+)?)-vCPU-")
ROLLING = 2  # a rolling deploy at 200 % runs every task twice for a while


@dataclass(frozen=True)
class Quota:
    """A quota by Service Quotas' codes."""

    name: str
    service: str
    code: str


VCPUS = Quota("Fargate vCPUs", "fargate", "L-3032A538")
VPCS = Quota("VPCs per region", "vpc", "L-F678F1CE")
ADDRESSES = Quota("Elastic IP addresses", "ec2", "L-0263D0A3")
# One NAT gateway in each of the template's two zones.
NAT_ADDRESSES = 2


def findings(account: Account, parameters: Mapping[str, str], *, first: bool) -> list[Finding]:
    """Return a finding for each quota that this deploy draws on."""
    own_vpc = not parameters.get("VpcId")
    found = [vcpu_finding(parameters, _limit(account, VCPUS))]
    if first and own_vpc:
        found.append(room_finding(VPCS, 1, _used_vpcs(account), _limit(account, VPCS)))
    if first and own_vpc and parameters.get("Egress", "NatGateway") == "NatGateway":
        used, limit = _used_addresses(account), _limit(account, ADDRESSES)
        found.append(room_finding(ADDRESSES, NAT_ADDRESSES, used, limit))
    return found


def vcpu_finding(parameters: Mapping[str, str], limit: float | None) -> Finding:
    """Judge whether the smallest service can be rolled, and note if the largest cannot."""
    size, least, most = vcpus(parameters), "MinTasks", "MaxTasks"
    if limit is None or size is None:
        return _unknown(VCPUS)
    needed = size * _number(parameters, least, 2) * ROLLING
    if needed > limit:
        return _reached(VCPUS, f"{needed:g} needed to roll {least} tasks, quota {limit:g}", needed)
    wanted = size * _number(parameters, most, 10) * ROLLING
    if wanted > limit:
        what = f"quota {limit:g}: {most} tasks cannot be rolled at once ({wanted:g} needed)"
        return Finding(VCPUS.name, "noted", what)
    return Finding(VCPUS.name, "ok", f"{wanted:g} needed at most, quota {limit:g}")


def room_finding(quota: Quota, needed: int, used: int | None, limit: float | None) -> Finding:
    """Judge whether there is room for so many more of something."""
    if used is None or limit is None:
        return _unknown(quota)
    what = f"{used} of {limit:g} used, {needed} more needed"
    if used + needed > limit:
        return _reached(quota, what, used + needed)
    return Finding(quota.name, "ok", what)


def vcpus(parameters: Mapping[str, str]) -> float | None:
    """Return the vCPUs of one task by the parameter TaskSize, such as '0.25-vCPU-0.5-GB'."""
    found = TASK_SIZE.match(parameters.get("TaskSize", ""))
    return float(found[1]) if found else None


def _number(parameters: Mapping[str, str], name: str, default: int) -> int:
    text = parameters.get(name, "")
    return int(text) if text.isdigit() else default


def _reached(quota: Quota, what: str, wanted: float) -> Finding:
    command = "aws service-quotas request-service-quota-increase"
    return Finding(
        quota.name,
        "failed",
        f"quota reached: {quota.name}: {what}",
        f"{command} --service-code {quota.service} --quota-code {quota.code}"
        f" --desired-value {wanted:g}",
    )


def _unknown(quota: Quota) -> Finding:
    return Finding(quota.name, "noted", "could not be read")


def _limit(account: Account, quota: Quota) -> float | None:
    try:
        answer = account.client("service-quotas").get_service_quota(
            ServiceCode=quota.service, QuotaCode=quota.code
        )
        return float(answer["Quota"]["Value"])
    except (BotoCoreError, ClientError, KeyError):
        return None


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
