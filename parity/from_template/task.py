"""The task definition of a template as a plan for Docker."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from botocore.session import Session

from parity.from_template.source import literal
from parity.rehearsal.fargate.said import UnknownSettingError
from parity.rehearsal.fargate.translate import translate
from parity.rehearsal.stacks.fit import UnknownPropertyError, fit
from parity.template.contract import COOKIE_SECRET, SESSION_ROOT
from parity.template.rules.task import size_pair

if TYPE_CHECKING:
    from botocore.model import Shape

    from parity.errors import ParityError
    from parity.from_template.source import Source
    from parity.rehearsal.fargate.translate import TaskPlan

# Said of a task, and nothing that an engine could do; see differences.py.
NOT_RUN = ("EphemeralStorage", "Tags", "EnableFaultInjection")


def plan_of(source: Source) -> TaskPlan:
    """Return how Docker runs the task: all that its definition says.

    Raises ParityError with file and line for what ECS would refuse, for what cannot be run here,
    and for a task that could not serve behind this load balancer.
    """
    for fault in size_pair(source.resolved):
        where = fault.path.partition(".")[2]
        what = f"{fault.wrong} is no size that Fargate has: {fault.right}"
        raise source.error(source.resolved.resources[fault.logical_id], where, what)
    try:
        plan = translate(definition(source))
    except (UnknownSettingError, UnknownPropertyError) as error:
        raise _not_understood(source, error) from error
    _check(source, plan)
    return plan


def _not_understood(source: Source, error: ValueError) -> ParityError:
    """Return the error of a property that the API or the engine does not know."""
    path, _, said = str(error).partition(" is ")
    what = f"is {said}".replace("cannot be rehearsed", "cannot be run here")
    return source.error(source.task.resource, path.partition(".")[2], what)


def definition(source: Source) -> dict[str, Any]:
    """Return the task definition as RegisterTaskDefinition takes it."""
    properties = literal(dict(source.task.resource.properties))
    assert isinstance(properties, dict)  # noqa: S101 - told to the type checker
    kept = {name: value for name, value in properties.items() if name not in NOT_RUN}
    fitted = fit(_shape(), kept, "task")
    assert isinstance(fitted, dict)  # noqa: S101 - as above
    return fitted


@cache
def _shape() -> Shape:
    model: Any = Session().get_service_model("ecs")
    return model.operation_model("RegisterTaskDefinition").input_shape


def _check(source: Source, plan: TaskPlan) -> None:
    port = int(source.entry["ContainerPort"].number or 0)
    if port not in plan.ports:
        raise source.error_at(
            source.entry["ContainerPort"],
            f"the container {plan.container} has no container port {port}",
        )
    if not plan.mounts:
        raise source.error_at(
            source.container["MountPoints"],
            "the task mounts no file system, so each would keep what users write for itself",
        )
    if len(plan.mounts) > 1:
        raise source.error_at(
            source.container["MountPoints"], "more than one volume cannot be run here"
        )
    environment = plan.arguments["environment"]
    root = environment.get(SESSION_ROOT, "")
    mounted = plan.mounts[0].path
    if root and root != mounted and not root.startswith(f"{mounted.rstrip('/')}/"):
        raise source.error_at(
            source.container["Environment"],
            f"{SESSION_ROOT} is '{root}', which is not on the volume at '{mounted}'",
        )
    if root and COOKIE_SECRET not in {*environment, *plan.secrets}:
        raise source.error_at(
            source.container["Secrets"],
            f"the app gets no {COOKIE_SECRET}: it would make a secret of its own",
        )
