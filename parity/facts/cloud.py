"""The cloud side, loaded once: a template with its parameters put in, or what is deployed."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from parity.facts.node import ABSENT, Node, Where
from parity.template.place import Place, place
from parity.template.rules.reading import (
    ACCESS_POINT,
    DISTRIBUTION,
    LISTENER,
    SCALING_POLICY,
    WEB_ACL,
    balancers_of,
    efs_volumes,
    scaled,
    servings,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from parity.template.load import Template
    from parity.template.rules.reading import Serving
    from parity.template.values import Resolved, Resource

LIVE = "deployed"
PIN = re.compile(r"^([a-z0-9][a-z0-9._-]*)==([^\s;\\]+)")
LOCKED = re.compile(r"^lock app/requirements\.txt (\S+)", re.MULTILINE)


@dataclass(frozen=True)
class Cloud:
    """The cloud side.

    said: what the services say of a resource, by logical id; the template says it of all others.
    lock: the versions of what the promoted image is built with. receipt_digest: the configuration
    digest of the image that was promoted; '' where no receipt is known.
    """

    template: Template
    resolved: Resolved
    said: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    lock: Node = ABSENT
    receipt_digest: str = ""

    def of(self, resource: Resource | None) -> Place | None:
        """Return the place of a resource's properties, deployed ones where they were read."""
        if resource is None:
            return None
        if resource.logical_id in self.said:
            return Place(self.resolved, resource, ("Properties",), self.said[resource.logical_id])
        return place(self.resolved, resource)

    def where(self, found: Place | None) -> Where:
        """Return where a place stands: a line of the template, or a deployed resource."""
        if found is None:
            return Where(self.template.name, 1)
        if found.resource.logical_id in self.said:
            return Where(f"{LIVE} {found.resource.logical_id}")
        keys = ("Resources", found.resource.logical_id, *found.keys)
        return Where(self.template.name, self.template.line(keys))

    @cached_property
    def serving(self) -> Serving:
        """The service behind a load balancer. Raises ParityError where there is none."""
        for found in servings(self.resolved):
            if found.container is not None:
                return found
        raise Where(self.template.name, 1).error(
            "no service has a container behind a load balancer",
            "parity check --template FILE, of a stack like infra/template.yml",
        )

    @cached_property
    def service(self) -> Place | None:
        """The ECS service."""
        return self.of(self.serving.service.resource)

    @cached_property
    def task(self) -> Place | None:
        """The task definition."""
        return self.of(self.serving.task)

    @cached_property
    def container(self) -> Place | None:
        """The container behind the load balancer."""
        name = self.serving.entry["ContainerName"].text
        found = self.task["ContainerDefinitions"] if self.task else ()
        return next((each for each in found if each["Name"].text == name), None)

    @cached_property
    def target_group(self) -> Place | None:
        """Its target group."""
        group = self.serving.target_group
        return self.of(group.resource) if group else None

    @cached_property
    def load_balancer(self) -> Place | None:
        """The load balancer before that."""
        group = self.serving.target_group
        found = balancers_of(self.resolved, group.resource) if group else []
        return self.of(found[0].resource) if found else None

    def listener(self, protocol: str) -> Place | None:
        """Return the load balancer's listener for HTTP or HTTPS."""
        listeners = map(self.of, self.resolved.of_type(LISTENER))
        return next(
            (each for each in listeners if each and each["Protocol"].text == protocol), None
        )

    @cached_property
    def volume(self) -> Place | None:
        """The task's volume on EFS."""
        found = [each for each in efs_volumes(self.resolved) if each.resource == self.serving.task]
        if not found or self.task is None:
            return None
        name = found[0]["Name"].text
        named = [each for each in self.task["Volumes"] if each["Name"].text == name]
        return next((each for each in named if each["EFSVolumeConfiguration"]), None)

    @cached_property
    def mount(self) -> Place | None:
        """Where the container mounts it."""
        name = self.volume["Name"].text if self.volume else ""
        mounts = self.container["MountPoints"] if self.container else ()
        return next((each for each in mounts if each["SourceVolume"].text == name), None)

    @cached_property
    def access_point(self) -> Place | None:
        """The access point that the task mounts."""
        for volume in efs_volumes(self.resolved):
            authorization = volume["EFSVolumeConfiguration"]["AuthorizationConfig"]
            for resource in authorization["AccessPointId"].targets(ACCESS_POINT):
                return self.of(resource)
        return None

    @cached_property
    def scalable_target(self) -> Place | None:
        """What scales the service."""
        for target, service in scaled(self.resolved):
            if service.resource == self.serving.service.resource:
                return self.of(target.resource)
        return None

    def policies(self) -> list[Place]:
        """Return the scaling policies."""
        return [each for each in map(self.of, self.resolved.of_type(SCALING_POLICY)) if each]

    def some(self, kind: str) -> Place | None:
        """Return the first resource of a type; None where there is none."""
        return next((self.of(each) for each in self.resolved.of_type(kind)), None)

    @property
    def distribution(self) -> Place | None:
        """CloudFront before the load balancer."""
        return self.some(DISTRIBUTION)

    @property
    def web_acl(self) -> Place | None:
        """The web ACL before it."""
        return self.some(WEB_ACL)

    def statements(self, action: str) -> list[Place]:
        """Return the statements that allow the task's role an action."""
        role = self.task["TaskRoleArn"].target if self.task else None
        role = role or (
            self.serving.task and place(self.resolved, self.serving.task)["TaskRoleArn"].target
        )
        found = []
        for resource in self.resolved.of_type("AWS::IAM::RolePolicy"):
            if role is not None and place(self.resolved, resource)["RoleName"].target == role:
                policy = self.of(resource)
                found += list(policy["PolicyDocument"]["Statement"]) if policy else []
        return [
            each
            for each in found
            if each["Effect"].text == "Allow" and action in each["Action"].texts
        ]


def read_lock(lock: Path, script: Path) -> Node:
    """Return the pinned versions of a lock file, and as `python` the one it was made for."""
    pins: dict[str, Node] = {}
    if lock.is_file():
        for number, line in enumerate(lock.read_text().splitlines(), 1):
            if found := PIN.match(line):
                pins[found[1]] = Node(found[2], Where(str(lock), number))
    if script.is_file() and (made := LOCKED.search(script.read_text())):
        at = script.read_text().count("\n", 0, made.start()) + 1
        pins["python"] = Node(made[1], Where(str(script), at))
    return Node(pins, Where(str(lock)))
