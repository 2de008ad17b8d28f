"""`parity deploy --rehearse`: the story on emulators, its results, and what stays unproven."""

from __future__ import annotations

import os
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from parity import console
from parity.deploy.account import connect
from parity.errors import ParityError
from parity.host import client
from parity.rehearsal.emulators import emulators
from parity.rehearsal.fargate.surroundings import surroundings
from parity.rehearsal.read_back import Gap, Reading, gaps, general
from parity.rehearsal.scenarios import STORY, Story
from parity.rehearsal.stage import STACK, Broken, Stage
from parity.rehearsal.workshop import EngineWorkshop, RegistryWorkshop
from parity.template.rules.table import RULES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from parity.deploy.template import Template
    from parity.rehearsal.emulators import Emulators
    from parity.rehearsal.fargate.surroundings import Images
    from parity.rehearsal.workshop import Workshop
    from parity.template.rules.rule import Rule

# What no emulator of services can show, whatever is read back.
BEYOND = (
    Gap("AWS::ECS::Service", "(running)", "tasks are emulated: nothing of the image is executed"),
    Gap("AWS::ElasticLoadBalancingV2::LoadBalancer", "(traffic)", "no request passes through it"),
    Gap("AWS::IAM::Role", "(permissions)", "every call is allowed"),
    Gap("AWS::EFS::FileSystem", "(mount)", "nothing is mounted"),
)
NOTHING_RUN = (*BEYOND,)


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


def rehearse(
    template: Template, images: Images | None, rules: Sequence[Rule] = RULES
) -> Rehearsal:
    """Tell the whole story with the template.

    images: what is promoted and run on the local engine; without, tiny images are promoted, and
    nothing is run. A scenario that fails does not keep the next from its try. Nothing is left
    behind.
    """
    with ExitStack() as running:
        engine = client.connect() if images else None
        around = engine and images and running.enter_context(surroundings(engine, images, STACK))
        cloud = running.enter_context(emulators(around))
        running.enter_context(_own_aws(cloud.environment))
        workshop = _workshop(cloud, images)
        running.callback(workshop.close)
        stage = Stage(connect(), template, workshop, rules=rules)
        outcomes = _tell(Story(stage))
    beyond = BEYOND if workshop.runs else NOTHING_RUN
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


def _workshop(cloud: Emulators, images: Images | None) -> Workshop:
    if images:
        return EngineWorkshop(client.connect(), images.app, cloud.registry)
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
