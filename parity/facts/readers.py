"""How the two sides are read: what a row of the table names, as functions of a loaded side."""

from __future__ import annotations

from typing import TYPE_CHECKING

from parity.facts.fact import Reader, Seen
from parity.facts.node import Node
from parity.facts.units import text

if TYPE_CHECKING:
    from collections.abc import Callable

    from parity.facts.cloud import Cloud
    from parity.facts.local import Local
    from parity.facts.node import Where
    from parity.template.place import Place

    Convert = Callable[[object], object]

NO_STAND_IN = "no service `nginx` stands in for the load balancer"
NOT_ASKED = "only `--running` tells"
NOT_BUILT = "the image is not built here: only `--running` tells"


def seen(node: Node, convert: Convert, default: object = None) -> Seen:
    """Return a node's value; the default where it is absent. Raises ParityError for a wrong one."""
    if not node:
        return Seen(default, node.where, node.written)
    return Seen(_converted(convert, node.plain, node.where), node.where, node.written)


def _converted(convert: Convert, value: object, where: Where) -> object:
    try:
        return convert(value)
    except (ValueError, TypeError, KeyError) as error:
        raise where.error(str(error)) from error


def at(found: Place | None, cloud: Cloud, convert: Convert, default: object = None) -> Seen:
    """Return the value of a place; the default where it is absent, or empty as in ECS's API."""
    if found is None or found.value in (None, [], {}):
        return Seen(default, cloud.where(found))
    where = cloud.where(found)
    value = found.value if isinstance(found.value, list | dict) else found.text
    return Seen(_converted(convert, value, where), where)


def app(*keys: str, convert: Convert = text, default: object = None) -> Reader[Local]:
    """Read a key of the app's service."""

    def read(local: Local) -> Seen:
        node = local.app
        for key in keys:
            node = node[key]
        return seen(node, convert, default)

    return Reader(f"`{'.'.join(keys)}` of the service `app`", read)


def variable(name: str, convert: Convert = text, default: object = None) -> Reader[Local]:
    """Read a variable that a replica has, its image's among them."""

    def read(local: Local) -> Seen:
        given = local.app["environment"][name]
        return seen(given or local.image["Env"][name] or given, convert, default)

    return Reader(f"`{name}` in the environment of `app`, or of its image", read)


def app_or_image(
    key: str, image_key: str, text_: str, convert: Convert = text, default: object = None
) -> Reader[Local]:
    """Read what the service says, or else its image."""

    def read(local: Local) -> Seen:
        given = local.app[key]
        return (
            seen(given, convert)
            if given
            else of_image(local, image_key, convert=convert, default=default)
        )

    return Reader(f"`{key}` of the service `app`, or {text_} of its image", read)


def of_image(local: Local, *keys: str, convert: Convert = text, default: object = None) -> Seen:
    """Return what the image's configuration says, where it is known."""
    if not local.image:
        return Seen(where=local.app.where, unseen=NOT_BUILT)
    node = local.image
    for key in keys:
        node = node[key]
    return seen(node, convert, default)


def in_image(name: str) -> Reader[Local]:
    """Read the version of a package, which only a look into the image tells."""

    def read(local: Local) -> Seen:
        node = local.image["Versions"][name]
        return seen(node, text) if node else Seen(where=node.where, unseen=NOT_ASKED)

    return Reader(f"version of `{name}` in the image, with `--running`", read)


def attribute(section: str, name: str, convert: Convert = text) -> Reader[Local]:
    """Read a value of nginx/attributes.json."""

    def read(local: Local) -> Seen:
        if local.nginx is None:
            return Seen(where=local.balancer.where, unseen=NO_STAND_IN)
        return seen(local.attributes[section][name], convert)

    return Reader(f"`{name}` of `nginx/attributes.json`", read)


def directive(
    name: str,
    convert: Convert = text,
    default: object = None,
    *,
    others: tuple[str, ...] = (),
    made_of: str = "",
) -> Reader[Local]:
    """Read a directive of nginx's effective configuration; others must say the same.

    made_of: the load balancer's attribute that it is made of when nginx starts.
    """

    def read(local: Local) -> Seen:
        if local.nginx is None:
            return Seen(where=local.balancer.where, unseen=NO_STAND_IN)
        found = [each for one in (name, *others) for each in local.nginx.find(one)]
        if not found:
            return Seen(default, local.balancer.where)
        values = {str(each.text) for each in found}
        if len(values) > 1:
            said = ", ".join(f"{each.name} {each.text}" for each in found)
            return Seen(said, found[0].where)
        value = _converted(convert, found[0].text, found[0].where)
        source = local.attributes["load_balancer"][made_of]
        return Seen(value, source.where if source else found[0].where, source.written)

    listed = ", ".join(f"`{each}`" for each in (name, *others))
    return Reader(f"{listed} of nginx's effective configuration", read)


