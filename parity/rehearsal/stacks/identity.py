"""Resources that say who may do what: IAM and Secrets Manager."""

from __future__ import annotations

import json

from parity.rehearsal.stacks.api import call
from parity.rehearsal.stacks.load_balancer import without_own_tags
from parity.rehearsal.stacks.provider import Made, Properties, Provider, Request

IAM = "iam"
SECRETS = "secretsmanager"


def _create_role(request: Request) -> Made:
    answer = call(
        IAM,
        "CreateRole",
        **request.without("Tags", "Policies", "ManagedPolicyArns", "RoleName"),
        RoleName=request.name("RoleName"),
        Tags=without_own_tags(request.properties),
    )["Role"]
    name = answer["RoleName"]
    _put_policies(name, request)
    return Made(name, {"Arn": answer["Arn"], "RoleId": answer["RoleId"]})


def _put_policies(role: str, request: Request) -> None:
    policies = request.properties.get("Policies", [])
    kept = {policy["PolicyName"] for policy in policies}
    for policy in policies:
        call(IAM, "PutRolePolicy", RoleName=role, **policy)
    for policy in request.before.get("Policies", []):
        if policy["PolicyName"] not in kept:
            call(IAM, "DeleteRolePolicy", RoleName=role, PolicyName=policy["PolicyName"])
    managed = request.properties.get("ManagedPolicyArns", [])
    for arn in managed:
        call(IAM, "AttachRolePolicy", RoleName=role, PolicyArn=arn)
    for arn in set(request.before.get("ManagedPolicyArns", [])) - set(managed):
        call(IAM, "DetachRolePolicy", RoleName=role, PolicyArn=arn)


def _update_role(request: Request) -> Made:
    name = request.identifier
    if request.changed("AssumeRolePolicyDocument"):
        document = request.properties["AssumeRolePolicyDocument"]
        call(IAM, "UpdateAssumeRolePolicy", RoleName=name, PolicyDocument=document)
    _put_policies(name, request)
    role = call(IAM, "GetRole", RoleName=name)["Role"]
    return Made(name, {"Arn": role["Arn"], "RoleId": role["RoleId"]})


def _delete_role(name: str, _: Properties) -> None:
    for policy in call(IAM, "ListRolePolicies", RoleName=name)["PolicyNames"]:
        call(IAM, "DeleteRolePolicy", RoleName=name, PolicyName=policy)
    for policy in call(IAM, "ListAttachedRolePolicies", RoleName=name)["AttachedPolicies"]:
        call(IAM, "DetachRolePolicy", RoleName=name, PolicyArn=policy["PolicyArn"])
    call(IAM, "DeleteRole", RoleName=name)


def _put_role_policy(request: Request) -> Made:
    for role in request.properties["Roles"]:
        call(IAM, "PutRolePolicy", RoleName=role, **request.only("PolicyName", "PolicyDocument"))
    return Made(str(request.properties["PolicyName"]))


def _delete_role_policy(_: str, properties: Properties) -> None:
    for role in properties["Roles"]:
        call(IAM, "DeleteRolePolicy", RoleName=role, PolicyName=properties["PolicyName"])


def _create_secret(request: Request) -> Made:
    answer = call(
        SECRETS,
        "CreateSecret",
        **request.without("Tags", "GenerateSecretString", "Name"),
        Name=request.name("Name"),
        SecretString=request.properties.get("SecretString") or _generated(request.properties),
        Tags=without_own_tags(request.properties),
    )
    return Made(answer["ARN"], {"Id": answer["ARN"]})


def _generated(properties: Properties) -> str:
    how = dict(properties["GenerateSecretString"])
    frame, key = how.pop("SecretStringTemplate", ""), how.pop("GenerateStringKey", "")
    password = call(SECRETS, "GetRandomPassword", **how)["RandomPassword"]
    return json.dumps({**json.loads(frame), key: password}) if key else password


def _update_secret(request: Request) -> Made:
    # A new GenerateSecretString makes a new secret on AWS; nothing else changes the value.
    fresh = request.changed("GenerateSecretString")
    call(
        SECRETS,
        "UpdateSecret",
        SecretId=request.identifier,
        SecretString=_generated(request.properties) if fresh else None,
        **request.only("Description", "KmsKeyId"),
    )
    return Made(request.identifier, {"Id": request.identifier})


def _put_one_policy(request: Request) -> Made:
    call(IAM, "PutRolePolicy", **request.properties)
    return Made("|".join((request.properties["PolicyName"], request.properties["RoleName"])))


PROVIDERS = {
    "AWS::IAM::Role": Provider(_create_role, _delete_role, _update_role, ("RoleName", "Path")),
    "AWS::IAM::Policy": Provider(
        _put_role_policy, _delete_role_policy, _put_role_policy, ("PolicyName",)
    ),
    "AWS::IAM::RolePolicy": Provider(
        _put_one_policy,
        lambda _, policy: call(
            IAM,
            "DeleteRolePolicy",
            RoleName=policy["RoleName"],
            PolicyName=policy["PolicyName"],
        ),
        _put_one_policy,
        ("PolicyName", "RoleName"),
    ),
    "AWS::SecretsManager::Secret": Provider(
        _create_secret,
        lambda arn, _: call(SECRETS, "DeleteSecret", SecretId=arn, ForceDeleteWithoutRecovery=True),
        _update_secret,
        ("Name",),
    ),
}
