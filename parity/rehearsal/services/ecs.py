"""ECS with a scheduler: services run tasks of the image in the registry, or fail to."""

from __future__ import annotations

import threading
import time
import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from moto.applicationautoscaling.models import ApplicationAutoscalingBackend
from moto.ec2.models import ec2_backends
from moto.ecs.models import EC2ContainerServiceBackend, Service, Task
from moto.ecs.responses import EC2ContainerServiceResponse
from moto.elbv2.models import elbv2_backends
from moto.moto_api import state_manager

from parity.rehearsal.services import images

if TYPE_CHECKING:
    from moto.ecs.models import TaskDefinition

STEP_SECONDS = 0.3  # what a pull and a start take here; on Fargate about 30 s
TRIES = 3  # failed tasks after which the circuit breaker gives up; ECS: 3 to 200
# What moto's CreateService leaves out of the service that it describes.
KEPT = (
    *("availabilityZoneRebalancing", "capacityProviderStrategy", "deploymentConfiguration"),
    *("enableECSManagedTags", "enableExecuteCommand", "healthCheckGracePeriodSeconds"),
)
lock = threading.RLock()


def plug_in() -> None:
    """Give moto's ECS a scheduler, and to its services the properties that it leaves out."""
    # A task runs until it is stopped, however often it is looked at.
    state_manager.set_transition("ecs::task", {"progression": "manual", "times": 10**9})
    _keep_properties()
    _run_tasks()
    _list_tasks_of_a_service()
    _scale()


def _keep_properties() -> None:
    create = EC2ContainerServiceResponse.create_service

    def create_and_keep(self: EC2ContainerServiceResponse) -> Any:  # noqa: ANN401 - moto's
        answer = create(self)
        result: Any = answer.result
        service = result["service"]
        for name in KEPT:
            value = self._get_param(name)
            if value is not None:
                setattr(service, _snake(name), value)
        _start(service)
        return answer

    EC2ContainerServiceResponse.create_service = create_and_keep  # type: ignore[method-assign]


def _snake(name: str) -> str:
    words = name.replace("ECS", "Ecs")
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in words)


def _run_tasks() -> None:
    update = EC2ContainerServiceBackend.update_service
    delete = EC2ContainerServiceBackend.delete_service

    def update_and_run(
        self: EC2ContainerServiceBackend, service_properties: dict[str, Any]
    ) -> Service:
        wanted = service_properties
        forced = bool(wanted.get("force_new_deployment"))
        before = self._get_service(
            wanted.get("cluster", "default"), wanted["service"].rpartition("/")[2]
        ).task_definition
        service = update(self, wanted)
        if forced or service.task_definition != before:
            _start(service)
        else:  # nothing to roll out; a deployment that failed is not looked back at
            with lock:
                service.deployments = service.deployments[:1]
            _adjust(service)
        return service

    def delete_and_stop(
        self: EC2ContainerServiceBackend,
        cluster_name: str,
        service_name: str,
        force: bool,  # noqa: FBT001 - moto's signature
    ) -> Service:
        service = delete(self, cluster_name, service_name, force)
        for task in _running(service):
            _stop(service, task, "Task stopped by the deletion of its service")
        return service

    EC2ContainerServiceBackend.update_service = update_and_run  # type: ignore[method-assign]
    EC2ContainerServiceBackend.delete_service = delete_and_stop  # type: ignore[method-assign]


def _list_tasks_of_a_service() -> None:
    whole = EC2ContainerServiceBackend.list_tasks

    def list_tasks(  # noqa: PLR0913, PLR0917 - moto's signature
        self: EC2ContainerServiceBackend,
        cluster_str: str | None = None,
        container_instance: str | None = None,
        family: str | None = None,
        started_by: str | None = None,
        service_name: str | None = None,
        desiredStatus: str | None = None,  # noqa: N803 - as above
    ) -> list[Task]:
        tasks = whole(self, cluster_str, container_instance, family, started_by)
        status = desiredStatus or "RUNNING"  # the API's default
        group = f"service:{service_name.rpartition('/')[2]}" if service_name else None
        return [
            task for task in tasks if task.desired_status == status and group in (None, task.group)
        ]

    EC2ContainerServiceBackend.list_tasks = list_tasks  # type: ignore[method-assign]


