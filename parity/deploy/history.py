"""What was live in a stack and when: known from ECS and ECR themselves, on any machine.

Each revision of the task definition carries the receipt's id as a label and tells who registered
it; ECS keeps revisions that are no longer active. After a rollout that was proven, the image in ECR
gets the tag live-<receipt>, which a revision that failed never gets.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from parity.aws.errors import plainly
from parity.aws.task_log import CONTAINER
from parity.deploy.registry import add_tag, get_manifest, list_tags
from parity.errors import ParityError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from parity.aws.account import Account
    from parity.deploy.registry import Repository

LABEL = "parity.receipt"
LIVE = "live-"
MOST = 50  # revisions looked at


@dataclass(frozen=True)
class Revision:
    """One revision of the stack's task definition. by: the ARN of who registered it."""

    number: int
    arn: str
    receipt: str
    image: str
    registered_at: datetime | None
    by: str


def read_history(account: Account, task_definition: str) -> list[Revision]:
    """Return the newest revisions of a task definition's family, newest first."""
    family = family_of(task_definition)
    ecs = account.client("ecs")
    arns: list[str] = []
    with plainly():
        for status in ("ACTIVE", "INACTIVE"):
            answer = ecs.list_task_definitions(
                familyPrefix=family, status=status, sort="DESC", maxResults=MOST
            )
            arns += [arn for arn in answer["taskDefinitionArns"] if family_of(arn) == family]
        newest = sorted(arns, key=number_of, reverse=True)[:MOST]
        return [
            parse(ecs.describe_task_definition(taskDefinition=arn)["taskDefinition"])
            for arn in newest
        ]


def parse(definition: Mapping[str, Any]) -> Revision:
    """Return a revision from ECS's description of a task definition."""
    containers = definition.get("containerDefinitions", [])
    app: Mapping[str, Any] = next(
        (each for each in containers if each.get("name") == CONTAINER), {}
    )
    arn = str(definition["taskDefinitionArn"])
    return Revision(
        number=number_of(arn),
        arn=arn,
        receipt=str((app.get("dockerLabels") or {}).get(LABEL, "")),
        image=str(app.get("image", "")),
        registered_at=definition.get("registeredAt"),
        by=str(definition.get("registeredBy", "")),
    )


def family_of(arn: str) -> str:
    """Return the family of a task definition's ARN."""
    return arn.rpartition("/")[2].rpartition(":")[0]


def number_of(arn: str) -> int:
    """Return the revision of a task definition's ARN."""
    return int(arn.rpartition(":")[2])


def one_before(history: Sequence[Revision], current: str, live: Collection[str]) -> Revision:
    """Return the newest revision before the current one that was live with another receipt.

    current: the ARN of the task definition that the stack has now. Raises ParityError without any.
    """
    now = number_of(current)
    receipt = next((each.receipt for each in history if each.number == now), "")
    for revision in sorted(history, key=lambda each: each.number, reverse=True):
        if revision.number < now and revision.receipt in live and revision.receipt != receipt:
            return revision
    raise ParityError(
        "there is no earlier receipt that was live in this stack",
        hint="parity status    (what is live), or parity deploy --receipt <id>",
    )


def live_receipts(repository: Repository) -> set[str]:
    """Return the receipts whose images were live in the stack, by ECR's tags."""
    return {tag.removeprefix(LIVE) for tag in list_tags(repository) if tag.startswith(LIVE)}


def is_live(repository: Repository, receipt_id: str) -> bool:
    """Tell whether a receipt's image is, or was, live in the stack."""
    return get_manifest(repository, f"{LIVE}{receipt_id}") is not None


def mark_live(repository: Repository, digest: str, receipt_id: str) -> None:
    """Record that an image was live; tags are immutable, so once is enough."""
    if not is_live(repository, receipt_id):
        add_tag(repository, digest, f"{LIVE}{receipt_id}")


def live_digest(repository: Repository, receipt_id: str) -> str:
    """Return the digest of an image that was live. Raises ParityError for one that never was."""
    manifest = get_manifest(repository, f"{LIVE}{receipt_id}")
    if manifest is None:
        known = ", ".join(sorted(live_receipts(repository))[-3:]) or "none"
        raise ParityError(
            f"the receipt '{receipt_id}' was never live in this stack; those that were: {known}",
            hint=f"parity deploy --receipt {receipt_id}",
        )
    return manifest.digest
