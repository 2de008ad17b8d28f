"""What a check of an app comes to."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Verdict(StrEnum):
    """survived: all that the user had seen is there again. lost: some of it is not."""

    SURVIVED = "survived"
    LOST = "lost"
    NOT_APPLICABLE = "not applicable"


@dataclass(frozen=True)
class Look:
    """The page at one moment. lines: what is to be read on it, as far as it matters here.

    replicas: those that served it. picture: its file's name in the report's folder.
    """

    lines: tuple[str, ...] = ()
    replicas: tuple[str, ...] = ()
    picture: str = ""


@dataclass(frozen=True)
class Finding:
    """One check. done: what was done to the app. reason: why the verdict is what it is.

    missing: what was seen before and is not any more. cure: the name of the change that keeps it.
    seconds: how long it took.
    """

    check: str
    title: str
    done: str
    verdict: Verdict
    reason: str
    before: Look = field(default_factory=Look)
    after: Look = field(default_factory=Look)
    missing: tuple[str, ...] = ()
    cure: str = ""
    seconds: float = 0.0
