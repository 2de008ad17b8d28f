"""What a service says of a resource."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from parity.aws.account import Account

Api = Mapping[str, Any]


@dataclass(frozen=True)
class Found:
    """A resource as its service describes it.

    properties: under the template's names, upper and lower case aside; what the service does not
    say is left out. attributes: what Fn::GetAtt should have returned.
    """

    properties: Api
    attributes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Wanted:
    """A resource to look for: its physical id, and what the template says of it, resolved.

    Some resources can only be found by what they hang on, such as a route by its table.
    """

    identifier: str
    properties: Api


Reader = Callable[["Account", Wanted], Found]


def only(entries: list[Any], what: str) -> Any:  # noqa: ANN401 - one of botocore's documents
    """Return the one entry. Raises LookupError where there is none, or more than one."""
    if len(entries) != 1:
        raise LookupError(f"{len(entries)} of {what} instead of one")
    return entries[0]


def renamed(document: Api, **names: str) -> dict[str, Any]:
    """Return a document with some members under other names, given as new='old'.

    A member that is not there stays absent.
    """
    moved = {new: document[old] for new, old in names.items() if old in document}
    return {key: value for key, value in document.items() if key not in names.values()} | moved
