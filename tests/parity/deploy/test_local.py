"""Which receipt a deploy goes by, and what is written where somebody ships without proof."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING
from unittest.mock import MagicMock

import pytest

from parity.deploy import image, local
from parity.deploy import receipt as receipts
from parity.deploy.image import LocalImage
from parity.errors import ParityError
from tests.parity.deploy.cloud import CONFIG, receipt

if TYPE_CHECKING:
    from pathlib import Path

FOUND = LocalImage(CONFIG, CONFIG, "amd64", "abcdef0-dirty")


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> MagicMock:
    """Give an engine that has every image asked for."""
    client = MagicMock()
    monkeypatch.setattr(image, "inspect", lambda *_: FOUND)
    monkeypatch.setattr(local, "connect", lambda: client)
    return client


def test_untested_image_gets_a_receipt_that_says_so(engine: MagicMock, tmp_path: Path) -> None:
    """Written down and its image kept only when asked; the same image again is the same receipt."""
    made = local.untested(engine, "p-app", None, tmp_path)
    assert made.id.startswith("untested-")
    assert (made.untested, made.green, made.tree_clean) == (True, False, False)
    assert list(tmp_path.iterdir()) == []
    engine.images.get.assert_not_called()
    local.keep_untested(engine, made, tmp_path)
    assert receipts.list_receipts(tmp_path) == [made]
    engine.images.get.assert_called_with(FOUND.id)
    engine.images.get.return_value.tag.assert_called_with(image.KEPT, made.id)
    assert local.untested(engine, "p-app", None, tmp_path) == made


def test_red_receipt_can_be_shipped_knowingly(
    engine: MagicMock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What had failed stays on record, under an id that says 'untested'."""
    red = receipt(failed=3, passed=False)
    receipts.write(red, tmp_path)
    inspect = MagicMock(return_value=FOUND)
    monkeypatch.setattr(image, "inspect", inspect)
    made = local.untested(engine, "p-app", red.id, tmp_path)
    assert made.suites == red.suites
    assert made.untested
    inspect.assert_called_once_with(engine, image.kept_name(red.id))


def test_without_an_image_there_is_nothing_to_ship(
    engine: MagicMock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither untested, nor to test."""
    monkeypatch.setattr(image, "inspect", lambda *_: None)
    with pytest.raises(ParityError, match="no image 'p-app' to ship") as caught:
        local.untested(engine, "p-app", None, tmp_path)
    assert caught.value.hint == "scripts/up"
    with pytest.raises(ParityError, match="no image 'p-app' to test"):
        local.image_under_test("p-app")


def test_only_the_newest_images_are_kept_but_every_receipt(
    engine: MagicMock, tmp_path: Path
) -> None:
    """Images are large, receipts are not."""
    for number in range(1, 6):
        local.keep_and_write(receipt(number), tmp_path)
    removed = {call.args[0] for call in engine.images.remove.call_args_list}
    assert removed == {image.kept_name(receipt(number).id) for number in (1, 2)}
    assert len(local.kept_names(tmp_path)) == 5


@pytest.mark.usefixtures("engine")
def test_image_under_test_is_described_before_it_is_tested() -> None:
    """By its own label, not by what the checkout has become meanwhile."""
    made = local.image_under_test("p-app")
    assert (made.git_revision, made.tree_clean, made.green) == ("abcdef0", False, False)
    assert len(made.lock_sha256) == 64


def test_receipt_is_chosen_by_id_or_the_newest(tmp_path: Path) -> None:
    """Staging and production promote the same one by naming it."""
    for number in (1, 2):
        receipts.write(receipt(number), tmp_path)
    assert local.choose(None, tmp_path) == receipt(2)
    assert local.choose(receipt(1).id, tmp_path) == receipt(1)


def test_untested_receipt_is_not_chosen_without_saying_so_again(tmp_path: Path) -> None:
    """Whoever ships without proof says it each time; the option is named."""
    made = receipts.as_untested(receipt(1), datetime(2026, 11, 23, tzinfo=UTC))
    receipts.write(made, tmp_path)
    with pytest.raises(ParityError, match="nobody has tested") as caught:
        local.choose(made.id, tmp_path)
    assert f"--untested --receipt {made.id}" in caught.value.hint
