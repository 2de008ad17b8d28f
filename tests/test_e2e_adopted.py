"""What e2e/adopted/ makes of what it saw: verdicts, cures and reports, without a browser."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from e2e.adopted import output, page, prose
from e2e.adopted.checks import CHECKS
from e2e.adopted.cures import CURES
from e2e.adopted.finding import Finding, Look, Verdict
from e2e.adopted.reading import appeared, is_whole, missing
from e2e.adopted.report import Report, served, summary

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT = Path(__file__).parent.parent
LOSS = Finding(
    "hop",
    "Hop",
    "Loaded it again.",
    Verdict.LOST,
    "what was typed is gone",
    before=Look(("Tell me about otter-1",), ("aaa",), "hop-before.jpg"),
    after=Look((), ("bbb",), "hop-after.jpg"),
    missing=("Tell me about <otter-1>",),
    cure="store",
    seconds=3.2,
)
KEPT = Finding("refresh", "Refresh", "Pressed F5.", Verdict.SURVIVED, "all is there | still")
SKIPPED = Finding("upload", "Upload", "Uploaded.", Verdict.NOT_APPLICABLE, "no uploader")
REPORT = Report("my <app>", "./my-app", (KEPT, LOSS, SKIPPED))


def test_line_that_was_there_once_and_is_now_twice_is_new() -> None:
    """Two tabs may say the same."""
    assert appeared(["a", "b"], ["a", "a", "c", "b"]) == ("a", "c")


@pytest.mark.parametrize(
    ("now", "gone"),
    [
        (["ask otter-1", "a long answer of many words", "12 tokens"], ()),
        (["ask otter-1", "a long answer of many words", "15 tokens"], ()),
        (["ask otter-1", "12 tokens"], ("a long answer of many words",)),
        (["a long answer of many words", "12 tokens"], ("ask otter-1",)),
    ],
)
def test_what_a_user_typed_must_be_there_and_most_of_the_rest(
    now: Sequence[str], gone: tuple[str, ...]
) -> None:
    """A counter may have moved on; a line with the user's own words may not be gone."""
    seen = ("ask otter-1", "a long answer of many words", "12 tokens")
    assert missing(seen, now, "otter-1") == gone


def test_app_that_does_not_repeat_its_users_is_judged_by_its_answers() -> None:
    """Without a word of the user's, no line is more than another."""
    seen = ("a long answer of many words", "12 tokens")
    assert missing(seen, ["a long answer of many words"], "") == ()
    assert missing(seen, [], "") == seen


def test_answer_that_broke_off_is_not_whole() -> None:
    """Models do not repeat themselves, so half the length will do."""
    assert is_whole(["x" * 60], undisturbed=100)
    assert not is_whole(["x" * 40], undisturbed=100)


def test_every_check_has_a_cure_and_every_cure_a_check() -> None:
    """A loss without a way out helps nobody."""
    assert {check.cure for check in CHECKS} == set(CURES)
    assert len({check.name for check in CHECKS}) == len(CHECKS)


def test_store_s_cure_is_the_readme_s() -> None:
    """Which tests/test_readme_store.py runs: the same lines for key and cookie."""
    readme = (ROOT / "README.md").read_text()
    for line in CURES["store"].code.splitlines()[:5]:
        assert line in readme


def test_cures_are_short_and_lead_to_what_is_there() -> None:
    """About ten lines each; what they name is in the kit."""
    for cure in CURES.values():
        assert sum(bool(line) for line in cure.code.splitlines()) <= 12
        assert (ROOT / cure.more.partition(",")[0]).exists()
        for path in re.findall(r"\b(?:app|infra)/[\w/.]*\w", cure.text):
            assert (ROOT / path).exists()


def test_summary_counts_what_applies() -> None:
    """One sentence for the terminal and both files."""
    assert summary(REPORT) == "my <app>: 1 of 2 survive; one change cures what is lost."
    assert summary(Report("x", "x", (KEPT, SKIPPED))) == "x: all 1 that apply survive."
    assert summary(Report("x", "x", (SKIPPED,))).endswith("applies.")
    assert served(LOSS) == "aaa → bbb"


def test_page_needs_no_other_file_and_escapes_what_the_app_said(tmp_path: Path) -> None:
    """It can be sent to somebody."""
    for name in ("hop-before.jpg", "hop-after.jpg"):
        (tmp_path / name).write_bytes(b"picture")
    text = page.render(REPORT, tmp_path)
    assert "Tell me about &lt;otter-1&gt;" in text
    assert "<app>" not in text
    assert not re.findall(r'(?:src|href)="(?!#|data:)', text)
    assert text.count("data:image/jpeg;base64,") == 2
    assert 'id="cure-store"' in text


def test_prose_shows_the_pictures_beside_it_and_the_lines_of_the_cure() -> None:
    """A bar in a text does not break the table."""
    text = prose.render(REPORT)
    assert "![before](pictures/hop-before.jpg) ![after](pictures/hop-after.jpg)" in text
    assert "- Tell me about <otter-1>" in text
    assert f"```python\n{CURES['store'].code}```" in text
    assert "all is there \\| still" in text


def test_document_is_json_and_has_it_all(tmp_path: Path) -> None:
    """For a script."""
    (tmp_path / "pictures").mkdir()
    for name in ("hop-before.jpg", "hop-after.jpg"):
        (tmp_path / "pictures" / name).write_bytes(b"picture")
    written = output.write(REPORT, tmp_path)
    told = json.loads(json.dumps(output.document(REPORT, written), default=str))
    assert told["counts"] == {"survived": 1, "lost": 1, "not applicable": 1}
    assert told["checks"][1]["missing"] == ["Tell me about <otter-1>"]
    assert list(told["cures"]) == ["store"]
    assert Path(told["files"]["html"]).exists()
    assert Path(told["files"]["markdown"]).exists()
