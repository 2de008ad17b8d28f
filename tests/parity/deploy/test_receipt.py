"""A receipt says what was proven of which image, and nothing can be read into it by mistake."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from parity.deploy import receipt as receipts
from parity.deploy.receipt import SuiteResult
from parity.errors import ParityError, UsageError
from tests.parity.deploy.cloud import receipt

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 11, 23, 20, 47, 55, tzinfo=UTC)
REVISION = "3b6fa46" + "0" * 33


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    """Every field, and as plain JSON."""
    first = receipt()
    path = receipts.write(first, tmp_path / "new")
    assert receipts.read(first.id, tmp_path / "new") == first
    document = json.loads(path.read_text())
    assert path.name == f"{first.id}.json"
    assert document["suites"]["unit tests"]["passed"] == 9
    assert document["parity"] is None


def test_receipt_that_cannot_be_written_leaves_nothing_and_says_why(tmp_path: Path) -> None:
    """A device that is always full; the reason is the system's own."""
    folder = tmp_path / "receipts"
    folder.mkdir()
    (folder / f"{receipt().id}.draft").symlink_to("/dev/full")
    with pytest.raises(ParityError, match="No space left on device") as caught:
        receipts.write(receipt(), folder)
    assert caught.value.hint.startswith(f"df -h {tmp_path}")
    assert list(folder.iterdir()) == []


def test_newest_is_that_of_the_last_test_run(tmp_path: Path) -> None:
    """Red or green, but never one that was made for an untested image."""
    for each in (receipt(2), receipt(3, passed=False), receipt(1)):
        receipts.write(each, tmp_path)
    receipts.write(receipts.as_untested(receipt(1), NOW), tmp_path)
    assert receipts.latest(tmp_path) == receipt(3, passed=False)
    assert [each.id[:8] for each in receipts.list_receipts(tmp_path)][:3] == [
        "20261121",
        "20261122",
        "20261123",
    ]


def test_without_any_receipt_the_next_command_is_named(tmp_path: Path) -> None:
    """A newcomer's first `parity deploy`."""
    with pytest.raises(ParityError, match="no receipt") as caught:
        receipts.latest(tmp_path / "none")
    assert caught.value.hint == "scripts/test"


@pytest.mark.parametrize("name", ["none", "../20261121-120000-abcdef0", "A", ""])
def test_unknown_id_is_wrong_usage_and_the_newest_are_named(tmp_path: Path, name: str) -> None:
    """No path is ever made of what is not an id."""
    receipts.write(receipt(), tmp_path)
    with pytest.raises(UsageError, match=receipt().id):
        receipts.read(name, tmp_path)


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", '{"suites": {}}', '{"suites": {"a": {"passed": 1}}}', '{"suites": null}'],
)
def test_file_that_is_no_receipt_is_named(tmp_path: Path, text: str) -> None:
    """With what to do about it."""
    (tmp_path / "broken.json").write_text(text)
    with pytest.raises(ParityError, match="is not a receipt") as caught:
        receipts.list_receipts(tmp_path)
    assert caught.value.hint.startswith("rm ")


@pytest.mark.parametrize(
    "changes",
    [
        {"config_digest": "sha256:1"},
        {"id": "other"},
        {"passed": "no"},
        {"passed": 1},
        {"created_at": 5},
        {"architecture": None},
        {"untested": True},
        {"extra": 1},
        {"suites": {"a": {"passed": 9, "failed": "none", "skipped": 0, "seconds": 1}}},
        {"suites": {"a": {"passed": True, "failed": 0, "skipped": 0, "seconds": 1}}},
        {"suites": {"a": 9}},
    ],
)
def test_receipt_with_a_wrong_value_is_refused_and_the_value_named(
    tmp_path: Path, changes: dict[str, object]
) -> None:
    """A digest that is none, an id that is another's, a "no" that Python takes for true."""
    path = receipts.write(receipt(), tmp_path)
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))
    with pytest.raises(ParityError, match=f"is not a receipt: .*{next(iter(changes))[:5]}"):
        receipts.list_receipts(tmp_path)


@pytest.mark.parametrize(
    "changes",
    [
        {"passed": True},
        {"config_digest": "sha256:" + "d" * 64},
        {"tree_clean": False},
        {"suites": {"unit tests": {"passed": 9, "failed": 0, "skipped": 1, "seconds": 1.5}}},
        {"rehearsed_fields": 600},
        {"sha256": "0" * 64},
        {"sha256": None},
    ],
)
def test_receipt_that_was_edited_is_refused_though_it_looks_right(
    tmp_path: Path, changes: dict[str, object]
) -> None:
    """A red one made green by hand, or another image's digest put into it."""
    red = receipt(passed=False, failed=2)
    path = receipts.write(red, tmp_path)
    written = json.loads(path.read_text())
    path.write_text(json.dumps(written | changes))
    with pytest.raises(ParityError, match="it was edited after it was written"):
        receipts.read(red.id, tmp_path)
    path.write_text(json.dumps({name: written[name] for name in written if name != "sha256"}))
    with pytest.raises(ParityError, match="it was edited after it was written"):
        receipts.read(red.id, tmp_path)
    path.write_text(json.dumps(written, sort_keys=True))  # laid out otherwise, it says the same
    assert receipts.read(red.id, tmp_path) == red


def test_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    """A folder of that name, say."""
    (tmp_path / "odd.json").mkdir()
    with pytest.raises(ParityError, match=r"odd\.json' is not a receipt") as caught:
        receipts.latest(tmp_path)
    assert caught.value.hint.startswith("rm -r ")


@pytest.mark.parametrize(
    ("suites", "passed", "green"),
    [
        ({"a": SuiteResult(1, 0, 0, 1)}, True, True),
        ({"a": SuiteResult(1, 0, 5, 1)}, True, True),
        ({"a": SuiteResult(1, 0, 0, 1)}, False, False),
        ({"a": SuiteResult(1, 1, 0, 1)}, True, False),
        ({"a": SuiteResult(0, 0, 9, 1)}, True, False),
        ({"a": SuiteResult(1, 0, 0, 1), "b": SuiteResult(0, 0, 0, 1)}, True, False),
        ({}, True, False),
    ],
)
def test_green_is_a_run_that_passed_and_proved_something(
    suites: dict[str, SuiteResult],
    passed: bool,  # noqa: FBT001 - a parameter of the test
    green: bool,  # noqa: FBT001 - as above
) -> None:
    """A suite that skips everything proves nothing."""
    assert replace(receipt(), suites=suites, passed=passed).green == green


def test_ids_sort_by_time_and_fit_the_template() -> None:
    """They are an image's tag in ECR and a parameter of the stack."""
    made = receipts.new_id(NOW, REVISION)
    assert made == "20261123-204755-3b6fa46"
    assert receipts.ID.fullmatch(made)
    assert receipts.ID.fullmatch(receipts.new_id(NOW, "unknown", untested=True))


def test_untested_receipt_is_for_the_same_image_and_never_green() -> None:
    """Its id says so wherever it goes."""
    made = receipts.as_untested(receipt(), NOW)
    assert made.id.startswith("untested-")
    assert made.config_digest == receipt().config_digest
    assert (made.untested, made.passed, made.green) == (True, False, False)
