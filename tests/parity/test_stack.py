"""The Compose calls, as data; nothing here needs Docker."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from parity import stack
from parity.host.base_images import BaseImages
from parity.project import ROOT, read_settings

OPTIONS = {
    "COMPOSE_PROJECT_NAME": "p",
    "PORT": "1",
    "BEDROCK_PORT": "2",
    "REPLICAS": "7",
    "STICKINESS": "off",
    "DATA_FOLDER": "/srv/d",
}


def test_compose_sees_the_settings_that_were_checked() -> None:
    """What `up` has validated is what Compose interpolates, under the same names."""
    settings = read_settings(OPTIONS)
    assert stack.compose_environment(settings) == OPTIONS


def test_override_files_are_laid_over_compose_yaml_in_order() -> None:
    """Without any, Compose looks for its files itself, a compose.override.yaml among them."""
    settings = replace(read_settings(OPTIONS), overrides=("compose.arm64.yaml",))
    files = stack.compose_environment(settings)["COMPOSE_FILE"].split(":")
    assert files == [str(ROOT / "compose.yaml"), str(ROOT / "compose.arm64.yaml")]
    assert all(Path(file).is_file() for file in files)


def test_build_gets_bases_revision_and_ca_bundle() -> None:
    """Only a build needs them."""
    settings = read_settings(OPTIONS)
    environment = stack.compose_environment(settings, BaseImages("python:x", "nginx:y"))
    assert environment["PYTHON_IMAGE"] == "python:x"
    assert environment["NGINX_IMAGE"] == "nginx:y"
    assert {"CA_BUNDLE", "GIT_REVISION"} <= environment.keys()


def test_base_of_the_arm64_image_is_named_only_where_there_is_one() -> None:
    """Else compose.arm64.yaml builds on the public image, which serves every architecture."""
    settings = read_settings(OPTIONS)
    images = BaseImages("python:x", "nginx:y")
    assert "ARM64_PYTHON_IMAGE" not in stack.compose_environment(settings, images)
    images = replace(images, arm64_python="python:z")
    assert stack.compose_environment(settings, images)["ARM64_PYTHON_IMAGE"] == "python:z"


def test_slow_machine_has_longer_to_become_healthy() -> None:
    """Everything that waits for health asks one function."""
    settings = read_settings(OPTIONS)
    assert stack.healthy_seconds(settings) == stack.HEALTHY_SECONDS
    seconds = stack.healthy_seconds(replace(settings, slowness=3))
    assert seconds == 3 * stack.HEALTHY_SECONDS
    assert f"--wait-timeout={seconds}" in stack.start_command(seconds)
    assert f"--wait-timeout={seconds}" in stack.scale_command("app", 1, seconds)


@pytest.mark.parametrize(
    ("line", "step"),
    [
        ("#7 [app dependencies 3/3] RUN   pip", "[app dependencies 3/3] RUN pip"),
        ("#7 [a 3/3] RUN --mount=type=secret,id=ca --mount=type=cache pip", "[a 3/3] RUN pip"),
        ("#12 [stage-1  2/10] COPY . /srv/", "[stage-1 2/10] COPY . /srv/"),
        ("#1 [app internal] load build definition from Dockerfile", ""),
        ("#7 12.31 Collecting [x 1/2] y", ""),
        ("#7 DONE 3.1s", ""),
        ("#7 CACHED", ""),
        ("", ""),
    ],
)
def test_progress_of_a_build_is_its_dockerfiles_steps(line: str, step: str) -> None:
    """And nothing of what they print."""
    assert stack.build_step(line) == step


def test_ca_bundle_is_the_one_that_this_host_is_told_to_trust() -> None:
    """SSL_CERT_FILE wins; an empty value is no value."""
    both = {"SSL_CERT_FILE": "/a.pem", "REQUESTS_CA_BUNDLE": "/b.pem"}
    assert stack.ca_bundle(both) == "/a.pem"
    assert stack.ca_bundle(both | {"SSL_CERT_FILE": ""}) == "/b.pem"
    assert Path(stack.ca_bundle({})).exists()


def test_every_compose_call_is_on_this_checkout() -> None:
    """From whatever folder `parity` is called."""
    assert stack.start_command()[:4] == ["docker", "compose", "--project-directory", str(ROOT)]


def test_start_builds_nothing_and_waits_for_health() -> None:
    """A stack that is up is a stack that works."""
    assert {"up", "--detach", "--no-build", "--wait"} <= set(stack.start_command())


def test_scale_touches_only_the_service() -> None:
    """Neither nginx nor the replicas that stay are replaced."""
    argv = stack.scale_command("app", 5)
    assert {"--no-recreate", "--no-deps", "--no-build"} <= set(argv)
    assert argv[-3:] == ["--scale", "app=5", "app"]


@pytest.mark.parametrize(
    ("container", "tail", "end"),
    [
        (None, None, ["logs", "--follow"]),
        (None, 0, ["logs", "--follow", "--tail=0"]),
        ("p-app-2", 5, ["docker", "logs", "--follow", "--tail=5", "p-app-2"]),
    ],
)
def test_logs_of_all_or_of_one(container: str | None, tail: int | None, end: list[str]) -> None:
    """A replica's log comes bare, so that its JSON lines can be piped."""
    argv = stack.logs_command(follow=True, tail=tail, container=container)
    assert argv[-len(end) :] == end
    assert "--follow" not in stack.logs_command(follow=False, tail=tail, container=container)
    recent = stack.logs_command(follow=False, tail=None, container="p-app-2", since=12.5)
    assert recent == ["docker", "logs", "--since=12.500", "p-app-2"]


def test_progress_of_compose_is_no_part_of_an_error() -> None:
    """What remains is what went wrong."""
    output = (
        " Container p-app-1  Starting\n Network p_default  Created\n"
        "dependency failed to start: container p-bedrock-1 is unhealthy"
    )
    assert stack.without_progress(output) == output.splitlines()[-1]


@pytest.mark.parametrize(
    ("state", "failing"),
    [
        ({"Status": "running", "Running": True}, False),
        ({"Status": "running", "Running": True, "Health": {"Status": "healthy"}}, False),
        ({"Status": "running", "Running": True, "Health": {"Status": "unhealthy"}}, True),
        ({"Status": "running", "Running": True, "Health": {"Status": "starting"}}, True),
        ({"Status": "restarting", "Running": True, "Restarting": True}, True),
        ({"Status": "exited", "Running": False, "ExitCode": 0}, False),
        ({"Status": "exited", "Running": False, "ExitCode": 1}, True),
        ({"Status": "created", "Running": False, "ExitCode": 0}, False),
    ],
)
def test_failing_containers_are_told_from_those_that_wait(
    state: dict[str, object],
    failing: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    """Their last log lines are shown; the one-shot `volume` service has rightly ended."""
    assert stack.is_failing(state) is failing
