"""What stands behind a task of the emulated ECS: a container, or nothing but a record."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import boto3

from parity.host import client
from parity.host.preflight import LOOPBACK
from parity.rehearsal.fargate.host import Host, RunningTask
from parity.rehearsal.fargate.surroundings import VARIABLE, Surroundings
from parity.rehearsal.services import images

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from moto.ecs.models import TaskDefinition

PORT_VARIABLE = "MOTO_PORT"


@dataclass(frozen=True)
class Record:
    """A task of which nothing is executed."""

    digest: str


Run = RunningTask | Record


def surroundings() -> Surroundings | None:
    """Return where tasks are run on the local engine; None where they are not."""
    text = os.environ.get(VARIABLE)
    return Surroundings.from_text(text) if text else None


@cache
def host() -> Host | None:
    """Return what runs tasks on the local engine; None where no engine is to."""
    around = surroundings()
    if around is None:
        return None
    credentials = {"username": images.USER, "password": images.PASSWORD}
    return Host(client.connect(), api, around, credentials)


def api(service: str) -> Any:  # noqa: ANN401 - botocore makes its clients at run time
    """Return the client of a service as anybody has it: of this very server."""
    return boto3.client(
        service,
        endpoint_url=f"http://{LOOPBACK}:{os.environ[PORT_VARIABLE]}",
        region_name=os.environ["AWS_REGION"],
        aws_access_key_id=images.USER,
        aws_secret_access_key=images.PASSWORD,
    )


def launch(task_id: str, definition: TaskDefinition, service: str) -> Run:
    """Start a task of a service. Raises TaskEndedError where it cannot be started."""
    platform = (definition.runtime_platform or {}).get("cpuArchitecture", "X86_64")
    container = definition.container_definitions[0]
    command = container.get("command") or container.get("entryPoint")
    pulled = images.pull(str(container["image"]), platform, command)
    engine = host() if pulled.runs else None
    return engine.launch(task_id, definition.arn, service) if engine else Record(pulled.digest)


def wait(run: Run, balancers: Sequence[Mapping[str, Any]]) -> None:
    """Wait until a task is healthy. Raises TaskEndedError when it does not become so."""
    engine = host()
    if engine and isinstance(run, RunningTask):
        engine.wait(run, balancers)


def stop(run: Run | None) -> None:
    """Stop a task, if it was ever started."""
    engine = host()
    if engine and isinstance(run, RunningTask):
        engine.stop(run)


def write_log(task_id: str, run: Run | None, text: str) -> None:
    """Put what a task has printed where its log driver would have put it."""
    if not text or not isinstance(run, RunningTask) or not run.plan.log_group:
        return
    stream = f"{run.plan.log_prefix}/{run.plan.container}/{task_id}"
    where = {"logGroupName": run.plan.log_group, "logStreamName": stream}
    logs, now = api("logs"), int(time.time() * 1000)
    logs.create_log_stream(**where)
    events = [{"timestamp": now, "message": line} for line in text.splitlines() if line]
    logs.put_log_events(**where, logEvents=events)
