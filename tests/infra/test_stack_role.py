"""StackRole of infra/github-role.yml: all that a stack of infra/template.yml needs, and no more."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any

import boto3
import pytest

from parity.project import ROOT
from parity.template.load import load
from parity.template.parameter_sets import ALWAYS
from parity.template.resolve import resolve
from tests.infra import registry
from tests.infra.asking import MADE, NEW, OWN, REGION, REGISTERS, STACK, TAG, TAGS, asked
from tests.infra.iam import Asked, allows, like, statements_of
from tests.infra.not_needed import BY_PROPERTY, BY_REASON

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.infra.iam import Statement

ROLE = load(ROOT / "infra" / "github-role.yml")
TEMPLATE = load(ROOT / "infra" / "template.yml")
RESOURCES: dict[str, Any] = TEMPLATE.section("Resources")
TYPES = sorted({body["Type"] for body in RESOURCES.values()})
SECRET = "arn:aws:secretsmanager:us-east-1:123456789012:secret:sign-in-a1B2c3"  # noqa: S105 - a name
ALL_ON = {"BoundRoles": "on", "MayDestroy": "on", "OidcClientSecretArn": SECRET}
LONGEST = {"region": "ap-southeast-1", "stack": "s" * 36}
MOST = 6_144  # characters of a managed policy, without white space
MOST_INLINE = 10_240  # of all inline policies of a role
MOST_ATTACHED = 10
# Beyond reading, what the role can do to things that are not the stack's: the risks that stay.
LEFT_OPEN = {
    "application-autoscaling:registerscalabletarget": "can take over a target that has no tag",
    "application-autoscaling:tagresource": "as above",
    "cloudfront:createdistribution": "knows no resources",
    "cloudfront:createfunction": "does nothing before a distribution names it",
    "cloudfront:createvpcorigin": "knows no resources",
    "cloudfront:tagresource": "can take over what has no tag: no key tells that it is being made",
    "cloudwatch:deletedashboards": "a dashboard's name does not start with the stack's",
    "cloudwatch:putdashboard": "as above",
    "cloudwatch:tagresource": "as above, of a dashboard",
    "cloudwatch:untagresource": "as above, of a dashboard",
    "ec2:createnetworkinterface": "EFS asks for it, untagged",
    "ec2:createsecuritygroup": "in any VPC, since VpcId may name one",
    "ec2:deletenetworkinterface": "EFS asks for it; one that is in use cannot be deleted",
    "ec2:modifynetworkinterfaceattribute": "EFS asks for it",
    "ecs:deregistertaskdefinition": "knows no resources; tasks that run go on",
    "elasticloadbalancing:setwebacl": "knows no resources",
    "iam:createservicelinkedrole": "of five services, whose rights AWS defines",
    "secretsmanager:tagresource": "can take over a secret called CookieSecret-... without the tag",
    "wafv2:associatewebacl": "WAF sees no tag of a load balancer; load balancing does",
    "wafv2:disassociatewebacl": "as above",
    "wafv2:createwebacl": "with AWS's managed rules",
    "wafv2:updatewebacl": "as above",
    "wafv2:tagresource": "can take over a web ACL that has no tag",
}
DANGEROUS = [
    Asked("iam:CreateUser", "arn:aws:iam::123456789012:user/x"),
    Asked("iam:CreateAccessKey", "arn:aws:iam::123456789012:user/x"),
    Asked("iam:CreatePolicyVersion", "arn:aws:iam::123456789012:policy/x"),
    Asked("iam:CreateOpenIDConnectProvider", "arn:aws:iam::123456789012:oidc-provider/x"),
    Asked("iam:CreateRole", "arn:aws:iam::123456789012:role/Admin"),
    Asked("iam:PutRolePolicy", "arn:aws:iam::123456789012:role/parity-kit-DeployRole-1"),
    Asked("iam:UpdateAssumeRolePolicy", "arn:aws:iam::123456789012:role/Admin"),
    Asked("iam:AttachRolePolicy", "arn:aws:iam::123456789012:role/parity-kit-TaskRole-1"),
    Asked(
        "iam:PassRole",
        "arn:aws:iam::123456789012:role/parity-kit-TaskRole-1",
        {"iam:PassedToService": "ec2.amazonaws.com"},
    ),
    Asked(
        "iam:PassRole",
        "arn:aws:iam::123456789012:role/Admin",
        {"iam:PassedToService": "ecs-tasks.amazonaws.com"},
    ),
    Asked("sts:AssumeRole", "arn:aws:iam::123456789012:role/Admin"),
    Asked("organizations:LeaveOrganization"),
    Asked(
        "iam:CreateServiceLinkedRole",
        "arn:aws:iam::123456789012:role/aws-service-role/x.amazonaws.com/Any",
        {"iam:AWSServiceName": "x.amazonaws.com"},
    ),
    Asked("s3:GetObject", f"arn:aws:s3:::{STACK}-accesslogs-1/AWSLogs/x"),
    Asked("s3:ListBucket", "arn:aws:s3:::somebody-elses"),
    Asked("s3:PutBucketPolicy", "arn:aws:s3:::somebody-elses"),
    Asked("s3:DeleteBucket", f"arn:aws:s3:::{STACK}-accesslogs-1"),
    Asked("s3:DeleteObject", f"arn:aws:s3:::{STACK}-accesslogs-1/AWSLogs/x"),
    Asked("kms:Decrypt", "arn:aws:kms:us-east-1:123456789012:key/1"),
    Asked("kms:CreateGrant", "arn:aws:kms:us-east-1:123456789012:key/1"),
    Asked("kms:ScheduleKeyDeletion", "arn:aws:kms:us-east-1:123456789012:key/1"),
    Asked(
        "elasticfilesystem:DeleteFileSystem",
        "arn:aws:elasticfilesystem:us-east-1:123456789012:file-system/fs-1",
        {f"aws:ResourceTag/{TAG}": STACK},
    ),
    Asked("backup:DeleteRecoveryPoint", "arn:aws:backup:us-east-1:123456789012:x"),
    Asked("ec2:RunInstances", "arn:aws:ec2:us-east-1:123456789012:instance/*", NEW),
    Asked("ecs:RunTask", f"arn:aws:ecs:us-east-1:123456789012:task-definition/{STACK}:1"),
    Asked("ecs:ExecuteCommand", f"arn:aws:ecs:us-east-1:123456789012:cluster/{STACK}-Cluster-1"),
    Asked("secretsmanager:GetSecretValue", SECRET),
    Asked("lambda:CreateFunction", "arn:aws:lambda:us-east-1:123456789012:function:x", NEW),
]
ELSEWHERE = {"aws:RequestedRegion": "eu-west-1", **NEW}
# These know no resources, so a condition alone keeps them to one region.
ANYWHERE = (
    "ecs:DeregisterTaskDefinition",
    "elasticfilesystem:CreateFileSystem",
    "elasticloadbalancing:SetWebACL",
)
BOUND = ("iam:CreateRole", "iam:PutRolePolicy", "iam:PutRolePermissionsBoundary")
READING = re.compile(r":(describe|list|get)")


def statements(**parameters: str) -> list[Statement]:
    """Return the role's statements, for the stack that `asking` is about."""
    given = {"Repository": "owner/name", "DeployedStackName": STACK, **parameters}
    return statements_of(resolve(ROLE, given), "StackRole")


