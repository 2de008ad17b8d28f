"""The template's parameters that decide what is on the bill."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Architecture(StrEnum):
    """The template's parameter of that name."""

    X86_64 = "X86_64"
    ARM64 = "ARM64"


class Egress(StrEnum):
    """The template's parameter of that name."""

    NAT_GATEWAY = "NatGateway"
    VPC_ENDPOINTS = "VpcEndpoints"


class ThroughputMode(StrEnum):
    """How EFS gives and bills throughput: by what is stored and credits, or by what is moved."""

    BURSTING = "bursting"
    ELASTIC = "elastic"


@dataclass(frozen=True)
class Choices:
    """A choice for each of them, by default the template's own."""

    architecture: Architecture = Architecture.X86_64
    egress: Egress = Egress.NAT_GATEWAY
    throughput: ThroughputMode = ThroughputMode.ELASTIC
    cloudfront: bool = False
    waf: bool = False


DEFAULTS = Choices()
