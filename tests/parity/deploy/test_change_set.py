"""A change set is asked for with the least, and said in plain words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from rich.text import Text

from parity.deploy import change_set
from parity.deploy.change_set import Change, Request
from parity.deploy.plan import digest_of, make_plan
from parity.deploy.stack_state import StackState, read_stack
from parity.deploy.template import parse_template
from parity.errors import ParityError
from tests.parity.deploy.cloud import STACK, TEMPLATE

if TYPE_CHECKING:
    from parity.aws.account import Account

SMALL = """\
Metadata: {ParityKit: {Version: 1}}
Parameters:
  Retention: {Type: Number, Default: 7}
  Other: {Type: String, Default: x}
Resources:
  LogGroup:
    Type: AWS::Logs::LogGroup
    Properties: {LogGroupName: !Ref Other, RetentionInDays: !Ref Retention}
"""
LIVE = StackState(
    STACK, "UPDATE_COMPLETE", "id", parameters={"ImageUri": "r@sha256:1", "Receipt": "r1", "X": "1"}
)


def request(**changes: Any) -> Request:  # noqa: ANN401 - any field
    """Return a request for a first change set."""
    fields: dict[str, Any] = {
        "stack": STACK,
        "kind": "CREATE",
        "name": change_set.new_name("r1", 1.5),
        "description": "of a test",
        "template": parse_template(SMALL),
        "given": {"Retention": "14"},
        "previous": {},
    }
    return Request(**{**fields, **changes})


def entry(**change: Any) -> dict[str, Any]:  # noqa: ANN401 - any field
    """Return a change as CloudFormation describes it."""
    return {"Type": "Resource", "ResourceChange": change}


def test_only_given_parameters_have_a_value() -> None:
    """All others are kept as they are, new ones get their default."""
    made = change_set.parameters(request(previous={"Other": "kept", "Gone": "1"}))
    assert made == [
        {"ParameterKey": "Retention", "ParameterValue": "14"},
        {"ParameterKey": "Other", "UsePreviousValue": True},
    ]


def test_without_a_template_the_stacks_own_stays() -> None:
    """That keeps a change of the image down to what depends on it."""
    made = change_set.call(request(template=None, given={"A": "2"}, previous={"A": "1", "B": "1"}))
    assert made["UsePreviousTemplate"] is True
    assert "TemplateBody" not in made
    assert [each["ParameterKey"] for each in made["Parameters"]] == ["A", "B"]


def test_role_is_named_only_where_one_is_given() -> None:
    """Without a name CloudFormation goes on as it did, so a rollback keeps the role."""
    arn = "arn:aws:iam::123456789012:role/stack"
    assert change_set.call(request(role_arn=arn))["RoleARN"] == arn
    assert "RoleARN" not in change_set.call(request())


def test_tags_are_the_same_at_every_deploy() -> None:
    """A tag that changes would touch every resource of the stack."""
    tags = [change_set.call(request(name=name))["Tags"] for name in ("parity-a", "parity-b")]
    assert tags == [[{"Key": "ParityKit", "Value": STACK}]] * 2


def test_unknown_parameter_is_refused_by_name() -> None:
    """And those there are, are listed."""
    with pytest.raises(ParityError, match="no parameter 'Nope'; it has Other, Retention"):
        change_set.parameters(request(given={"Nope": "1"}))


def test_change_set_is_made_executed_and_then_there_is_nothing_to_change(account: Account) -> None:
    """Against moto's CloudFormation."""
    made = change_set.create(account, request())
    assert made is not None
    assert [(each.action, each.logical_id) for each in made.changes] == [("Add", "LogGroup")]
    change_set.execute(account, made)
    state = read_stack(account, STACK)
    assert (state.status, state.parameters["Retention"], state.own) == (
        "CREATE_COMPLETE",
        "14",
        True,
    )
    assert change_set.create(account, request(kind="UPDATE", name="parity-2")) is None


def test_dropped_change_set_leaves_no_stack(account: Account) -> None:
    """CloudFormation makes an empty one for the first change set to be looked at."""
    made = change_set.create(account, request())
    assert made is not None
    assert read_stack(account, STACK).status == "REVIEW_IN_PROGRESS"
    change_set.drop(account, made)
    assert read_stack(account, STACK).status in ("", "DELETE_COMPLETE")


def test_leftovers_go_and_other_peoples_change_sets_stay(account: Account) -> None:
    """Only the kit's own, and only what waits."""
    made = change_set.create(account, request())
    assert made is not None
    change_set.execute(account, made)
    state = read_stack(account, STACK)
    for name in ("parity-old", "somebodys"):
        given = {"Retention": "30"}
        later = request(kind="UPDATE", name=name, given=given, previous=state.parameters)
        change_set.create(account, later)
    change_set.delete_leftovers(account, state)
    listed = account.client("cloudformation").list_change_sets(StackName=STACK)["Summaries"]
    assert {each["ChangeSetName"] for each in listed} == {made.name, "somebodys"}


