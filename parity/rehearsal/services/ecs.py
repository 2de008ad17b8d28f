"""ECS as far as moto lacks it: properties of services, their tasks, and a scheduler."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from moto.applicationautoscaling.models import ApplicationAutoscalingBackend
from moto.ecs.models import EC2ContainerServiceBackend
from moto.ecs.responses import EC2ContainerServiceResponse
from moto.moto_api import state_manager

from parity.rehearsal.services import scheduler

if TYPE_CHECKING:
    from moto.ecs.models import Service, Task

# What moto's CreateService leaves out of the service that it describes.
KEPT = (
    *("availabilityZoneRebalancing", "capacityProviderStrategy", "deploymentConfiguration"),
    *("enableECSManagedTags", "enableExecuteCommand", "healthCheckGracePeriodSeconds"),
)


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
        scheduler.start(service)
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
            scheduler.start(service)
        else:  # nothing to roll out; a deployment that failed is not looked back at
            with scheduler.lock:
                service.deployments = service.deployments[:1]
            scheduler.adjust(service)
        return service

    def delete_and_stop(
        self: EC2ContainerServiceBackend,
        cluster_name: str,
        service_name: str,
        force: bool,  # noqa: FBT001 - moto's signature
    ) -> Service:
        service = delete(self, cluster_name, service_name, force)
        for task in scheduler.running(service):
            scheduler.stop(service, task, "Task stopped by the deletion of its service")
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
            scheduler.adjust(service)
        return target

    ApplicationAutoscalingBackend.register_scalable_target = (  # type: ignore[method-assign]
        register_and_raise
    )
