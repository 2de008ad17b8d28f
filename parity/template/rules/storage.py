"""The shared volume: file system, access point, mount targets, and how tasks mount it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from parity.template.contract import UID, USER
from parity.template.place import place, places
from parity.template.rules.reading import (
    ACCESS_POINT,
    FILE_SYSTEM,
    MOUNT_TARGET,
    SERVICE,
    containers,
    efs,
    efs_volumes,
    network,
    not_retained,
    servings,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from parity.template.place import Fault
    from parity.template.values import Resolved


def encrypted(resolved: Resolved) -> Iterator[Fault]:
    """Conversations at rest are encrypted, or anybody with the disks could read them."""
    for system in places(resolved, FILE_SYSTEM):
        if not system["Encrypted"].true:
            yield system["Encrypted"].fault("true")


def retained(resolved: Resolved) -> Iterator[Fault]:
    """Deleting or replacing the stack must not delete what users wrote."""
    for system in places(resolved, FILE_SYSTEM):
        yield from not_retained(system)


def backed_up(resolved: Resolved) -> Iterator[Fault]:
    """A mistake that deletes files is undone only from a backup."""
    for system in places(resolved, FILE_SYSTEM):
        status = system["BackupPolicy"]["Status"]
        if status.text != "ENABLED":
            yield status.fault("ENABLED")


def lifecycle(resolved: Resolved) -> Iterator[Fault]:
    """Old conversations cost a tenth of the price once they are moved to infrequent access."""
    for system in places(resolved, FILE_SYSTEM):
        policies = system["LifecyclePolicies"]
        if not any(policy["TransitionToIA"] for policy in policies):
            yield policies.fault("TransitionToIA after some days")


def throughput(resolved: Resolved) -> Iterator[Fault]:
    """Throughput is what was chosen: elastic is paid by use, bursting ends when credits do."""
    wanted = resolved.parameters.get("FileSystemThroughput")
    for system in places(resolved, FILE_SYSTEM):
        mode = system["ThroughputMode"]
        if wanted and (mode.text or "bursting") != wanted:
            yield mode.fault(f"FileSystemThroughput, {wanted}")


def posix_user(resolved: Resolved) -> Iterator[Fault]:
    """The access point makes every file belong to one user: the one that the image runs as."""
    for point in places(resolved, ACCESS_POINT):
        for name in ("Uid", "Gid"):
            value = point["PosixUser"][name]
            if value.number != UID:
                yield value.fault(f"{UID}, as in the image")


def root_directory(resolved: Resolved) -> Iterator[Fault]:
    """EFS makes the access point's folder only if told its owner, else the first mount fails."""
    for point in places(resolved, ACCESS_POINT):
        root = point["RootDirectory"]
        if root["Path"].text in {"", "/"}:
            yield root["Path"].fault("a folder of the app's own")
        for name in ("OwnerUid", "OwnerGid"):
            if root["CreationInfo"][name].number != UID:
                yield root["CreationInfo"][name].fault(f"{UID}, the PosixUser")
        permissions = root["CreationInfo"]["Permissions"]
        if permissions.text[-3:] not in {"700", "750", "770"}:
            yield permissions.fault("0700 or 0750: no access for others")


def container_user(resolved: Resolved) -> Iterator[Fault]:
    """The user is part of the contract with EFS, so the task definition says it again."""
    for container in containers(resolved):
        if container["User"].text != USER:
            yield container["User"].fault(f"{USER}, the image's user and the access point's")


def mount_with_iam(resolved: Resolved) -> Iterator[Fault]:
    """IAM authorisation needs TLS in transit, the task role and the access point's own root."""
    for volume in efs_volumes(resolved):
        configuration = efs(volume)
        if configuration["TransitEncryption"].text != "ENABLED":
            yield configuration["TransitEncryption"].fault("ENABLED")
        if configuration["AuthorizationConfig"]["IAM"].text != "ENABLED":
            yield configuration["AuthorizationConfig"]["IAM"].fault("ENABLED")
        if configuration["RootDirectory"].text not in {"", "/"}:
            yield configuration["RootDirectory"].fault("nothing: the access point says it")


def mount_by_access_point(resolved: Resolved) -> Iterator[Fault]:
    """The volume names the access point, and an access point of the same file system."""
    for volume in efs_volumes(resolved):
        configuration = efs(volume)
        given = configuration["AuthorizationConfig"]["AccessPointId"]
        point = given.target
        if point is None or point.type != ACCESS_POINT:
            yield given.fault("an access point of this template")
        elif place(resolved, point)["FileSystemId"].target != configuration["FilesystemId"].target:
            yield configuration["FilesystemId"].fault("the access point's own file system")


def shared_volume(resolved: Resolved) -> Iterator[Fault]:
    """A task's own disk ends with the task; what users write belongs on EFS."""
    tasks = {volume.resource for volume in efs_volumes(resolved)}
    for serving in servings(resolved):
        if serving.task and serving.task not in tasks:
            yield place(resolved, serving.task)["Volumes"].fault("a volume on EFS")


def mount_targets(resolved: Resolved) -> Iterator[Fault]:
    """Tasks reach EFS through a mount target in their own availability zone."""
    systems = {found.logical_id for found in resolved.of_type(FILE_SYSTEM)}
    covered = [
        target["SubnetId"].text
        for target in places(resolved, MOUNT_TARGET)
        if target["FileSystemId"].target and target["FileSystemId"].target.logical_id in systems
    ]
    for service in places(resolved, SERVICE):
        subnets = network(service)["Subnets"]
        for subnet in subnets:
            if systems and subnet.text not in covered:
                yield subnet.fault("a subnet that has a mount target")
    for subnet_text in {text for text in covered if covered.count(text) > 1}:
        for target in places(resolved, MOUNT_TARGET):
            if target["SubnetId"].text == subnet_text:
                yield target["SubnetId"].fault("one mount target for each subnet")


def platform_version(resolved: Resolved) -> Iterator[Fault]:
    """Fargate mounts EFS from platform version 1.4.0 on."""
    tasks = {volume.resource for volume in efs_volumes(resolved)}
    for service in places(resolved, SERVICE):
        version = service["PlatformVersion"]
        if service["TaskDefinition"].target in tasks and version.text not in {
            "",
            "LATEST",
            "1.4.0",
        }:
            yield version.fault("1.4.0 or LATEST")
