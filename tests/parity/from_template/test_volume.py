"""What an access point makes of a folder."""

from __future__ import annotations

import pytest

from parity.errors import ParityError
from parity.from_template.task import plan_of
from parity.from_template.volume import Volume, volume_of
from tests.parity.from_template.templates import CONTAINER, line, source
from tests.parity.template.changing import Change, drop, put


def volume(*changes: Change) -> Volume:
    """Return the volume of the kit's template after some changes."""
    found = source(*changes)
    return volume_of(found, plan_of(found))


def test_owner_and_mode_are_its_creation_infos_and_the_user_its_posix_users() -> None:
    """Two things that need not agree; EFS keeps to both."""
    assert volume() == Volume(
        "/mnt/data", read_only=False, owner="10001:10001", mode="0700", user="10001:10001"
    )
    made = {"OwnerUid": "7", "OwnerGid": "8", "Permissions": "0750"}
    other = volume(
        put("AccessPoint.RootDirectory.CreationInfo", made),
        put("AccessPoint.PosixUser", {"Uid": "9", "Gid": "10"}),
        put(f"{CONTAINER}.MountPoints.0.ReadOnly", value=True),
    )
    assert (other.owner, other.mode, other.user) == ("7:8", "0750", "9:10")
    assert other.read_only


def test_without_a_posix_user_the_task_is_itself() -> None:
    """Then its own uid counts."""
    assert volume(drop("AccessPoint.PosixUser")).user == ""


def test_root_of_a_new_file_system_is_roots() -> None:
    """Creation info or not: EFS makes nothing there."""
    found = volume(drop("AccessPoint.RootDirectory"))
    assert (found.owner, found.mode) == ("0:0", "0755")
    assert volume(put("AccessPoint.RootDirectory.Path", "/")).owner == "0:0"


@pytest.mark.parametrize(
    ("change", "where", "said"),
    [
        (drop("AccessPoint.RootDirectory.CreationInfo"), "RootDirectory: {Path", "no CreationInfo"),
        (
            put(
                "TaskDefinition.Volumes.0.EFSVolumeConfiguration.AuthorizationConfig.AccessPointId",
                "fsap-1",
            ),
            "AccessPointId: !Ref",
            "'fsap-1' is no access point",
        ),
    ],
)
def test_access_point_that_could_not_be_mounted_is_refused(
    change: Change, where: str, said: str
) -> None:
    """With the line of the template."""
    with pytest.raises(ParityError, match=said) as caught:
        volume(change)
    assert f":{line(where)}: " in caught.value.what


def test_mount_of_a_volume_that_is_not_there_is_refused() -> None:
    """By the mount's own line."""
    with pytest.raises(ParityError, match=r"MountPoints\.0\.SourceVolume"):
        plan_of(source(drop("TaskDefinition.Volumes")))
