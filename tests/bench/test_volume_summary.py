"""What the volume benchmark counts is what the store asks of the system."""

from __future__ import annotations

import json
import os
from pathlib import Path
from threading import Thread

from bench import volume
from bench.calls import Calls, counted
from bench.report import as_json

RESULT = Path(__file__).parents[2] / "bench" / "results" / "volume.json"


def test_every_call_is_counted_and_still_made(tmp_path: Path) -> None:
    """By kind, with the bytes that moved; afterwards nothing is counted any more."""
    with counted() as calls:
        fd = os.open(tmp_path / "file", os.O_RDWR | os.O_CREAT)
        os.pwrite(fd, b"12345", 0)
        os.fsync(fd)
        assert os.pread(fd, 3, 0) == b"123"
        os.close(fd)
    (tmp_path / "file").stat()
    os.close(os.open(tmp_path / "file", os.O_RDONLY))
    assert calls == Calls(2, 1, 1, 1, bytes_read=3, bytes_written=5)


def test_what_another_thread_asks_is_not_counted(tmp_path: Path) -> None:
    """It may still be ending something that it did before."""
    with counted() as calls:
        thread = Thread(target=(tmp_path / "file").touch)
        thread.start()
        thread.join()
    assert (tmp_path / "file").exists()
    assert calls == Calls()


def test_length_costs_nothing_and_the_kept_result_still_holds() -> None:
    """Targets are met, and bench/results/volume.json is what would be measured now."""
    now = volume.report(volume.measure(), volume.record_overhead())
    assert now.exit_code == 0
    kept = {row["what"]: row["kit"] for row in json.loads(RESULT.read_text())["rows"]}
    for row in as_json(now)["rows"]:
        assert kept[str(row["what"])] == row["kit"], row["what"]


def test_target_is_missed_where_length_costs() -> None:
    """One more operation at message 1,000 is one too many."""
    found = volume.measure()
    found[f"record after {volume.LONG} messages"].data_reads += 1
    assert volume.report(found, 0).exit_code == 1
