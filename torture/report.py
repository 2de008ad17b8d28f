"""What a run is summed up as: a table, or one JSON document."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from rich.markup import escape

if TYPE_CHECKING:
    from collections.abc import Iterable

    from torture.history import Prompt
    from torture.run import Outcome
    from torture.striking import Struck

COLUMNS = ("", "result")
DETAIL_CHARACTERS = 300
FINDING_COLUMNS = ("where", "finding", "detail")


def figures(outcome: Outcome) -> dict[str, str]:
    """Return each line of the summary by its title."""
    prompts = [prompt for history in outcome.histories for prompt in history.prompts]
    faults = Counter(struck.strike.fault.name for struck in outcome.struck)
    kinds = Counter(str(finding.kind) for finding in outcome.findings)
    return {
        "seed": str(outcome.wanted.seed),
        "replicas, volume": f"{outcome.replicas}, {'EFS semantics' if outcome.on_efs else 'plain'}",
        "clients, seconds": f"{outcome.wanted.clients}, {outcome.seconds:.0f}",
        "faults": ", ".join(f"{times} x {fault}" for fault, times in sorted(faults.items()))
        or "none",
        "connections lost": str(sum(history.drops for history in outcome.histories)),
        "page loads that failed": str(sum(len(each.failed_loads) for each in outcome.histories)),
        "errors in logs": str(outcome.complaints),
        "prompts sent": str(len(prompts)),
        "acknowledged": str(sum(each.acknowledged is not None for each in prompts)),
        "answered": str(sum(each.answered is not None for each in prompts)),
        "answers asked for again": str(sum(each.retries for each in prompts)),
        "until acknowledged": spread(waits(prompts, "acknowledged")),
        "until answered": spread(waits(prompts, "answered")),
        "findings": ", ".join(f"{times} x {kind}" for kind, times in sorted(kinds.items()))
        or "none",
    }


def waits(prompts: Iterable[Prompt], until: str) -> list[float]:
    """Return the seconds from sending to that moment, of the prompts that came to it."""
    ends = ((getattr(prompt, until), prompt.sent) for prompt in prompts)
    return [end - sent for end, sent in ends if end is not None]


def spread(seconds: list[float]) -> str:
    """Return median, 95th percentile and maximum in one."""
    if not seconds:
        return "-"
    ordered, last = sorted(seconds), len(seconds) - 1
    median, most = (ordered[round(last * share)] for share in (0.5, 0.95))
    return f"median {median:.1f} s, p95 {most:.1f} s, max {ordered[-1]:.1f} s"


def rows(outcome: Outcome) -> list[list[str]]:
    """Return the summary's rows; what was found is red."""
    found = figures(outcome)
    if outcome.findings:
        found["findings"] = f"[red]{found['findings']}[/]"
    return [[title, value] for title, value in found.items()]


def finding_rows(outcome: Outcome) -> list[list[str]]:
    """Return one row a finding."""
    return [
        [each.place, each.kind, escape(each.detail[:DETAIL_CHARACTERS])]
        for each in outcome.findings
    ]


def as_data(outcome: Outcome) -> dict[str, Any]:
    """Return all of it; session keys are secrets, and left out."""
    return {
        "summary": figures(outcome),
        "passed": not outcome.findings,
        "wanted": asdict(outcome.wanted),
        "strikes": [_struck(each) for each in outcome.struck],
        "findings": [asdict(finding) for finding in outcome.findings],
        "clients": [
            {"client": each.client, "prompts": [asdict(prompt) for prompt in each.prompts]}
            for each in outcome.histories
        ],
    }


def _struck(struck: Struck) -> dict[str, Any]:
    strike = struck.strike
    said = {"fault": strike.fault.name, "at": strike.at, "lasts": strike.lasts}
    return said | {"replica": struck.replica, "began": struck.began, "ended": struck.ended}
