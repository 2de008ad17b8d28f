"""Read a stack's resources back through the services' own APIs and hold them to the template."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from parity.rehearsal.compare import Field, compare
from parity.rehearsal.known_gaps import why
from parity.rehearsal.readers import load_balancer, network, observation, service, storage
from parity.rehearsal.readers.found import Found, Reader, Wanted
from parity.template.values import PLACEHOLDER, Reference

if TYPE_CHECKING:
    from parity.aws.account import Account
    from parity.template.values import Resolved, Resource

READERS: dict[str, Reader] = {
    **network.READERS,
    **load_balancer.READERS,
    **service.READERS,
    **storage.READERS,
    **observation.READERS,
}

# A dynamic reference to the whole of a secret, as the template writes it.
SECRET = re.compile(r"\{\{resolve:secretsmanager:(arn:[^{}]+):SecretString\}\}")
GONE = {"inactive", "deleted", "deleting"}


@dataclass(frozen=True)
class Reading:
    """A resource and its fields. trouble: why it could not be read, '' if it could.

    missing: it should be there and is not, which is a fault; a type that has no reader, or that
    the emulator does not know, is merely unproven.
    """

    logical_id: str
    type: str
    fields: tuple[Field, ...] = ()
    trouble: str = ""
    missing: bool = False

    @property
    def differences(self) -> list[Field]:
        """The fields of which the service says something else than the template."""
        return [field for field in self.fields if field.verdict == "different"]

    @property
    def gaps(self) -> list[str]:
        """The general paths of what is not read: unsaid, or missing in a list; '' is all of it.

        An emulator may drop an item as it may drop a property; which ones do is a table of its own.
        """
        if self.trouble:
            return [] if self.missing else [""]
        left_open = [each for each in self.fields if each.verdict in ("unsaid", "missing")]
        return list(dict.fromkeys(each.general for each in left_open))

    @property
    def proven(self) -> int:
        """How many fields the service says as the template does."""
        return sum(field.verdict == "proven" for field in self.fields)


@dataclass(frozen=True)
class Gap:
    """A property that no rehearsal proves: the emulator has dropped it, or cannot tell it."""

    type: str
    property: str
    why: str


def read_back(account: Account, stack: str, resolved: Resolved) -> list[Reading]:
    """Return a reading of each resource that the resolved template makes, in its order."""
    reading = _ReadBack(account, physical_ids(account, stack), resolved)
    return [reading.read(resource) for resource in resolved.resources.values()]


def look_for(account: Account, stack: str, resolved: Resolved) -> dict[str, tuple[str, Wanted]]:
    """Return what to look for after the stack is gone: type and Wanted by logical id."""
    reading = _ReadBack(account, physical_ids(account, stack), resolved)
    return {
        name: (
            resource.type,
            Wanted(reading.ids[name], reading.filled(resource.properties)),
        )
        for name, resource in resolved.resources.items()
        if resource.type in READERS and reading.ids.get(name)
    }


def still_there(account: Account, wanted: Mapping[str, tuple[str, Wanted]]) -> set[str]:
    """Return the logical ids of the resources that their services still have, and not as deleted.

    Some services go on describing what was deleted for a while, under such a status.
    """
    left = set()
    for name, (kind, what) in wanted.items():
        try:
            properties = READERS[kind](account, what).properties
        except (ClientError, LookupError):
            continue
        states = {str(properties.get(key, "")).lower() for key in ("status", "State")}
        if not states & GONE:
            left.add(name)
    return left


def found_of(
    account: Account, resolved: Resolved, ids: Mapping[str, str], names: Iterable[str]
) -> dict[str, Mapping[str, Any]]:
    """Return what the services say of some resources, by logical id.

    ids: the physical ids of the stack's resources. Raises ClientError or LookupError for one that
    cannot be read.
    """
    reading = _ReadBack(account, ids, resolved)
    return {name: reading.look(resolved.resources[name]).properties for name in names}


def physical_ids(account: Account, stack: str) -> dict[str, str]:
    """Return the physical id of each of a stack's resources by its logical id."""
    pages = account.client("cloudformation").get_paginator("list_stack_resources")
    return {
        entry["LogicalResourceId"]: entry.get("PhysicalResourceId", "")
        for page in pages.paginate(StackName=stack)
        for entry in page["StackResourceSummaries"]
        if entry["ResourceStatus"] != "DELETE_COMPLETE"
    }


def gaps(readings: list[Reading]) -> list[Gap]:
    """Return what these readings leave unproven, each type and property once, sorted."""
    found = {
        Gap(reading.type, path or "(all)", why(reading.logical_id, path) or _trouble(reading))
        for reading in readings
        for path in reading.gaps
    }
    return sorted(found, key=lambda gap: (gap.type, gap.property, gap.why))


def _trouble(reading: Reading) -> str:
    return reading.trouble or "not said by the service"


class _ReadBack:
    """One reading of a stack; what was read once is remembered, as others refer to it."""

    def __init__(self, account: Account, ids: Mapping[str, str], resolved: Resolved) -> None:
        self.account = account
        self.ids = ids
        self.resolved = resolved
        self.found: dict[str, Found] = {}

    def read(self, resource: Resource) -> Reading:
        """Return the reading of a resource."""
        name, kind = resource.logical_id, resource.type
        if kind not in READERS:
            return Reading(name, kind, trouble="the rehearsal does not know this type")
        if not self.ids.get(name):
            return Reading(name, kind, trouble="it is not in the stack", missing=True)
        try:
            found = self.look(resource)
            expected = self.filled(resource.properties)
        except (ClientError, LookupError) as error:
            missing = "not yet implemented" not in str(error).lower()
            return Reading(name, kind, trouble=str(error), missing=missing)
        return Reading(name, kind, tuple(compare(expected, found.properties)))

    def look(self, resource: Resource) -> Found:
        """Return what the service says of a resource."""
        name = resource.logical_id
        if name not in self.found:
            wanted = Wanted(self.ids[name], self.filled(resource.properties))
            self.found[name] = READERS[resource.type](self.account, wanted)
        return self.found[name]

    def filled(self, value: Any) -> Any:  # noqa: ANN401 - any value of a template
        """Return a value with every reference replaced by what the deployed resource says."""
        if isinstance(value, Reference):
            return self.referenced(value)
        if isinstance(value, str) and (secret := SECRET.fullmatch(value)):
            client = self.account.client("secretsmanager")
            return client.get_secret_value(SecretId=secret[1])["SecretString"]
        if isinstance(value, str):
            return PLACEHOLDER.sub(lambda hit: self.placeholder(hit[0], hit[1], hit[2]), value)
        if isinstance(value, Mapping):
            return {key: self.filled(part) for key, part in value.items()}
        if isinstance(value, list):
            return [self.filled(part) for part in value]
        return value

    def placeholder(self, text: str, name: str, attribute: str | None) -> str:
        """Return the value for a placeholder within a text; a literal ${...} stays."""
        if name not in self.resolved.resources:
            return text
        return self.referenced(Reference(name, attribute))

    def referenced(self, reference: Reference) -> str:
        """Return what Ref or Fn::GetAtt comes to. Raises LookupError where nothing tells it."""
        name, attribute = reference.logical_id, reference.attribute
        if attribute is None:
            return self.ids[name]
        found = self.look(self.resolved.resources[name])
        if attribute not in found.attributes:
            raise LookupError(f"nobody tells {name}.{attribute}")
        return found.attributes[attribute]
