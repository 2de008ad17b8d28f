"""The differences as annotations of a GitHub Actions run, at the lines that they are about."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from parity.facts.check import differences
from parity.facts.formats.words import said

if TYPE_CHECKING:
    from collections.abc import Sequence

    from parity.facts.fact import Result


def commands(results: Sequence[Result], root: Path) -> list[str]:
    """Return one workflow command a difference that nothing explains."""
    return [_annotation(each, root) for each in differences(results)]


def _annotation(result: Result, root: Path) -> str:
    place = ""
    for where in (result.local.where, result.cloud.where):
        path = Path(where.file).resolve()
        if where.line and path.is_relative_to(root.resolve()):
            file = _property(path.relative_to(root.resolve()).as_posix())
            place = f"file={file},line={where.line},"
            break
    title = _property(f"parity check: {result.fact.name}")
    message = f"{said(result)} ({result.cloud.where}). {result.fact.why}"
    return f"::error {place}title={title}::{_message(message)}"


def _message(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _message(text).replace(":", "%3A").replace(",", "%2C")
