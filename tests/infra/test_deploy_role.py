"""DeployRole of infra/github-role.yml: one job may take it over, for the calls `parity` makes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from botocore import xform_name

from parity.project import ROOT
from parity.template.resolve import resolve
from tests.infra.asking import PLACE, REGION, STACK
from tests.infra.deploy_role import OWN, TEMPLATE, refused, statements
from tests.infra.iam import Asked, allows
from tests.infra.registry import is_action

if TYPE_CHECKING:
    from collections.abc import Mapping

CODE = "\n".join(path.read_text() for path in sorted((ROOT / "parity").rglob("*.py")))
# What ECR asks for when Docker pushes, and `parity` reads a manifest, by the registry's protocol.
REGISTRY = {
    "ecr:BatchCheckLayerAvailability",
    "ecr:BatchGetImage",
    "ecr:CompleteLayerUpload",
    "ecr:GetDownloadUrlForLayer",
    "ecr:InitiateLayerUpload",
    "ecr:ListImages",
    "ecr:PutImage",
    "ecr:UploadLayerPart",
}
# Asked for besides the action that was called: tags in CreateChangeSet and CreateRepository.
BESIDES = {"cloudformation:TagResource", "ecr:TagResource"}
PASSED = {"iam:PassedToService": "cloudformation.amazonaws.com"}


def trust(role: str, **parameters: str) -> dict[str, Any]:
    """Return the one statement of who may take a role over."""
    made = resolve(TEMPLATE, {"Repository": "owner/name", **parameters}).resources[role]
    document: Any = made.properties["AssumeRolePolicyDocument"]
    (statement,) = document["Statement"]
    found: dict[str, Any] = statement
    return found


def test_only_a_job_of_the_repository_in_the_environment_takes_it() -> None:
    """Subject and audience are equal, not alike; nobody else is trusted."""
    statement = trust("DeployRole", Environment="production")
    assert statement["Action"] == "sts:AssumeRoleWithWebIdentity"
    assert set(statement["Principal"]) == {"Federated"}
    assert statement["Condition"] == {
        "StringEquals": {
            "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
            "token.actions.githubusercontent.com:sub": "repo:owner/name:environment:production",
        }
    }


@pytest.mark.parametrize(
    "wrong",
    [
        {"Repository": "owner/*"},
        {"Repository": "owner"},
        {"Repository": "owner/name:ref"},
        {"Repository": "owner/name", "Environment": "*"},
        {"Repository": "owner/name", "Environment": ""},
        {"Repository": "owner/name", "DeployedStackName": "s" * 37},
        {"Repository": "owner/name", "DeployedStackName": "a*"},
        {
            "Repository": "owner/name",
            "OidcProviderArn": "arn:aws:iam::1:oidc-provider/evil.example",
        },
    ],
    ids=str,
)
def test_parameter_that_would_open_the_role_is_refused(wrong: Mapping[str, str]) -> None:
    """No wildcard, and no other issuer, gets into who is trusted with what."""
    with pytest.raises(Exception, match=r"Repository|Environment|DeployedStackName|OidcProvider"):
        resolve(TEMPLATE, wrong)


def test_provider_is_made_or_the_given_one_is_trusted() -> None:
    """An account has one provider for GitHub; a thumbprint is no longer asked for."""
    arn = "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"
    own = resolve(TEMPLATE, {"Repository": "owner/name"})
    assert own.resources["Provider"].properties == {
        "Url": "https://token.actions.githubusercontent.com",
        "ClientIdList": ["sts.amazonaws.com"],
    }
    given = resolve(TEMPLATE, {"Repository": "owner/name", "OidcProviderArn": arn})
    assert "Provider" not in given.resources
    assert trust("DeployRole", OidcProviderArn=arn)["Principal"] == {"Federated": arn}


def test_cloudformation_alone_takes_the_stacks_role() -> None:
    """The workflow hands it over, and cannot act as it."""
    assert trust("StackRole")["Principal"] == {"Service": "cloudformation.amazonaws.com"}
    assert allows(statements(), Asked("iam:PassRole", "${StackRole.Arn}", PASSED))
    other = {"iam:PassedToService": "ec2.amazonaws.com"}
    assert not allows(statements(), Asked("iam:PassRole", "${StackRole.Arn}", other))
    assert not allows(statements(), Asked("iam:PassRole", "arn:aws:iam::1:role/Admin", PASSED))


def test_every_action_is_one_that_the_kit_calls() -> None:
    """And written out: nothing is matched by a *."""
    given = {name for part in statements(MayDestroy="on") for name in _listed(part["Action"])}
    assert [name for name in given if not is_action(name)] == []
    assert given >= REGISTRY | BESIDES
    called = given - REGISTRY - BESIDES - {"iam:PassRole"}
    assert [name for name in sorted(called) if not _is_called(name)] == []


def test_stack_is_deleted_by_people_unless_they_say_otherwise() -> None:
    """MayDestroy adds that one action, and nothing else."""
    assert refused(["cloudformation:DeleteStack"]) == ["cloudformation:DeleteStack"]
    assert refused(["cloudformation:DeleteStack"], MayDestroy="on") == []
    assert len(statements(MayDestroy="on")) == len(statements()) + 1


@pytest.mark.parametrize("sid", [each["Sid"] for each in statements(MayDestroy="on")])
def test_every_statement_is_needed(sid: str) -> None:
    """Without any one of them, something that a deploy does is refused."""
    role = statements(MayDestroy="on")
    rest = [each for each in role if each["Sid"] != sid]
    (gone,) = (each for each in role if each["Sid"] == sid)
    lost = [
        Asked(action, resource, {**REGION, **PASSED})
        for action in _listed(gone["Action"])
        for resource in ("${StackRole.Arn}", "*", *OWN.values())
    ]
    assert any(allows(role, each) and not allows(rest, each) for each in lost)


@pytest.mark.parametrize(
    "asked",
    [
        Asked("cloudformation:ExecuteChangeSet", f"arn:aws:cloudformation:{PLACE}:stack/other/1"),
        Asked(
            "cloudformation:CreateChangeSet", f"arn:aws:cloudformation:{PLACE}:stack/{STACK}-2/1"
        ),
        Asked("cloudformation:CreateStack", OWN["stack"]),
        Asked("cloudformation:SetStackPolicy", OWN["stack"]),
        Asked("ecr:PutImage", f"arn:aws:ecr:{PLACE}:repository/other"),
        Asked("ecr:BatchDeleteImage", OWN["repository"]),
        Asked("ecr:DeleteRepository", OWN["repository"]),
        Asked("ecr:PutImageTagMutability", OWN["repository"]),
        Asked("ecr:SetRepositoryPolicy", OWN["repository"]),
        Asked("ecs:UpdateService", f"arn:aws:ecs:{PLACE}:service/{STACK}-Cluster-1/{STACK}"),
        Asked("ecs:ExecuteCommand", f"arn:aws:ecs:{PLACE}:task/{STACK}-Cluster-1/1"),
        Asked("iam:CreateRole", "arn:aws:iam::123456789012:role/x"),
        Asked("iam:CreateUser", "arn:aws:iam::123456789012:user/x"),
        Asked("iam:CreateAccessKey", "arn:aws:iam::123456789012:user/x"),
        Asked("sts:AssumeRole", "${StackRole.Arn}"),
        Asked("s3:GetObject", "arn:aws:s3:::any/x"),
        Asked("secretsmanager:GetSecretValue", f"arn:aws:secretsmanager:{PLACE}:secret:x"),
        Asked("kms:Decrypt", f"arn:aws:kms:{PLACE}:key/x"),
        Asked("organizations:LeaveOrganization"),
    ],
    ids=lambda each: each.action,
)
def test_dangerous_request_is_refused(asked: Asked) -> None:
    """No other stack or repository, no deletion of images, no rights, no data."""
    role = statements(MayDestroy="on")
    assert not allows(role, Asked(asked.action, asked.resource, REGION))


def _is_called(action: str) -> bool:
    """Tell whether the kit's code has a client's method, or a paginator, of that name."""
    name = xform_name(action.partition(":")[2])
    return re.search(rf"\.{name}\b|\"{name}\"", CODE) is not None


def _listed(value: Any) -> list[Any]:  # noqa: ANN401 - as IAM has it: one, or a list of them
    return value if isinstance(value, list) else [value]
