"""Nothing is deleted before it was shown, and never what is somebody else's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from moto.cloudformation.models import Event as MotoEvent
from moto.cloudformation.models import cloudformation_backends
from moto.cloudformation.responses import CloudFormationResponse
from moto.core.responses import ActionResult

from parity.deploy import destroy, push
from parity.deploy.stack_state import StackState, read_stack
from parity.deploy.template import read_template
from parity.errors import ParityError, UsageError
from parity.verbs import destroy as verb
from parity.verbs.deploy import checked_stack
from tests.parity.deploy.cloud import STACK
from tests.parity.deploy.test_progress import event

if TYPE_CHECKING:
    from parity.aws.account import Account
    from parity.deploy.progress import Event

BODY = """\
Metadata: {ParityKit: {Version: 1}}
Resources:
  Topic: {Type: AWS::SNS::Topic}
  FileSystem: {Type: AWS::EFS::FileSystem, DeletionPolicy: Retain}
"""


@pytest.fixture
def stack(account: Account) -> Account:
    """Give an account with a stack of the kit's, made in the console: it has no tag."""
    account.client("cloudformation").create_stack(StackName=STACK, TemplateBody=BODY)
    return account


def test_what_goes_and_what_is_retained_is_told_apart(stack: Account) -> None:
    """By the stack's own template; the retained ones last."""
    members = destroy.read_members(stack, destroy.read_own_stack(stack, STACK))
    assert [(each.logical_id, each.retained) for each in members] == [
        ("FileSystem", True),
        ("Topic", False),
    ]
    rows = verb.rows(members)
    assert rows[0] == ["[red]deleted[/]", "topic", "Topic"]
    assert rows[1] == ["[green]retained[/]", "file system", members[0].physical_id]


@pytest.mark.parametrize("typed", ["", "other", "CHAT"])
def test_another_name_deletes_nothing(stack: Account, typed: str) -> None:
    """Typed by mistake, or not at all."""
    with pytest.raises(ParityError, match="nothing was deleted"):
        verb.destroy(STACK, lambda: typed)
    assert read_stack(stack, STACK).status == "CREATE_COMPLETE"


def test_typed_name_deletes_the_stack_and_names_what_stays(
    stack: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    """The file system with the sessions, and the images."""
    push.ensure_repository(stack, STACK)
    verb.destroy(STACK, lambda: STACK)
    assert read_stack(stack, STACK).status in ("", "DELETE_COMPLETE")
    assert len(stack.client("efs").describe_file_systems()["FileSystems"]) == 1
    said = " ".join(capsys.readouterr().err.split())
    assert "Retained: file system fs-" in said
    assert "to delete it: aws efs delete-file-system --file-system-id fs-" in said
    assert f"aws ecr delete-repository --force --repository-name {STACK}" in said


def roll_back_creation(stack: Account) -> str:
    """Leave the stack as CloudFormation leaves one whose creation failed; return what stays."""
    stacks = cloudformation_backends[stack.identity().account]["us-east-1"].stacks
    made: Any = next(iter(stacks.values()))
    kept = str(made.resource_map["FileSystem"].physical_resource_id)
    about = (made.stack_id, STACK, "FileSystem", kept, "AWS::EFS::FileSystem", "DELETE_SKIPPED")
    made.events.append(MotoEvent(*about, None, None))
    made.resource_map.delete()
    made.resource_map._resource_json_map.clear()
    made.status = "ROLLBACK_COMPLETE"
    return kept


def test_what_a_failed_first_deploy_has_left_behind_is_named_with_its_command(
    stack: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is in no stack any more, and goes on costing."""
    kept = roll_back_creation(stack)
    assert destroy.read_own_stack(stack, STACK).status == "ROLLBACK_COMPLETE"
    verb.destroy(STACK, lambda: STACK)
    said = " ".join(capsys.readouterr().err.split())
    assert f"retained file system {kept}" in said
    assert f"aws efs delete-file-system --file-system-id {kept}" in said


def test_what_was_left_behind_is_told_once_and_what_is_gone_is_not(
    stack: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """CloudFormation's list of resources and the events say the same."""
    kept = roll_back_creation(stack)
    summaries = [
        {
            "LogicalResourceId": name,
            "PhysicalResourceId": physical,
            "ResourceType": kind,
            "ResourceStatus": status,
        }
        for name, physical, kind, status in (
            ("FileSystem", kept, "AWS::EFS::FileSystem", "DELETE_SKIPPED"),
            ("Topic", "arn:topic", "AWS::SNS::Topic", "DELETE_COMPLETE"),
            ("Never", "", "AWS::SNS::Topic", "CREATE_FAILED"),
        )
    ]
    answer = ActionResult({"StackResourceSummaries": summaries})
    monkeypatch.setattr(CloudFormationResponse, "list_stack_resources", lambda _: answer)
    members = destroy.read_members(stack, destroy.read_own_stack(stack, STACK))
    assert [(each.physical_id, each.retained) for each in members] == [(kept, True)]


def test_whatever_the_template_retains_has_a_command_that_deletes_it() -> None:
    """Else what stays would be named without a way to be rid of it."""
    template = read_template()
    kept = {
        str(each["Type"]) for name, each in template.resources.items() if template.retained(name)
    }
    assert kept == set(destroy.COMMANDS)


def test_stack_of_somebody_else_and_no_stack_are_refused(account: Account) -> None:
    """Before anything is asked."""
    with pytest.raises(ParityError, match="there is no stack 'chat'"):
        verb.destroy(STACK, lambda: pytest.fail("asked"))
    theirs = "Resources: {Topic: {Type: AWS::SNS::Topic}}"
    account.client("cloudformation").create_stack(StackName=STACK, TemplateBody=theirs)
    with pytest.raises(ParityError, match="is not Parity Kit's"):
        verb.destroy(STACK, lambda: pytest.fail("asked"))


def test_deletion_that_failed_names_the_cause() -> None:
    """And the command to try again with."""
    causes: list[Event] = [event(1, "Bucket", "DELETE_FAILED", "The bucket is not empty")]
    with pytest.raises(ParityError, match="Bucket: The bucket is not empty") as caught:
        destroy.check_gone(StackState(STACK, "DELETE_FAILED", "id"), causes)
    assert caught.value.hint.endswith("parity destroy --stack chat")


@pytest.mark.parametrize("name", ["", "Chat", "9chat", "a--b", "a_b", "-a", "a" * 41, "a-"])
def test_stack_name_that_aws_would_not_take_is_wrong_usage(name: str) -> None:
    """ECR's and CloudFormation's rules at once."""
    with pytest.raises(UsageError, match="is not a name"):
        checked_stack(name)
