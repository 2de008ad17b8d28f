"""The stack's own repository in ECR, and nobody else's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from parity.deploy import push
from parity.deploy.promote import existing_repository
from parity.deploy.stack_state import read_stack
from parity.errors import ParityError
from parity.verbs.destroy import destroy
from tests.parity.deploy.cloud import STACK
from tests.parity.deploy.deploying import deploy, green

if TYPE_CHECKING:
    from parity.aws.account import Account
    from tests.parity.deploy.deploying import Docker

THEIRS = [{"Key": "team", "Value": "search"}]


def test_repository_is_made_once_with_the_kits_tag(account: Account) -> None:
    """Tags that do not move, and a limit to what is kept."""
    assert push.find_repository(account, STACK) is None
    made = push.ensure_repository(account, STACK)
    assert push.ensure_repository(account, STACK) == made == push.find_repository(account, STACK)
    (found,) = account.client("ecr").describe_repositories()["repositories"]
    assert found["imageTagMutability"] == "IMMUTABLE"


def test_repository_of_somebody_else_is_not_taken_over(account: Account, docker: Docker) -> None:
    """Found in the checks, before anything is pushed; another name is asked for."""
    account.client("ecr").create_repository(repositoryName=STACK, tags=THEIRS)
    assert push.find_repository(account, STACK) is None
    for take in (push.ensure_repository, existing_repository):
        with pytest.raises(ParityError, match="'chat' is not Parity Kit's") as caught:
            take(account, STACK)
        assert caught.value.hint.startswith("parity deploy --stack chat-chat")
    with pytest.raises(ParityError, match="nothing was changed: the ECR repository 'chat' is not"):
        deploy(account, docker, green(docker.registry, 1))
    assert docker.pushes == []
    assert read_stack(account, STACK).status == ""


def test_destroy_says_nothing_of_somebody_elses_repository(
    account: Account, docker: Docker, capsys: pytest.CaptureFixture[str]
) -> None:
    """It would name the command that deletes it."""
    deploy(account, docker, green(docker.registry, 1))
    account.client("ecr").delete_repository(repositoryName=STACK, force=True)
    account.client("ecr").create_repository(repositoryName=STACK, tags=THEIRS)
    capsys.readouterr()
    destroy(STACK, lambda: STACK)
    assert "delete-repository" not in capsys.readouterr().err
