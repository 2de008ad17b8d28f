"""The tested image into ECR, and the proof that what lies there is the tested image."""

from __future__ import annotations

import base64
import json
import os
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from parity import console
from parity.aws.errors import code_of, plainly
from parity.deploy import image
from parity.deploy.registry import Credentials, PushedImage, Repository, find_image
from parity.deploy.stack_state import TAG
from parity.errors import ParityError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from docker import DockerClient

    from parity.aws.account import Account
    from parity.deploy.receipt import Receipt

# host[:port] of a registry that stands in for ECR's own; ECR's API is still asked for the rest.
# For rehearsals and for networks that reach ECR through a proxy of their own.
REGISTRY = "PARITY_REGISTRY"
UNTAGGED_DAYS = 14
KEPT_IMAGES = 100


def lifecycle_policy() -> dict[str, Any]:
    """Return ECR's rules: what lost its tag goes soon, of the rest so many stay to roll back to."""
    return {
        "rules": [
            _rule(1, "untagged", "sinceImagePushed", UNTAGGED_DAYS) | {"description": "left over"},
            _rule(2, "any", "imageCountMoreThan", KEPT_IMAGES) | {"description": "oldest images"},
        ]
    }


def find_repository(account: Account, name: str) -> Repository | None:
    """Return the stack's repository with a token for it; None where there is none yet.

    Somebody else's of that name is not the stack's: `check_free` tells whether there is one.
    """
    described = _described(account, name)
    if described is None or not _is_own(account, described):
        return None
    return Repository(_host(str(described["repositoryUri"])), name, _token(account))


def check_free(account: Account, name: str) -> None:
    """Raise ParityError where the name of the stack's repository is taken by somebody else's."""
    described = _described(account, name)
    if described is not None and not _is_own(account, described):
        raise ParityError(
            f"the ECR repository '{name}' is not Parity Kit's: it has no tag {TAG}",
            hint=f"parity deploy --stack {name}-chat    (or another free name)",
        )


def ensure_repository(account: Account, name: str) -> Repository:
    """Return the stack's repository, made where it is missing: immutable tags, scan on push.

    Raises ParityError where somebody else has one of that name.
    """
    ecr = account.client("ecr")
    if (found := find_repository(account, name)) is not None:
        return found
    check_free(account, name)
    with plainly(), console.step(f"Create the ECR repository {name}"):
        ecr.create_repository(
            repositoryName=name,
            imageTagMutability="IMMUTABLE",
            imageScanningConfiguration={"scanOnPush": True},
            encryptionConfiguration={"encryptionType": "AES256"},
            tags=[{"Key": TAG, "Value": name}],
        )
        ecr.put_lifecycle_policy(
            repositoryName=name, lifecyclePolicyText=json.dumps(lifecycle_policy())
        )
    made = find_repository(account, name)
    if made is None:
        raise ParityError(f"ECR has made '{name}' and does not have it", hint="parity deploy")
    return made


def pushed(repository: Repository, receipt: Receipt) -> PushedImage | None:
    """Return the receipt's image as the registry holds it; None where it has to be pushed yet.

    Raises ParityError when another image lies there under the receipt's id.
    """
    found = find_image(repository, receipt.id, receipt.config_digest)
    if found is not None:
        check_same(found, receipt, repository)
    return found


def push(
    connect: Callable[[], DockerClient], repository: Repository, receipt: Receipt
) -> PushedImage:
    """Push the receipt's image, unless it is there, and return it as the registry holds it.

    connect gives a client of the engine, and is called only if there is something to push. The
    registry's own manifest must name the tested configuration; else ParityError.
    """
    if (already := pushed(repository, receipt)) is not None:
        console.note(f"The image is in ECR already: {repository.uri}:{receipt.id}")
        return already
    progress = image.PushProgress()
    with console.step(f"Push the image to {repository.uri}") as step:
        for report in image.push(connect(), receipt.id, repository, repository.credentials):
            progress.note(report)
            step.say(str(progress))
    found = pushed(repository, receipt)
    if found is None:
        raise ParityError(
            f"{repository.uri}:{receipt.id} was pushed and is not there", hint="parity deploy"
        )
    return found


def check_same(found: PushedImage, receipt: Receipt, repository: Repository) -> None:
    """Raise ParityError unless an image in the registry is the receipt's, by its configuration."""
    if found.config_digest != receipt.config_digest:
        raise ParityError(
            f"{repository.uri}@{found.digest} is not the image of receipt {receipt.id}: its"
            f" configuration is {found.config_digest or 'not named'}, the tested one is"
            f" {receipt.config_digest}",
            hint="scripts/test    (makes a new receipt, and so a new tag), then parity deploy",
        )


def _described(account: Account, name: str) -> Mapping[str, Any] | None:
    with plainly():
        try:
            answer = account.client("ecr").describe_repositories(repositoryNames=[name])
        except ClientError as error:
            if code_of(error) == "RepositoryNotFoundException":
                return None
            raise
    found: Mapping[str, Any] = answer["repositories"][0]
    return found


def _is_own(account: Account, described: Mapping[str, Any]) -> bool:
    with plainly():
        answer = account.client("ecr").list_tags_for_resource(
            resourceArn=described["repositoryArn"]
        )
    return TAG in [each["Key"] for each in answer["tags"]]


def _host(repository_uri: str) -> str:
    return os.environ.get(REGISTRY) or repository_uri.partition("/")[0]


def _token(account: Account) -> Credentials:
    """Return ECR's token, which is good for 12 hours."""
    with plainly():
        answer = account.client("ecr").get_authorization_token()
    text = base64.b64decode(answer["authorizationData"][0]["authorizationToken"]).decode()
    username, _, password = text.partition(":")
    return Credentials(username, password)


def _rule(priority: int, status: str, count_type: str, number: int) -> dict[str, Any]:
    selection: dict[str, Any] = {"tagStatus": status, "countType": count_type}
    if count_type == "sinceImagePushed":
        selection["countUnit"] = "days"
    selection["countNumber"] = number
    return {"rulePriority": priority, "selection": selection, "action": {"type": "expire"}}
