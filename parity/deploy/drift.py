"""Drift: where what runs is not what the stack's template and parameters say.

Read through the services' own APIs, since CloudFormation's drift detection believes a service whose
task definition ECS itself has rolled back.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from parity.deploy.plan import digest_of
from parity.template.values import text_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from parity.deploy.tasks import Task
    from parity.template.values import Resolved

TARGET_GROUP = "TargetGroup"


@dataclass(frozen=True)
class Drift:
    """One difference. expected: by the stack; found: by the service itself."""

    what: str
    expected: str
    found: str


def image_drift(image_uri: str, defined: str, tasks: Sequence[Task]) -> list[Drift]:
    """Compare the stack's image with that of the service's task definition and of each task."""
    drifts = []
    if defined != image_uri:
        drifts.append(Drift("image of the task definition", image_uri, defined))
    wanted = digest_of(image_uri)
    return drifts + [
        Drift(f"image of task {task.id}", wanted, task.digest or "not known")
        for task in tasks
        if task.status == "RUNNING" and task.digest != wanted
    ]


def definition_drift(expected: str, service_has: str, tasks: Sequence[Task]) -> list[Drift]:
    """Compare the stack's task definition with the service's and with each running task's."""
    drifts = []
    if service_has != expected:
        drifts.append(
            Drift("task definition of the service", _short(expected), _short(service_has))
        )
    return drifts + [
        Drift(f"task definition of task {task.id}", _short(expected), _short(task.task_definition))
        for task in tasks
        if task.status == "RUNNING" and task.task_definition != expected
    ]


def attribute_drift(expected: Mapping[str, str], found: Mapping[str, str]) -> list[Drift]:
    """Compare the template's target-group attributes with the load balancer's."""
    return [
        Drift(f"target group: {name}", value, found.get(name, "not set"))
        for name, value in sorted(expected.items())
        if found.get(name) != value
    ]


def expected_attributes(resolved: Resolved) -> dict[str, str]:
    """Return the target group's attributes as the template with its parameters has them.

    What CloudFormation alone can work out is left out: nothing is claimed of it.
    """
    group = resolved.resources.get(TARGET_GROUP)
    entries = group.properties.get("TargetGroupAttributes") if group else None
    attributes = entries if isinstance(entries, list) else []
    values = {str(each["Key"]): text_of(each["Value"]) for each in attributes}
    return {name: value for name, value in values.items() if value is not None}


def _short(arn: str) -> str:
    return arn.rpartition("/")[2] or "none"