def used(resource_type: str, name: str) -> bool:
    """Tell whether a resource of the type sets the property."""
    bodies = [body for body in RESOURCES.values() if body["Type"] == resource_type]
    return any(name in body.get("Properties", {}) for body in bodies)


def named(resource_type: str) -> set[str]:
    """Return what the handlers name to make, read, change and delete resources of the type.

    Not to list them: CloudFormation does that for other purposes than a stack. Not to delete what
    the template retains.
    """
    handlers = dict(registry.permissions(resource_type))
    handlers.pop("list", None)
    bodies = [body for body in RESOURCES.values() if body["Type"] == resource_type]
    if all(body.get("DeletionPolicy") == "Retain" for body in bodies):
        handlers.pop("delete")
    return set().union(*handlers.values(), registry.tag_permissions(resource_type))


def needed(resource_type: str) -> set[str]:
    """Return what is named, less what these resources do not need."""
    unused = [
        pattern
        for name, patterns in BY_PROPERTY.get(resource_type, {}).items()
        if not used(resource_type, name)
        for pattern in patterns
    ]
    unused += BY_REASON.get(resource_type, {})
    return {
        action
        for action in named(resource_type)
        if not any(like(pattern, action) for pattern in unused)
    }


def requests(resource_type: str) -> list[Asked]:
    """Return all that is asked for when CloudFormation handles resources of the type."""
    told = boundary_told() if resource_type.startswith("AWS::IAM::") else {}
    return [
        replace(each, context={**each.context, **told})
        for action in sorted(needed(resource_type))
        for each in asked(action, resource_type)
    ]


