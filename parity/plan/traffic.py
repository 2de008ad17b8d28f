"""What an hour sends through the load balancer, in the four dimensions of an LCU."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from parity.plan.load import SECONDS

if TYPE_CHECKING:
    from parity.plan.figures import Figures
    from parity.plan.load import Day, Hour

GB = 10**9


@dataclass(frozen=True)
class Lcus:
    """LCUs by dimension; the largest counts."""

    new_connections: float
    active_connections: float
    processed_bytes: float
    rule_evaluations: float

    @property
    def counted(self) -> float:
        """What is billed."""
        counted: float = max(vars(self).values())
        return counted

    @property
    def dimension(self) -> str:
        """The dimension that is billed, such as 'active connections'."""
        return max(vars(self), key=lambda name: vars(self)[name]).replace("_", " ")


def lcus(hour: Hour, figures: Figures) -> Lcus:
    """Return an hour's LCUs. Every open chat is a websocket, and so an active connection."""
    limits, measured = figures.limits, figures.measured
    fetching = measured["connections_per_load"] - 1
    lingering = hour.loads * fetching * limits["alb_idle_seconds"] / SECONDS
    paid_rules = max(0, figures.stack["listener_rules"] - limits["free_rules"])
    return Lcus(
        new_connections=hour.loads
        * measured["connections_per_load"]
        / SECONDS
        / limits["lcu_new_connections"],
        active_connections=(hour.open_chats + lingering) / limits["lcu_active_connections"],
        processed_bytes=gigabytes(hour, figures) / limits["lcu_gb"],
        rule_evaluations=requests(hour, figures)
        / SECONDS
        * paid_rules
        / limits["lcu_rule_evaluations"],
    )


def lcu_hours(day: Day, figures: Figures) -> float:
    """Return the LCU-hours of a month."""
    per_day = lcus(day.peak, figures).counted + day.busy * lcus(day.usual, figures).counted
    return per_day * figures.profile["days_per_month"]


def requests(hour: Hour, figures: Figures) -> float:
    """Return an hour's HTTP requests: index.html and the websocket, and a cold load's files."""
    cold = figures.profile["cold_load_share"] * figures.measured["front_end_requests"]
    return hour.loads * (2 + cold)


def gigabytes(hour: Hour, figures: Figures) -> float:
    """Return what an hour sends through the load balancer, nearly all of it to browsers, in GB."""
    profile, measured = figures.profile, figures.measured
    load = measured["page_bytes"] + profile["cold_load_share"] * measured["front_end_bytes"]
    drawings = profile["answer_seconds"] / measured["draw_seconds"]
    answer = profile["answer_tokens"] * measured["token_bytes"]
    # Each drawing sends the text so far, on average half of it.
    turn = measured["runs_per_turn"] * measured["page_bytes"] + drawings * answer / 2
    ticks = hour.open_chats * SECONDS / measured["tick_seconds"]
    return (hour.loads * load + hour.turns * turn + ticks * measured["tick_bytes"]) / GB


def requests_a_month(day: Day, figures: Figures) -> float:
    """Return a month's HTTP requests."""
    per_day = requests(day.peak, figures) + day.busy * requests(day.usual, figures)
    return per_day * figures.profile["days_per_month"]


def received_gigabytes_a_month(day: Day, figures: Figures) -> float:
    """Return a month's GB from browsers: looks for news and prompts, over the websocket."""
    hours = ((day.peak, 1), (day.usual, day.busy))
    ticks = sum(times * hour.open_chats * SECONDS for hour, times in hours)
    looks = ticks / figures.measured["tick_seconds"] + day.turns
    return looks * figures.measured["tick_sent_bytes"] * figures.profile["days_per_month"] / GB


def gigabytes_a_month(day: Day, figures: Figures) -> float:
    """Return a month's GB through the load balancer."""
    per_day = gigabytes(day.peak, figures) + day.busy * gigabytes(day.usual, figures)
    return per_day * figures.profile["days_per_month"]
