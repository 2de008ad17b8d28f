"""The file system's own policy: what it demands of everybody, whatever rights they have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from parity.template.place import places
from parity.template.rules.policies import anybody, denials, only_key, without_tls
from parity.template.rules.reading import FILE_SYSTEM

if TYPE_CHECKING:
    from collections.abc import Iterator

    from parity.template.place import Fault, Place
    from parity.template.values import Resolved

CLIENT = tuple(f"elasticfilesystem:Client{what}" for what in ("Mount", "Write", "RootAccess"))
KEY = "elasticfilesystem:AccessPointArn"
# These hold where the key is absent, too: for a mount of the root.
OTHER = ("StringNotEquals", "StringNotLike", "ArnNotEquals", "ArnNotLike")


def demands_tls(resolved: Resolved) -> Iterator[Fault]:
    """A file system takes unencrypted clients unless its policy denies them."""
    for system in places(resolved, FILE_SYSTEM):
        if not any(without_tls(statement) for statement in denials(_whole(system), CLIENT)):
            yield system["FileSystemPolicy"].fault(
                "a Deny of all to everybody where aws:SecureTransport is false"
            )


def demands_iam(resolved: Resolved) -> Iterator[Fault]:
    """Without a policy that names who may mount, any client that reaches port 2049 may."""
    for system in places(resolved, FILE_SYSTEM):
        policy = system["FileSystemPolicy"]
        for statement in policy["Statement"]:
            if statement["Effect"].text == "Allow" and anybody(statement):
                yield statement["Principal"].fault("the task role")
        if not list(policy["Statement"]):
            yield policy.fault("a policy that names the task role")


def demands_access_point(resolved: Resolved) -> Iterator[Fault]:
    """Only through an access point are a client's uid and folder what they should be."""
    for system in places(resolved, FILE_SYSTEM):
        if not any(_past_access_points(found) for found in denials(_whole(system), CLIENT)):
            yield system["FileSystemPolicy"].fault(
                f"a Deny of elasticfilesystem:Client* to everybody where {KEY} is none"
            )


def _whole(system: Place) -> Iterator[Place]:
    """Yield the statements of a file system's policy that are about all of it."""
    for statement in system["FileSystemPolicy"]["Statement"]:
        about = statement["Resource"]
        if not about or "*" in about.texts or system.resource in about.targets():
            yield statement


def _past_access_points(statement: Place) -> bool:
    """Tell whether a statement is about all mounts through no access point, and no others."""
    asked = only_key(statement["Condition"], KEY)
    if asked is None:
        return False
    operator, value = asked
    if operator == "Null":
        return value.true
    return operator in OTHER and all(":access-point/" in text for text in value.texts)
