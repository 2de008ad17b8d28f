"""What CloudFormation does is shown resource by resource, and its failures by their cause."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from rich.text import Text

from parity.deploy import progress
from parity.deploy.progress import Event, Journal
from parity.deploy.stack_state import StackState, next_step
from parity.errors import ParityError
from tests.parity.deploy.cloud import STACK

if TYPE_CHECKING:
    from parity.aws.account import Account

START = datetime(2026, 11, 23, 12, tzinfo=UTC)
CANCELLED = "Resource creation cancelled"


def event(second: int, logical_id: str, status: str, reason: str = "") -> Event:
    """Return an event of a resource."""
    moment = START + timedelta(seconds=second)
    kind = "AWS::CloudFormation::Stack" if logical_id == STACK else "AWS::ECS::Service"
    return Event(f"{second}-{logical_id}", moment, logical_id, kind, status, reason)


EVENTS = [
    event(0, STACK, "UPDATE_IN_PROGRESS"),
    event(1, "A", "CREATE_IN_PROGRESS"),
    event(2, "B", "CREATE_IN_PROGRESS"),
    event(3, "B", "CREATE_IN_PROGRESS", "Resource creation Initiated"),
    event(43, "A", "CREATE_COMPLETE"),
]


def test_each_resource_is_told_once_with_how_long_it_took() -> None:
    """Events that were seen are not told again."""
    journal = Journal()
    (line,) = journal.take(EVENTS)
    assert Text.from_markup(line).plain == "✓ A (service) created 42 s"
    assert journal.under_way == ["B"]
    assert journal.take(EVENTS) == []
    assert Journal(each.id for each in EVENTS).take(EVENTS) == []


def test_failure_is_told_with_its_reason_and_consequences_are_no_causes() -> None:
    """What was only cancelled because of it is not what to mend."""
    journal = Journal()
    lines = journal.take(
        [
            event(1, "A", "CREATE_FAILED", "quota [reached]"),
            event(2, "B", "CREATE_FAILED", CANCELLED),
            event(3, STACK, "ROLLBACK_FAILED", "The following resource(s) failed: [A, B]"),
        ]
    )
    assert "quota [reached]" in Text.from_markup(lines[0]).plain
    assert [each.logical_id for each in journal.causes] == ["A"]


@pytest.mark.parametrize(
    ("status", "hint"),
    [
        ("ROLLBACK_COMPLETE", "parity destroy --stack chat, then parity deploy"),
        ("UPDATE_ROLLBACK_COMPLETE", "the former version runs on"),
        ("UPDATE_ROLLBACK_FAILED", "continue-update-rollback --stack-name chat"),
        ("CREATE_FAILED", "parity destroy"),
    ],
)
def test_stack_that_failed_is_one_error_with_the_first_cause(status: str, hint: str) -> None:
    """And what tasks said as they died."""
    causes = [event(1, "A", "CREATE_FAILED", "no room"), event(2, "B", "CREATE_FAILED", "no food")]
    with pytest.raises(ParityError, match=f"ended in {status}: A: no room") as caught:
        progress.check_good(StackState(STACK, status, "id"), causes, ["exit code 1"])
    assert hint in caught.value.hint
    assert caught.value.detail.splitlines() == ["A: no room", "B: no food", "exit code 1"]


@pytest.mark.parametrize("status", ["CREATE_COMPLETE", "UPDATE_COMPLETE", "DELETE_COMPLETE", ""])
def test_stack_that_is_as_asked_for_is_no_error(status: str) -> None:
    """Made, changed, gone."""
    progress.check_good(StackState(STACK, status, "id"), [])


@pytest.mark.parametrize(
    ("status", "step"),
    [
        ("", "create"),
        ("REVIEW_IN_PROGRESS", "create"),
        ("DELETE_COMPLETE", "create"),
        ("CREATE_COMPLETE", "update"),
        ("UPDATE_ROLLBACK_COMPLETE", "update"),
        ("CREATE_IN_PROGRESS", "wait"),
        ("UPDATE_ROLLBACK_IN_PROGRESS", "wait"),
        ("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "wait"),
        ("DELETE_IN_PROGRESS", "wait"),
    ],
)
def test_next_step_by_the_stacks_state(status: str, step: str) -> None:
    """What is under way is waited for; a stack that is only looked at is none yet."""
    assert next_step(StackState(STACK, status, "id")) == step


def test_following_ends_with_the_stack(account: Account) -> None:
    """A stack of moto's is done at once; its events are read to the last."""
    body = "Resources: {Topic: {Type: AWS::SNS::Topic}}"
    account.client("cloudformation").create_stack(StackName=STACK, TemplateBody=body)
    watched: list[int] = []
    after, causes = progress.follow(
        account, StackState(STACK), watch=lambda events: watched.append(len(events))
    )
    assert (after.status, causes) == ("CREATE_COMPLETE", [])
    assert watched[0] >= 1


def test_interrupt_says_that_cloudformation_goes_on(
    account: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    """The command itself names the one that follows it again."""
    body = "Resources: {Topic: {Type: AWS::SNS::Topic}}"
    account.client("cloudformation").create_stack(StackName=STACK, TemplateBody=body)

    def interrupt(_: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        progress.follow(account, StackState(STACK), watch=interrupt)
    said = " ".join(capsys.readouterr().err.split())
    assert "CloudFormation goes on by itself" in said
