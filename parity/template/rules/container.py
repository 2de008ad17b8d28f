"""Containers: environment, secrets, health check and logs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from parity.template.contract import (
    ACTIVE_CHATS,
    COOKIE_SECRET,
    HEALTH_CHECK,
    HEALTH_PATH,
    METRICS_SERVICE,
    MODEL_IDS,
    SESSION_ROOT,
)
from parity.template.place import place, places
from parity.template.rules.reading import (
    SCALING_POLICY,
    containers,
    efs_volumes,
    environment,
    servings,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from parity.template.place import Fault, Place
    from parity.template.values import Resolved, Resource

SECRET_NAME = re.compile(r"SECRET|PASSWORD|TOKEN$|API_KEY|ACCESS_KEY")
SECRET_ARN = re.compile(r"^arn:[^:]+:(secretsmanager:[^:]+:[0-9]+:secret:.+|ssm:[^:]+:[0-9]+:.+)$")
SECRET = "AWS::SecretsManager::Secret"  # noqa: S105 - a type
LIMITS = {"Interval": (5, 300), "Timeout": (2, 60), "Retries": (1, 10), "StartPeriod": (0, 300)}


def no_plain_secrets(resolved: Resolved) -> Iterator[Fault]:
    """Everybody who may look at a task definition can read its environment."""
    for container in containers(resolved):
        for item in container["Environment"]:
            if SECRET_NAME.search(item["Name"].text):
                yield item.fault(f"{item['Name'].text} under Secrets, from Secrets Manager")


def cookie_secret(resolved: Resolved) -> Iterator[Fault]:
    """Replicas that sign cookies with different secrets do not know each other's visitors."""
    for serving in servings(resolved):
        if serving.container is None:
            continue
        secrets = serving.container["Secrets"]
        if COOKIE_SECRET not in [item["Name"].text for item in secrets]:
            yield secrets.fault(f"a secret named {COOKIE_SECRET}")


def secret_by_arn(resolved: Resolved) -> Iterator[Fault]:
    """ECS takes a secret by its full ARN; a bare name is looked for in another service."""
    for container in containers(resolved):
        for item in container["Secrets"]:
            value = item["ValueFrom"]
            if not value.targets(SECRET) and not SECRET_ARN.match(value.text):
                yield value.fault("the full ARN of a secret")


def generated_secret(resolved: Resolved) -> Iterator[Fault]:
    """A secret that is written into a template is none; let Secrets Manager make it."""
    for secret in places(resolved, SECRET):
        written = secret["SecretString"]
        if written or not secret["GenerateSecretString"]:
            yield written.fault("GenerateSecretString")


def session_root(resolved: Resolved) -> Iterator[Fault]:
    """Sessions survive a task only where the app writes them: on the mounted EFS volume."""
    shared = {(volume.resource, volume["Name"].text) for volume in efs_volumes(resolved)}
    for serving in servings(resolved):
        if serving.container is None:
            continue
        mounts = {
            mount["ContainerPath"].text: mount
            for mount in serving.container["MountPoints"]
            if (mount.resource, mount["SourceVolume"].text) in shared
        }
        root = environment(serving.container).get(SESSION_ROOT)
        if not mounts:
            yield serving.container["MountPoints"].fault("the EFS volume")
        elif root is None or root.text not in mounts:
            where = root or serving.container["Environment"]
            yield where.fault(f"{SESSION_ROOT} = {' or '.join(mounts)}, where EFS is mounted")
        elif mounts[root.text]["ReadOnly"].true:
            yield mounts[root.text]["ReadOnly"].fault("false: sessions are written there")


def needed_environment(resolved: Resolved) -> Iterator[Fault]:
    """The app reads its region and its models from the environment."""
    for serving in servings(resolved):
        if serving.container is None:
            continue
        known = environment(serving.container)
        if METRICS_SERVICE not in known and _scales_on_chats(resolved):
            yield serving.container["Environment"].fault(f"{METRICS_SERVICE}, for the metric")
        for name in (MODEL_IDS, "AWS_REGION"):
            if name not in known:
                yield serving.container["Environment"].fault(name)
        region = known.get("AWS_REGION")
        if region and region.text != resolved.region:
            yield region.fault(f"the stack's own region, {resolved.region}")


def container_health_check(resolved: Resolved) -> Iterator[Fault]:
    """ECS ignores the image's own health check and sees a hung container only by this one."""
    for serving in servings(resolved):
        if serving.container is None:
            continue
        check = serving.container["HealthCheck"]
        yield from _asks_the_app(check["Command"], serving.port)
        for name, (low, high) in LIMITS.items():
            value = check[name].number
            if value is not None and not low <= value <= high:
                yield check[name].fault(f"{low} to {high}")


def own_command(resolved: Resolved) -> Iterator[Fault]:
    """What was tested is what the image starts by itself; another command, nobody has tried."""
    for serving in servings(resolved):
        for name in ("Command", "EntryPoint", "WorkingDirectory"):
            if serving.container and serving.container[name]:
                yield serving.container[name].fault("nothing: the image has its own")


def logs(resolved: Resolved) -> Iterator[Fault]:
    """Without a log configuration nothing that a container says is kept."""
    for container in containers(resolved):
        configuration = container["LogConfiguration"]
        options = configuration["Options"]
        if configuration["LogDriver"].text != "awslogs":
            yield configuration["LogDriver"].fault("awslogs")
        for name in ("awslogs-group", "awslogs-region", "awslogs-stream-prefix"):
            if not options[name]:
                yield options[name].fault("a value; Fargate needs it")
        if options["awslogs-region"] and options["awslogs-region"].text != resolved.region:
            yield options["awslogs-region"].fault(f"the stack's own region, {resolved.region}")


def log_group(resolved: Resolved) -> Iterator[Fault]:
    """A container whose log group does not exist does not start."""
    for container in containers(resolved):
        name = container["LogConfiguration"]["Options"]["awslogs-group"]
        if name and not log_groups_named(name):
            yield name.fault("the name of a log group of this template")


def log_groups_named(name: Place) -> list[Resource]:
    """Return the log groups that a value names, by reference or by the same text."""
    return [
        group
        for group in name.resolved.of_type("AWS::Logs::LogGroup")
        if name.target == group
        or place(name.resolved, group)["LogGroupName"].text == name.text != ""
    ]


def log_retention(resolved: Resolved) -> Iterator[Fault]:
    """A log group without a retention keeps, and bills, everything for ever."""
    for group in places(resolved, "AWS::Logs::LogGroup"):
        if not group["RetentionInDays"].number:
            yield group["RetentionInDays"].fault("a number of days")


def _scales_on_chats(resolved: Resolved) -> bool:
    return any(ACTIVE_CHATS in repr(policy.value) for policy in places(resolved, SCALING_POLICY))


def _asks_the_app(command: Place, port: int) -> Iterator[Fault]:
    """Yield what is wrong with a command; one that asks nobody is always content."""
    text = " ".join(command.texts)
    found = re.search(r"(?:localhost|127\.0\.0\.1)[:', \"]+([0-9]+)(/[\w/.-]*)?", text)
    if not text.startswith("CMD") or not (found or HEALTH_CHECK in text):
        yield command.fault("a command that asks the app for its health")
    elif found and int(found[1]) != port:
        yield command.fault(f"port {port}, which is the app's")
    elif found and (found[2] or "/") != HEALTH_PATH and "http" in text:
        yield command.fault(f"{HEALTH_PATH}, which is the app's own health")
