"""What the emulators are known not to say of the template's resources.

Any other silence fails the rehearsal, wherever it comes up: it may be a property that the template
misspells, a reader that reads nothing, or a value that an update has lost. So does an entry that a
service speaks of after all. Whoever adds one has looked at what the emulator answers, and says why.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from parity.rehearsal.read_back import Reading


@dataclass(frozen=True)
class KnownGap:
    """One property. path: as `Field.general` has it; '' is the whole resource."""

    logical_id: str
    path: str
    why: str


KNOWN = (
    KnownGap("AccessLogsPolicy", "Bucket", "S3 is asked by it, and does not repeat it"),
    KnownGap(
        "Distribution",
        "DistributionConfig.DefaultCacheBehavior.FunctionAssociations[]",
        "moto lists none, whatever it was given",
    ),
    KnownGap("Distribution", "DistributionConfig.Origins[].VpcOriginConfig", "moto drops it"),
    KnownGap(
        "LoadBalancerSecurityGroup",
        "SecurityGroupIngress[].Description",
        "moto drops that of a prefix list",
    ),
    KnownGap("ViewerFunction", "AutoPublish", "CloudFormation's own; CloudFront has no such field"),
    KnownGap("VpcOrigin", "", "moto has no VPC origins"),
    KnownGap("WebAclAssociation", "ResourceArn", "WAF is asked by it, and does not repeat it"),
)


def why(logical_id: str, path: str) -> str:
    """Return why a resource's property cannot be read; '' where that is not known."""
    found = (each.why for each in KNOWN if (each.logical_id, each.path) == (logical_id, path))
    return next(found, "")


def unknown(readings: Sequence[Reading]) -> list[str]:
    """Return what is left open and not known to be, as LogicalId.Path, sorted."""
    return sorted(
        {
            f"{reading.logical_id}.{path}".rstrip(".")
            for reading in readings
            for path in reading.gaps
            if not why(reading.logical_id, path)
        }
    )


def closed(readings: Sequence[Reading]) -> list[KnownGap]:
    """Return the known gaps that are none any more: some reading proves them, none is without."""
    left_open = {(reading.logical_id, path) for reading in readings for path in reading.gaps}
    proven = {
        (reading.logical_id, field.general)
        for reading in readings
        for field in reading.fields
        if field.verdict == "proven"
    }
    return [
        known
        for known in KNOWN
        if (known.logical_id, known.path) not in left_open
        and any(name == known.logical_id and _is_within(path, known.path) for name, path in proven)
    ]


def _is_within(path: str, outer: str) -> bool:
    return not outer or path == outer or path.startswith((f"{outer}.", f"{outer}["))
