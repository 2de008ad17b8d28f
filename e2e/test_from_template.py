"""`parity up --from-template`: what the template says is what runs, and a broken one does not.

On a stack of its own, made of the images of the one under test.
"""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from parity import stack
from parity.cluster.compose import BALANCER, MODEL, SERVICE, Compose
from parity.cluster.container import PROJECT
from parity.cluster.container import SERVICE as SERVICE_LABEL
from parity.deploy.template import FILE
from parity.errors import ParityError
from parity.from_template import planned, service
from parity.from_template.start import start
from parity.host.base_images import BaseImages
from parity.host.client import connect
from parity.project import read_settings
from parity.testing.own_stack import of_its_own, temporary_stack

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from docker.models.containers import Container

    from parity.project import Settings

pytestmark = pytest.mark.thorough
PARAMETERS = {"MinTasks": "1", "DrainSeconds": "7", "StopTimeoutSeconds": "20"}
CHANGED = Path("template.yml")


@pytest.fixture(scope="module")
def own_stack() -> Iterator[Settings]:
    """Give the settings of a stack whose template is run, with one task."""
    settings = of_its_own(read_settings())
    with _images(read_settings().project, settings.project), temporary_stack(settings):
        up(settings, FILE)
        yield settings


def up(settings: Settings, file: Path, parameters: Mapping[str, str] | None = None) -> None:
    """Do what `parity up --from-template` does once images are built."""
    plan = planned.plan(settings, file, PARAMETERS if parameters is None else parameters)
    start(plan, BaseImages(settings.python_image, settings.nginx_image))


@contextmanager
def _images(project: str, own: str) -> Iterator[None]:
    """Let the images of one project be another's, too."""
    client = connect()
    names = (SERVICE, BALANCER, MODEL)
    for name in names:
        client.images.get(f"{project}-{name}").tag(f"{own}-{name}")
    try:
        yield
    finally:
        for name in names:
            client.images.remove(f"{own}-{name}", noprune=True)


def container(settings: Settings, name: str) -> Container:
    """Return a service's one container."""
    labels = [f"{PROJECT}={settings.project}", f"{SERVICE_LABEL}={name}"]
    (found,) = connect().containers.list(filters={"label": labels})
    return found


def environment(of: Container) -> dict[str, str]:
    """Return a container's variables."""
    pairs = (each.partition("=") for each in of.attrs["Config"]["Env"])
    return {name: value for name, _, value in pairs}


def test_task_runs_as_its_definition_says(own_stack: Settings) -> None:
    """To the engine, whatever compose.yaml says of `app`."""
    task = container(own_stack, SERVICE)
    config, host = task.attrs["Config"], task.attrs["HostConfig"]
    assert (config["User"], config["StopTimeout"]) == ("10001:10001", 20)
    assert config["Healthcheck"]["Test"][-1] == "/srv/app/healthcheck.py"
    assert config["Healthcheck"]["Interval"] == 10 * 10**9
    assert config["Labels"]["parity.receipt"] == "none"
    assert (host["NanoCpus"], host["Memory"], host["MemorySwap"]) == (
        250_000_000,
        512 * 2**20,
        512 * 2**20,
    )
    assert (host["ReadonlyRootfs"], host["Init"], host["CapDrop"]) == (True, True, ["ALL"])
    assert host["Tmpfs"] == {"/tmp": "size=128m"}  # noqa: S108 - in a container
    assert not host["SecurityOpt"]  # of compose.yaml's, which Fargate has not
    mounts = [(each["Destination"], each["RW"]) for each in task.attrs["Mounts"]]
    assert mounts == [("/mnt/data", True)]
    variables = environment(task)
    assert variables["METRICS_SERVICE"] == own_stack.project
    assert variables["STOP_SECONDS"] == "20"
    assert len(variables["STREAMLIT_SERVER_COOKIE_SECRET"]) == 64
    assert "SESSION_QUOTA_MIB" not in variables


def test_load_balancer_is_the_templates(own_stack: Settings) -> None:
    """Of the same attributes, with the same target."""
    result: Any = container(own_stack, BALANCER).exec_run(["control", "GET", "/attributes"])
    assert result.exit_code == 0
    attributes: dict[str, Any] = json.loads(result.output)
    assert attributes["deregistration_delay.timeout_seconds"] == 7
    assert (attributes["Port"], attributes["HealthCheckPath"]) == (8501, "/healthz")
    assert [each.state for each in Compose(own_stack).targets()] == ["healthy"]


