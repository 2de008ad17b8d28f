"""The access point of a template: whose the folder is, and whom it makes of everybody."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from parity.template.place import place
from parity.template.rules.reading import ACCESS_POINT

if TYPE_CHECKING:
    from parity.from_template.source import Source
    from parity.rehearsal.fargate.translate import TaskPlan
    from parity.template.place import Place

ROOT_FOLDER = ("0:0", "0755")  # owner and mode of a new file system's own


@dataclass(frozen=True)
class Volume:
    """The folder that stands in for an access point.

    path: where the task mounts it. owner, mode: of the folder, as EFS makes it. user: uid:gid as
    whom every operation is made, '' where the access point names nobody.
    """

    path: str
    read_only: bool
    owner: str
    mode: str
    user: str


def volume_of(source: Source, plan: TaskPlan) -> Volume:
    """Return the folder behind the task's one mount.

    Raises ParityError with file and line for an access point that EFS could not mount.
    """
    (mount,) = plan.mounts
    point = access_point(source)
    root = point["RootDirectory"]
    made = root["CreationInfo"]
    path = root["Path"].text or "/"
    if not made and path != "/":
        raise source.error_at(
            root, f"has no CreationInfo: EFS does not make '{path}', and nobody else does"
        )
    user = point["PosixUser"]
    owner, mode = ROOT_FOLDER
    if made and path != "/":
        owner = f"{made['OwnerUid'].text}:{made['OwnerGid'].text}"
        mode = made["Permissions"].text
    return Volume(
        path=mount.path,
        read_only=mount.read_only,
        owner=owner,
        mode=mode,
        user=f"{user['Uid'].text}:{user['Gid'].text}" if user else "",
    )


def access_point(source: Source) -> Place:
    """Return the access point of the task's first volume. Raises ParityError where it has none."""
    volume = source.task["Volumes"][0]
    point = volume["EFSVolumeConfiguration"]["AuthorizationConfig"]["AccessPointId"]
    if point.target is None or point.target.type != ACCESS_POINT:
        raise source.error_at(point, f"'{point.text}' is no access point of this file")
    return place(source.resolved, point.target)
