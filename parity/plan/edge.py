"""What the way from a browser to a task costs: load balancer, CloudFront, WAF, their logs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from parity.plan import traffic
from parity.plan.line import HOURS_PER_MONTH, Line

if TYPE_CHECKING:
    from parity.plan.choices import Choices
    from parity.plan.figures import Figures
    from parity.plan.load import Day

MILLION = 10**6
TEN_THOUSAND = 10**4


def lines(day: Day, figures: Figures, choices: Choices) -> list[Line]:
    """Return the lines; CloudFront's stand in place of the transfer from the load balancer."""
    return [
        *_load_balancer(day, figures),
        _access_logs(day, figures),
        *([_waf(day, figures)] if choices.waf else []),
        *(_cloudfront(day, figures) if choices.cloudfront else [_transfer(day, figures)]),
    ]


def _load_balancer(day: Day, figures: Figures) -> list[Line]:
    prices, used = figures.prices, traffic.lcu_hours(day, figures)
    hours = HOURS_PER_MONTH
    return [
        Line("ALB, being there", f"{hours} h", hours * prices["alb_hour"]),
        Line("ALB, LCUs", f"{used:,.1f} LCU-h", used * prices["lcu_hour"]),
    ]


def _access_logs(day: Day, figures: Figures) -> Line:
    written = traffic.requests_a_month(day, figures) * figures.measured["access_log_bytes"]
    kept = written * figures.stack["logs_kept_months"] / traffic.GB
    return Line("ALB access logs in S3", f"{kept:,.2f} GB", kept * figures.prices["s3_gb_month"])


def _waf(day: Day, figures: Figures) -> Line:
    prices, rules = figures.prices, figures.stack["waf_rules"]
    millions = traffic.requests_a_month(day, figures) / MILLION
    kept = prices["waf_acl_month"] + rules * prices["waf_rule_month"]
    return Line(
        "WAF",
        f"{rules:g} rules, {millions:,.2f} M requests",
        kept + millions * prices["waf_million_requests"],
    )


def _transfer(day: Day, figures: Figures) -> Line:
    sent = traffic.gigabytes_a_month(day, figures)
    free = figures.prices["transfer_out_free_gb"]
    cost = max(0, sent - free) * figures.prices["transfer_out_gb"]
    return Line("Transfer to browsers", f"{sent:,.1f} GB, {free:g} free", cost)


def _cloudfront(day: Day, figures: Figures) -> list[Line]:
    prices = figures.prices
    sent, received = (
        traffic.gigabytes_a_month(day, figures),
        traffic.received_gigabytes_a_month(day, figures),
    )
    requests = traffic.requests_a_month(day, figures)
    free_gb, free_requests = prices["cloudfront_out_free_gb"], prices["cloudfront_free_requests"]
    paid = max(0, requests - free_requests) / TEN_THOUSAND
    return [
        Line(
            "CloudFront, to browsers",
            f"{sent:,.1f} GB, {free_gb:,.0f} free",
            max(0, sent - free_gb) * prices["cloudfront_out_gb"],
        ),
        Line(
            "CloudFront, to the load balancer",
            f"{received:,.1f} GB",
            received * prices["cloudfront_origin_gb"],
        ),
        Line(
            "CloudFront requests",
            f"{requests / MILLION:,.2f} M, {free_requests / MILLION:g} M free",
            paid * prices["cloudfront_10k_requests"],
        ),
    ]
