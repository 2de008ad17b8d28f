"""A template decided upon: settings, files, and what is said of the differences."""

from __future__ import annotations

import json
import stat
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from parity import stack
from parity.deploy.template import FILE
from parity.efs import service as efs
from parity.errors import ParityError
from parity.from_template import planned, service
from parity.from_template.differences import NO_ENGINE, RUN, WHY
from parity.https import service as https
from parity.project import COMPOSE_FILE, ROOT, read_settings
from parity.template.parameter_sets import HTTPS
from tests.parity.from_template.templates import kit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from parity.from_template.planned import Planned
    from parity.project import Settings


@pytest.fixture
def settings() -> Iterator[Settings]:
    """Give a stack that there is nothing of but files, and of those nothing afterwards."""
    yield read_settings({"COMPOSE_PROJECT_NAME": "test-planned", "REPLICAS": "7"})
    service.delete("test-planned")


@pytest.fixture(autouse=True)
def template_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read the kit's template once for all tests."""
    monkeypatch.setattr("parity.from_template.source.load", lambda _: kit())


def plan(settings: Settings, **parameters: str) -> Planned:
    """Return the kit's template, planned."""
    return planned.plan(settings, FILE, parameters)


def test_replicas_and_stickiness_are_the_templates(settings: Settings) -> None:
    """Whatever .env says; its region and the project's name are put in."""
    found = plan(settings, MinTasks="3")
    assert (found.settings.replicas, found.settings.sticky) == (3, True)
    assert found.source.resolved.stack_name == "test-planned"
    assert found.source.resolved.region == settings.region


def test_https_listener_makes_the_stack_https(settings: Settings) -> None:
    """With the certificate that the kit makes."""
    assert not plan(settings).settings.https
    assert plan(settings, **HTTPS).settings.https


def test_more_tasks_than_a_laptop_has_room_for_are_refused(settings: Settings) -> None:
    """As with --replicas."""
    with pytest.raises(ParityError, match="51 tasks"):
        plan(settings, MinTasks="51", MaxTasks="60")


def test_stack_is_from_a_template_once_that_was_tried_and_until_started_without(
    settings: Settings,
) -> None:
    """Every command finds out by itself, as with EFS semantics and HTTPS."""
    found = plan(settings, MinTasks="3")
    tried = planned.write(found)
    assert not service.is_on(settings.project)
    assert stack.as_running(settings) == settings
    file = ROOT / tried.model
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    planned.accept(found)
    assert stack.as_running(settings) == found.settings
    assert service.origin(settings.project) == str(FILE)
    assert service.user(found.settings) == "10001:10001"
    assert service.user(settings) is None
    service.note_off(settings)
    service.note_off(settings)
    assert stack.as_running(settings) == settings


def test_compose_reads_the_model_alone(settings: Settings) -> None:
    """It has the volume of --efs already; other overrides are laid over it."""
    found = plan(replace(efs.wanted(settings), overrides=("compose.efs.yaml", "other.yaml")))
    environment = stack.compose_environment(found.settings)
    files = environment["COMPOSE_FILE"].split(":")
    assert files == [str(ROOT / found.settings.model), str(ROOT / "other.yaml")]
    assert found.wanted.efs
    assert COMPOSE_FILE not in found.settings.model


def test_attributes_are_in_a_file_that_nginx_may_read(settings: Settings) -> None:
    """Named by what is in it, so that the one that runs keeps its own until it is replaced."""
    found = plan(settings)
    planned.write(found)
    file = service.of(settings.project).folder / found.wanted.attributes[0]
    assert json.loads(file.read_text()) == found.balancing.attributes
    assert stat.S_IMODE(file.stat().st_mode) == 0o644
    other = plan(settings, DrainSeconds="5")
    planned.write(other)
    service.forget_others(settings.project, other.wanted.attributes[0])
    assert not file.exists()


def test_every_type_of_resource_is_run_or_said_not_to_be(settings: Settings) -> None:
    """So that nobody believes of something that it was tried."""
    found = plan(settings)
    kinds = {each.type for each in found.source.resolved.resources.values()}
    told = {each.what.partition(" (")[0] for each in found.not_run}
    assert {kind.split("::")[1] for kind in kinds - RUN} <= told
    assert NO_ENGINE not in {each.here for each in found.not_run}
    assert {"NetworkMode", "TaskRoleArn", "LogConfiguration"} <= told
    assert "EphemeralStorage" not in told
    assert told & set(WHY)


def test_https_that_only_the_option_asks_for_is_a_difference(settings: Settings) -> None:
    """The template's listener speaks HTTP."""
    found = plan(https.wanted(settings))
    assert found.settings.https
    assert "HTTPS" in {each.what for each in found.meant}


def test_every_difference_that_is_meant_has_a_reason(settings: Settings) -> None:
    """The image, the model's address, credentials, names, secrets, checks, restarts."""
    found = plan(settings, **HTTPS)
    assert all(each.why and each.here for each in found.meant)
    what = " ".join(each.what for each in found.meant)
    assert "HTTPS" not in {each.what for each in found.meant}
    for name in (
        "image",
        "BEDROCK",
        "AWS_ACCESS_KEY_ID",
        "AWS::StackName",
        "secrets",
        "certificate",
    ):
        assert name in what
