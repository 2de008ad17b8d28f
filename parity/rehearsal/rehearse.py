"""`parity deploy --rehearse`: the story on emulators, its results, and what stays unproven."""

from __future__ import annotations

import os
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError
from docker.errors import DockerException

from parity import console
from parity.aws.account import connect
from parity.deploy import change_set, progress, rollout
from parity.errors import ParityError
from parity.host import client
from parity.rehearsal.emulators import emulators
from parity.rehearsal.fargate.surroundings import surroundings
from parity.rehearsal.quiet import quiet
from parity.rehearsal.read_back import Gap, Reading, gaps
from parity.rehearsal.scenarios import STORY, Story
from parity.rehearsal.stage import STACK, Broken, Stage
from parity.rehearsal.workshop import EngineWorkshop, RegistryWorkshop
from parity.template.rules.table import RULES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from parity.deploy.template import Template
    from parity.rehearsal.emulators import Emulators
    from parity.rehearsal.fargate.surroundings import Images
    from parity.rehearsal.scenarios import Proof
    from parity.rehearsal.workshop import Workshop
    from parity.template.rules.rule import Rule

POLL_SECONDS = 0.5
POLLING: tuple[Any, ...] = (change_set, progress, rollout)
# What stays unproven with tasks that run, and what does so, too, where none is run.
BEYOND = (
    Gap("AWS::ECS::Service", "PlatformVersion", "tasks run on the local engine, not on Fargate"),
    Gap("AWS::ECS::TaskDefinition", "LogConfiguration", "Docker keeps the log, not awslogs"),
    Gap(
        "AWS::ECS::TaskDefinition",
        "Environment",
        "AWS_ENDPOINT_URL_BEDROCK_RUNTIME is added, and names a stand-in",
    ),
    Gap(
        "AWS::ECS::TaskDefinition",
        "TaskRoleArn",
        "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are added in its place",
    ),
    Gap("AWS::EFS::FileSystem", "(mount)", "a folder stands in: no NFS, no TLS, no IAM"),
    Gap("AWS::ElasticLoadBalancingV2::LoadBalancer", "(traffic)", "nginx stands in"),
)
ALWAYS = (
    Gap("AWS::IAM::Role", "(permissions)", "every call is allowed"),
    Gap("AWS::EC2::SecurityGroup", "(traffic)", "no packet is filtered, no subnet routed"),
    Gap("AWS::ECR::Repository", "ImageTagMutability", "a taken tag is refused by `deploy` only"),
)
NOTHING_RUN = (
    Gap("AWS::ECR::Repository", "(push)", "no Docker Engine: a tiny image was uploaded, not yours"),
    Gap("AWS::ECS::TaskDefinition", "(running)", "tasks are records: no image is executed"),
    Gap("AWS::ElasticLoadBalancingV2::LoadBalancer", "(traffic)", "no request passes through it"),
    Gap("AWS::EFS::FileSystem", "(mount)", "nothing is mounted"),
)


@dataclass(frozen=True)
class Outcome:
    """How a scenario ended, and how many seconds it took.

    found: what it proved, or why it failed. fields: how many are as in the template.
    """

    scenario: str
    passed: bool
    found: str
    fields: int
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

    @property
    def fields(self) -> int:
        """How many fields were as in the template, over all scenarios."""
        return sum(outcome.fields for outcome in self.outcomes)


def rehearse(template: Template, images: Images | None, rules: Sequence[Rule] = RULES) -> Rehearsal:
    """Tell the whole story with the template.

    images: what is promoted and run on the local engine; without, tiny images are promoted, and
    nothing is run. A scenario that fails does not keep the next from its try. Nothing is left
    behind.
    """
    with ExitStack() as afterwards, ExitStack() as running:
        around = None
        if images:
            around = running.enter_context(surroundings(client.connect(), images, STACK))
        cloud = running.enter_context(emulators(around))
        running.enter_context(_own_aws(cloud.environment))
        running.enter_context(_short_waits())
        workshop = _workshop(cloud, images)
        afterwards.callback(workshop.close)  # once no container uses its images
        stage = Stage(connect(), template, workshop, cloud.registry, around, rules=rules)
        outcomes = _tell(Story(stage))
    beyond = BEYOND if workshop.runs else NOTHING_RUN
    return Rehearsal(outcomes, unproven(template, stage.readings, (*beyond, *ALWAYS)))


def unproven(template: Template, readings: list[Reading], beyond: Sequence[Gap]) -> list[Gap]:
    """Return what some reading leaves open, the resources that were never made, and the rest.

    What is proven of one resource is not taken for proven of another.
    """
    made = {reading.logical_id for reading in readings}
    never = [
        Gap(str(resource["Type"]), name, "made in no scenario")
        for name, resource in template.resources.items()
        if name not in made
    ]
    return [*gaps(readings), *never, *beyond]


def _tell(story: Story) -> list[Outcome]:
    """Play each scenario; what `deploy` printed is shown only where one fails."""
    outcomes = []
    with quiet() as terminal:
        for title, scenario in STORY:
            before = terminal.position()
            with terminal.scenario(title):
                outcome = _play(title, partial(scenario, story))
            if not outcome.passed:
                terminal.show_since(before)
            outcomes.append(outcome)
    return outcomes


def _play(title: str, scenario: Callable[[], Proof]) -> Outcome:
    console.headline(title)
    started, fields = time.monotonic(), 0
    failure: ParityError | None = None
    try:
        proof = scenario()
        found, fields = proof.what, proof.fields
    except ParityError as error:
        failure = error
    except KeyError as error:
        failure = ParityError(f"nothing is known of {error}: an earlier scenario has failed")
    except (Broken, LookupError, ClientError, BotoCoreError, DockerException) as error:
        failure = ParityError(str(error))
    if failure:
        console.failure(failure)
        found = failure.what
    return Outcome(title, failure is None, found, fields, time.monotonic() - started)


def _workshop(cloud: Emulators, images: Images | None) -> Workshop:
    if images:
        return EngineWorkshop(client.connect(), images.app, cloud.registry)
    return RegistryWorkshop(cloud.registry, STACK)


@contextmanager
def _short_waits() -> Iterator[None]:
    """Look at emulators more often than at AWS: they answer at once, and limit nobody's calls."""
    before = {module: module.POLL_SECONDS for module in POLLING}
    for module in POLLING:
        module.POLL_SECONDS = POLL_SECONDS
    try:
        yield
    finally:
        for module, seconds in before.items():
            module.POLL_SECONDS = seconds


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
