"""`parity up --from-template`: the template that is meant, and what it says and does not."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from parity import console
from parity.deploy.template import FILE
from parity.template.parameters import pair

if TYPE_CHECKING:
    from collections.abc import Sequence

    from parity.from_template.planned import Planned
    from parity.project import Settings


def plan(settings: Settings, file: Path | None, parameters: Sequence[str]) -> Planned:
    """Return how a template runs here. file: None for the kit's own. parameters: as NAME=VALUE."""
    # Not above: boto3, which knows what a task definition may say, takes half a second.
    from parity.from_template import planned  # noqa: PLC0415

    file = file or Path(os.path.relpath(FILE))
    return planned.plan(settings, file, dict(pair(text) for text in parameters))


def show(planned: Planned) -> None:
    """Print what differs from the template, and why."""
    source, count = planned.source, planned.wanted.replicas
    tasks = "1 task" if count == 1 else f"{count} tasks"
    console.note(f"{tasks} of {source.task.resource.logical_id}, {source.where(source.task)}")
    for title, found in (
        ("Meant to differ from the template:", planned.meant),
        ("In the template, and not run here:", planned.not_run),
    ):
        console.note(title)
        for each in found:
            console.note(f"  {each}")


def document(planned: Planned) -> dict[str, Any]:
    """Return the same as one JSON object."""
    return {
        "file": planned.source.template.name,
        "task_definition": planned.source.task.resource.logical_id,
        "meant": [{"what": e.what, "here": e.here, "why": e.why} for e in planned.meant],
        "not_run": [{"what": each.what, "here": each.here} for each in planned.not_run],
    }
