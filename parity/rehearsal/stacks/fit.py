"""Bring a template's properties into the form that a service's own API takes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from botocore.model import Shape

NUMBERS: Mapping[str, Callable[[str], float]] = {
    "integer": int,
    "long": int,
    "float": float,
    "double": float,
}


class UnknownPropertyError(ValueError):
    """A property that the service's API does not have: on AWS, a failed resource."""


def fit(shape: Shape, value: object, path: str) -> Any:  # noqa: ANN401 - any JSON value
    """Return a value as the API's shape wants it: its member names, its scalar types.

    CloudFormation writes member names with a capital, the APIs each in their own way, and
    template values are often strings; the keys of maps belong to the user and stay as they are.
    Raises UnknownPropertyError for a member that the shape does not have, so that nothing is
    dropped on the way.
    """
    kind = shape.type_name
    if kind == "structure" and isinstance(value, dict):
        return _fit_structure(shape, value, path)
    if kind == "list" and isinstance(value, list):
        return [fit(shape.member, item, f"{path}[{at}]") for at, item in enumerate(value)]
    if kind == "map" and isinstance(value, dict):
        return {key: fit(shape.value, item, f"{path}.{key}") for key, item in value.items()}
    return _scalar(kind, value, path)


def _fit_structure(shape: Shape, value: Mapping[str, Any], path: str) -> dict[str, Any]:
    members = {name.lower(): name for name in shape.members}
    fitted = {}
    for name, item in value.items():
        member = members.get(name.lower())
        if member is None:
            raise UnknownPropertyError(f"{path}.{name} is no member of {shape.name}")
        fitted[member] = fit(shape.members[member], item, f"{path}.{name}")
    return fitted


def _scalar(kind: str, value: object, path: str) -> object:
    if kind in NUMBERS:
        try:
            return NUMBERS[kind](str(value))
        except ValueError as error:
            raise _unfit(kind, value, path) from error
    if kind == "boolean":
        return str(value).lower() == "true"
    if kind == "string":
        if isinstance(value, dict | list):
            return json.dumps(value)  # policies and dashboards: JSON in a string
        return str(value).lower() if isinstance(value, bool) else str(value)
    if kind == "blob" and isinstance(value, str):
        return value.encode()
    raise _unfit(kind, value, path)


def _unfit(kind: str, value: object, path: str) -> UnknownPropertyError:
    return UnknownPropertyError(f"{path} is {value!r}, where the API takes a {kind}")
