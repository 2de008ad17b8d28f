"""What logs, metrics, alarms and the dashboard cost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from parity.plan.line import Line
from parity.plan.load import MINUTES
from parity.plan.tasks import task_hours
from parity.plan.traffic import GB

if TYPE_CHECKING:
    from parity.plan.figures import Figures
    from parity.plan.load import Day


def lines(day: Day, figures: Figures) -> list[Line]:
    """Return CloudWatch's lines of the bill."""
    prices, stack = figures.prices, figures.stack
    app = app_log_gigabytes(day, figures)
    insights = _a_task_and_minute("insights_log_bytes", day, figures)
    per_gb = prices["logs_ingested_gb"] + stack["logs_kept_months"] * prices["logs_kept_gb_month"]
    alarms, own = stack["alarms"] + stack["scaling_alarms"], stack["app_metrics"]
    metrics = stack["insights_metrics"]
    return [
        Line("CloudWatch logs", f"{app:,.2f} GB", app * per_gb),
        Line(
            "Container Insights",
            f"{metrics:g} metrics, {insights:,.2f} GB of logs",
            metrics * prices["metric_month"] + insights * per_gb,
        ),
        Line("CloudWatch metric of the app", f"{own:g}", own * prices["metric_month"]),
        Line("CloudWatch alarms", f"{alarms:g}", alarms * prices["alarm_month"]),
        Line(
            "CloudWatch dashboard",
            f"{stack['dashboards']:g}",
            stack["dashboards"] * prices["dashboard_month"],
        ),
    ]


def app_log_gigabytes(day: Day, figures: Figures) -> float:
    """Return what the tasks print in a month."""
    measured, profile = figures.measured, figures.profile
    loads = day.peak.loads + day.busy * day.usual.loads
    a_day = loads * measured["load_log_bytes"] + day.turns * measured["turn_log_bytes"]
    beats = _a_task_and_minute("metric_log_bytes", day, figures)
    return a_day * profile["days_per_month"] / GB + beats


def _a_task_and_minute(figure: str, day: Day, figures: Figures) -> float:
    return task_hours(day, figures) * MINUTES * figures.measured[figure] / GB