@cache
def boundary_told() -> dict[str, str]:
    """Return what IAM is told of the stack's roles when they are given the boundary's ARN."""
    arn = "arn:aws:iam::123456789012:policy/boundary"
    made = resolve(TEMPLATE, ALWAYS | {"PermissionsBoundaryArn": arn}).of_type("AWS::IAM::Role")
    carried = {role.properties.get("PermissionsBoundary") for role in made}
    # As a value of StackRole's conditions the boundary is a reference, not yet an ARN.
    return {"iam:PermissionsBoundary": "${Boundary}"} if carried == {arn} else {}


@cache
def every_need() -> list[Asked]:
    """Return all requests that a stack with every option makes."""
    return list(_every_need())


def _every_need() -> Iterator[Asked]:
    for resource_type in TYPES:
        yield from requests(resource_type)
    # EFS asks its caller for the network interfaces of mount targets; its API's own text says so.
    for operation in ("CreateMountTarget", "ModifyMountTargetSecurityGroups", "DeleteMountTarget"):
        model = boto3.client("efs", region_name="us-east-1").meta.service_model
        text = model.operation_model(operation).documentation
        for action in re.findall(r"<code>(ec2:\w+)</code>", text):
            yield from asked(action, "AWS::EFS::MountTarget")
    # As AWS's own policy ElasticLoadBalancingFullAccess has it; the handler does not name it.
    yield from asked("iam:CreateServiceLinkedRole", "AWS::ElasticLoadBalancingV2::LoadBalancer")
    yield Asked("ec2:DescribeAvailabilityZones", "*", REGION)  # Fn::GetAZs
    yield Asked("secretsmanager:GetSecretValue", SECRET)  # {{resolve:secretsmanager:...}}


@pytest.mark.parametrize("resource_type", TYPES)
def test_every_permission_that_a_type_needs_is_given(resource_type: str) -> None:
    """What CloudFormation's registry names, on the stack's own resources, with their tags."""
    role = statements()
    made = requests(resource_type)
    assert made
    assert [str(each) for each in made if not allows(role, each)] == []


def test_what_no_handler_names_is_given_too() -> None:
    """Network interfaces for EFS, zones for Fn::GetAZs, the secret that a listener resolves."""
    role = statements(**ALL_ON)
    assert [str(each) for each in every_need() if not allows(role, each)] == []


@pytest.mark.parametrize("sid", [each["Sid"] for each in statements(**ALL_ON)])
def test_role_without_one_statement_is_noticed(sid: str) -> None:
    """Each of them is needed: none is left over, and none can be lost."""
    rest = [each for each in statements(**ALL_ON) if each["Sid"] != sid]
    assert not all(allows(rest, each) for each in every_need())


def test_every_action_is_one_that_the_stack_needs() -> None:
    """No action is given, nor matched by a *, that no handler of these types names."""
    wanted = {each.action.lower() for each in every_need()} | {"iam:putrolepermissionsboundary"}
    found = {
        name
        for statement in statements(**ALL_ON)
        for pattern in _listed(statement["Action"])
        if not READING.search(pattern.lower())
        for name in registry.actions_like(pattern)
    }
    assert sorted(found - wanted) == []


def test_no_statement_allows_a_whole_service() -> None:
    """A * stands for readings of one service, or the last part of one action's name."""
    for statement in statements(**ALL_ON):
        for pattern in _listed(statement["Action"]):
            assert re.fullmatch(r"[a-z0-9-]+:[A-Z][A-Za-z]{2,}\*?[A-Za-z]*", pattern), pattern
            assert registry.actions_like(pattern.split("*")[0] + "*"), pattern


