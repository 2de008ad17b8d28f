"""Receipts: what `parity test` has proven of which image; what `parity deploy` goes by.

A file ends with the SHA-256 of what it says, so that one which was edited, or cut short on its way,
is none any more. It is no signature: who means to forge one can.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import MISSING, asdict, dataclass, fields, replace
from typing import TYPE_CHECKING, Any, get_args, get_origin, get_type_hints

from parity.errors import ParityError, UsageError
from parity.project import STATE

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

FOLDER = STATE / "receipts"
ID = re.compile(r"[0-9a-z-]{1,64}")
DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
UNTESTED = "untested-"
SEAL = "sha256"
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
    the run, lint and types among them. parity: whether `parity check` found both sides alike; None
    where nobody asked. lock_sha256: of app/requirements.txt. rehearsed_fields: how many
    the rehearsal has read back as they are in the template; its scenarios are one of the suites.
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
    """Write a receipt, whole or not at all, and return its file.

    Raises ParityError where it cannot be written, as on a full disk.
    """
    path = receipt_file(receipt, folder)
    draft = path.with_suffix(".draft")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        document = asdict(receipt)
        draft.write_text(json.dumps(document | {SEAL: _seal(document)}, indent=2) + "\n")
        draft.replace(path)
    except OSError as error:
        with suppress(OSError):
            draft.unlink()
        raise ParityError(
            f"the receipt '{path}' cannot be written: {error.strerror}",
            hint=f"df -h {folder.parent}, make room, then run this again",
        ) from error
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
        seal = document.pop(SEAL, "") if isinstance(document, dict) else ""
        _check(document, path.stem)
        _check_seal(document, seal)
        suites = {name: SuiteResult(**counts) for name, counts in document.pop("suites").items()}
        return Receipt(suites=suites, **document)
    except (OSError, ValueError) as error:
        raise ParityError(
            f"'{path}' is not a receipt: {error}", hint=f"rm -r {path}, then scripts/test"
        ) from error


def _seal(document: Mapping[str, object]) -> str:
    """Return the digest of what a receipt says, however its file is laid out."""
    return hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()


def _check_seal(document: Mapping[str, object], seal: object) -> None:
    """Raise ValueError where a file does not say what was written into it."""
    if seal != _seal(document):
        raise ValueError(f"it was edited after it was written, by its {SEAL} '{seal}'")


def _check(document: object, name: str) -> None:
    """Raise ValueError with what keeps a parsed file of that name from being a receipt.

    A receipt is a proof, so nothing is taken for true that only looks so, such as "no".
    """
    if not isinstance(document, dict):
        raise ValueError(f"it is {document!r}")  # noqa: TRY004 - one kind for all
    wrong = _misfit(document, Receipt)
    for title, counts in () if wrong else document["suites"].items():
        if not isinstance(counts, dict) or _misfit(counts, SuiteResult):
            wrong = wrong or f"the result of its suite '{title}' is {counts!r}"
    if wrong:
        raise ValueError(wrong)
    untested = document.get("untested", False)
    if document["id"] != name or not ID.fullmatch(name):
        raise ValueError(f"its id is '{document['id']}'")
    if not DIGEST.fullmatch(document["config_digest"]):
        raise ValueError(f"its config_digest is '{document['config_digest']}'")
    if untested != name.startswith(UNTESTED):
        raise ValueError(f"its untested is {untested}, its id '{name}'")


def _misfit(document: Mapping[str, object], record: type[Receipt | SuiteResult]) -> str:
    """Return what of a dataclass's fields is missing, unknown or of another type; '' for nothing.

    Types are held to exactly: JSON's true is an int to Python, and no count of tests.
    """
    hints = get_type_hints(record)
    for field in fields(record):
        if field.name not in document:
            if field.default is MISSING:
                return f"it has no {field.name}"
        elif type(document[field.name]) not in _types(hints[field.name]):
            return f"its {field.name} is {document[field.name]!r}"
    unknown = sorted(set(document) - set(hints))
    return f"it has an unknown '{unknown[0]}'" if unknown else ""


def _types(hint: Any) -> tuple[type, ...]:  # noqa: ANN401 - an annotation
    """Return what json.loads makes of a field that is annotated so."""
    if get_origin(hint) is Mapping:
        return (dict,)
    if hint is float:
        return (int, float)
    return get_args(hint) or (hint,)
