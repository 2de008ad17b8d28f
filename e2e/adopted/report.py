"""What was found of one app, and how it is said in short."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from e2e.adopted.cures import CURES
from e2e.adopted.finding import Finding, Verdict


@dataclass(frozen=True)
class Report:
    """What was found. name, source: of the app, as `parity adopt` was given it."""

    name: str
    source: str
    findings: tuple[Finding, ...]
    day: str = field(default_factory=lambda: time.strftime("%Y-%m-%d %H:%M"))

    def of(self, verdict: Verdict) -> tuple[Finding, ...]:
        """Return the findings with that verdict, in the order of the checks."""
        return tuple(each for each in self.findings if each.verdict is verdict)

    @property
    def cures(self) -> tuple[str, ...]:
        """The names of the cures that it takes, each once, in the order of cures.py."""
        wanted = {each.cure for each in self.findings}
        return tuple(name for name in CURES if name in wanted)


def served(finding: Finding) -> str:
    """Return which replicas served the page before and after."""
    looks = [look.replicas for look in (finding.before, finding.after) if look.picture]
    names = [" and ".join(each) or "none" for each in looks]
    return " → ".join(names)


def summary(report: Report) -> str:
    """Return the result in a sentence."""
    survived, lost = len(report.of(Verdict.SURVIVED)), len(report.of(Verdict.LOST))
    tried = survived + lost
    if not tried:
        return f"{report.name}: nothing of what was to be tried applies."
    if not lost:
        return f"{report.name}: all {tried} that apply survive."
    cures = len(report.cures)
    changes = "one change cures" if cures == 1 else f"{cures} changes cure"
    return f"{report.name}: {survived} of {tried} survive; {changes} what is lost."
