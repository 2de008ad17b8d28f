"""What the tasks' way out and public addresses cost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from parity.plan import model, watching
from parity.plan.choices import Egress
from parity.plan.line import HOURS_PER_MONTH, Line

if TYPE_CHECKING:
    from parity.plan.choices import Choices
    from parity.plan.figures import Figures
    from parity.plan.load import Day


def lines(day: Day, figures: Figures, choices: Choices) -> list[Line]:
    """Return the lines; image layers come by S3's gateway endpoint, which is free."""
    return [_egress(day, figures, choices.egress), *_addresses(figures, choices)]


def _egress(day: Day, figures: Figures, egress: Egress) -> Line:
    prices, stack = figures.prices, figures.stack
    tokens = model.gigabytes(model.tokens(day, figures), figures)
    moved = tokens + watching.app_log_gigabytes(day, figures)
    if egress is Egress.NAT_GATEWAY:
        what, count = "NAT gateway", stack["nat_gateways"]
        each, per_gb = prices["nat_hour"], prices["nat_gb"]
    else:
        what, count = "Interface endpoints", stack["interface_endpoints"] * stack["zones"]
        each, per_gb = prices["endpoint_hour"], prices["endpoint_gb"]
    return Line(
        what,
        f"{count:g} x {HOURS_PER_MONTH} h, {moved:,.1f} GB",
        count * HOURS_PER_MONTH * each + moved * per_gb,
    )


def _addresses(figures: Figures, choices: Choices) -> list[Line]:
    # Behind CloudFront the load balancer is private.
    count = 0 if choices.cloudfront else figures.stack["zones"]
    if choices.egress is Egress.NAT_GATEWAY:
        count += figures.stack["nat_gateways"]
    cost = count * HOURS_PER_MONTH * figures.prices["public_ipv4_hour"]
    line = Line("Public IPv4 addresses", f"{count:g} x {HOURS_PER_MONTH} h", cost)
    return [line] if count else []
