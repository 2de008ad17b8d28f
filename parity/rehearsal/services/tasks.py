"""Tasks as moto keeps them: made, marked as running or stopped, put among a service's targets."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from moto.ec2.models import ec2_backends
from moto.ecs.models import Task
from moto.elbv2.models import elbv2_backends

if TYPE_CHECKING:
    from moto.ecs.models import Service, TaskDefinition

    from parity.rehearsal.fargate.ended import TaskEndedError
    from parity.rehearsal.services.runs import Run


def definition_of(service: Service) -> TaskDefinition:
    """Return the task definition that a service is to run."""
    return service._backend.describe_task_definition(service.task_definition or "")  # noqa: SLF001


def make(service: Service, deployment: dict[str, Any], place: int) -> Any:  # noqa: ANN401
    """Return a new task of a deployment, pending, in the place-th of the service's subnets."""
    backend = service._backend  # noqa: SLF001 - moto's services know it
    network = dict(service.network_configuration["awsvpcConfiguration"])
    subnets = network["subnets"]
    network["subnets"] = [subnets[place % len(subnets)]]
    definition: Any = definition_of(service)
    task: Any = Task(
        backend._get_cluster(service.cluster_name),  # noqa: SLF001 - as above
        definition,
        None,
        None,
        backend,
        f"service:{service.name}",
        launch_type=service.launch_type or "FARGATE",
        started_by=deployment["id"],
        networking_configuration={"awsvpcConfiguration": network},
        platform_version=service.platform_version or "LATEST",
    )
    deployment["taskDefinition"] = definition.arn
    subnet = ec2_backends[service._account_id][service.region_name].get_subnet(  # noqa: SLF001
        network["subnets"][0]
    )
    task.availability_zone = subnet.availability_zone
    task.cpu, task.memory = definition.cpu, definition.memory
    task.created_at = datetime.now(UTC)
    task.health_status, task.status, task.run = "UNKNOWN", "PENDING", None
    container = task.containers[0]
    container.task_arn, container.runtime_id = task.task_arn, uuid.uuid4().hex
    container.last_status, container.health_status = "PENDING", "UNKNOWN"
    container.exitCode = None  # moto's 0 would be a container that has ended
    container.image_digest = None
    backend.tasks.setdefault(service.cluster_name, {})[task.task_arn] = task
    return task


def mark_launched(task: Any, run: Run) -> None:  # noqa: ANN401 - moto's, extended
    """Note what a task runs."""
    task.run, task.started_at, task.connectivity = run, datetime.now(UTC), "CONNECTED"
    task.containers[0].image_digest = run.digest


def mark_running(service: Service, task: Any) -> None:  # noqa: ANN401 - as above
    """Note that a task is healthy, and let it take requests."""
    container = task.containers[0]
    task.status = container.last_status = "RUNNING"
    task.health_status = container.health_status = "HEALTHY"
    _targets(service, "register_targets", task)


def mark_stopped(
    service: Service,
    task: Any,  # noqa: ANN401 - as above
    reason: str,
    ended: TaskEndedError | None = None,
) -> None:
    """Note that a task has stopped: because its service did not want it, or it has ended so."""
    container = task.containers[0]
    if task.status == "RUNNING":
        _targets(service, "deregister_targets", task)
    task.status = task.desired_status = container.last_status = "STOPPED"
    task.stopped_reason, task.stopped_at = reason, datetime.now(UTC)
    task.stop_code = ended.code if ended else "ServiceSchedulerInitiated"
    container.exitCode = ended.exit_code if ended else None
    container.reason = ended.reason if ended else ""
    interface = _detail(task, "networkInterfaceId")
    network = ec2_backends[service._account_id][service.region_name]  # noqa: SLF001 - moto's
    if interface in network.enis:
        network.delete_network_interface(interface)


def _targets(service: Service, operation: str, task: Any) -> None:  # noqa: ANN401 - as above
    balancer = elbv2_backends[service._account_id][service.region_name]  # noqa: SLF001 - moto's
    for entry in service.load_balancers:
        arn = entry.get("targetGroupArn")
        target = {"Id": _detail(task, "privateIPv4Address"), "Port": entry["containerPort"]}
        if arn in balancer.target_groups:
            getattr(balancer, operation)(arn, [target])


def _detail(task: Any, name: str) -> str:  # noqa: ANN401 - as above
    details = task.attachments[0]["details"]
    return str(next(item["value"] for item in details if item["name"] == name))
