"""What to edit on the local side so that it agrees with the cloud, as one diff."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from parity.facts.node import Gap, Written

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from parity.facts.fact import Result

STEP = 2  # columns that a nested key is further in


@dataclass(frozen=True)
class Proposal:
    """diff: a unified diff, '' where nothing can be edited so. by_hand: what remains."""

    diff: str
    by_hand: tuple[Result, ...]


def propose(results: Sequence[Result], root: Path) -> Proposal:
    """Return what brings the differing facts together; paths in the diff are relative to root.

    Only scalars and keys of files are edited. What is more than that remains to be done by hand,
    and so does an edit by which another fact would differ.
    """
    edits: dict[Path, dict[tuple[int, int], tuple[Written | Gap, str]]] = {}
    by_hand = []
    for result in results:
        place, text = result.local.written, _text(result)
        if result.verdict != "different":
            continue
        if place is None or text is None or _parts_another(result, results):
            by_hand.append(result)
            continue
        at = (place.line, place.start if isinstance(place, Written) else -len(edits))
        edits.setdefault(place.path, {})[at] = (place, text)
    diffs = [_diff(path, list(places.values()), root) for path, places in edits.items()]
    return Proposal("".join(diffs), tuple(by_hand))


def _parts_another(result: Result, results: Sequence[Result]) -> bool:
    """Tell whether a fact that agrees has the same text, such as a variable of .env, and would not.

    One that rests on this fact follows it.
    """
    return any(
        other.verdict == "same"
        and other.local.written == result.local.written
        and not other.fact.agree.holds(result.cloud.value, other.cloud.value)
        and result.fact.name not in other.fact.rests_on
        for other in results
    )


def _text(result: Result) -> str | None:
    """Return what to write; None where the cloud's value cannot stand there."""
    place, write = result.local.written, result.fact.write
    if write is None or result.cloud.value is None:
        return None
    text = write(result.cloud.value)
    if isinstance(place, Written):
        if not text.startswith(place.before) or not text.endswith(place.after):
            return None
        text = text[len(place.before) : len(text) - len(place.after)]
    return text


def _diff(path: Path, edits: Sequence[tuple[Written | Gap, str]], root: Path) -> str:
    before = path.read_text().splitlines(keepends=True)
    after = list(before)
    # From the end on, so that what is edited later is still where it was.
    for place, text in sorted(edits, key=_position, reverse=True):
        if isinstance(place, Gap):
            after[place.line : place.line] = _keys(place, text)
            continue
        line = after[place.line - 1]
        after[place.line - 1] = line[: place.start] + text + line[place.end :]
    name = path.resolve().relative_to(root.resolve()).as_posix()
    return "".join(difflib.unified_diff(before, after, f"a/{name}", f"b/{name}"))


def _position(edit: tuple[Written | Gap, str]) -> tuple[int, int]:
    place, _ = edit
    return (place.line, place.start) if isinstance(place, Written) else (place.line + 1, -1)


def _keys(gap: Gap, text: str) -> list[str]:
    *outer, last = gap.keys
    lines = [f"{' ' * (gap.indent + STEP * depth)}{key}:\n" for depth, key in enumerate(outer)]
    return [*lines, f"{' ' * (gap.indent + STEP * len(outer))}{last}: {text}\n"]
