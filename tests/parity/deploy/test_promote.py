"""A deploy does the least that is needed, proves what runs, and leaves nothing half-done."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from parity.deploy import change_set, image, promote, tasks
from parity.deploy.carry_out import Manner
from parity.deploy.roll_back import roll_back
from parity.deploy.stack_state import read_stack
from parity.deploy.status import read_status
from parity.errors import ParityError
from tests.parity.deploy.cloud import STACK, TEMPLATE
from tests.parity.deploy.deploying import deploy, green

if TYPE_CHECKING:
    from collections.abc import Iterator

    from parity.aws.account import Account
    from parity.deploy.image import LocalImage
    from tests.parity.deploy.deploying import Docker


def mend_target_group(account: Account) -> None:
    """Give the target group the attributes of the template."""
    account.client("elbv2").modify_target_group_attributes(
        TargetGroupArn=read_stack(account, STACK).outputs["TargetGroupArn"],
        Attributes=[
            {"Key": "stickiness.enabled", "Value": "true"},
            {"Key": "deregistration_delay.timeout_seconds", "Value": "60"},
        ],
    )


def executed(account: Account) -> int:
    """Return how many change sets of the stack were executed."""
    pages = account.client("cloudformation").list_change_sets(StackName=STACK)
    return len([each for each in pages["Summaries"] if "EXECUTE" in each["ExecutionStatus"]])


def test_first_deploy_runs_the_tested_image_and_is_tried(account: Account, docker: Docker) -> None:
    """From nothing to a service whose tasks run the receipt's image, by digest."""
    first = green(docker.registry, 1)
    assert deploy(account, docker, first) == "http://chat.example"
    state = read_stack(account, STACK)
    assert state.status == "CREATE_COMPLETE"
    assert state.parameters["Receipt"] == first.id
    uri, _, digest = state.parameters["ImageUri"].partition("@")
    assert uri == f"{docker.registry.host}/{STACK}"
    found = read_status(account, STACK)
    assert [(task.status, task.digest) for task in found.tasks] == [("RUNNING", digest)] * 2
    assert docker.tried == ["http://chat.example"]
    assert found.live == {first.id}
    assert found.deployed_by is not None
    assert found.deployed_by.by == account.identity().arn
    # moto's CloudFormation drops a target group's attributes, which is drift.
    assert {each.what for each in found.drift} == {
        "target group: stickiness.enabled",
        "target group: deregistration_delay.timeout_seconds",
    }
    assert not found.as_it_should_be
    mend_target_group(account)
    assert read_status(account, STACK).as_it_should_be


def test_nothing_changed_means_no_push_and_no_execution(
    account: Account, docker: Docker, capsys: pytest.CaptureFixture[str]
) -> None:
    """And it says so."""
    first = green(docker.registry, 1)
    deploy(account, docker, first)
    before = executed(account)
    assert deploy(account, docker, first) == "http://chat.example"
    assert docker.pushes == [first.id]
    assert executed(account) == before
    assert docker.tried == ["http://chat.example"]
    assert "Nothing to change" in capsys.readouterr().err


def test_role_that_is_given_without_a_change_is_said_to_be_left(
    account: Account, docker: Docker, capsys: pytest.CaptureFixture[str]
) -> None:
    """CloudFormation takes it with the next change, and keeps it."""
    first, role = green(docker.registry, 1), "arn:aws:iam::123456789012:role/stack"
    deploy(account, docker, first)
    for dry_run in (False, True):
        capsys.readouterr()
        deploy(account, docker, first, role_arn=role, dry_run=dry_run)
        assert "--stack-role is not taken over" in " ".join(capsys.readouterr().err.split())
    deploy(account, docker, green(docker.registry, 2), role_arn=role)
    assert read_stack(account, STACK).role_arn == role
    capsys.readouterr()
    deploy(account, docker, green(docker.registry, 2), role_arn=role)
    said = capsys.readouterr().err
    assert "Nothing to change" in said
    assert "--stack-role" not in said


