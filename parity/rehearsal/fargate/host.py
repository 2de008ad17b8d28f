"""Tasks on the local engine: started as registered, waited for as ECS waits, and stopped."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from docker.errors import DockerException, NotFound
from docker.types import EndpointConfig, Mount

from parity.rehearsal.fargate import target
from parity.rehearsal.fargate.ended import TaskEndedError, not_started, unhealthy
from parity.rehearsal.fargate.said import UnknownSettingError
from parity.rehearsal.fargate.surroundings import LABEL, TASK
from parity.rehearsal.fargate.translate import translate

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from docker import DockerClient
    from docker.models.containers import Container

    from parity.rehearsal.fargate.surroundings import Surroundings
    from parity.rehearsal.fargate.translate import Mount as PlannedMount
    from parity.rehearsal.fargate.translate import TaskPlan

POLL_SECONDS = 0.3
HEALTHY_SECONDS = 120
LOG_LINES = 40


@dataclass(frozen=True)
class RunningTask:
    """A task whose container was started. digest: that the image was pulled by."""

    plan: TaskPlan
    container: Container
    digest: str


class Host:
    """Runs tasks. api: gives the client of an AWS service, which is asked for all that they need.

    credentials: of the registry.
    """

    def __init__(
        self,
        client: DockerClient,
        api: Callable[[str], Any],
        around: Surroundings,
        credentials: Mapping[str, str],
    ) -> None:
        self.client = client
        self.api = api
        self.around = around
        self.credentials = dict(credentials)

    def launch(self, task_id: str, definition_arn: str, service: str) -> RunningTask:
        """Start a task of the definition that is registered under an ARN.

        Raises TaskEndedError where it cannot be started, with the engine's own words.
        """
        ecs = self.api("ecs")
        described = ecs.describe_task_definition(taskDefinition=definition_arn)["taskDefinition"]
        try:
            plan = translate(described)
            image = self.client.images.pull(plan.image, auth_config=self.credentials)
            mounts = [self._bind(mount, str(image.id)) for mount in plan.mounts]
        except UnknownSettingError as error:
            raise not_started(str(error)) from error
        except DockerException as error:
            raise not_started(f"CannotPullContainerError: {_words(error)}") from error
        container = self._create(task_id, plan, mounts, service)
        try:
            container.start()
        except DockerException as error:
            container.remove(force=True)
            raise not_started(f"CannotStartContainerError: {_words(error)}") from error
        return RunningTask(plan, container, plan.image.partition("@")[2])

    def wait(self, task: RunningTask, balancers: Sequence[Mapping[str, Any]]) -> None:
        """Wait until a task is healthy, to ECS by its container and to its target groups.

        balancers: as a service has them. Raises TaskEndedError when it ends or fails its checks.
        """
        deadline = time.monotonic() + HEALTHY_SECONDS
        while not self._healthy(task):
            if time.monotonic() > deadline:
                why = f"Task failed container health checks: not healthy in {HEALTHY_SECONDS} s"
                raise unhealthy(why, self.log(task))
            time.sleep(POLL_SECONDS)
        for entry in balancers:
            group = self.api("elbv2").describe_target_groups(
                TargetGroupArns=[entry["targetGroupArn"]]
            )["TargetGroups"][0]
            port = self._published(task, int(entry["containerPort"]))
            if wrong := target.failed_checks(group, port):
                why = f"Task failed ELB health checks in (target-group {group['TargetGroupArn']})"
                raise unhealthy(f"{why}: {wrong}", self.log(task))

    def stop(self, task: RunningTask) -> None:
        """Stop a task as its definition says, and leave nothing of it."""
        try:
            task.container.stop(timeout=task.plan.stop_seconds)
            task.container.remove(force=True)
        except NotFound:
            pass  # the rehearsal has ended and taken it away

    def log(self, task: RunningTask) -> str:
        """Return the last lines that a task has printed."""
        return str(task.container.logs(tail=LOG_LINES).decode(errors="replace"))

    def _create(
        self, task_id: str, plan: TaskPlan, mounts: Sequence[Mount], service: str
    ) -> Container:
        secrets = self.api("secretsmanager")
        values = {
            variable: secrets.get_secret_value(SecretId=arn)["SecretString"]
            for variable, arn in plan.secrets.items()
        }
        own = plan.arguments
        network = self.around.network
        given = {
            **own,
            "environment": {**own["environment"], **values, **self.around.environment},
            "labels": {**own["labels"], LABEL: network, TASK: task_id},
            "mounts": list(mounts),
            "network": network,
            "networking_config": {
                network: EndpointConfig(self.client.api.api_version, aliases=[service])
            },
        }
        return self.client.containers.create(plan.image, name=f"{network}-{task_id[:8]}", **given)

    def _bind(self, mount: PlannedMount, image: str) -> Mount:
        """Return the folder that stands in for an access point, made as EFS makes it."""
        answer = self.api("efs").describe_access_points(AccessPointId=mount.access_point)
        point = answer["AccessPoints"][0]
        if point["FileSystemId"] != mount.file_system:
            raise not_started(
                f"ResourceInitializationError: access point {mount.access_point} is not one of"
                f" {mount.file_system}"
            )
        volume = Path(self.around.folder) / mount.file_system
        volume.mkdir(parents=True, exist_ok=True)
        root = point["RootDirectory"]["Path"].strip("/")
        made = point["RootDirectory"].get("CreationInfo")
        if made:
            owner = ["-o", str(made["OwnerUid"]), "-g", str(made["OwnerGid"])]
            self.client.containers.run(
                image,
                entrypoint=["install"],
                command=["-d", *owner, "-m", made["Permissions"], f"/volume/{root}"],
                user="0:0",
                network_mode="none",
                mounts=[Mount("/volume", str(volume), type="bind")],
                labels={LABEL: self.around.network},
                remove=True,
            )
        return Mount(mount.path, str(volume / root), type="bind", read_only=mount.read_only)

    def _healthy(self, task: RunningTask) -> bool:
        task.container.reload()
        state = task.container.attrs["State"]
        if not state["Running"]:
            killed = "OutOfMemoryError: Container killed due to memory usage"
            raise TaskEndedError(
                "EssentialContainerExited",
                "Essential container in task exited",
                exit_code=state["ExitCode"],
                reason=killed if state.get("OOMKilled") else str(state.get("Error", "")),
                log=self.log(task),
            )
        health = state.get("Health")
        if health and health["Status"] == "unhealthy":
            last = health["Log"][-1]["Output"].strip() if health["Log"] else ""
            raise unhealthy(f"Task failed container health checks: {last}", self.log(task))
        return health is None or health["Status"] == "healthy"

    def _published(self, task: RunningTask, port: int) -> int:
        """Return the port of this machine that leads to a container's port."""
        if port not in task.plan.ports:
            raise not_started(
                f"The container {task.plan.container} did not have a container port {port} defined."
            )
        published = task.container.ports[f"{port}/tcp"] or []
        return int(published[0]["HostPort"])


def _words(error: DockerException) -> str:
    return str(getattr(error, "explanation", None) or error)
