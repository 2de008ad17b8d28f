"""`parity down`: take away what `up` has made, down to the engine, and nothing of anybody else."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

from docker.errors import DockerException, ImageNotFound

from parity import console, stack
from parity.deploy.image import names_to_remove
from parity.deploy.local import kept_names
from parity.errors import ParityError
from parity.from_template import service as from_template
from parity.host import engine, preflight
from parity.host.base_images import nginx_base, present, python_base
from parity.host.client import connect
from parity.host.command import run
from parity.host.packages import APT_FOLDER
from parity.https import files as https

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from docker import DockerClient

    from parity.project import Settings

# The app image says so of itself, and its containers inherit it.
KIT_LABEL = "org.opencontainers.image.title=parity-kit chatbot"
DELETE_SECONDS = 600


def take_down(
    settings: Settings,
    *,
    volumes: bool = False,
    keep_images: bool = False,
    keep_engine: bool = False,
) -> None:
    """Remove containers, networks and images of the project.

    With volumes its sessions go, too, and its certificate authority. Base images that other stacks
    of the kit use stay, and an engine that has other containers.
    """
    if engine.engine_problem() is not None:
        console.note("Docker Engine does not run, so there are no containers to remove.")
        if volumes:
            delete_folder(settings, image=None)
            https.delete(settings.project)
            from_template.delete(settings.project)
        return
    client = connect()
    preflight.check_same_checkout(settings, client)
    with console.step("Remove containers and networks"):
        stack.remove(settings)
    if volumes:
        with console.step(f"Delete the sessions in {settings.data}"):
            delete_folder(settings, image=_any_image(settings))
            https.delete(settings.project)
            from_template.delete(settings.project)
    if not keep_images:
        with console.step("Remove the images"):
            remove_images(client, [*own_images(client, settings.project), *kept_names()])
        _remove_stand_ins(client, settings)
    if not keep_engine:
        stop_own_engine(client, prune=not keep_images)


def stop_own_engine(client: DockerClient, *, prune: bool) -> None:
    """Stop the engine if the kit has started it and nobody else uses it."""
    if not engine.started_by_kit():
        return
    others = sorted(str(container.name) for container in client.containers.list())
    if others:
        console.note(f"Docker Engine stays: it also runs {shortened(others)}.")
        return
    with console.step("Stop Docker Engine"):
        if prune:
            client.api.prune_builds(all=True)
            shutil.rmtree(APT_FOLDER, ignore_errors=True)
        engine.stop_engine()


def delete_folder(settings: Settings, *, image: str | None) -> None:
    """Delete the session volume's folder, through a container where it is another user's."""
    folder = settings.data
    if not folder.exists():
        return
    if os.geteuid() != 0 and image:
        run(empty_command(folder, image), timeout=DELETE_SECONDS, shielded=True)
    try:
        shutil.rmtree(folder)
    except OSError as error:
        raise ParityError(
            f"'{error.filename}' could not be deleted: {error.strerror}",
            hint=f"sudo rm -r {folder}",
        ) from error


def empty_command(folder: Path, image: str) -> list[str]:
    """Return the argv that empties a folder as the container's root, and makes it deletable."""
    mount = f"type=bind,source={folder},target=/emptied"
    script = f"find /emptied -mindepth 1 -delete && chown {os.geteuid()}:{os.getegid()} /emptied"
    isolation = ["--network=none", "--user=0:0", "--entrypoint=sh"]
    return ["docker", "run", "--rm", *isolation, f"--mount={mount}", image, "-c", script]


def shortened(names: Sequence[str], *, most: int = 3) -> str:
    """Return names as a list for reading, with no more than `most` of them spelled out."""
    more = len(names) - most
    listed = ", ".join(names[:most])
    return f"{listed} and {more} more" if more > 0 else listed


def _any_image(settings: Settings) -> str | None:
    return present(python_base(settings.python_image))


def _remove_stand_ins(client: DockerClient, settings: Settings) -> None:
    users = client.containers.list(all=True, filters={"label": KIT_LABEL}, ignore_removed=True)
    if users:
        others = sorted({container.labels.get(stack.PROJECT, "?") for container in users})
        console.note(f"The stand-in base images stay: {shortened(others)} may need them.")
        return
    bases = (
        python_base(settings.python_image),
        python_base(settings.python_image, "arm64"),
        nginx_base(settings.nginx_image),
    )
    remove_images(client, [base.stand_in for base in bases])


def own_images(client: DockerClient, project: str) -> list[str]:
    """Return the images that Compose built for a project, replaced ones among them.

    By id; of one that is kept for a receipt, the names that it has besides.
    """
    images = client.images.list(filters={"label": f"{stack.PROJECT}={project}"}, all=True)
    return names_to_remove((str(image.id), image.tags) for image in images)


def remove_images(client: DockerClient, names: Sequence[str]) -> None:
    """Remove images that are there; say which have to stay."""
    for name in names:
        _remove_image(client, name)


def _remove_image(client: DockerClient, name: str) -> None:
    try:
        client.images.remove(name, force=True)
    except ImageNotFound:
        pass
    except DockerException as error:
        console.note(f"The image {name} stays: {error}")
