"""What the session benchmark reports, and that a kept result has every row of it."""

from __future__ import annotations

import json
from pathlib import Path

from bench import session
from bench.report import as_json

RESULT = Path(__file__).parents[2] / "bench" / "results" / "session.json"


def kept() -> dict[tuple[str, str], float]:
    """Return the rows of bench/results/session.json as they were measured."""
    rows = json.loads(RESULT.read_text())["rows"]
    return {(row["what"], row["unit"]): row["kit"] for row in rows}


def test_rows_and_targets_of_what_was_measured() -> None:
    """The kept result, summed up again, is itself."""
    again = as_json(session.report(kept()))
    assert again["rows"] == json.loads(RESULT.read_text())["rows"]
    assert session.report(kept()).exit_code == 0


def test_target_is_missed_by_a_dear_look_for_news() -> None:
    """More than half a run."""
    dear = kept()
    dear["look for news: CPU", "ms"] = dear["script run: CPU", "ms"] * 0.6
    assert session.report(dear).exit_code == 1


def test_target_is_missed_by_a_large_session() -> None:
    """More than half a MiB."""
    large = kept() | {("connected session: memory", "MiB"): 0.6}
    assert session.report(large).exit_code == 1
