"""IAM: each role has the rights it needs, and no others."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from parity.template.contract import MODEL_IDS
from parity.template.place import place, places
from parity.template.rules.container import SECRET
from parity.template.rules.policies import granted, roles, statements
from parity.template.rules.reading import (
    ROLE,
    SERVICE,
    TASK_DEFINITION,
    efs,
    efs_volumes,
    environment,
    servings,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from parity.template.place import Fault, Place
    from parity.template.values import Resolved

EXECUTION_POLICY = "service-role/AmazonECSTaskExecutionRolePolicy"
PULL = (
    "ecr:GetAuthorizationToken",
    "ecr:BatchCheckLayerAvailability",
    "ecr:BatchGetImage",
    "ecr:GetDownloadUrlForLayer",
)
LOGGING = ("logs:CreateLogStream", "logs:PutLogEvents")
INVOKE = ("bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream")
EXEC = tuple(
    f"ssmmessages:{verb}{what}Channel"
    for verb in ("Create", "Open")
    for what in ("Control", "Data")
)
SECRETS = "secretsmanager:GetSecretValue"
PROTECTION = ("ecs:GetTaskProtection", "ecs:UpdateTaskProtection")
WITHOUT_RESOURCE = re.compile(  # actions for which IAM knows no resource
    r"ecr:GetAuthorizationToken|ssmmessages:\w+|cloudwatch:PutMetricData|ec2:Describe\w+|"
    r"logs:DescribeLogGroups|xray:Put\w+|cloudfront:List\w+|ec2:GetManagedPrefixListEntries"
)
PROFILE = re.compile(r"^(us|eu|apac|global|us-gov|jp|au|ca)\.")  # geography of an inference profile
PROFILE_KEY = "bedrock:InferenceProfileArn"
MODELS = ":foundation-model/*"
STORAGE = "elasticfilesystem:Client"
OF_TASKS = (f"{STORAGE}Mount", f"{STORAGE}Write", *INVOKE, *PROTECTION)
OF_EXECUTION = (*PULL, *LOGGING, SECRETS)


def efs_rights(resolved: Resolved) -> Iterator[Fault]:
    """EFS asks the task role, not the execution role, whether a task may mount and write."""
    for volume in efs_volumes(resolved):
        system, point = efs(volume)["FilesystemId"].target, efs(volume)["AuthorizationConfig"]
        role = place(resolved, volume.resource)["TaskRoleArn"].target
        if system is None or role is None:
            continue
        owner = place(resolved, role)
        for action in (f"{STORAGE}Mount", f"{STORAGE}Write"):
            found = [
                statement
                for statement in granted(owner, action)
                if system in statement["Resource"].targets()
            ]
            if not found:
                yield owner["Policies"].fault(f"{action} on {system.logical_id} for the task role")
        for statement in granted(owner, f"{STORAGE}Mount"):
            bound = point["AccessPointId"].target in statement["Condition"].targets()
            if not bound:
                yield statement["Condition"].fault("a condition on the access point's ARN")


def efs_rights_elsewhere(resolved: Resolved) -> Iterator[Fault]:
    """EFS rights on the execution role do nothing but hide that the task role lacks them."""
    for role in roles(resolved, "ExecutionRoleArn"):
        for statement in granted(role, f"{STORAGE}Mount"):
            yield statement["Action"].fault("no EFS rights on the execution role")


def no_root_on_efs(resolved: Resolved) -> Iterator[Fault]:
    """Root access would let a task read and change every user's files past the access point."""
    for role in roles(resolved, "TaskRoleArn"):
        for statement in granted(role, f"{STORAGE}RootAccess"):
            yield statement["Action"].fault("ClientMount and ClientWrite only")


