"""Breaking one thing in a template that is read: changes by dotted paths."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from parity.template.load import Template

Document = dict[str, Any]
Change = Callable[[Document], None]


def changed(template: Template, *changes: Change) -> Template:
    """Return the template with changes made to a copy of its document."""
    document = copy.deepcopy(dict(template.document))
    for change in changes:
        change(document)
    return replace(template, document=document)


def put(path: str, value: object) -> Change:
    """Set a property: 'LogicalId.Property.0.Key'; what leads to it must be there."""

    def change(document: Document) -> None:
        owner, key = _owner(document, path)
        owner[key] = value

    return change


def drop(path: str) -> Change:
    """Remove a property that is there."""

    def change(document: Document) -> None:
        owner, key = _owner(document, path)
        del owner[key]

    return change


def add(path: str, value: object) -> Change:
    """Append to a list that is there."""

    def change(document: Document) -> None:
        owner, key = _owner(document, path)
        owner[key].append(value)

    return change


def item(path: str, name: str, value: object, *, key: str = "Key") -> Change:
    """Set the value of one of a list of Key and Value, or Name and Value; None removes it."""

    def change(document: Document) -> None:
        owner, last = _owner(document, path)
        found = [entry for entry in owner[last] if entry.get(key) == name]
        assert found, f"{path} has no {name}"
        if value is None:
            owner[last].remove(found[0])
        else:
            found[0]["Value"] = value

    return change


def combined(*changes: Change) -> Change:
    """Make several changes that are one mistake."""

    def change(document: Document) -> None:
        for part in changes:
            part(document)

    return change


def each(kind: str, name: str, value: object) -> Change:
    """Set a property of every resource of a type, of which there must be one."""

    def change(document: Document) -> None:
        found = [body for body in document["Resources"].values() if body["Type"] == kind]
        assert found, f"no {kind}"
        for body in found:
            body["Properties"][name] = value

    return change


def kind(logical_id: str, name: str) -> Change:
    """Make a resource one of another type."""

    def change(document: Document) -> None:
        document["Resources"][logical_id]["Type"] = name

    return change


def attribute(logical_id: str, name: str, value: object) -> Change:
    """Set an attribute of a resource, such as its DeletionPolicy; None removes it."""

    def change(document: Document) -> None:
        if value is None:
            del document["Resources"][logical_id][name]
        else:
            document["Resources"][logical_id][name] = value

    return change


def remove(*logical_ids: str) -> Change:
    """Remove resources, and every DependsOn that names them."""

    def change(document: Document) -> None:
        for logical_id in logical_ids:
            del document["Resources"][logical_id]
            undepend(logical_id)(document)

    return change


def undepend(*logical_ids: str) -> Change:
    """Take resources out of every DependsOn."""

    def change(document: Document) -> None:
        for body in document["Resources"].values():
            named = body.get("DependsOn", [])
            named = [named] if isinstance(named, str) else named
            body["DependsOn"] = [other for other in named if other not in logical_ids]

    return change


def unmark(logical_id: str) -> Change:
    """Take away a resource's Metadata, if it has any, and with it what it waits for by that."""

    def change(document: Document) -> None:
        document["Resources"][logical_id].pop("Metadata", None)

    return change


def statement(action: str, key: str, value: object, *, kind: str = "AWS::IAM::") -> Change:
    """Set a key of the policy statements that name an action; None removes the key."""

    def change(document: Document) -> None:
        found = [
            node
            for body in document["Resources"].values()
            if body["Type"].startswith(kind)
            for node in _dicts(body)
            if "Effect" in node and action in _listed(node.get("Action"))
        ]
        assert found, f"no statement of {kind} has {action}"
        for node in found:
            if value is None:
                node.pop(key)
            else:
                node[key] = value

    return change


def rename_action(old: str, new: str, *, kind: str = "AWS::IAM::") -> Change:
    """Put another action in the place of one, in every statement that has it."""

    def change(document: Document) -> None:
        count = 0
        for body in document["Resources"].values():
            for node in _dicts(body) if body["Type"].startswith(kind) else ():
                if "Effect" in node and old in _listed(node.get("Action")):
                    actions = _listed(node["Action"])
                    node["Action"] = [new if name == old else name for name in actions]
                    count += 1
        assert count, f"no statement of {kind} has {old}"

    return change


def condition(name: str, value: object) -> Change:
    """Set one of the template's Conditions, which must be there."""

    def change(document: Document) -> None:
        assert name in document["Conditions"]
        document["Conditions"][name] = value

    return change


def resource(logical_id: str, kind: str, properties: Document) -> Change:
    """Add a resource."""

    def change(document: Document) -> None:
        document["Resources"][logical_id] = {"Type": kind, "Properties": properties}

    return change


def _owner(document: Document, path: str) -> tuple[Any, Any]:
    logical_id, *keys = path.split(".")
    owner: Any = document["Resources"][logical_id].setdefault("Properties", {})
    for key in keys[:-1]:
        owner = owner[int(key)] if isinstance(owner, list) else owner[key]
    return owner, int(keys[-1]) if isinstance(owner, list) else keys[-1]


def _dicts(node: object) -> list[Document]:
    """Return every mapping within a value, the outermost first."""
    if isinstance(node, dict):
        return [node, *(found for part in node.values() for found in _dicts(part))]
    if isinstance(node, list):
        return [found for part in node for found in _dicts(part)]
    return []


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else [value]
