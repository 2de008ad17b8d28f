"""The differences in SARIF 2.1.0, which GitHub's code scanning and editors take."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from parity.facts.check import differences
from parity.facts.formats.words import said

if TYPE_CHECKING:
    from collections.abc import Sequence

    from parity.facts.fact import Result
    from parity.facts.node import Where

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def sarif(results: Sequence[Result], root: Path, version: str) -> dict[str, Any]:
    """Return a SARIF log: one rule a fact, one result a difference that nothing explains."""
    driver = {
        "name": "parity check",
        "version": version,
        "rules": [
            {
                "id": each.fact.name,
                "shortDescription": {"text": f"{each.group}: {each.fact.name}"},
                "fullDescription": {"text": each.fact.why},
                "help": {"text": f"parity check --explain {each.fact.name}"},
            }
            for each in results
        ],
    }
    numbers = {each.fact.name: number for number, each in enumerate(results)}
    found = [_result(each, numbers[each.fact.name], root) for each in differences(results)]
    return {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{"tool": {"driver": driver}, "results": found}],
    }


def _result(result: Result, number: int, root: Path) -> dict[str, Any]:
    cloud = _location(result.cloud.where, root)
    local = _location(result.local.where, root)
    places: dict[str, Any] = {"locations": [local or cloud or {}]}
    if local and cloud:
        places["relatedLocations"] = [cloud | {"id": 0, "message": {"text": "the cloud's value"}}]
    return {
        "ruleId": result.fact.name,
        "ruleIndex": number,
        "level": "error",
        "message": {"text": f"{said(result)}. {result.fact.why}"},
        "partialFingerprints": {"fact": result.fact.name},
        **places,
    }


def _location(where: Where, root: Path) -> dict[str, Any]:
    """Return a place in a file of the checkout; nothing for any other."""
    path = Path(where.file).resolve()
    if not where.line or not path.is_relative_to(root.resolve()):
        return {}
    uri = path.relative_to(root.resolve()).as_posix()
    return {
        "physicalLocation": {
            "artifactLocation": {"uri": uri, "uriBaseId": "%SRCROOT%"},
            "region": {"startLine": where.line},
        }
    }
