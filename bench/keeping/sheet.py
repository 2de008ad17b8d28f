"""The comparison as a Markdown page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bench.keeping.ways import WAYS
from bench.report import cell

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bench.report import Report

TITLE = "# `parity bench store`: ways to keep a conversation"
NOTES = (
    "Medians of interleaved rounds in one run on one machine: compare columns, not runs. A turn is "
    "one acknowledged append of one message of 1,000 bytes of JSON. Who appends is measured "
    "side by side, and apart from who writes the whole conversation each turn. Each contestant "
    "keeps a conversation in a file of its own, all in one folder, as apps "
    "do (the kit spreads its own); databases keep their connection open. On EFS semantics "
    "(`parity/efs/`) each operation takes as long as EFS says, but nobody waits for CLOSE and for "
    "the LOCKU that comes with it, as FUSE lets close return before: on NFS a program waits for "
    "them, 1 ms each. A restore is one on a replica that has been running but has not seen the "
    "conversation. Restores are measured against reading the same messages as lines of JSON, "
    "decoding them at once and parsing each line; and against parsing one JSON file, which no turn "
    "can append to. `pickle` acknowledges what a crash of the host can still lose; it is faster "
    "for that.\n\n"
    "A turn is held against a raw append and fsync on the plain volume only, where both are little "
    "more than the disk's own time. On EFS semantics a raw append to a file that stays open is one "
    "WRITE; who lets other replicas write as well must open, lock, and ask what they wrote, and "
    "each of that alone takes a third of a WRITE.\n\n"
    "Operations: on EFS semantics, round trips to the server, CLOSE and LOCKU among them. On the "
    "plain volume, calls of the file system, of those that make all of them through Python's `os`: "
    "the calls of databases and of buffered files cannot be counted from within."
)


def markdown(report: Report, measured: dict[str, Any], plot: str) -> str:
    """Return the page: targets, plot, rows, and what each contestant is."""
    machine = ", ".join(f"{name} {value}" for name, value in measured["machine"].items())
    targets = [
        (each.what, each.bound, cell(each.got, each.unit), "met" if each.met else "**missed**")
        for each in report.targets
    ]
    names = report.contestants
    rows = [
        (row.what, *(cell(row.per_contestant.get(name), row.unit) for name in names))
        for row in report.rows
    ]
    parts = [
        TITLE,
        f"Commit `{measured['commit']}`, {measured['date']}, {machine}.",
        NOTES,
        _table(("target", "reach", "got", ""), targets),
        f"![What a turn costs as the conversation grows]({plot})",
        _table(("measured", *names), rows),
        _table(
            ("contestant", "is", "not on EFS, because"),
            [(way.name, way.how, way.not_on_efs) for way in WAYS],
        ),
    ]
    return "\n\n".join(parts) + "\n"


def _table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