def test_change_set_is_worked_out_refused_or_empty() -> None:
    """By CloudFormation's own words."""
    none = "The submitted information didn't contain changes. Submit different information."
    assert not change_set.ready({"Status": "CREATE_IN_PROGRESS"})
    assert change_set.ready({"Status": "CREATE_COMPLETE"})
    assert change_set.ready({"Status": "FAILED", "StatusReason": none})
    with pytest.raises(ParityError, match="refuses the change: Nope"):
        change_set.ready({"Status": "FAILED", "StatusReason": "Nope"})


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (Change("Add", "A", "AWS::EC2::VPC"), "creates the VPC"),
        (
            Change("Modify", "A", "AWS::ECS::TaskDefinition", "True"),
            "replaces the task definition",
        ),
        (Change("Modify", "A", "AWS::ECS::Service", "False"), "updates the service"),
        (
            Change("Modify", "A", "AWS::ECS::Service", "Conditional"),
            "updates, perhaps replaces, the service",
        ),
        (Change("Remove", "A", "AWS::EC2::NatGateway"), "removes the NAT gateway"),
        (
            Change("Modify", "A", "AWS::EFS::FileSystem", "True"),
            "replaces the file system with what users wrote",
        ),
        (Change("Dynamic", "A", "AWS::EC2::SecurityGroup"), "may change the security group"),
        (Change("Import", "A", "AWS::WAFv2::WebACL"), "takes in the web ACL"),
    ],
)
def test_change_in_plain_words(change: Change, words: str) -> None:
    """Somebody who is new to CloudFormation understands what will happen."""
    assert change_set.words(change) == words


def test_what_would_be_lost_comes_first() -> None:
    """And the cause of each change stands beside it."""
    described = {
        "Changes": [
            entry(
                Action="Modify",
                LogicalResourceId="Service",
                ResourceType="AWS::ECS::Service",
                Replacement="False",
                Details=[{"Target": {"Name": "TaskDefinition"}}, {"Target": {"Attribute": "Tags"}}],
            ),
            entry(Action="Remove", LogicalResourceId="Z", ResourceType="AWS::EFS::FileSystem"),
            {"Type": "Hook"},
        ]
    }
    rows = [
        [Text.from_markup(cell).plain for cell in row]
        for row in change_set.rows(change_set.changes_of(described))
    ]
    assert rows == [
        ["removes the file system with what users wrote", "Z", ""],
        ["updates the service", "Service", "TaskDefinition, Tags"],
    ]


def test_resources_that_change_alike_share_a_row() -> None:
    """But not one that changes for another reason, or in another way."""
    subnets = [Change("Add", name, "AWS::EC2::Subnet") for name in "BCA"]
    policy = "AWS::ApplicationAutoScaling::ScalingPolicy"
    policies = [Change("Modify", name, policy, "False", ("Target",)) for name in "DE"]
    other = Change("Modify", "F", policy, "False", ("Metric",))
    assert change_set.rows([*subnets, *policies, other]) == [
        ["creates 3 subnets", "A, B, C", ""],
        ["updates 2 scaling policies", "D, E", "Target"],
        ["updates the scaling policy", "F", "Metric"],
    ]


@pytest.mark.parametrize(
    ("state", "body", "receipt_id", "given", "template", "parameters", "new_image"),
    [
        (StackState(STACK), "", "r1", {}, True, {}, True),
        (LIVE, TEMPLATE, "r1", {}, False, {}, False),
        (LIVE, TEMPLATE + "\n", "r1", {"X": "1"}, False, {}, False),
        (LIVE, TEMPLATE, "r2", {}, False, {}, True),
        (LIVE, SMALL, "r1", {}, True, {}, False),
        (LIVE, TEMPLATE, "r1", {"X": "2"}, False, {"X": "2"}, False),
    ],
    ids=["first", "nothing", "nothing, given again", "image", "template", "parameter"],
)
def test_plan_is_the_least(  # noqa: PLR0913 - a table
    *,
    state: StackState,
    body: str,
    receipt_id: str,
    given: dict[str, str],
    template: bool,
    parameters: dict[str, str],
    new_image: bool,
) -> None:
    """First deploy, image alone, template alone, parameter alone, nothing."""
    plan = make_plan(state, body, parse_template(TEMPLATE), receipt_id, given)
    assert (plan.template is not None, plan.parameters, plan.new_image) == (
        template,
        parameters,
        new_image,
    )
    assert plan.nothing == (not template and not parameters and not new_image)
    image = {"ImageUri": "u", "Receipt": receipt_id} if new_image else {}
    assert plan.given("u", receipt_id) == parameters | image


def test_digest_of_an_image_uri() -> None:
    """Empty where none is named, which no task's digest equals."""
    assert digest_of("host/name@sha256:1") == "sha256:1"
    assert digest_of("host/name:tag") == ""
