"""Plans as JSON: every number, and every figure that they rest on with its source."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from parity.plan.ends import End
    from parity.plan.estimate import Estimate
    from parity.plan.figures import Figures
    from parity.plan.tables import Table


def document(
    estimates: Sequence[Estimate], found: Sequence[End], figures: Figures
) -> dict[str, Any]:
    """Return `plans`, one a number of users, `ends` of EFS, and the `tables` below them."""
    tables = (figures.prices, figures.profile, figures.stack, figures.measured, figures.limits)
    return {
        "plans": [_plan(each) for each in estimates],
        "ends": [asdict(each) for each in found],
        "tables": {table.name: _table(table) for table in tables},
    }


def _plan(plan: Estimate) -> dict[str, Any]:
    tasks = asdict(plan.tasks) | {"needed": plan.tasks.needed, "bound_by": plan.tasks.bound_by}
    lcus = asdict(plan.lcus) | {"counted": plan.lcus.counted, "dimension": plan.lcus.dimension}
    bursting = asdict(plan.bursting) | {
        "permitted": plan.bursting.permitted,
        "suffices": plan.bursting.suffices,
    }
    derived = {
        "tasks": tasks,
        "lcus": lcus,
        "bursting": bursting,
        "efs_mode": plan.efs_mode,
        "usd": {"month": plan.usd, "stores": plan.stores, "bedrock": plan.models},
        "passed": [each.name for each in plan.passed],
    }
    whole = asdict(plan)
    del whole["stores"], whole["models"]  # both stand under usd
    return whole | derived


def _table(table: Table) -> dict[str, Any]:
    figures = {
        name: {
            "value": figure.value,
            "unit": figure.unit,
            "source": figure.source,
            **({"checked": figure.checked} if figure.checked else {}),
        }
        for name, figure in table.figures.items()
    }
    return {"as_of": table.as_of.isoformat(), "note": table.note, "figures": figures}