@pytest.mark.parametrize("resource_type", sorted({*BY_PROPERTY, *BY_REASON}))
def test_reason_for_withholding_is_about_something(resource_type: str) -> None:
    """The property is one of the type, and the permission one that its handlers name."""
    properties = registry.schema(resource_type)["properties"]
    assert [name for name in BY_PROPERTY.get(resource_type, {}) if name not in properties] == []
    patterns = [each for many in BY_PROPERTY.get(resource_type, {}).values() for each in many]
    everything = set().union(
        *registry.permissions(resource_type).values(), registry.tag_permissions(resource_type)
    )
    for pattern in [*patterns, *BY_REASON.get(resource_type, {})]:
        assert any(like(pattern, action) for action in everything), pattern


def test_tag_comes_with_the_resource_where_the_role_relies_on_it() -> None:
    """Every taggable type gets the stack's tags in the call that makes it, not after."""
    untagged = {kind for kind in TYPES if not registry.tagged_when_made(kind)}
    parts = {"Policy", "Route", "Association", "Attachment", "Target", "Subscription"}
    assert {kind for kind in untagged if not kind.endswith(tuple(parts))} == set()


def test_what_is_not_the_stacks_stays_out_of_reach() -> None:
    """Another stack's resource, or one without a tag, even if the request has the stack's tag."""
    role = statements(**ALL_ON)
    open_to_others = {each.action for each in of_others() if allows(role, each)}
    assert sorted(open_to_others) == sorted(LEFT_OPEN)


@cache
def of_others() -> list[Asked]:
    """Return requests of all the role's actions but readings, on what is not the stack's."""
    return list(_of_others())


def _of_others() -> Iterator[Asked]:
    made = {action.lower(): kind for action, kind in MADE.items()}
    patterns = {each for part in statements(**ALL_ON) for each in _listed(part["Action"])}
    for action in {name for each in patterns for name in registry.actions_like(each)}:
        if READING.search(action):
            continue
        own = OWN.get(action.split(":")[0], {})
        for kind in registry.kinds(action):
            if made.get(action) == kind and action != REGISTERS.lower():
                continue  # nobody has it yet
            for resource in own.get(kind, ()):
                other = resource.replace(STACK, "other")
                yield Asked(action, other, {**REGION, f"aws:ResourceTag/{TAG}": "other"})
                yield Asked(action, other, {**REGION, **NEW})
        if action == "iam:createservicelinkedrole":
            name = "ecs.amazonaws.com"
            role = f"arn:aws:iam::123456789012:role/aws-service-role/{name}/Any"
            yield Asked(action, role, {"iam:AWSServiceName": name})
        elif not registry.kinds(action) and action not in made:
            yield Asked(action, "*", REGION)


@pytest.mark.parametrize(
    "request_", DANGEROUS, ids=lambda each: f"{each.action} {each.resource.rpartition(':')[2]}"
)
def test_dangerous_request_is_refused(request_: Asked) -> None:
    """No users, keys, foreign roles, instances or data, and no way to delete what users wrote."""
    assert not allows(statements(), replace(request_, context={**REGION, **request_.context}))


@pytest.mark.parametrize(
    "sid", [each["Sid"] for each in statements(**ALL_ON) if "Condition" in each]
)
def test_condition_that_is_gone_is_noticed(sid: str) -> None:
    """Each of them keeps something out that must stay out."""
    role = statements(**ALL_ON)
    assert too_much(role) == []
    loose = [
        {key: value for key, value in each.items() if key != "Condition" or each["Sid"] != sid}
        for each in role
    ]
    assert too_much(loose) != []


def too_much(role: list[Statement]) -> list[str]:
    """Return what a role, of which everything is on, allows and must not."""
    asked_for = [each for each in of_others() if each.action not in LEFT_OPEN]
    asked_for += [replace(each, context={**REGION, **each.context}) for each in DANGEROUS]
    asked_for += [Asked(name, "*", ELSEWHERE) for name in ANYWHERE]
    asked_for += [each for name in BOUND for each in asked(name, "AWS::IAM::Role")]
    asked_for += _of_the_other_stack()
    asked_for += [
        Asked(action, resource, REGION)  # made without the tag, it would be nobody's
        for action, kind in MADE.items()
        for resource in OWN[action.partition(":")[0]].get(kind, ())
    ]
    return [str(each) for each in asked_for if each.resource != SECRET and allows(role, each)]