def bedrock_rights(resolved: Resolved) -> Iterator[Fault]:
    """A model that the page offers but the task role may not call answers with an error."""
    for serving in servings(resolved):
        models = environment(serving.container).get(MODEL_IDS) if serving.container else None
        role = place(resolved, serving.task)["TaskRoleArn"].target if serving.task else None
        if models is None or role is None:
            continue
        for action in INVOKE:
            granting = list(granted(place(resolved, role), action))
            alone = [text for item in granting if _holds(item) for text in _arns(item)]
            within = [text for item in granting for text in _arns(item)]
            for model in filter(None, (name.strip() for name in models.text.split(","))):
                if not any(_names_model(arn, model) for arn in alone):
                    yield models.fault(f"{action} on {model} for the task role")
                behind = PROFILE.sub("", model)
                if behind != model and not any(_names_model(arn, behind) for arn in within):
                    yield models.fault(f"{action} on {behind}, which the profile stands for")


def bedrock_limited(resolved: Resolved) -> Iterator[Fault]:
    """A task that may call every model can be made to call the most expensive one."""
    for role in places(resolved, ROLE):
        for statement in granted(role, INVOKE[0]):
            for resource in statement["Resource"]:
                # Any model through a listed profile is no more than that profile's own.
                of_profiles = resource.text.endswith(MODELS) and _through_listed(statement)
                if resource.text == "*" or (resource.text.endswith("/*") and not of_profiles):
                    yield resource.fault("the ARNs of the models in the parameter")


def execution_pulls(resolved: Resolved) -> Iterator[Fault]:
    """With no right to pull, the image never arrives."""
    yield from _execution_rights(resolved, PULL)


def execution_logs(resolved: Resolved) -> Iterator[Fault]:
    """With no right to write logs, a container does not start."""
    yield from _execution_rights(resolved, LOGGING)


def execution_reads_secrets(resolved: Resolved) -> Iterator[Fault]:
    """ECS fetches a container's secrets with the execution role before it starts."""
    for task in places(resolved, TASK_DEFINITION):
        role = task["ExecutionRoleArn"].target
        if role is None:
            continue
        readable = [
            resource
            for statement in granted(place(resolved, role), SECRETS)
            for resource in statement["Resource"]
        ]
        for container in task["ContainerDefinitions"]:
            for item in container["Secrets"]:
                wanted = item["ValueFrom"]
                if not any(_covers_secret(resource, wanted) for resource in readable):
                    yield wanted.fault(f"{SECRETS} for the execution role")


def no_other_rights(resolved: Resolved) -> Iterator[Fault]:
    """A right that neither the app nor ECS uses serves only whoever breaks into a task."""
    shell = any(service["EnableExecuteCommand"].true for service in places(resolved, SERVICE))
    needed = {
        "TaskRoleArn": OF_TASKS + (EXEC if shell else ()),
        "ExecutionRoleArn": OF_EXECUTION,
    }
    for key, actions in needed.items():
        for role in roles(resolved, key):
            allowed = [item for item in statements(role) if item["Effect"].text == "Allow"]
            for action in (action for statement in allowed for action in statement["Action"]):
                if action.text.lower() not in {name.lower() for name in actions}:
                    yield action.fault(f"one of {', '.join(actions)}")
            for policy in role["ManagedPolicyArns"]:
                usual = key == "ExecutionRoleArn" and policy.text.endswith(EXECUTION_POLICY)
                if not policy.target and not usual:
                    yield policy.fault("a policy of this template, with the rights that are needed")


def bounded_when_asked(resolved: Resolved) -> Iterator[Fault]:
    """Whoever names a permissions boundary expects that no role of the stack is without it."""
    wanted = resolved.parameters.get("PermissionsBoundaryArn")
    for role in places(resolved, ROLE):
        boundary = role["PermissionsBoundary"]
        if wanted and boundary.text != wanted:
            yield boundary.fault(f"PermissionsBoundaryArn, {wanted}")
        elif boundary and not boundary.text:
            yield boundary.fault("the ARN of a policy, or nothing at all")