def _scale() -> None:
    register = ApplicationAutoscalingBackend.register_scalable_target

    def register_and_raise(
        self: ApplicationAutoscalingBackend,
        *arguments: Any,  # noqa: ANN401 - moto's signature
        **options: Any,  # noqa: ANN401 - as above
    ) -> Any:  # noqa: ANN401 - as above
        target: Any = register(self, *arguments, **options)
        if target.scalable_dimension == "ecs:service:DesiredCount":
            _, cluster, name = target.resource_id.split("/")
            service = self.ecs_backend._get_service(cluster, name)  # noqa: SLF001 - moto's
            least, most = int(target.min_capacity), int(target.max_capacity)
            service.desired_count = min(max(service.desired_count, least), most)
            _adjust(service)
        return target

    ApplicationAutoscalingBackend.register_scalable_target = (  # type: ignore[method-assign]
        register_and_raise
    )


def _start(service: Service) -> None:
    """Begin a deployment of the service's task definition; it goes on in the background."""
    with lock:
        for deployment in service.deployments:
            deployment["status"] = "ACTIVE"
        fresh = _deployment(service)
        # moto's CreateService makes a first deployment of its own; ours takes its place.
        former = [old for old in service.deployments if old["rolloutState"] == "COMPLETED"]
        service.deployments = [fresh, *former]
    threading.Thread(target=_roll_out, args=(service, fresh), daemon=True).start()


def _deployment(service: Service) -> dict[str, Any]:
    identifier = f"ecs-svc/{uuid.uuid4().int % 10**19:019d}"
    now = datetime.now(UTC)
    return {
        "id": identifier,
        "status": "PRIMARY",
        "taskDefinition": service.task_definition,
        "desiredCount": service.desired_count,
        "pendingCount": service.desired_count,
        "runningCount": 0,
        "failedTasks": 0,
        "createdAt": now,
        "updatedAt": now,
        "launchType": service.launch_type,
        "platformVersion": service.platform_version,
        "platformFamily": "Linux",
        "networkConfiguration": service.network_configuration,
        "rolloutState": "IN_PROGRESS",
        "rolloutStateReason": f"ECS deployment {identifier} in progress.",
    }


def _roll_out(service: Service, deployment: dict[str, Any]) -> None:
    before = _running(service)
    time.sleep(STEP_SECONDS)
    try:
        digest = _pull(service)
    except Exception as error:  # noqa: BLE001 - a thread's own would be lost, and the wait long
        _fail(service, deployment, str(error) or repr(error))
        return
    with lock:
        for place in range(service.desired_count):
            _run(service, deployment, digest, place)
        _count(service)
    time.sleep(STEP_SECONDS)
    with lock:
        for task in before:
            _stop(service, task, f"Scaling activity initiated by deployment {deployment['id']}")
        service.deployments = [deployment]
        _complete(deployment)
        _count(service)
        _tell(service, f"(service {service.name}) has reached a steady state.")


def _complete(deployment: dict[str, Any]) -> None:
    deployment["rolloutState"] = "COMPLETED"
    deployment["rolloutStateReason"] = f"ECS deployment {deployment['id']} completed."


def _pull(service: Service) -> str:
    definition = _definition(service)
    platform = (definition.runtime_platform or {}).get("cpuArchitecture", "X86_64")
    container = definition.container_definitions[0]
    command = container.get("command") or container.get("entryPoint")
    return images.pull(str(container["image"]), platform, command)


def _definition(service: Service) -> TaskDefinition:
    return service._backend.describe_task_definition(service.task_definition or "")  # noqa: SLF001


def _fail(service: Service, deployment: dict[str, Any], reason: str) -> None:
    for failed in range(1, TRIES + 1):
        with lock:
            task = _run(service, deployment, "", failed)
            _stop(service, task, reason)
            deployment["failedTasks"] = failed
            _tell(service, f"(service {service.name}) was unable to place a task: {reason}")
        time.sleep(STEP_SECONDS)
    breaker = _breaker(service)
    if not breaker.get("enable"):
        return  # ECS goes on trying, and CloudFormation waits
    with lock:
        deployment["rolloutState"] = "FAILED"
        why = "ECS deployment circuit breaker: tasks failed to start."
        deployment["rolloutStateReason"] = why
        _tell(service, f"(service {service.name}) (deployment {deployment['id']}) {why}")
        former = [old for old in service.deployments if old["rolloutState"] == "COMPLETED"]
        if breaker.get("rollback") and former:
            deployment["status"] = "ACTIVE"
            former[0]["status"] = "PRIMARY"
            service.deployments = [former[0], deployment]
            service.task_definition = str(former[0]["taskDefinition"])
        _count(service)


def _breaker(service: Service) -> dict[str, Any]:
    configuration = getattr(service, "deployment_configuration", None) or {}
    return dict(configuration.get("deploymentCircuitBreaker") or {})


