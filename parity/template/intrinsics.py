"""CloudFormation's functions on values that are resolved already; all pure.

Each takes the function's argument and raises ValueError or TypeError that says what is wrong.
Source: AWS CloudFormation, "Intrinsic function reference".
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from ipaddress import ip_network
from typing import TYPE_CHECKING

from parity.template.values import PLACEHOLDER, Reference, as_reference, joined, text_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

ZONES = "abc"  # enough for a template that asks for two


@dataclass(frozen=True)
class Pieces:
    """What Fn::Split makes of a text that only the deployed resource can tell."""

    text: str
    delimiter: str


def join(argument: object) -> object:
    """Join the items of a list."""
    delimiter, items = _arguments(argument, 2)
    if isinstance(items, Reference | Pieces):
        return as_reference(str(items)) if isinstance(items, Reference) else items.text
    return joined(_list(items), _text(delimiter))


def split(argument: object) -> object:
    """Cut a text; one whose delimiter may hide in a reference stays uncut, as Pieces."""
    delimiter, whole = (_text(part) for part in _arguments(argument, 2))
    if not delimiter:
        raise ValueError("the delimiter is empty")
    literal = PLACEHOLDER.sub("", whole)
    if delimiter not in literal and literal != whole:
        return Pieces(whole, delimiter)
    return [as_reference(piece) for piece in whole.split(delimiter)]


def select(argument: object) -> object:
    """Take one item of a list; index from 0."""
    wanted, items = _arguments(argument, 2)
    index = int(_text(wanted))
    if isinstance(items, Pieces):
        return f"{items.text}[{items.delimiter}][{index}]"
    if isinstance(items, Reference):
        return f"{items}[{index}]"
    available = _list(items)
    if not 0 <= index < len(available):
        raise ValueError(f"item {index} of a list of {len(available)}")
    return available[index]


def to_base64(argument: object) -> object:
    """Encode a text; one with references cannot be, and stays readable."""
    text = _text(argument)
    if PLACEHOLDER.search(text):
        return f"base64({text})"
    return base64.b64encode(text.encode()).decode()


def cidr(argument: object) -> object:
    """Cut an address block into `count` blocks of 2 ** `bits` addresses each."""
    parts = _list(argument)
    if len(parts) not in {2, 3}:
        raise ValueError("takes a block, a count and the bits of each part")
    network = ip_network(_text(parts[0]))
    count = int(_text(parts[1]))
    bits = int(_text(parts[2])) if len(parts) == 3 else 8  # noqa: PLR2004 - block, count, bits
    blocks = network.subnets(new_prefix=network.max_prefixlen - bits)
    found = [str(block) for block, _ in zip(blocks, range(count), strict=False)]
    if len(found) < count:
        raise ValueError(f"{network} has no {count} blocks of {2**bits} addresses")
    return found


def zones(argument: object, region: str) -> object:
    """Name availability zones of a region, '' being the stack's own."""
    return [f"{_text(argument) or region}{letter}" for letter in ZONES]


def find_in_map(argument: object, mappings: Mapping[str, object]) -> object:
    """Look a value up in the template's Mappings."""
    value: object = mappings
    names = [_text(part) for part in _arguments(argument, 3)]
    for name in names:
        if not isinstance(value, dict) or name not in value:
            raise ValueError(f"no '{name}' in {'.'.join(['Mappings', *names])}")
        value = value[name]
    return value


def import_value(argument: object) -> object:
    """Stand for another stack's export, which nothing here can tell."""
    return f"{{{{import:{_text(argument)}}}}}"


def equals(argument: object) -> bool:
    """Compare as CloudFormation does: numbers and booleans by their text."""
    left, right = _arguments(argument, 2)
    return _comparable(left) == _comparable(right)


def contains(argument: object) -> bool:
    """Tell whether a list has a value."""
    items, value = _arguments(argument, 2)
    return _comparable(value) in _comparable_list(items)


def each_member_equals(argument: object) -> bool:
    """Tell whether every item of a list is that value."""
    items, value = _arguments(argument, 2)
    return all(item == _comparable(value) for item in _comparable_list(items))


def each_member_in(argument: object) -> bool:
    """Tell whether every item of a list is in another list."""
    items, allowed = _arguments(argument, 2)
    return set(_comparable_list(items)) <= set(_comparable_list(allowed))


FUNCTIONS: dict[str, Callable[[object], object]] = {
    "Fn::Base64": to_base64,
    "Fn::Cidr": cidr,
    "Fn::ImportValue": import_value,
    "Fn::Join": join,
    "Fn::Select": select,
    "Fn::Split": split,
}
TESTS: dict[str, Callable[[object], bool]] = {
    "Fn::Contains": contains,
    "Fn::EachMemberEquals": each_member_equals,
    "Fn::EachMemberIn": each_member_in,
    "Fn::Equals": equals,
}


def _comparable(value: object) -> str:
    text = text_of(value)
    return repr(value) if text is None else text


def _comparable_list(value: object) -> list[str]:
    return [_comparable(item) for item in _list(value)]


def _arguments(argument: object, count: int) -> list[object]:
    arguments = _list(argument)
    if len(arguments) != count:
        raise ValueError(f"takes {count} arguments, not {len(arguments)}")
    return arguments


def _list(value: object) -> list[object]:
    if not isinstance(value, list):
        raise TypeError(f"'{text_of(value)}' is no list")
    return value


def _text(value: object) -> str:
    text = text_of(value)
    if text is None:
        raise TypeError("a list or mapping where text is wanted")
    return text
