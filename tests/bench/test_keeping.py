"""The ways of keeping a conversation do what the comparison takes for granted."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING
from unittest.mock import patch

import pytest

from app.sessions import mint
from bench.keeping import crowd, following, idle, restores, turns
from bench.keeping.conversation import MESSAGE_BYTES, as_json, message, messages
from bench.keeping.databases import DiskCache, Sqlite, SqliteWal
from bench.keeping.logs import Kit, Raw
from bench.keeping.turns import BURST, Series, shuffled
from bench.keeping.volumes import PLAIN, Volume, volumes
from bench.keeping.ways import WAYS
from bench.keeping.whole_file import Pickle
from parity.efs.mounting import DEVICE
from parity.efs.service import has_library
from parity.errors import ParityError

if TYPE_CHECKING:
    from bench.keeping.ways import Way

ROOT = Path(__file__).parents[2]
LENGTH = 5
RESTORE = """
import json, sys
from pathlib import Path
from bench.keeping.ways import WAYS
way = next(way for way in WAYS if way.name == sys.argv[1])
print(json.dumps(way.restore(Path(sys.argv[2]), sys.argv[3])))
"""

every_way = pytest.mark.parametrize("way", WAYS, ids=lambda way: way.name)


def plain(folder: Path) -> Volume:
    """Return a folder as a volume."""
    return Volume(PLAIN, folder, folder, folder)


@every_way
def test_another_process_restores_what_was_acknowledged(way: Way, tmp_path: Path) -> None:
    """All of it, in order, while the writer still has it open."""
    key = mint()
    filled = way(tmp_path, key)
    filled.fill(messages(LENGTH))
    filled.close()
    conversation = way(tmp_path, key)
    for number in (LENGTH, LENGTH + 1):
        conversation.append(message(number))
    argv = [sys.executable, "-c", RESTORE, way.name, str(tmp_path), key]
    assert json.loads(subprocess.check_output(argv, cwd=ROOT)) == messages(LENGTH + 2)
    conversation.close()


@every_way
def test_two_conversations_are_two(way: Way, tmp_path: Path) -> None:
    """In one folder."""
    keys = [mint(), mint()]
    for number, key in enumerate(keys):
        conversation = way(tmp_path, key)
        conversation.append(message(number))
        conversation.close()
    assert [way.restore(tmp_path, key) for key in keys] == [[message(0)], [message(1)]]


@pytest.mark.parametrize(
    "way",
    [way for way in WAYS if not issubclass(way, Sqlite | DiskCache)],
    ids=lambda way: way.name,
)
def test_a_turn_waits_for_the_disk(way: Way, tmp_path: Path) -> None:
    """But for the article's pickle."""
    conversation = way(tmp_path, mint())
    conversation.append(message(0))
    with patch.object(os, "fsync", side_effect=os.fsync) as synced:
        conversation.append(message(1))
    conversation.close()
    assert (synced.call_count > 0) == (way is not Pickle)


@pytest.mark.parametrize(("way", "journal"), [(Sqlite, "delete"), (SqliteWal, "wal")])
def test_sqlite_is_asked_for_full_durability(
    way: type[Sqlite], journal: str, tmp_path: Path
) -> None:
    """On the connection that appends; 2 is FULL."""
    connection = way(tmp_path, mint())._connection
    assert connection.execute("PRAGMA synchronous").fetchone() == (2,)
    assert connection.execute("PRAGMA journal_mode").fetchone() == (journal,)
    connection.close()


def test_diskcache_is_asked_for_full_durability(tmp_path: Path) -> None:
    """As above."""
    conversation = DiskCache(tmp_path, mint())
    conversation.append(message(0))
    assert conversation._deque.cache._sql("PRAGMA synchronous").fetchone() == (2,)
    conversation.close()


def test_messages_are_of_one_size_and_differ() -> None:
    """So bytes can be compared."""
    assert {len(as_json(each)) for each in messages(300)} == {MESSAGE_BYTES}
    assert len({each["text"] for each in messages(100)}) == 100