def _run(service: Service, deployment: dict[str, Any], digest: str, place: int) -> Any:  # noqa: ANN401
    """Return a new running task in the place-th of the service's subnets."""
    backend = service._backend  # noqa: SLF001 - moto's services know it
    network = dict(service.network_configuration["awsvpcConfiguration"])
    subnets = network["subnets"]
    network["subnets"] = [subnets[place % len(subnets)]]
    task: Any = Task(
        backend._get_cluster(service.cluster_name),  # noqa: SLF001 - as above
        _definition(service),
        None,
        None,
        backend,
        f"service:{service.name}",
        launch_type=service.launch_type or "FARGATE",
        started_by=deployment["id"],
        networking_configuration={"awsvpcConfiguration": network},
        platform_version=service.platform_version or "LATEST",
    )
    definition: Any = _definition(service)
    task.task_definition_arn = deployment["taskDefinition"] = definition.arn
    subnet = ec2_backends[service._account_id][service.region_name].get_subnet(  # noqa: SLF001
        network["subnets"][0]
    )
    task.availability_zone = subnet.availability_zone
    task.cpu, task.memory = definition.cpu, definition.memory
    task.created_at = task.started_at = datetime.now(UTC)
    task.health_status = "HEALTHY" if digest else "UNKNOWN"
    task.connectivity = "CONNECTED"
    container = task.containers[0]
    container.task_arn, container.runtime_id = task.task_arn, uuid.uuid4().hex
    container.last_status, container.health_status = "RUNNING", task.health_status
    container.exitCode = None  # moto's 0 would be a container that has ended
    container.image_digest = digest or None
    backend.tasks.setdefault(service.cluster_name, {})[task.task_arn] = task
    if digest:
        _targets(service, "register_targets", [task])
    return task


def _stop(service: Service, task: Any, reason: str) -> None:  # noqa: ANN401 - moto's, extended
    task.status = task.desired_status = "STOPPED"
    task.stopped_reason, task.stopped_at = reason, datetime.now(UTC)
    task.stop_code = "ServiceSchedulerInitiated" if task.containers[0].image_digest else ""
    task.stop_code = task.stop_code or "TaskFailedToStart"
    container = task.containers[0]
    container.last_status, container.reason = "STOPPED", reason
    if container.image_digest:
        _targets(service, "deregister_targets", [task])
    interface = _detail(task, "networkInterfaceId")
    network = ec2_backends[service._account_id][service.region_name]  # noqa: SLF001 - moto's
    if interface in network.enis:
        network.delete_network_interface(interface)


def _detail(task: Any, name: str) -> str:  # noqa: ANN401 - moto's, extended
    details = task.attachments[0]["details"]
    return str(next(item["value"] for item in details if item["name"] == name))


def _targets(service: Service, operation: str, tasks: list[Any]) -> None:
    balancer = elbv2_backends[service._account_id][service.region_name]  # noqa: SLF001 - moto's
    for entry in service.load_balancers:
        arn = entry.get("targetGroupArn")
        targets = [
            {"Id": _detail(task, "privateIPv4Address"), "Port": entry["containerPort"]}
            for task in tasks
        ]
        if arn in balancer.target_groups:
            getattr(balancer, operation)(arn, targets)


def _running(service: Service) -> list[Any]:
    tasks = service._backend.tasks.get(service.cluster_name, {}).values()  # noqa: SLF001
    group = f"service:{service.name}"
    return [t for t in tasks if t.group == group and t.desired_status == "RUNNING"]


def _adjust(service: Service) -> None:
    """Run as many tasks as are desired now, of what the primary deployment runs."""
    with lock:
        primary = service.deployments[0]
        running = _running(service)
        if primary["rolloutState"] == "COMPLETED" and running:
            digest = running[0].containers[0].image_digest
            for place in range(len(running), service.desired_count):
                _run(service, primary, digest, place)
            for task in running[service.desired_count :]:
                _stop(service, task, "Scaling activity initiated by the desired count")
        _count(service)


def _count(service: Service) -> None:
    running = _running(service)
    service.running_count = len(running)
    service.pending_count = max(0, service.desired_count - len(running))
    for deployment in service.deployments:
        own = [task for task in running if task.started_by == deployment["id"]]
        deployment["runningCount"] = len(own)
        is_primary = deployment["status"] == "PRIMARY"
        desired = service.desired_count if is_primary else len(own)
        deployment["desiredCount"] = desired
        deployment["pendingCount"] = max(0, desired - len(own))


def _tell(service: Service, message: str) -> None:
    event = {"id": str(uuid.uuid4()), "createdAt": datetime.now(UTC), "message": message}
    service.events.insert(0, event)
