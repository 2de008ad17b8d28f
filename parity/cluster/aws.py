"""Find a deployed stack's service in AWS, and say plainly when AWS does not answer."""

from __future__ import annotations

import os
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from parity.cluster.task import last_part
from parity.errors import ParityError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


@dataclass(frozen=True)
class Service:
    """Where a stack's service is: its URL, the names of ECS cluster and service, its target group.

    stack: the name of the CloudFormation stack.
    """

    stack: str
    url: str
    cluster: str
    name: str
    target_group: str


def session() -> Any:  # noqa: ANN401 - boto3 has no types
    """Return a session as the AWS CLI makes it; unlike boto3 alone, the CLI knows AWS_REGION."""
    with calling("read the AWS configuration"):
        return boto3.Session(region_name=os.environ.get("AWS_REGION") or None)


def find_service(aws: Any, stack: str) -> Service:  # noqa: ANN401 - boto3 has no types
    """Return where a stack's service is. Raises ParityError when there is no such stack."""
    with calling(f"read the stack '{stack}'"):
        described = aws.client("cloudformation").describe_stacks(StackName=stack)
    outputs = described["Stacks"][0].get("Outputs", [])
    return service_of(stack, {each["OutputKey"]: each["OutputValue"] for each in outputs})


def service_of(stack: str, outputs: Mapping[str, str]) -> Service:
    """Return what the template's outputs tell. Raises ParityError naming those missing."""
    needed = ("Url", "ClusterName", "ServiceName", "TargetGroupArn")
    if missing := [name for name in needed if not outputs.get(name)]:
        raise ParityError(
            f"the stack '{stack}' has no output {', '.join(missing)}:"
            " it is not the kit's, or its first deploy has not ended",
            hint=f"parity status --stack {stack}",
        )
    return Service(
        stack=stack,
        url=outputs["Url"].rstrip("/"),
        cluster=last_part(outputs["ClusterName"]),
        name=last_part(outputs["ServiceName"]),
        target_group=outputs["TargetGroupArn"],
    )


@contextmanager
def calling(what: str) -> Iterator[None]:
    """Turn whatever AWS, or the way to it, refuses into a ParityError."""
    try:
        yield
    except (BotoCoreError, ClientError) as error:
        raise ParityError(
            f"could not {what}: {error}", hint="aws sts get-caller-identity; parity status"
        ) from error
