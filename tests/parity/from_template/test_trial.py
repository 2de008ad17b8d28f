"""Whose fault it is that a first task does not start; what runs is tried in e2e/."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from parity.deploy.template import FILE
from parity.errors import ParityError
from parity.from_template import service
from parity.from_template.planned import Planned, plan
from parity.from_template.trial import _not_started
from parity.project import read_settings
from tests.parity.from_template.templates import IMAGE, kit, line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

COMPOSE = "docker compose run failed"
OTHER = IMAGE["ImageUri"].replace("/chat@", "/other@")


@pytest.fixture
def planned(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Planned]]:
    """Give a function that plans the kit's template with parameters."""
    monkeypatch.setattr("parity.from_template.source.load", lambda _: kit())
    settings = read_settings({"COMPOSE_PROJECT_NAME": "test-trial"})
    yield lambda **parameters: plan(settings, FILE, parameters)
    service.delete("test-trial")


@pytest.mark.parametrize(
    ("image", "made", "where", "said"),
    [
        (OTHER, False, "Image: !Ref ImageUri", "does not start: pull access denied"),
        (IMAGE["ImageUri"], True, "- Name: app", "does not start: pull access denied"),
    ],
)
def test_template_answers_for_its_image_and_its_command(
    planned: Callable[..., Planned], image: str, *, made: bool, where: str, said: str
) -> None:
    """A container that is there was given a command that cannot be run."""
    error = ParityError(COMPOSE, detail="one\npull access denied\n")
    found = _not_started(planned(ImageUri=image), error, made=made)
    assert f":{line(where)}: TaskDefinition.ContainerDefinitions.0" in found.what
    assert said in found.what
    assert found.detail == error.detail


@pytest.mark.parametrize("detail", ["no space left on device", "bedrock is unhealthy"])
def test_template_does_not_answer_for_this_machine(
    planned: Callable[..., Planned], detail: str
) -> None:
    """A full disk, or what stands around the task."""
    error = ParityError(COMPOSE, detail=detail)
    assert _not_started(planned(), error, made=False) is error
