"""The scheduler of the emulated ECS: deployments, their tasks, the circuit breaker."""

from __future__ import annotations

import threading
import time
import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from parity.rehearsal.fargate.ended import TaskEndedError, not_started
from parity.rehearsal.services import runs, tasks

if TYPE_CHECKING:
    from moto.ecs.models import Service

STEP_SECONDS = 0.3  # what a decision takes
TRIES = 3  # failed tasks after which the circuit breaker gives up; ECS: 3 to 200
lock = threading.RLock()


def start(service: Service) -> None:
    """Begin a deployment of the service's task definition; it goes on in the background."""
    with lock:
        for deployment in service.deployments:
            deployment["status"] = "ACTIVE"
        fresh = _deployment(service)
        # moto's CreateService makes a first deployment of its own; ours takes its place.
        former = [old for old in service.deployments if old["rolloutState"] == "COMPLETED"]
        service.deployments = [fresh, *former]
    threading.Thread(target=_roll_out, args=(service, fresh), daemon=True).start()


def adjust(service: Service) -> None:
    """Have as many tasks as are desired now, of what the primary deployment runs."""
    with lock:
        primary = service.deployments[0]
        surplus = running(service)[service.desired_count :]
    if primary["rolloutState"] != "COMPLETED":
        return
    for task in surplus:
        stop(service, task, "Scaling activity initiated by the desired count")
    _count(service)
    threading.Thread(target=_fill, args=(service, primary), daemon=True).start()


def running(service: Service) -> list[Any]:
    """Return the tasks of a service that are not to stop; some may still be pending."""
    found = service._backend.tasks.get(service.cluster_name, {}).values()  # noqa: SLF001 - moto's
    group = f"service:{service.name}"
    return [t for t in found if t.group == group and t.desired_status == "RUNNING"]


def stop(service: Service, task: Any, reason: str) -> None:  # noqa: ANN401 - moto's, extended
    """Stop a task that the service does not want any more."""
    with lock:
        tasks.mark_stopped(service, task, reason)
    runs.stop(task.run)


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
    """Replace a service's tasks; what fails is tried again until the circuit breaker opens."""
    before = running(service)
    while deployment["failedTasks"] < TRIES:
        time.sleep(STEP_SECONDS)
        if _filled(service, deployment):
            for task in before:
                stop(service, task, f"Scaling activity initiated by deployment {deployment['id']}")
            with lock:
                service.deployments = [deployment]
                deployment["rolloutState"] = "COMPLETED"
                deployment["rolloutStateReason"] = f"ECS deployment {deployment['id']} completed."
                _count(service)
                _tell(service, f"(service {service.name}) has reached a steady state.")
            return
    _give_up(service, deployment)


def _filled(service: Service, deployment: dict[str, Any]) -> bool:
    """Do as `_fill` does; where not even that can be done, the deployment fails at once."""
    try:
        return _fill(service, deployment)
    except Exception as error:  # noqa: BLE001 - a thread's own would be lost, and the wait long
        with lock:
            deployment["failedTasks"] = TRIES
            _tell(service, f"(service {service.name}) was unable to place a task: {error!r}")
        return False


def _fill(service: Service, deployment: dict[str, Any]) -> bool:
    """Start the tasks that a deployment lacks; tell whether all of these have become healthy."""
    with lock:
        have = [task for task in running(service) if task.started_by == deployment["id"]]
        missing = range(len(have), service.desired_count)
        started = [tasks.make(service, deployment, place) for place in missing]
    for act in (_launch, _wait):  # all of them start before one is waited for
        for task in started:
            if task.desired_status == "RUNNING":
                _attempt(act, service, deployment, task)
    with lock:
        _count(service)
    return all(task.desired_status == "RUNNING" for task in started)


def _attempt(act: Any, service: Service, deployment: dict[str, Any], task: Any) -> None:  # noqa: ANN401
    """Do one thing with a task; where it has ended instead, say so as ECS does."""
    ended = None
    try:
        act(service, task)
    except TaskEndedError as error:
        ended = error
    except Exception as error:  # noqa: BLE001 - a thread's own would be lost, and the wait long
        ended = not_started(str(error) or repr(error))
    if ended is None:
        return
    runs.write_log(task.id, task.run, ended.log)
    with lock:
        tasks.mark_stopped(service, task, ended.why, ended)
        deployment["failedTasks"] += 1
        _tell(service, f"(service {service.name}) (task {task.id}) {ended.why}")
    runs.stop(task.run)


def _launch(service: Service, task: Any) -> None:  # noqa: ANN401 - moto's, extended
    run = runs.launch(task.id, tasks.definition_of(service), service.name)
    with lock:
        tasks.mark_launched(task, run)


def _wait(service: Service, task: Any) -> None:  # noqa: ANN401 - as above
    runs.wait(task.run, service.load_balancers)
    with lock:
        tasks.mark_running(service, task)


def _give_up(service: Service, deployment: dict[str, Any]) -> None:
    configuration: dict[str, Any] = getattr(service, "deployment_configuration", None) or {}
    breaker = dict(configuration.get("deploymentCircuitBreaker") or {})
    if not breaker.get("enable"):
        return  # ECS goes on trying, and CloudFormation waits
    for task in running(service):
        if task.started_by == deployment["id"]:
            stop(service, task, "Scaling activity initiated by the deployment circuit breaker")
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


def _count(service: Service) -> None:
    now = [task for task in running(service) if task.status == "RUNNING"]
    service.running_count = len(now)
    service.pending_count = max(0, service.desired_count - len(now))
    for deployment in service.deployments:
        own = [task for task in now if task.started_by == deployment["id"]]
        deployment["runningCount"] = len(own)
        is_primary = deployment["status"] == "PRIMARY"
        desired = service.desired_count if is_primary else len(own)
        deployment["desiredCount"] = desired
        deployment["pendingCount"] = max(0, desired - len(own))


def _tell(service: Service, message: str) -> None:
    event = {"id": str(uuid.uuid4()), "createdAt": datetime.now(UTC), "message": message}
    service.events.insert(0, event)