def _of_the_other_stack() -> Iterator[Asked]:
    """Yield requests that would take over what has the tag of another stack, such as production."""
    for action in TAGS:
        for kind in registry.kinds(action) & set(OWN[action.partition(":")[0]]):
            for resource in OWN[action.partition(":")[0]][kind]:
                yield Asked(action, resource, {**NEW, f"aws:ResourceTag/{TAG}": "other"})


def test_bound_role_can_be_made_with_its_boundary_only() -> None:
    """With BoundRoles, neither a role nor a right comes about without it."""
    role = statements(BoundRoles="on")
    for action in BOUND:
        for plain in asked(action, "AWS::IAM::Role"):
            bound = {"iam:PermissionsBoundary": "${Boundary}"}
            other = {"iam:PermissionsBoundary": "arn:aws:iam::aws:policy/AdministratorAccess"}
            assert allows(role, replace(plain, context=bound))
            assert not allows(role, replace(plain, context=other))
            assert not allows(role, plain)


def test_boundary_holds_all_that_the_tasks_roles_are_given() -> None:
    """Else a bound task could not do its work."""
    boundary = resolve(ROLE, {"Repository": "o/n", **ALL_ON}).resources["Boundary"].properties
    document: Any = boundary["PolicyDocument"]
    bounds = [name for part in document["Statement"] for name in _listed(part["Action"])]
    given = resolve(TEMPLATE, ALWAYS | {"EnableExecuteCommand": "on"})
    for role in ("TaskRole", "ExecutionRole"):
        names = [n for part in statements_of(given, role) for n in _listed(part["Action"])]
        assert names
        assert [name for name in names if name not in bounds] == []


def test_role_binds_by_default_since_the_template_can_carry_it() -> None:
    """What a workflow deploys cannot give its tasks more than the boundary has."""
    assert boundary_told()
    default = ROLE.section("Parameters")["BoundRoles"]
    assert isinstance(default, dict)
    assert default["Default"] == "on"


def test_unbound_role_is_refused_by_default_and_allowed_when_it_is_off() -> None:
    """Whoever forgets AWS_BOUNDARY_ARN is told by IAM; whoever switches BoundRoles off is not."""
    for action in BOUND:
        for plain in asked(action, "AWS::IAM::Role"):
            assert not allows(statements(), plain)
            assert allows(statements(BoundRoles="off"), plain)


def test_policies_fit_into_iams_limits() -> None:
    """With the longest names, each managed policy and all inline ones of a role together."""
    made = resolve(
        ROLE,
        {"Repository": "owner/name", "DeployedStackName": LONGEST["stack"], **ALL_ON},
        region=LONGEST["region"],
    ).resources.values()
    managed = [each for each in made if each.type == "AWS::IAM::ManagedPolicy"]
    inline = [each for each in made if each.type == "AWS::IAM::RolePolicy"]
    assert max(_size(each.properties["PolicyDocument"]) for each in managed) <= MOST
    assert sum(_size(each.properties["PolicyDocument"]) for each in inline) <= MOST_INLINE
    assert len(managed) <= MOST_ATTACHED


def test_stack_name_leaves_room_for_the_names_made_of_it() -> None:
    """CloudFormation would shorten a longer one in a role's name, and the role would not match."""
    facts: Any = ROLE.section("Parameters")["DeployedStackName"]
    roles = [name for name, body in RESOURCES.items() if body["Type"] == "AWS::IAM::Role"]
    for role in roles:
        assert facts["MaxLength"] + len(f"-{role}-{'R' * 12}") <= 64


def _size(document: object) -> int:
    return len(re.sub(r"\s", "", json.dumps(document, default=lambda _: "x" * 100)))


def _listed(value: Any) -> list[Any]:  # noqa: ANN401 - as IAM has it: one, or a list of them
    return value if isinstance(value, list) else [value]