def no_wildcard_actions(resolved: Resolved) -> Iterator[Fault]:
    """A right to do everything is also the right to do what nobody thought of."""
    for role in places(resolved, ROLE):
        for statement in statements(role):
            for action in statement["Action"]:
                allowed = statement["Effect"].text == "Allow"
                if allowed and re.search(r"^\*$|:\*$|:(Get|Put|List|Describe)\*$", action.text):
                    yield action.fault("the actions that are needed, one by one")
            if statement["NotAction"] and statement["Effect"].text == "Allow":
                yield statement["NotAction"].fault("Action")


def no_wildcard_resources(resolved: Resolved) -> Iterator[Fault]:
    """A right on everything reaches other teams' things too."""
    for role in places(resolved, ROLE):
        for statement in statements(role):
            if statement["Effect"].text != "Allow" or "*" not in statement["Resource"].texts:
                continue
            narrow = [
                action
                for action in statement["Action"].texts
                if not WITHOUT_RESOURCE.fullmatch(action)
            ]
            if narrow:
                yield statement["Resource"].fault(f"ARNs, for {', '.join(narrow)}")


def resources_named(resolved: Resolved) -> Iterator[Fault]:
    """A right on an empty name is a right on nothing, or refused as malformed."""
    for role in places(resolved, ROLE):
        for statement in statements(role):
            if not statement["NotResource"] and not all(statement["Resource"].texts or [""]):
                yield statement["Resource"].fault("the ARN of a resource")


def no_broad_managed_policies(resolved: Resolved) -> Iterator[Fault]:
    """AWS's own FullAccess policies grant far more than a chatbot needs."""
    for role in places(resolved, ROLE):
        for policy in role["ManagedPolicyArns"]:
            if re.search(r"FullAccess|AdministratorAccess|PowerUser", policy.text):
                yield policy.fault("a policy with the rights that are needed")


def exec_rights(resolved: Resolved) -> Iterator[Fault]:
    """ECS Exec opens its channel with the task role; without the rights the shell never comes."""
    for service in places(resolved, SERVICE):
        task = service["TaskDefinition"].target
        role = place(resolved, task)["TaskRoleArn"].target if task else None
        if not service["EnableExecuteCommand"].true or role is None:
            continue
        for action in EXEC:
            if not list(granted(place(resolved, role), action)):
                yield place(resolved, role)["Policies"].fault(f"{action} for the task role")


def _execution_rights(resolved: Resolved, actions: tuple[str, ...]) -> Iterator[Fault]:
    for role in roles(resolved, "ExecutionRoleArn"):
        if any(text.endswith(EXECUTION_POLICY) for text in role["ManagedPolicyArns"].texts):
            continue
        for action in actions:
            if not list(granted(role, action)):
                yield role["Policies"].fault(f"{action} for the execution role")


def _holds(statement: Place) -> bool:
    """Tell whether a right holds for a call of the model itself, in the stack's region."""
    condition = statement["Condition"]
    region = condition["StringEquals"]["aws:RequestedRegion"]
    elsewhere = region and statement.resolved.region not in region.texts
    return PROFILE_KEY not in repr(condition.value) and not elsewhere


def _through_listed(statement: Place) -> bool:
    """Tell whether a right holds only for calls through inference profiles that are named."""
    condition = statement["Condition"]
    named = [
        text
        for operator in ("ArnLike", "ArnEquals", "StringLike", "StringEquals")
        for text in condition[operator][PROFILE_KEY].texts
    ]
    return bool(named) and all("/" in arn and not arn.endswith("*") for arn in named)


def _arns(statement: Place) -> tuple[str, ...]:
    return statement["Resource"].texts


def _names_model(arn: str, model: str) -> bool:
    last = arn.rpartition("/")[2]
    return arn == "*" or last in {"*", model} or arn == model


def _covers_secret(resource: Place, wanted: Place) -> bool:
    if set(resource.targets(SECRET)) & set(wanted.targets(SECRET)):
        return True
    return bool(wanted.text) and wanted.text.startswith(resource.text.rstrip("*"))
