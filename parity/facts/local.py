"""The local side, loaded once: what compose.yaml, the Dockerfile, nginx and the app's files say."""

from __future__ import annotations

import ast
import os
import platform
import re
import subprocess
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from parity.errors import ParityError
from parity.facts.compose import Variables, read_compose, service
from parity.facts.dockerfile import read_dockerfile
from parity.facts.nginx import Nginx, Source, read_nginx
from parity.facts.node import ABSENT, Node, Where, nodes
from parity.facts.toml_nodes import read_toml
from parity.facts.yaml_nodes import read_yaml

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

APP = "app"
BALANCER = "nginx"
MACHINES = {"x86_64": "X86_64", "amd64": "X86_64", "aarch64": "ARM64", "arm64": "ARM64"}
NGINX_FOLDER = "/etc/nginx"
MADE_FOLDER = "/tmp"  # noqa: S108 - in nginx's container
RENDERERS = ("render_attributes.sh", "listen.sh")


@dataclass(frozen=True)
class Local:
    """The local side.

    app, balancer: services of the Compose files. folder: owner and mode of the folder that is
    mounted, as the service `volume` makes it. image: the app's image, under the engine's
    names. attributes: nginx/attributes.json. nginx: its effective configuration; None where there
    is no stand-in for the load balancer. streamlit: .streamlit/config.toml. constants: those of the
    app's modules, by module. project: Compose's name for the stack. machine: this machine's
    processor as ECS names it.
    """

    app: Node
    balancer: Node = ABSENT
    folder: Node = ABSENT
    image: Node = ABSENT
    attributes: Node = ABSENT
    nginx: Nginx | None = None
    streamlit: Node = ABSENT
    constants: Mapping[str, Node] = field(default_factory=dict)
    project: str = ""
    machine: str = "X86_64"


def load_local(
    paths: Sequence[Path], *, name: str = APP, environment: Mapping[str, str] = os.environ
) -> Local:
    """Read the local side from files alone.

    paths: Compose files, each laid over those before. name: the service that the cloud runs.
    environment: whose variables win over those of .env. Raises ParityError with
    file and line for what cannot be read.
    """
    folder = paths[0].parent
    known = Variables(environment, folder / ".env")
    compose = read_compose(paths, known)
    app = service(compose, name)
    balancer = compose["services"][BALANCER]
    context = build_folder(app, folder)
    return Local(
        app=app,
        balancer=balancer,
        folder=folder_of(compose["services"]["volume"]),
        image=image_of(app, context),
        streamlit=read_toml(context / ".streamlit" / "config.toml") if context else ABSENT,
        constants=constants(context) if context else {},
        project=project(compose, known, folder),
        machine=MACHINES.get(platform.machine().lower(), platform.machine()),
        attributes=attributes_of(balancer, folder),
        nginx=nginx_of(balancer, folder),
    )


def project(compose: Node, known: Variables, folder: Path) -> str:
    """Return Compose's name for the stack."""
    given = compose["name"].text or known.values.get("COMPOSE_PROJECT_NAME", "")
    return given or re.sub(r"[^a-z0-9_-]", "", folder.resolve().name.lower())


def build_folder(owner: Node, folder: Path) -> Path | None:
    """Return where a service's image is built from; None where it is not built here."""
    build = owner["build"]
    context = build.text or build["context"].text
    return folder / context if context else None


def folder_of(volume: Node) -> Node:
    """Return owner and mode that the service `volume` gives the folder by install(1)."""
    words = list(volume["command"])
    options = dict(zip((word.text for word in words), words[1:], strict=False))
    if not {"-o", "-g", "-m"} <= set(options):
        return Node(None, volume.where)
    user, group, mode = (options[option] for option in ("-o", "-g", "-m"))
    owner = Node(f"{user.text}:{group.text}", user.where)
    return Node({"owner": owner, "mode": mode}, volume.where)


def image_of(app: Node, context: Path | None) -> Node:
    """Return what the Dockerfile of a service gives its image."""
    if context is None:
        return Node(None, app["image"].where)
    file = context / (app["build"]["dockerfile"].text or "Dockerfile")
    if not file.is_file():
        raise (app["build"]["dockerfile"] or app["build"]).where.error(f"there is no '{file}'")
    arguments = {key: node.text for key, node in app["build"]["args"].items.items()}
    return read_dockerfile(file, arguments)


def constants(context: Path) -> dict[str, Node]:
    """Return the constants that the app's modules begin with, by module and name."""
    found: dict[str, Node] = {}
    for path in sorted(context.glob("*.py")):
        where = Where(str(path), 1)
        try:
            tree = ast.parse(path.read_text())
        except (SyntaxError, UnicodeDecodeError, ValueError) as error:
            line = getattr(error, "lineno", None) or 1
            raise Where(str(path), line).error(f"no Python: {error}") from error
        members = {
            target.id: nodes(statement.value.value, Where(str(path), statement.lineno))
            for statement in tree.body
            if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Constant)
            for target in statement.targets
            if isinstance(target, ast.Name)
        }
        found[path.stem] = Node(members, where)
    return found


def attributes_of(balancer: Node, folder: Path) -> Node:
    """Return what the load balancer's stand-in has for attributes; absent without any."""
    context = build_folder(balancer, folder)
    file = context / "attributes.json" if context else None
    return read_yaml(file) if file and file.is_file() else Node(None, balancer.where)


def nginx_of(balancer: Node, folder: Path) -> Nginx | None:
    """Return its configuration; None where nothing stands in for the load balancer."""
    context = build_folder(balancer, folder)
    return read_nginx(configuration(context, balancer)) if context else None


def configuration(context: Path, balancer: Node) -> dict[str, Source]:
    """Return nginx's files by its own paths, those too that its scripts make when it starts."""
    files = {f"{NGINX_FOLDER}/{path.name}": path for path in sorted(context.glob("*.conf"))}
    found = {path: Source(file.read_text(), str(file)) for path, file in files.items()}
    return found | made(context, balancer)


def made(context: Path, balancer: Node) -> dict[str, Source]:
    """Return what the container's own scripts write, by having them write it here."""
    scripts = [context / name for name in RENDERERS if (context / name).is_file()]
    given = {key: node.text for key, node in balancer["environment"].items.items()}
    with tempfile.TemporaryDirectory(prefix="parity-") as folder:
        where = {"NGINX_FOLDER": str(context), "MADE_FOLDER": folder, "PATH": "/usr/bin:/bin"}
        for script in scripts:
            argv = ["sh", str(script), "true"]
            try:
                done = subprocess.run(
                    argv, env=given | where, capture_output=True, text=True, check=False, timeout=20
                )
            except OSError as error:
                raise ParityError(
                    f"'{script}' cannot be run: {error}", hint="install a POSIX shell"
                ) from error
            if done.returncode:
                raise ParityError(
                    f"{script}: it failed with exit code {done.returncode}",
                    hint=f"mend {script}, then try again",
                    detail=done.stderr,
                )
        names = {file.name: file.read_text() for file in Path(folder).glob("*.conf")}
    origin = context / "attributes.json"
    return {
        f"{MADE_FOLDER}/{name}": Source(text, f"{origin} ({name})") for name, text in names.items()
    }
