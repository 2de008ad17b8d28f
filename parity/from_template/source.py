"""A template, resolved: the one service that it puts behind a load balancer, and where that is."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from parity.template.load import load
from parity.template.parameter_sets import ALWAYS
from parity.template.place import place
from parity.template.resolve import resolve
from parity.template.rules.reading import SERVICE, servings
from parity.template.values import text_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from parity.errors import ParityError
    from parity.template.load import Keys, Template
    from parity.template.place import Place
    from parity.template.values import Resolved, Resource

IMAGE = "ImageUri"  # the parameter
PIECE = re.compile(r"[^.\[\]]+")
NO_SERVICE = "it has no ECS service behind a load balancer, so there is no task to run"


@dataclass(frozen=True)
class Source:
    """What a template says of one service.

    service, entry: the service and its entry of LoadBalancers. task: its task definition.
    group: the target group.
    """

    template: Template
    resolved: Resolved
    service: Place
    entry: Place
    task: Place
    group: Place

    @property
    def container(self) -> Place:
        """The task's first container; a task with more of them is refused elsewhere."""
        return self.task["ContainerDefinitions"][0]

    def error(self, resource: Resource, path: str, what: str) -> ParityError:
        """Return an error that names file, line and resource."""
        return error_at(self.template, resource.logical_id, path, what)

    def error_at(self, where: Place, what: str) -> ParityError:
        """Return the error of a place: file, line, resource and path."""
        path = where.path.removeprefix("Properties").removeprefix(".")
        return self.error(where.resource, path, what)

    def where(self, where: Place) -> str:
        """Return file and line of a place."""
        keys = keys_of(self.template, where.resource.logical_id, where.path.partition(".")[2])
        return f"{self.template.name}:{self.template.line(keys)}"


def read(file: Path, parameters: Mapping[str, str], *, region: str, stack_name: str) -> Source:
    """Return what a template file says with these parameters; an image is made up where none is.

    Raises ParityError with file and line for what is no template, or for one with no such service,
    or with several.
    """
    template = load(file)
    image = {IMAGE: ALWAYS[IMAGE]} if IMAGE in template.section("Parameters") else {}
    resolved = resolve(template, image | dict(parameters), region=region, stack_name=stack_name)
    return choose(template, resolved)


def choose(template: Template, resolved: Resolved) -> Source:
    """Return the one service behind a load balancer, with all that belongs to it."""
    found = list(servings(resolved))
    if not found:
        services = resolved.of_type(SERVICE)
        keys: Keys = ("Resources", services[0].logical_id) if services else ("Resources",)
        raise template.error(keys, NO_SERVICE)
    first = found[0]
    if len(found) > 1:
        second = found[1]
        raise error_at(
            template,
            second.service.resource.logical_id,
            second.entry.path.partition(".")[2],
            f"a second container behind a load balancer, beside {first.service.resource.logical_id}"
            " there can be no other here",
        )
    if first.task is None:
        raise _error(
            template, first.service["TaskDefinition"], "is no task definition of this file"
        )
    if first.target_group is None:
        raise _error(template, first.entry["TargetGroupArn"], "is no target group of this file")
    task = place(resolved, first.task)
    if first.container is None:
        raise _error(
            template,
            first.entry["ContainerName"],
            f"the task definition has no container '{first.entry['ContainerName'].text}'",
        )
    return Source(template, resolved, first.service, first.entry, task, first.target_group)


def replicas(source: Source) -> int:
    """Return how many tasks the service begins with: DesiredCount, or the least that scaling has.

    CloudFormation makes it one where neither says more.
    """
    if (desired := source.service["DesiredCount"].number) is not None:
        return int(desired)
    for target in source.resolved.of_type("AWS::ApplicationAutoScaling::ScalableTarget"):
        least = place(source.resolved, target)["MinCapacity"].number
        if least is not None:
            return int(least)
    return 1


def error_at(template: Template, logical_id: str, path: str, what: str) -> ParityError:
    """Return an error that names file, line, resource and path within its properties."""
    keys = keys_of(template, logical_id, path)
    written = ".".join(str(key) for key in keys[3:])
    keys = keys if written else keys[:2]
    return template.error(keys, f"{'.'.join(filter(None, (logical_id, written)))}: {what}")


def keys_of(template: Template, logical_id: str, path: str) -> Keys:
    """Return where a path within a resource's properties stands, as far as it is written there.

    path: dotted, or as an API spells it, such as containerDefinitions[0].user.
    """
    keys: Keys = ("Resources", logical_id, "Properties")
    body = template.section("Resources").get(logical_id)
    node: object = body.get("Properties") if isinstance(body, dict) else None
    for piece in PIECE.findall(path):
        key = _key(node, piece)
        if key is None:
            break
        keys = (*keys, key)
        node = node[key] if isinstance(node, dict | list) else None  # type: ignore[index]
    return keys


def _key(node: object, piece: str) -> str | int | None:
    if isinstance(node, dict):
        return next((name for name in node if name.lower() == piece.lower()), None)
    if isinstance(node, list) and piece.isdecimal() and int(piece) < len(node):
        return int(piece)
    return None


def _error(template: Template, where: Place, what: str) -> ParityError:
    path = where.path.partition(".")[2]
    said = f"'{where.text}' {what}" if what.startswith("is ") else what
    return error_at(template, where.resource.logical_id, path, said)


def literal(value: object) -> object:
    """Return a resolved value with its references as text, as placeholders."""
    if isinstance(value, dict):
        return {name: literal(item) for name, item in value.items()}
    if isinstance(value, list):
        return [literal(item) for item in value]
    return value if isinstance(value, bool | int | float) or value is None else text_of(value)