MUTANTS = {
    "command that ends": (
        'User: "10001:10001"',
        'User: "10001:10001"\n        Command: [streamlit, run, nope.py]',
        "TaskDefinition.ContainerDefinitions.0.Command",
        "ends by itself",
    ),
    "command that is not there": (
        'User: "10001:10001"',
        'User: "10001:10001"\n        Command: [streamlet]',
        "TaskDefinition.ContainerDefinitions.0.Command",
        "ends by itself|does not start",
    ),
    "another uid of the access point": (
        'PosixUser: {Uid: "10001"',
        'PosixUser: {Uid: "10002"',
        "AccessPoint.PosixUser",
        "cannot write to its volume at /mnt/data",
    ),
    "another owner of the folder": (
        'OwnerUid: "10001"',
        'OwnerUid: "10002"',
        "AccessPoint.PosixUser",
        "cannot write to its volume at /mnt/data",
    ),
    "read-only volume": (
        "ContainerPath: /mnt/data}",
        "ContainerPath: /mnt/data, ReadOnly: true}",
        "TaskDefinition.ContainerDefinitions.0.MountPoints.0",
        "Read-only file system",
    ),
    "no place for temporary files": (
        "Tmpfs: [{ContainerPath: /tmp, Size: 128}]",
        "Tmpfs: []",
        "TaskDefinition.ContainerDefinitions.0.LinuxParameters.Tmpfs",
        "cannot write a temporary file",
    ),
    "memory too small": (
        'User: "10001:10001"',
        'User: "10001:10001"\n        Memory: 24',
        "TaskDefinition.ContainerDefinitions.0.Memory",
        "24 MiB of memory are too little",
    ),
    "secret that is not there": (
        "ValueFrom: !Ref CookieSecret",
        "ValueFrom: arn:aws:secretsmanager:us-east-1:123456789012:secret:none-AbCdEf",
        "TaskDefinition.ContainerDefinitions.0.Secrets.0.ValueFrom",
        "does not make the secret",
    ),
}


@pytest.mark.parametrize("mutant", MUTANTS.values(), ids=MUTANTS)
def test_task_that_could_not_serve_replaces_nothing(
    own_stack: Settings, mutant: tuple[str, str, str, str], tmp_path: Path
) -> None:
    """One sentence with file, line and resource; what runs goes on, and can write."""
    before = container(own_stack, SERVICE).id
    refused(own_stack, mutant, tmp_path)
    task = container(own_stack, SERVICE)
    assert task.id == before
    code, output = task.exec_run(["touch", "/mnt/data/still-writes"])
    assert code == 0, output


UNREACHED = {
    "path that any would do for": (
        "HealthCheckPath: /healthz",
        "HealthCheckPath: /nowhere",
        "TargetGroup.HealthCheckPath",
        "tells nothing",
    ),
    "matcher that no answer has": (
        'Matcher: {HttpCode: "200"}',
        'Matcher: {HttpCode: "204"}',
        "TargetGroup.HealthCheckPath",
        r"Health checks failed with these codes: \[200\]",
    ),
    "port that nobody listens at": (
        "ContainerPort: 8501",
        "ContainerPort: 8502",
        "Service.LoadBalancers.0.ContainerPort",
        "at port 8502 fails",
    ),
}


@pytest.mark.parametrize("mutant", UNREACHED.values(), ids=UNREACHED)
def test_task_that_the_load_balancer_could_not_tell_is_found(
    own_stack: Settings, mutant: tuple[str, str, str, str], tmp_path: Path
) -> None:
    """By what the target group says of a task that boots."""
    refused(own_stack, mutant, tmp_path)
    up(own_stack, FILE)


def refused(own_stack: Settings, mutant: tuple[str, str, str, str], folder: Path) -> None:
    """Assert that a change of the template is refused where it was made."""
    old, new, resource, said = mutant
    text = FILE.read_text()
    assert old in text
    file = folder / CHANGED
    file.write_text(text.replace(old, new))
    with pytest.raises(ParityError, match=said) as caught:
        up(own_stack, file)
    prefix, number, where = caught.value.what.split(":")[:3]
    assert (prefix, where.strip()) == (str(file), resource)
    named = [each for each in resource.split(".") if not each.isdecimal()][-1]
    assert f"{named}:" in file.read_text().splitlines()[int(number) - 1]


def test_stack_goes_back_to_compose_yaml_with_its_sessions(own_stack: Settings) -> None:
    """`parity up` without the option; nothing of the template is left, but for its secrets."""
    kept = own_stack.data / "sessions-of-before"
    kept.mkdir()
    plain = replace(own_stack, replicas=1)
    stack.start(plain, BaseImages(plain.python_image, plain.nginx_image))
    assert not service.is_on(own_stack.project)
    variables = environment(container(own_stack, SERVICE))
    assert "SESSION_QUOTA_MIB" in variables
    assert "STREAMLIT_SERVER_COOKIE_SECRET" not in variables
    assert kept.is_dir()
    assert not container(own_stack, BALANCER).attrs["HostConfig"]["Binds"]