def constant(module: str, name: str, convert: Convert = text) -> Reader[Local]:
    """Read a constant of one of the app's modules."""

    def read(local: Local) -> Seen:
        node = local.constants.get(module, Node(None, local.app.where))[name]
        return seen(node, convert) if node else Seen(where=node.where, unseen="not in this app")

    return Reader(f"`{name}` of `app/{module}.py`", read)


def container(*keys: str, convert: Convert = text, default: object = None) -> Reader[Cloud]:
    """Read a key of the container definition."""
    return _of(lambda cloud: cloud.container, "the container definition", keys, convert, default)


def task(*keys: str, convert: Convert = text, default: object = None) -> Reader[Cloud]:
    """Read a key of the task definition."""
    return _of(lambda cloud: cloud.task, "the task definition", keys, convert, default)


def service(*keys: str, convert: Convert = text, default: object = None) -> Reader[Cloud]:
    """Read a key of the ECS service."""
    return _of(lambda cloud: cloud.service, "the ECS service", keys, convert, default)


def target_group(*keys: str, convert: Convert = text, default: object = None) -> Reader[Cloud]:
    """Read a key of the target group."""
    return _of(lambda cloud: cloud.target_group, "the target group", keys, convert, default)


def access_point(*keys: str, convert: Convert = text, default: object = None) -> Reader[Cloud]:
    """Read a key of the EFS access point."""
    return _of(lambda cloud: cloud.access_point, "the EFS access point", keys, convert, default)


def below(found: Place | None, *keys: str) -> Place | None:
    """Return the place of some keys further in; None where there is nothing to look into."""
    for key in keys:
        found = found[key] if found is not None else None
    return found


def _of(
    owner: Callable[[Cloud], Place | None],
    named: str,
    keys: tuple[str, ...],
    convert: Convert,
    default: object,
) -> Reader[Cloud]:
    def read(cloud: Cloud) -> Seen:
        return at(below(owner(cloud), *keys), cloud, convert, default)

    return Reader(f"`{'.'.join(keys)}` of {named}", read)


def group_attribute(name: str, convert: Convert = text, default: object = None) -> Reader[Cloud]:
    """Read an attribute of the target group; AWS's default where the template leaves it out."""
    return _attribute(
        lambda cloud: cloud.target_group, "TargetGroupAttributes", name, convert, default
    )


def balancer_attribute(name: str, convert: Convert = text, default: object = None) -> Reader[Cloud]:
    """Read an attribute of the load balancer; AWS's default where the template leaves it out."""
    return _attribute(
        lambda cloud: cloud.load_balancer, "LoadBalancerAttributes", name, convert, default
    )


def attribute_of(found: Place | None, key: str, name: str) -> Place | None:
    """Return the value of one of a list of Key and Value; the list where it is not there."""
    if found is None:
        return None
    entries = (each["Value"] for each in found[key] if each["Key"].text == name)
    return next(entries, found[key][name])


def _attribute(
    owner: Callable[[Cloud], Place | None], key: str, name: str, convert: Convert, default: object
) -> Reader[Cloud]:
    def read(cloud: Cloud) -> Seen:
        return at(attribute_of(owner(cloud), key, name), cloud, convert, default)

    otherwise = ", or AWS's default" if default is not None else ""
    return Reader(f"`{name}` of `{key}`{otherwise}", read)


def task_variable(name: str, convert: Convert = text, default: object = None) -> Reader[Cloud]:
    """Read a variable of the container definition."""

    def read(cloud: Cloud) -> Seen:
        entries = cloud.container["Environment"] if cloud.container else None
        if entries is None:
            return Seen(default, cloud.where(cloud.container))
        found = (each["Value"] for each in entries if each["Name"].text == name)
        return at(next(found, entries[name]), cloud, convert, default)

    return Reader(f"`{name}` in `Environment` of the container definition", read)


def locked(name: str) -> Reader[Cloud]:
    """Read the version that the promoted image's lock names."""
    said = "`scripts/lock`" if name == "python" else "`app/requirements.txt`"

    def read(cloud: Cloud) -> Seen:
        node = cloud.lock[name]
        return seen(node, text) if node else Seen(where=node.where, unseen="no lock names it")

    return Reader(f"`{name}` of {said}", read)
