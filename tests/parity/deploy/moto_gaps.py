"""What moto lacks, added.

Services that run tasks, the digest that a task has pulled, and of a stack whose change set was
executed the outputs, the new parameters, the new template, the role, and which change set it was.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from moto.cloudformation.exceptions import CloudFormationError
from moto.cloudformation.models import ChangeSet, CloudFormationBackend
from moto.cloudformation.parsing import parse_and_update_resource
from moto.cloudformation.utils import validate_template_cfn_lint
from moto.ecs import models

if TYPE_CHECKING:
    import pytest

TASKS = 2
ZONES = ("us-east-1a", "us-east-1b")
# moto asks cfn-lint, which takes seconds and says the same of the same template.
_validate_once = functools.cache(validate_template_cfn_lint)


def fill(patch: pytest.MonkeyPatch) -> None:
    """Make moto's services run TASKS tasks each, always of their current task definition."""
    _schedule_tasks(patch)
    patch.setattr("moto.cloudformation.models.validate_template_cfn_lint", _validate_once)
    apply = ChangeSet.apply

    def apply_to_all(change_set: Any) -> None:  # noqa: ANN401 - moto's own
        apply(change_set)
        stack = change_set.stack
        if change_set.change_set_type == "UPDATE" and stack.parameters != change_set.parameters:
            for name in ("TaskDefinition", "Service"):  # what a parameter of the image touches
                resources = stack.resource_map
                resources._parsed_resources[name] = parse_and_update_resource(
                    name,
                    resources._resource_json_map[name],
                    resources,
                    stack.account_id,
                    stack.region_name,
                )
        stack.template, stack.template_dict = change_set.template, change_set.template_dict
        stack.parameters = change_set.parameters
        stack.output_map = stack._create_output_map()
        stack.change_set_id = change_set.change_set_id
        stack.role_arn = change_set.role_arn or stack.role_arn

    create = CloudFormationBackend.create_change_set

    def create_one_stack(backend: Any, stack_name: str, *rest: Any, **named: Any) -> Any:  # noqa: ANN401
        """A second change set for a stack that has never been executed is the same stack's."""
        for stack in list(backend.stacks.values()):
            if stack.name == stack_name and stack.status == "REVIEW_IN_PROGRESS":
                del backend.stacks[stack.stack_id]
        return create(backend, stack_name, *rest, **named)

    execute = CloudFormationBackend.execute_change_set

    def execute_what_there_is(backend: Any, change_set_name: str, stack_name: str) -> None:  # noqa: ANN401
        """One that was deleted meanwhile is refused by AWS's own code."""
        names = {each.change_set_name for each in backend.change_sets.values()}
        if change_set_name not in names:
            raise CloudFormationError("ChangeSetNotFound", f"ChangeSet [{change_set_name}] is gone")
        execute(backend, change_set_name, stack_name)

    patch.setattr(CloudFormationBackend, "execute_change_set", execute_what_there_is)
    patch.setattr(ChangeSet, "apply", apply_to_all)
    patch.setattr(CloudFormationBackend, "create_change_set", create_one_stack)


def _schedule_tasks(patch: pytest.MonkeyPatch) -> None:
    patch.setenv("MOTO_ECS_SERVICE_RUNNING", str(TASKS))
    describe = models.EC2ContainerServiceBackend.describe_services
    make_container = models.Container.__init__

    def describe_services(backend: Any, cluster: str, names: list[str]) -> Any:  # noqa: ANN401
        for service in backend.services.values():
            _schedule(backend, service)
        return describe(backend, cluster, names)

    register = models.EC2ContainerServiceBackend.register_task_definition

    def register_task_definition(
        backend: Any,  # noqa: ANN401 - moto's own
        family: str,
        container_definitions: list[dict[str, Any]],
        *rest: Any,  # noqa: ANN401 - as above
        **named: Any,  # noqa: ANN401 - as above
    ) -> Any:  # noqa: ANN401 - as above
        """An update by CloudFormation brings the template's spelling, which ECS does not have."""
        containers = [
            {name[0].lower() + name[1:]: value for name, value in each.items()}
            for each in container_definitions
        ]
        return register(backend, family, containers, *rest, **named)

    patch.setattr(
        models.EC2ContainerServiceBackend, "register_task_definition", register_task_definition
    )

    def with_digest(container: Any, definition: Any) -> None:  # noqa: ANN401 - moto's own
        make_container(container, definition)
        first = definition.container_definitions[0]
        container.name = first.get("name", first.get("Name"))
        container.image = first.get("image", first.get("Image"))
        container.image_digest = container.image.partition("@")[2]

    patch.setattr(models.EC2ContainerServiceBackend, "describe_services", describe_services)
    patch.setattr(models.Container, "__init__", with_digest)


def _schedule(backend: Any, service: Any) -> None:  # noqa: ANN401 - moto's own
    cluster = backend.clusters[service.cluster_name]
    held = backend.tasks.setdefault(cluster.name, {})
    definition = backend.describe_task_definition(service.task_definition)
    for old in list(held.values()):
        if old.task_definition_arn != definition.arn:
            del held[old.task_arn]
    for zone in ZONES[len(held) : service.running_count]:
        task: Any = models.Task(
            cluster, definition, None, None, backend, group=f"service:{service.name}"
        )
        task.advance = lambda: None  # else it would begin to stop as soon as it is looked at
        task.availability_zone = zone
        task.health_status = "HEALTHY"
        held[task.task_arn] = task
