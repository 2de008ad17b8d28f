"""`parity deploy --rehearse`: the story on emulators, its results, and what stays unproven."""

from __future__ import annotations

import os
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from parity import console
from parity.aws.account import connect
from parity.errors import ParityError
from parity.host import client
from parity.rehearsal.emulators import emulators
from parity.rehearsal.read_back import Gap, Reading, gaps, general
from parity.rehearsal.scenarios import STORY, Story
from parity.rehearsal.stage import STACK, Broken, Stage
from parity.rehearsal.workshop import DockerWorkshop, RegistryWorkshop

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from parity.deploy.template import Template
    from parity.rehearsal.emulators import Emulators
    from parity.rehearsal.workshop import Workshop

# What no emulator of services can show, whatever is read back.
BEYOND = (
    Gap("AWS::ECS::Service", "(running)", "tasks are emulated: nothing of the image is executed"),
    Gap("AWS::ElasticLoadBalancingV2::LoadBalancer", "(traffic)", "no request passes through it"),
    Gap("AWS::IAM::Role", "(permissions)", "every call is allowed"),
    Gap("AWS::EFS::FileSystem", "(mount)", "nothing is mounted"),
)
NO_DOCKER = Gap("AWS::ECR::Repository", "(push)", "no Docker Engine: images were uploaded by HTTP")


@dataclass(frozen=True)
class Outcome:
    """How a scenario ended. found: what it proved, or why it failed; seconds: how long it took."""

    scenario: str
    passed: bool
    found: str
    seconds: float


@dataclass(frozen=True)
class Rehearsal:
    """All outcomes and everything that remains unproven."""

    outcomes: Sequence[Outcome]
    not_proven: Sequence[Gap]

    @property
    def passed(self) -> bool:
        """True when every scenario came out as it has to."""
        return all(outcome.passed for outcome in self.outcomes)


def rehearse(template: Template, *, docker: bool) -> Rehearsal:
    """Tell the whole story with the template; docker: whether images go through Docker's push.

    A scenario that fails does not keep the next from its try. Nothing is left behind.
    """
    with emulators() as cloud, _own_aws(cloud.environment):
        workshop = _workshop(cloud, docker=docker)
        stage = Stage(connect(), template, workshop)
        try:
            outcomes = _tell(Story(stage))
        finally:
            workshop.close()
    beyond = BEYOND if workshop.pushes else (*BEYOND, NO_DOCKER)
    return Rehearsal(outcomes, unproven(template, stage.readings, beyond))


def unproven(template: Template, readings: list[Reading], beyond: Sequence[Gap]) -> list[Gap]:
    """Return what no reading proves: properties, types, and resources that were never made.

    A field that one reading leaves open and another proves is proven.
    """
    proven = {
        (reading.type, general(field.path))
        for reading in readings
        for field in reading.fields
        if field.verdict == "proven"
    }
    open_ = [gap for gap in gaps(readings) if (gap.type, gap.property) not in proven]
    made = {reading.logical_id for reading in readings}
    never = [
        Gap(str(resource["Type"]), name, "made in no scenario")
        for name, resource in template.resources.items()
        if name not in made
    ]
    return [*open_, *never, *beyond]


def _tell(story: Story) -> list[Outcome]:
    outcomes = []
    for title, scenario in STORY:
        console.headline(title)
        started = time.monotonic()
        try:
            found, passed = scenario(story), True
        except ParityError as error:
            console.failure(error)
            found, passed = error.what, False
        except KeyError as error:
            found, passed = f"nothing is known of {error}: an earlier scenario has failed", False
            console.failure(ParityError(f"{title}: {found}"))
        except (Broken, LookupError, ClientError, BotoCoreError) as error:
            found, passed = str(error), False
            console.failure(ParityError(f"{title}: {found}"))
        outcomes.append(Outcome(title, passed, found, time.monotonic() - started))
    return outcomes


def _workshop(cloud: Emulators, *, docker: bool) -> Workshop:
    if docker:
        return DockerWorkshop(client.connect())
    return RegistryWorkshop(cloud.registry, STACK)


@contextmanager
def _own_aws(environment: Mapping[str, str]) -> Iterator[None]:
    """Let this process's AWS be the emulated one; nothing of the user's own is within reach."""
    before = dict(os.environ)
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]
    os.environ.update(environment)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
