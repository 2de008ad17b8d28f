"""Each fault of the table: what the app gets, what is lost, and that it goes by itself."""

from __future__ import annotations

import re
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from parity.efs.faults import Kind
from tests.app.sessions.helpers import say, texts
from tests.efs.mounts import mounting
from tests.store.conftest import Volume
from tests.store.fault_table import CONTENT, ROWS, TYPED, WORDS, Row, set_stage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from app.sessions import Session

ROOT = Path(__file__).parents[2]
AT_ONCE = 1.5  # seconds


@pytest.fixture
def volume(tmp_path: Path) -> Iterator[Volume]:
    """Give a volume with EFS semantics, and three ways to it."""
    with mounting(tmp_path) as mounts:
        yield Volume("EFS semantics", tmp_path / "volume", mounts(3))


def says_at_once(session: Session, word: str) -> None:
    """Assert that a session takes a message as if all were well."""
    started = time.monotonic()
    say(session, word)
    assert time.monotonic() - started < AT_ONCE


@pytest.mark.parametrize("row", ROWS, ids=[row.injected for row in ROWS])
def test_a_fault_is_told_in_a_sentence_and_costs_nothing(
    row: Row, volume: Volume, tell: Callable[..., None]
) -> None:
    """Of what was acknowledged, in no session; and when it is gone, all works by itself."""
    stage = set_stage(volume)
    session, key = stage.session, stage.key
    with row.inject(stage), ThreadPoolExecutor() as pool:
        started = time.monotonic()
        attempt = pool.submit(row.attempt, stage)
        says_at_once(stage.elsewhere, "meanwhile")
        if row.one_session:
            says_at_once(stage.beside, "meanwhile")
        error = attempt.exception()
        assert time.monotonic() - started >= row.seconds
        assert type(error) is (row.error or type(None)), error
        if error:
            assert str(error) == row.sentence
            assert texts(session) == WORDS

    acknowledged = [*WORDS, *([] if row.error else [TYPED]), "afterwards"]
    says_at_once(session, "afterwards")
    for replica in range(3):
        again = volume.store(replica).open(key)
        lost = [word for word in acknowledged if word not in texts(again)]
        assert texts(again) == acknowledged
        assert again.read(again.settings["file"]) == CONTENT  # type: ignore[arg-type]
        assert again.notice is None
    volume.assert_clean(key)
    meanwhile = ["meanwhile"] if row.one_session else []
    assert texts(stage.beside) == [*WORDS, *meanwhile]
    says_at_once(stage.beside, "afterwards")
    assert texts(stage.elsewhere) == [*WORDS, "meanwhile"]
    tell(injected=row.injected, what_the_app_gets=row.gets, lost=len(lost) or "nothing")


def test_each_fault_of_a_volume_is_in_the_table() -> None:
    """What parity can inject, it has been tried with."""
    source = (ROOT / "tests" / "store" / "fault_table.py").read_text()
    assert set(re.findall(r"Kind\.(\w+)", source)) == {kind.name for kind in Kind}


def test_the_table_is_told() -> None:
    """In docs/store.md, in the same order and words."""
    table = (ROOT / "docs" / "store.md").read_text().partition("| injected |")[2]
    told = re.findall(r"^\| (\w[^|]+) \| ([^|]+) \| nothing \|$", table, re.MULTILINE)
    assert told == [(row.injected, row.gets) for row in ROWS]
