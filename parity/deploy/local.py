"""The local side of a deploy: which receipt, and where its image is in the engine."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from parity.deploy import image, receipt
from parity.deploy.receipt import Receipt
from parity.errors import ParityError
from parity.host.client import connect
from parity.host.python_environment import fingerprint
from parity.project import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from docker import DockerClient

    from parity.deploy.image import LocalImage

LOCK = ROOT / "app" / "requirements.txt"


def find_image(wanted: Receipt) -> LocalImage | None:
    """Return a receipt's image as the local engine holds it; None if it does not."""
    return image.inspect(connect(), image.kept_name(wanted.id))


def find_by_id(wanted: Receipt) -> LocalImage | None:
    """Return the image of a receipt that was not written, so that none is kept for it."""
    return image.inspect(connect(), wanted.image_id)


def choose(receipt_id: str | None, folder: Path = receipt.FOLDER) -> Receipt:
    """Return the receipt of that id, or the newest one of a test run.

    Raises ParityError for one that says 'untested': each such deploy is asked for by that option.
    """
    chosen = receipt.read(receipt_id, folder) if receipt_id else receipt.latest(folder)
    if chosen.untested:
        raise ParityError(
            f"the receipt '{chosen.id}' says that nobody has tested this image",
            hint=f"scripts/test, or, knowingly, parity deploy --untested --receipt {chosen.id}",
        )
    return chosen


def untested(
    client: DockerClient,
    name: str,
    receipt_id: str | None,
    folder: Path = receipt.FOLDER,
) -> Receipt:
    """Return a receipt which says that an image is shipped without proof; nothing is written.

    The image is that of the given receipt, such as a red one, or else the one of that name. The
    newest such receipt serves again for the same image. Raises ParityError when there is no image.
    """
    source = image.kept_name(receipt_id) if receipt_id else name
    found = image.inspect(client, source)
    if found is None:
        raise ParityError(f"there is no image '{source}' to ship untested", hint="scripts/up")
    newest = [each for each in receipt.list_receipts(folder) if each.untested][-1:]
    moment = datetime.now(UTC)
    if newest and newest[0].config_digest == found.config_digest:
        made = newest[0]
    elif receipt_id:
        made = receipt.as_untested(receipt.read(receipt_id, folder), moment)
    else:
        made = receipt.as_untested(of_image(found, moment), moment)
    return replace(made, image_id=found.id)


def keep_untested(client: DockerClient, made: Receipt, folder: Path = receipt.FOLDER) -> None:
    """Keep the image of a receipt of `untested` for promotion, and write the receipt."""
    image.keep(client, made.image_id, made.id)
    receipt.write(made, folder)


def image_under_test(name: str) -> Receipt:
    """Return the receipt, still red, of an image that is about to be tested.

    Taken before the tests, so that nothing which is edited meanwhile gets into it. Raises
    ParityError when there is no such image.
    """
    found = image.inspect(connect(), name)
    if found is None:
        raise ParityError(f"there is no image '{name}' to test", hint="parity doctor")
    return of_image(found, datetime.now(UTC))


def keep_and_write(tested: Receipt, folder: Path = receipt.FOLDER) -> None:
    """Write a receipt and keep its image for promotion; of older ones, only the newest few stay.

    The image first: a receipt without one is of no use.
    """
    client = connect()
    image.keep(client, tested.image_id, tested.id)
    receipt.write(tested, folder)
    ids = [each.id for each in receipt.list_receipts(folder)]
    image.forget(client, [image.kept_name(each) for each in ids[: -image.NEWEST]])


def kept_names(folder: Path = receipt.FOLDER) -> list[str]:
    """Return the names of the images that are kept for this checkout's receipts."""
    return [image.kept_name(each.id) for each in receipt.list_receipts(folder)]


def of_image(found: LocalImage, moment: datetime) -> Receipt:
    """Return a receipt for an image of which nothing is proven yet."""
    return Receipt(
        id=receipt.new_id(moment, found.git_revision),
        created_at=moment.isoformat(timespec="seconds"),
        image_id=found.id,
        config_digest=found.config_digest,
        git_revision=found.git_revision,
        tree_clean=found.tree_clean,
        architecture=found.architecture,
        suites={},
        passed=False,
        parity=None,
        lock_sha256=fingerprint(LOCK),
    )
