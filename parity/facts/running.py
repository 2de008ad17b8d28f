"""The local side as the engine has it: the built image, the containers, nginx as it runs."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from docker.errors import DockerException

from parity.cluster.container import labels, number
from parity.deploy import image as images
from parity.errors import ParityError
from parity.facts.container_said import image_said, service_said
from parity.facts.local import BALANCER
from parity.facts.nginx import dumped, read_nginx
from parity.facts.node import Node, Where, nodes
from parity.host.client import connect

if TYPE_CHECKING:
    from collections.abc import Sequence

    from docker import DockerClient
    from docker.models.containers import Container

    from parity.facts.local import Local

# Run in the image, apart from the app's own path; prints what only a look into it tells.
LOOK = """
import json, os, platform, sys
from importlib.metadata import PackageNotFoundError, version
def of(name):
    try:
        return version(name)
    except PackageNotFoundError:
        return None
versions = {name: of(name) for name in ("streamlit", "boto3")}
versions["python"] = platform.python_version()
folders = {}
for path in sys.argv[1:]:
    if os.path.isdir(path):
        found = os.stat(path)
        mode = format(found.st_mode & 0o7777, "04o")
        folders[path] = {"owner": f"{found.st_uid}:{found.st_gid}", "mode": mode}
print(json.dumps({"Versions": versions, "Folders": folders}))
"""
MOUNTED = """
import json, os, sys
found = os.stat(sys.argv[1])
mode = format(found.st_mode & 0o7777, "04o")
print(json.dumps({"owner": f"{found.st_uid}:{found.st_gid}", "mode": mode}))
"""
ATTRIBUTES = "/etc/nginx/attributes.json"


def as_running(local: Local, service: str) -> Local:
    """Return the local side with what the engine says in place of what the files say.

    Containers that do not run say nothing, and the files stand. Raises ParityError where there is
    neither a container nor an image of the stack.
    """
    client = connect()
    replicas = containers(client, local.project, service)
    name = str(replicas[0].attrs["Config"]["Image"]) if replicas else image_name(local, service)
    known = look_into(client, name, [target for target in mount_targets(local) if target])
    found = replace(local, image=known)
    if replicas:
        found = replace(
            found,
            app=agreeing([as_service(each, known, local.app) for each in replicas], len(replicas)),
            folder=mounted(replicas[0], mount_targets(local)),
        )
    balancers = containers(client, local.project, BALANCER)
    return with_balancer(found, balancers[0]) if balancers else found


def containers(client: DockerClient, project: str, service: str) -> list[Container]:
    """Return a service's running containers by number."""
    found = client.containers.list(filters={"label": labels(project, service)}, ignore_removed=True)
    return sorted(found, key=lambda each: number(each.attrs))


def image_name(local: Local, service: str) -> str:
    """Return the name that Compose gives a service's image."""
    return local.app["image"].text or f"{local.project}-{service}"


def mount_targets(local: Local) -> list[str]:
    """Return where the app mounts something."""
    return [mount["target"].text for mount in local.app["volumes"]]


def look_into(client: DockerClient, name: str, folders: Sequence[str]) -> Node:
    """Return an image's configuration and what a look into it tells."""
    found = images.inspect(client, name)
    if found is None:
        raise ParityError(f"there is no image '{name}' to look into", hint="scripts/up")
    said = image_said(client.images.get(name).attrs)
    said |= {"ConfigDigest": found.config_digest}
    return nodes(said | looked(client, name, folders), Where(f"image {name}"))


def looked(client: DockerClient, name: str, folders: Sequence[str]) -> dict[str, Any]:
    """Return versions and folders of an image; nothing of one that has no Python."""
    try:
        output = client.containers.run(
            name,
            ["-IE", "-c", LOOK, *folders],
            entrypoint="python3",
            network_mode="none",
            read_only=True,
            remove=True,
        )
    except DockerException:
        return {}
    found: dict[str, Any] = json.loads(output)
    return found


def as_service(container: Container, image: Node, written: Node) -> Node:
    """Return a container as the service that it was made of; what it cannot tell, as written."""
    where = Where(str(container.name))
    said = service_said(container.attrs, image.plain if isinstance(image.plain, dict) else {})
    told = {key: nodes(value, where) for key, value in said.items()}
    members = {**written.items, **told}
    return Node({key: node for key, node in members.items() if node}, where)


def agreeing(replicas: Sequence[Node], count: int) -> Node:
    """Return replicas as one service. Raises ParityError that quotes what two of them differ in."""
    first = replicas[0]
    members = dict(first.items)
    for key in {key for each in replicas for key in each.items}:
        values = [each[key] for each in replicas]
        if any(each.plain != values[0].plain for each in values):
            said = "; ".join(
                f"{each.where}: {json.dumps(node.plain)}"
                for each, node in zip(replicas, values, strict=True)
            )
            raise ParityError(f"the replicas differ in '{key}'", hint="scripts/up", detail=said)
    deploy = {**members["deploy"].items, "replicas": Node(count, first.where)}
    members["deploy"] = Node(deploy, first.where)
    return Node(members, first.where)


def mounted(container: Container, targets: Sequence[str]) -> Node:
    """Return owner and mode of the folder that is mounted, as the app sees it."""
    where = Where(str(container.name))
    if not targets:
        return Node(None, where)
    try:
        said = answer(container, ["python3", "-ISE", "-c", MOUNTED, targets[0]])
    except ParityError:  # an app without Python
        return Node(None, where)
    return nodes(json.loads(said), where)


def with_balancer(local: Local, container: Container) -> Local:
    """Return the local side with nginx's effective configuration and attributes as they are now."""
    name = str(container.name)
    files = dumped(answer(container, ["nginx", "-T"]), name)
    attributes = json.loads(answer(container, ["cat", ATTRIBUTES]))
    attributes["target_group"] |= json.loads(answer(container, ["control", "GET", "/attributes"]))
    environment = dict(pair.split("=", 1) for pair in container.attrs["Config"]["Env"])
    return replace(
        local,
        nginx=read_nginx(files),
        attributes=nodes(attributes, Where(f"{name}:{ATTRIBUTES}")),
        balancer=nodes({"environment": environment}, Where(name)),
    )


def answer(container: Container, argv: Sequence[str]) -> str:
    """Return what a program prints in a container. Raises ParityError where it fails."""
    code, output = container.exec_run(list(argv), demux=True)
    stdout, stderr = cast("tuple[bytes | None, bytes | None]", output)
    if code:
        raise ParityError(
            f"'{' '.join(argv)}' failed in {container.name} with exit code {code}",
            hint="parity logs",
            detail=(stderr or b"").decode(errors="replace"),
        )
    return (stdout or b"").decode(errors="replace")
