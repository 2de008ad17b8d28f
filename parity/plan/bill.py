"""What a month costs, line by line, in USD."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from parity.plan import model, traffic, volume
from parity.plan.load import MINUTES
from parity.plan.tasks import task_hours

if TYPE_CHECKING:
    from parity.plan.figures import Figures
    from parity.plan.load import Day

HOURS_PER_MONTH = 730


class Architecture(StrEnum):
    """The template's parameter of that name."""

    X86_64 = "X86_64"
    ARM64 = "ARM64"


class Egress(StrEnum):
    """The template's parameter of that name."""

    NAT_GATEWAY = "NatGateway"
    VPC_ENDPOINTS = "VpcEndpoints"


@dataclass(frozen=True)
class Line:
    """One line of the bill; `quantity` says how much of what."""

    what: str
    quantity: str
    usd: float


def bill(
    users: int, day: Day, figures: Figures, architecture: Architecture, egress: Egress
) -> list[Line]:
    """Return the lines of a month, Bedrock's tokens not among them."""
    return [
        _fargate(day, figures, architecture),
        *_efs(users, day, figures),
        *_load_balancer(day, figures),
        _egress(day, figures, egress),
        _addresses(figures, egress),
        _transfer(day, figures),
        *_cloudwatch(day, figures),
        _secrets(figures),
    ]


def _fargate(day: Day, figures: Figures, architecture: Architecture) -> Line:
    prices, stack = figures.prices, figures.stack
    kind = "arm" if architecture is Architecture.ARM64 else "x86"
    hours = task_hours(day, figures)
    per_hour = (
        stack["task_vcpu"] * prices[f"fargate_{kind}_vcpu_hour"]
        + stack["task_memory_gb"] * prices[f"fargate_{kind}_gb_hour"]
    )
    size = f"{stack['task_vcpu']:g} vCPU, {stack['task_memory_gb']:g} GB"
    return Line(
        "Fargate tasks", f"{hours:,.0f} h of {size}, {architecture.value}", hours * per_hour
    )


def _efs(users: int, day: Day, figures: Figures) -> list[Line]:
    prices = figures.prices
    kept, used = volume.storage(users, day, figures), volume.month(day, figures)
    read, written = (kib / volume.KIB_PER_GIB for kib in (used.read_kib, used.written_kib))
    stored = (
        kept.standard * prices["efs_standard_gb_month"]
        + kept.infrequent * prices["efs_ia_gb_month"]
    )
    return [
        Line("EFS elastic throughput, read", gib(read), read * prices["efs_read_gb"]),
        Line("EFS elastic throughput, written", gib(written), written * prices["efs_write_gb"]),
        Line("EFS storage", f"{gib(kept.standard)} Standard, {gib(kept.infrequent)} IA", stored),
        Line(
            "EFS backup",
            gib(kept.standard + kept.infrequent),
            (kept.standard + kept.infrequent) * prices["backup_gb_month"],
        ),
    ]


def _load_balancer(day: Day, figures: Figures) -> list[Line]:
    prices = figures.prices
    used = traffic.lcu_hours(day, figures)
    return [
        Line(
            "ALB, being there",
            f"{HOURS_PER_MONTH} h",
            HOURS_PER_MONTH * prices["alb_hour"],
        ),
        Line("ALB, LCUs", f"{used:,.1f} LCU-h", used * prices["lcu_hour"]),
    ]


def _egress(day: Day, figures: Figures, egress: Egress) -> Line:
    prices, stack = figures.prices, figures.stack
    moved = model.gigabytes(model.tokens(day, figures), figures) + _log_gigabytes(day, figures)
    if egress is Egress.NAT_GATEWAY:
        moved += stack["task_starts"] * stack["image_gb"]
        count, each = stack["nat_gateways"], prices["nat_hour"]
        return Line(
            "NAT gateway",
            f"{count:g} x {HOURS_PER_MONTH} h, {moved:,.1f} GB",
            count * HOURS_PER_MONTH * each + moved * prices["nat_gb"],
        )
    count = stack["interface_endpoints"] * stack["zones"]
    return Line(
        "Interface endpoints",
        f"{count:g} x {HOURS_PER_MONTH} h, {moved:,.1f} GB",
        count * HOURS_PER_MONTH * prices["endpoint_hour"] + moved * prices["endpoint_gb"],
    )


def _addresses(figures: Figures, egress: Egress) -> Line:
    nat = figures.stack["nat_gateways"] if egress is Egress.NAT_GATEWAY else 0
    count = figures.stack["zones"] + nat
    cost = count * HOURS_PER_MONTH * figures.prices["public_ipv4_hour"]
    return Line("Public IPv4 addresses", f"{count:g} x {HOURS_PER_MONTH} h", cost)


def _transfer(day: Day, figures: Figures) -> Line:
    sent = traffic.gigabytes_a_month(day, figures)
    free = figures.prices["transfer_out_free_gb"]
    cost = max(0, sent - free) * figures.prices["transfer_out_gb"]
    return Line("Transfer to browsers", f"{sent:,.1f} GB, {free:g} free", cost)


def _cloudwatch(day: Day, figures: Figures) -> list[Line]:
    prices, stack = figures.prices, figures.stack
    logged = _log_gigabytes(day, figures)
    per_gb = prices["logs_ingested_gb"] + stack["logs_kept_months"] * prices["logs_kept_gb_month"]
    watched = stack["custom_metrics"] * prices["metric_month"]
    watched += stack["alarms"] * prices["alarm_month"]
    return [
        Line("CloudWatch logs", f"{logged:,.2f} GB", logged * per_gb),
        Line(
            "CloudWatch metrics and alarms",
            f"{stack['custom_metrics']:g} metrics, {stack['alarms']:g} alarms",
            watched,
        ),
    ]


def _secrets(figures: Figures) -> Line:
    count = figures.stack["secrets"]
    return Line("Secrets Manager", f"{count:g}", count * figures.prices["secret_month"])


def _log_gigabytes(day: Day, figures: Figures) -> float:
    measured, profile = figures.measured, figures.profile
    loads = day.peak.loads + day.busy * day.usual.loads
    a_day = loads * measured["load_log_bytes"] + day.turns * measured["turn_log_bytes"]
    beats = task_hours(day, figures) * MINUTES * measured["metric_log_bytes"]
    return (a_day * profile["days_per_month"] + beats) / traffic.GB


def gib(amount: float) -> str:
    """Return GiB with as many digits as are of use."""
    return f"{amount:,.0f} GiB" if amount >= 100 else f"{amount:.2f} GiB"  # noqa: PLR2004