def test_contestants_follow_each_other_in_changing_order() -> None:
    """All of them in each round; nobody always comes first, or after the same one."""
    rounds = [shuffled("abc", number) for number in range(20)]
    assert all(sorted(each) == list("abc") for each in rounds)
    assert {each[0] for each in rounds} == set("abc")
    assert {before for each in rounds for before, after in pairwise(each) if after == "a"} == set(
        "bc"
    )


def test_a_conversation_that_grew_is_replaced(tmp_path: Path) -> None:
    """At half more, so that the size measured is about the size said."""
    series = Series(plain(tmp_path), Raw, 16)
    lengths = []
    for _ in range(4):
        lengths.append(series._count)
        assert len(series.burst()) == BURST
    series.close()
    assert lengths == [16, 21, 16, 21]
    kept = sorted(len(path.read_bytes().splitlines()) for path in tmp_path.iterdir())
    assert kept == [16, 26, 26]


def test_bytes_written_are_those_handed_to_the_system(tmp_path: Path) -> None:
    """On a plain volume by the kernel's own count."""
    cost = plain(tmp_path).cost(tmp_path, lambda: (tmp_path / "file").write_bytes(b"12345"))
    assert cost.bytes_written == 5


def test_operations_on_a_plain_volume_are_calls_of_the_file_system(tmp_path: Path) -> None:
    """Of those ways alone that make all of them where they can be counted."""
    volume = plain(tmp_path)
    assert [way for way in WAYS if volume.counts(way)] == [Kit, Raw]
    costs = turns.count_turns(volume)
    assert {cost.operations for cost in costs[Raw]} == {2}, "write, fsync"
    # open, lock, fstat, lstat; write, fsync, fstat; close, which unlocks
    assert {cost.operations for cost in costs[Kit]} == {8}
    restored = restores.restore_in_rounds(volume, 1, length=3)
    assert [each.cost.operations for each in restored[Raw]] == [4], "open, fstat, read, close"
    assert [each.cost.operations for each in restored[Kit]] == [4]


def test_a_restore_that_differs_ends_the_comparison(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No number is reported of a way that loses something."""
    monkeypatch.setattr(Raw, "restore", lambda *_: [])
    with pytest.raises(ParityError, match="raw append: what was restored"):
        restores.restore_in_rounds(plain(tmp_path), 1, length=2)


def test_everything_is_measured_of_every_way_on_both_volumes() -> None:
    """In miniature, on a real mount: no way is left out, and a raw append is one WRITE."""
    if not os.access(DEVICE, os.R_OK | os.W_OK) or not has_library():
        pytest.skip("user-space file systems cannot be mounted here")
    with volumes() as both:
        for volume in both:
            names = {way for way in WAYS if volume.name == PLAIN or not way.not_on_efs}
            assert names == {*volume.ways}
            samples = turns.take_turns(volume, 1, sizes=(3,))
            assert {*samples} == {(way, 3) for way in names}
            assert {len(each) for way, each in samples.items() if way[0].rewrites} == {12}
            assert {len(each) for way, each in samples.items() if not way[0].rewrites} == {48}
            costs = turns.count_turns(volume)
            assert {*costs} == {*restores.restore_in_rounds(volume, 1, length=3)} == names
            rates = crowd.turns_a_second(volume, 1, sessions=2, seconds=0.05)
            assert {*rates} == names
            assert all(rate > 0 for [rate] in rates.values())
        efs = both[1]
        assert {cost.operations for cost in costs[Raw]} == {1}
        assert {cost.bytes_written for cost in costs[Raw]} == {MESSAGE_BYTES + 1}
        assert {cost.operations for cost in costs[Kit]} == {6}
        [delay] = following.delays(efs, 1, sessions=1)
        assert 0 <= delay < following.GIVE_UP_SECONDS
        assert idle.kib_per_session(efs, sessions=200) > 0