def test_new_image_alone_leaves_the_template_as_it_is(
    account: Account, docker: Docker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only image and receipt are given, so only what depends on them is in the change set."""
    deploy(account, docker, green(docker.registry, 1))
    asked: list[dict[str, Any]] = []
    real = change_set.call

    def noted(request: change_set.Request) -> dict[str, Any]:
        asked.append(real(request))
        return asked[-1]

    monkeypatch.setattr(change_set, "call", noted)
    second = green(docker.registry, 2)
    deploy(account, docker, second)
    assert asked[0]["UsePreviousTemplate"] is True
    given = {each["ParameterKey"]: each.get("ParameterValue") for each in asked[0]["Parameters"]}
    assert {name for name, value in given.items() if value} == {"ImageUri", "Receipt"}
    assert read_stack(account, STACK).parameters["Receipt"] == second.id
    assert len(docker.tried) == 2


def test_new_template_alone_pushes_nothing(account: Account, docker: Docker) -> None:
    """The image stays what it is."""
    first = green(docker.registry, 1)
    deploy(account, docker, first)
    before = read_stack(account, STACK).parameters
    topic = "\n  Topic: {Type: AWS::SNS::Topic}\n"
    deploy(
        account, docker, first, template=TEMPLATE.replace("\nResources:\n", f"\nResources:{topic}")
    )
    resources = account.client("cloudformation").list_stack_resources(StackName=STACK)
    assert "Topic" in [each["LogicalResourceId"] for each in resources["StackResourceSummaries"]]
    assert docker.pushes == [first.id]
    assert read_stack(account, STACK).parameters == before


def test_parameter_of_an_earlier_deploy_is_kept(account: Account, docker: Docker) -> None:
    """What is not given stays, whatever the template's default."""
    deploy(account, docker, green(docker.registry, 1), given={"MaxTasks": "20"})
    deploy(account, docker, green(docker.registry, 2))
    assert read_stack(account, STACK).parameters["MaxTasks"] == "20"


def test_dry_run_of_a_first_deploy_leaves_nothing(
    account: Account, docker: Docker, capsys: pytest.CaptureFixture[str]
) -> None:
    """No stack, no repository, no image; what would be made is shown."""
    assert deploy(account, docker, green(docker.registry, 1), dry_run=True) == ""
    shown = capsys.readouterr().err
    assert "creates the task definition" in shown
    assert read_stack(account, STACK).status in ("", "DELETE_COMPLETE")
    assert account.client("ecr").describe_repositories()["repositories"] == []
    assert docker.pushes == []


def test_dry_run_of_an_update_leaves_the_stack_as_it_was(account: Account, docker: Docker) -> None:
    """The change set is gone again, too."""
    first = green(docker.registry, 1)
    deploy(account, docker, first)
    deploy(account, docker, green(docker.registry, 2), dry_run=True)
    assert read_stack(account, STACK).parameters["Receipt"] == first.id
    listed = account.client("cloudformation").list_change_sets(StackName=STACK)["Summaries"]
    assert not [each for each in listed if change_set.is_leftover(each)]
    assert docker.pushes == [first.id]


@pytest.mark.parametrize("first_time", [True, False])
def test_no_is_no(account: Account, docker: Docker, *, first_time: bool) -> None:
    """The stack stays as it was, or there stays none."""
    if not first_time:
        deploy(account, docker, green(docker.registry, 1))
    with pytest.raises(ParityError, match="nothing was changed"):
        deploy(account, docker, green(docker.registry, 2), yes=False)
    state = read_stack(account, STACK)
    assert state.status in (("", "DELETE_COMPLETE") if first_time else ("CREATE_COMPLETE",))


def test_change_set_of_an_interrupted_deploy_is_cleared_away(
    account: Account, docker: Docker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed between the change set and the question; the next deploy goes on from there."""
    first = green(docker.registry, 1)

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(promote, "carry_out", killed)
        with pytest.raises(KeyboardInterrupt):
            deploy(account, docker, first)
    assert read_stack(account, STACK).status == "REVIEW_IN_PROGRESS"
    deploy(account, docker, first)
    assert read_stack(account, STACK).parameters["Receipt"] == first.id
    assert docker.pushes == [first.id]


@pytest.mark.parametrize("ending", [KeyboardInterrupt, SystemExit])
@pytest.mark.parametrize("first_time", [True, False])
def test_interrupted_question_leaves_the_stack_as_it_was(
    account: Account, docker: Docker, *, ending: type[BaseException], first_time: bool
) -> None:
    """Ctrl-C or SIGTERM: no change set is left, and no stack that only waits for one."""
    if not first_time:
        deploy(account, docker, green(docker.registry, 1))

    def interrupted(_: str) -> bool:
        raise ending

    with pytest.raises(ending):
        deploy(account, docker, green(docker.registry, 2), confirm=interrupted)
    state = read_stack(account, STACK)
    assert state.status in (("", "DELETE_COMPLETE") if first_time else ("CREATE_COMPLETE",))
    if not first_time:
        listed = account.client("cloudformation").list_change_sets(StackName=STACK)["Summaries"]
        assert not [each for each in listed if change_set.is_leftover(each)]


def test_second_deploy_at_once_overtakes_the_first_which_says_so(
    account: Account, docker: Docker
) -> None:
    """The first asks still; the second is done meanwhile; the first changes nothing any more."""
    first, second = green(docker.registry, 1), green(docker.registry, 2)
    deploy(account, docker, first)

    def overtaken(_: str) -> bool:
        deploy(account, docker, second)
        return True

    with pytest.raises(ParityError, match="another deploy of 'chat' came first") as caught:
        deploy(account, docker, green(docker.registry, 3), confirm=overtaken)
    assert caught.value.hint.startswith("parity deploy")
    assert read_stack(account, STACK).parameters["Receipt"] == second.id


def test_dry_run_leaves_the_question_of_another_deploy_alone(
    account: Account, docker: Docker
) -> None:
    """What was asked before it can be agreed to after it."""
    deploy(account, docker, green(docker.registry, 1))
    second = green(docker.registry, 2)

    def looked_at(_: str) -> bool:
        deploy(account, docker, second, dry_run=True)
        return True

    deploy(account, docker, second, confirm=looked_at)
    assert read_stack(account, STACK).parameters["Receipt"] == second.id


def test_deploy_that_ended_unseen_is_tried_by_the_next(
    account: Account, docker: Docker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C while CloudFormation was at work, which came to its end: once proven, no more."""
    first = green(docker.registry, 1)

    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("parity.deploy.carry_out.progress.follow", interrupted)
        with pytest.raises(KeyboardInterrupt):
            deploy(account, docker, first)
    assert (read_stack(account, STACK).status, docker.tried) == ("CREATE_COMPLETE", [])
    for _ in range(2):
        deploy(account, docker, first)
        assert docker.tried == ["http://chat.example"]


def test_red_receipt_is_refused_before_anything_changes(account: Account, docker: Docker) -> None:
    """The way around is named."""
    red = replace(green(docker.registry, 1), passed=False)
    with pytest.raises(ParityError, match="nothing was changed") as caught:
        deploy(account, docker, red)
    assert "--untested" in caught.value.hint
    assert read_stack(account, STACK).status == ""
    assert account.client("ecr").describe_repositories()["repositories"] == []


def test_image_in_the_registry_that_is_not_the_tested_one_is_never_deployed(
    account: Account, docker: Docker
) -> None:
    """Whatever was pushed under the receipt's tag: the manifest's configuration decides."""
    lying = replace(green(docker.registry, 1), config_digest="sha256:" + "0" * 64)
    with pytest.raises(ParityError, match="is not the image of receipt"):
        deploy(account, docker, lying)
    assert read_stack(account, STACK).status == ""


def test_task_that_runs_another_image_fails_the_deploy(
    account: Account, docker: Docker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even though CloudFormation and ECS are content."""
    strange = "sha256:" + "9" * 64
    real = tasks.read_tasks
    monkeypatch.setattr(
        "parity.deploy.carry_out.read_tasks",
        lambda *found: [replace(real(*found)[0], digest=strange), *real(*found)[1:]],
    )
    with pytest.raises(ParityError, match="1 of 2 running tasks do not run the tested image"):
        deploy(account, docker, green(docker.registry, 1))
    assert docker.tried == []


def test_interrupted_push_changes_nothing_and_is_repeated(
    account: Account, docker: Docker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next deploy pushes again."""
    first = green(docker.registry, 1)

    def broken(*_: object) -> Iterator[Any]:
        yield {"id": "layer", "status": "Pushing"}
        raise ParityError("the push was broken off", hint="parity deploy")

    with monkeypatch.context() as patch:
        patch.setattr(image, "push", broken)
        with pytest.raises(ParityError, match="broken off"):
            deploy(account, docker, first)
    assert read_stack(account, STACK).status == ""
    deploy(account, docker, first)
    assert read_stack(account, STACK).parameters["Receipt"] == first.id


def test_stack_of_somebody_else_is_not_touched(account: Account, docker: Docker) -> None:
    """Though it has the same name."""
    theirs = "Resources: {Topic: {Type: AWS::SNS::Topic}}"
    account.client("cloudformation").create_stack(StackName=STACK, TemplateBody=theirs)
    with pytest.raises(ParityError, match="is not Parity Kit's"):
        deploy(account, docker, green(docker.registry, 1))
    assert executed(account) == 0


def test_rollback_returns_to_the_image_before_and_twice_comes_back(
    account: Account, docker: Docker
) -> None:
    """Through CloudFormation, so that it knows what runs."""
    first, second = green(docker.registry, 1), green(docker.registry, 2)
    deploy(account, docker, first)
    before = read_stack(account, STACK).parameters["ImageUri"]
    deploy(account, docker, second)
    manner = Manner(confirm=lambda _: True)
    assert roll_back(account, STACK, None, manner) == "http://chat.example"
    state = read_stack(account, STACK)
    assert (state.parameters["Receipt"], state.parameters["ImageUri"]) == (first.id, before)
    found = read_status(account, STACK)
    assert not [each for each in found.drift if "task" in each.what]
    assert found.deployer is not None
    roll_back(account, STACK, None, manner)
    assert read_stack(account, STACK).parameters["Receipt"] == second.id


def test_rollback_to_a_named_receipt(account: Account, docker: Docker) -> None:
    """However long ago it was live; a dry run changes nothing."""
    receipts = [green(docker.registry, number) for number in (1, 2, 3)]
    for each in receipts:
        deploy(account, docker, each)
    manner = Manner(confirm=lambda _: True)
    assert roll_back(account, STACK, receipts[0].id, manner, dry_run=True) == ""
    assert read_stack(account, STACK).parameters["Receipt"] == receipts[2].id
    roll_back(account, STACK, receipts[0].id, manner)
    assert read_stack(account, STACK).parameters["Receipt"] == receipts[0].id


def test_rollback_to_what_was_never_live_is_refused(account: Account, docker: Docker) -> None:
    """And so is one without anything to go back to; what was live is named."""
    first = green(docker.registry, 1)
    deploy(account, docker, first)
    manner = Manner(confirm=lambda _: True)
    with pytest.raises(ParityError, match="no earlier receipt"):
        roll_back(account, STACK, None, manner)
    with pytest.raises(ParityError, match="was never live") as caught:
        roll_back(account, STACK, "20200101-000000-0000000", manner)
    assert first.id in caught.value.what


def test_rollback_to_an_image_for_other_processors_is_refused(
    account: Account, docker: Docker
) -> None:
    """Before the change set: parameters stay, so its tasks could not start."""
    first, second = green(docker.registry, 1), green(docker.registry, 2)
    deploy(account, docker, first)
    arm = replace(second, architecture="arm64")
    deploy(account, docker, arm, given={"Architecture": "ARM64"})
    before = executed(account)
    with pytest.raises(ParityError, match=r"is for X86_64, .* Architecture is 'ARM64'") as caught:
        roll_back(account, STACK, None, Manner(confirm=lambda _: True))
    again = f"parity deploy --receipt {first.id} --parameter Architecture=X86_64"
    assert caught.value.hint == again
    assert executed(account) == before
    assert read_stack(account, STACK).parameters["Receipt"] == arm.id


def test_deploy_without_an_engine_says_so(
    account: Account, docker: Docker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the checks, before anything is changed."""

    def silent(*_: object) -> LocalImage:
        raise ParityError("Docker Engine does not answer", hint="parity doctor")

    monkeypatch.setattr(docker, "image_of", silent)
    with pytest.raises(ParityError, match="Docker Engine does not answer") as caught:
        deploy(account, docker, green(docker.registry, 1))
    assert caught.value.hint == "parity doctor"
    assert account.client("ecr").describe_repositories()["repositories"] == []
