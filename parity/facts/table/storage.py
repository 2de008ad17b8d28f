"""Where sessions are kept, whose they are, and who may write them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from parity.facts.compose import target_of
from parity.facts.fact import EQUAL, Fact, Group, Reader, Seen, mapped
from parity.facts.node import Node
from parity.facts.readers import access_point, at, below, of_image, seen, task_variable, variable
from parity.facts.units import boolean, mode, owner, text

if TYPE_CHECKING:
    from parity.facts.cloud import Cloud
    from parity.facts.local import Local
    from parity.facts.readers import Convert

SESSION_ROOT = "SESSION_ROOT"
NOT_MADE = "no service `volume` makes the folder: only `--running` tells"


def mounts(local: Local) -> list[Node]:
    """Return what the app mounts."""
    return list(local.app["volumes"])


def session_mount(local: Local) -> Node:
    """Return the mount that holds the sessions: the one the app is told of, or else the first."""
    found = mounts(local)
    root = (local.app["environment"][SESSION_ROOT] or local.image["Env"][SESSION_ROOT]).text
    named = [each for each in found if target_of(each) == root]
    chosen = named or found[:1]
    return chosen[0] if chosen else Node(None, local.app.where)


def _path(local: Local) -> Seen:
    mount = session_mount(local)
    return Seen(target_of(mount) if mount else None, mount.where, mount["target"].written)


def _read_only(local: Local) -> Seen:
    mount = session_mount(local)
    short = ":" in mount.text and "ro" in mount.text.split(":")[-1].split(",")
    return Seen(
        boolean(mount["read_only"].plain or False) or short, mount.where, mount["read_only"].written
    )


def _kind(local: Local) -> Seen:
    mount = session_mount(local)
    source = mount.text.partition(":")[0]
    kind = mount["type"].text or ("bind" if source[:1] in "./~" else "volume")
    return Seen(f"a {kind}" if mount else "none", mount.where)


def _cloud_kind(cloud: Cloud) -> Seen:
    return Seen(
        "EFS" if cloud.volume and cloud.mount else "none", cloud.where(cloud.volume or cloud.task)
    )


def _of_folder(key: str, convert: Convert) -> Reader[Local]:
    """Read a property of the folder that is mounted."""

    def read(local: Local) -> Seen:
        found = local.folder[key]
        return seen(found, convert) if found else Seen(where=found.where, unseen=NOT_MADE)

    return Reader(f"{key} that the service `volume` gives the folder", read)


def _in_image(key: str, convert: Convert) -> Reader[Local]:
    def read(local: Local) -> Seen:
        return of_image(local, "Folders", target_of(session_mount(local)), key, convert=convert)

    return Reader(f"{key} of the mount's folder in the image", read)


def _writer(local: Local) -> Seen:
    given = local.app["user"]
    return seen(given, owner) if given else of_image(local, "User", convert=owner)


def _pair(first: str, second: str, *keys: str) -> Reader[Cloud]:
    """Read uid and gid of the access point as one."""

    def read(cloud: Cloud) -> Seen:
        found = below(cloud.access_point, *keys)
        if found is None or not found:
            return Seen(None, cloud.where(found))
        return Seen(f"{found[first].text}:{found[second].text}", cloud.where(found[first]))

    return Reader(f"`{'.'.join(keys)}` of the EFS access point", read)


STORAGE = Group(
    "Storage",
    (
        Fact(
            "volume",
            "What is not written to a volume that all replicas share is lost with its replica.",
            Reader("kind of the app's mount that holds the sessions", _kind),
            Reader("`EFSVolumeConfiguration` of the task definition, and its mount", _cloud_kind),
            mapped({"a bind": "EFS", "a volume": "EFS"}),
        ),
        Fact(
            "mount-path",
            "Mounted at another path, the app writes its sessions beside the volume, and loses "
            "them.",
            Reader("`target` of the app's mount that holds the sessions", _path),
            Reader(
                "`ContainerPath` of the container's mount of EFS",
                lambda cloud: at(below(cloud.mount, "ContainerPath"), cloud, text),
            ),
            EQUAL,
            rests_on=("volume",),
            write=text,
        ),
        Fact(
            "mount-read-only",
            "A volume that cannot be written keeps nothing.",
            Reader("`read_only` of the app's mount that holds the sessions", _read_only),
            Reader(
                "`ReadOnly` of the container's mount of EFS",
                lambda cloud: at(below(cloud.mount, "ReadOnly"), cloud, boolean, default=False),
            ),
            EQUAL,
            rests_on=("volume",),
        ),
        Fact(
            "session-root",
            "Told of another folder than the mounted one, the app writes beside the volume.",
            variable(SESSION_ROOT),
            task_variable(SESSION_ROOT),
            EQUAL,
            write=text,
        ),
        Fact(
            "volume-user",
            "EFS does everything as its access point's user: if that is not the app's own, it "
            "cannot open what the app's user wrote.",
            Reader("the user of the service `app`, or of its image", _writer),
            _pair("Uid", "Gid", "PosixUser"),
            EQUAL,
            rests_on=("user", "volume"),
        ),
        Fact(
            "volume-owner",
            "A folder that belongs to another user cannot be written.",
            _of_folder("owner", owner),
            _pair("OwnerUid", "OwnerGid", "RootDirectory", "CreationInfo"),
            EQUAL,
            rests_on=("volume",),
        ),
        Fact(
            "volume-mode",
            "Who else may read the folder reads what users wrote.",
            _of_folder("mode", mode),
            access_point("RootDirectory", "CreationInfo", "Permissions", convert=mode),
            EQUAL,
            rests_on=("volume",),
            write=text,
        ),
        Fact(
            "image-folder-owner",
            "The mount's folder in the image must belong to the same user as the volume: an empty "
            "volume that Docker makes takes its owner from there.",
            _in_image("owner", owner),
            _pair("OwnerUid", "OwnerGid", "RootDirectory", "CreationInfo"),
            EQUAL,
            rests_on=("volume-owner", "mount-path", "volume"),
        ),
        Fact(
            "image-folder-mode",
            "A folder in the image that others may read would make a volume that others may read.",
            _in_image("mode", mode),
            access_point("RootDirectory", "CreationInfo", "Permissions", convert=mode),
            EQUAL,
            rests_on=("volume-mode", "mount-path", "volume"),
        ),
    ),
)
