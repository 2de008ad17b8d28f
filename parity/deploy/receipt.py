"""Receipts: what `parity test` has proven of which image; what `parity deploy` goes by."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from parity.errors import ParityError, UsageError
from parity.project import STATE

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from pathlib import Path

FOLDER = STATE / "receipts"
ID = re.compile(r"[0-9a-z-]{1,64}")
DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
UNTESTED = "untested-"
SHORT_REVISION = 7


@dataclass(frozen=True)
class SuiteResult:
    """How many tests of one suite ended how, as pytest itself counted them; errors are failures."""

    passed: int
    failed: int
    skipped: int
    seconds: float

    @property
    def green(self) -> bool:
        """True when something ran and nothing failed: a suite that skips all proves nothing."""
        return self.passed > 0 and self.failed == 0


@dataclass(frozen=True)
class Receipt:
    """One image, and what is known of it.

    id: matches `ID`; that of an image nobody tested begins with 'untested-'. created_at: ISO 8601,
    UTC. image_id: as the local engine names the image. config_digest: 'sha256:...' of the image's
    configuration, which its manifest in any registry names. git_revision: what it was built from,
    exactly so if tree_clean. architecture: amd64 or arm64. suites: by title. passed: every step of
    the run, lint and types among them. parity: the outcome of `parity check`, None where it was not
    run. lock_sha256: of app/requirements.txt. rehearsed_fields: how many the rehearsal has
    read back as they are in the template; its scenarios are one of the suites.
    """

    id: str
    created_at: str
    image_id: str
    config_digest: str
    git_revision: str
    tree_clean: bool
    architecture: str
    suites: Mapping[str, SuiteResult]
    passed: bool
    parity: bool | None
    lock_sha256: str
    untested: bool = False
    rehearsed_fields: int = 0

    @property
    def green(self) -> bool:
        """True when the run passed and every suite has something to show for it."""
        return self.passed and bool(self.suites) and all(s.green for s in self.suites.values())


def new_id(moment: datetime, git_revision: str, *, untested: bool = False) -> str:
    """Return an id that sorts by time (UTC) and names the commit."""
    revision = git_revision[:SHORT_REVISION].lower()
    return f"{UNTESTED if untested else ''}{moment:%Y%m%d-%H%M%S}-{revision}"


def as_untested(receipt: Receipt, moment: datetime) -> Receipt:
    """Return a receipt for the same image which says that somebody ships it without proof."""
    return replace(
        receipt,
        id=new_id(moment, receipt.git_revision, untested=True),
        created_at=moment.isoformat(timespec="seconds"),
        passed=False,
        untested=True,
    )


def receipt_file(receipt: Receipt, folder: Path = FOLDER) -> Path:
    """Return where a receipt is, or will be."""
    return folder / f"{receipt.id}.json"


def write(receipt: Receipt, folder: Path = FOLDER) -> Path:
    """Write a receipt, whole or not at all, and return its file."""
    folder.mkdir(parents=True, exist_ok=True)
    path = receipt_file(receipt, folder)
    draft = path.with_suffix(".draft")
    draft.write_text(json.dumps(asdict(receipt), indent=2) + "\n")
    draft.replace(path)
    return path


def read(receipt_id: str, folder: Path = FOLDER) -> Receipt:
    """Return a receipt by its id.

    Raises UsageError for an id that there is none of, ParityError for a file that is no receipt.
    """
    path = folder / f"{receipt_id}.json"
    if not ID.fullmatch(receipt_id) or not path.is_file():
        known = [receipt.id for receipt in list_receipts(folder)][-3:]
        there_are = f"the newest are {', '.join(known)}" if known else "there are none"
        raise UsageError(
            f"there is no receipt '{receipt_id}' in {folder}; {there_are}", hint="scripts/test"
        )
    return _parsed(path)


def list_receipts(folder: Path = FOLDER) -> list[Receipt]:
    """Return every receipt of this checkout, oldest first."""
    receipts = [_parsed(path) for path in folder.glob("*.json")]
    return sorted(receipts, key=lambda receipt: (receipt.created_at, receipt.id))


def latest(folder: Path = FOLDER) -> Receipt:
    """Return the newest receipt of a test run, green or red. Raises ParityError without any."""
    tested = [receipt for receipt in list_receipts(folder) if not receipt.untested]
    if not tested:
        raise ParityError("no image has been tested yet: there is no receipt", hint="scripts/test")
    return tested[-1]


def _parsed(path: Path) -> Receipt:
    try:
        document: dict[str, Any] = json.loads(path.read_text())
        suites = {name: SuiteResult(**counts) for name, counts in document.pop("suites").items()}
        receipt = Receipt(suites=suites, **document)
        well_formed = receipt.id == path.stem and DIGEST.fullmatch(receipt.config_digest)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise ParityError(f"'{path}' is not a receipt: {error}", hint=f"rm {path}") from error
    if not well_formed:
        raise ParityError(f"'{path}' is not a receipt: its id or digest", hint=f"rm {path}")
    return receipt
