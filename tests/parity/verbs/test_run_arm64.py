"""The image that chats is the arm64 image that was built; nginx and bedrock stay as they are."""

from __future__ import annotations

from dataclasses import replace

import pytest
import yaml

from parity.errors import ParityError
from parity.project import ROOT, read_settings
from parity.stack import healthy_seconds
from parity.verbs.run_arm64 import OVERRIDE, Running, as_arm64, require_arm64

GOOD = Running(
    "p-app-1", built="sha256:1", image="sha256:1", architecture="arm64", machine="aarch64"
)


def test_stack_has_one_replica_and_more_patience_only_if_emulated() -> None:
    """Everything else is the stack that every test gets."""
    usual = read_settings()
    emulated = as_arm64(usual, emulated=True)
    assert (emulated.replicas, emulated.overrides) == (1, (OVERRIDE,))
    assert emulated.slowness > usual.slowness
    assert as_arm64(usual, emulated=False).slowness == usual.slowness
    same = replace(emulated, replicas=usual.replicas, overrides=(), slowness=usual.slowness)
    assert same == usual


def test_arm64_image_that_was_built_is_proof() -> None:
    """Its id, its architecture, and what runs in the container."""
    require_arm64(GOOD)


@pytest.mark.parametrize(
    ("field", "value"), [("image", "sha256:2"), ("architecture", "amd64"), ("machine", "x86_64")]
)
def test_anything_else_is_refused_and_quoted(field: str, value: str) -> None:
    """A native image that chats proves nothing of arm64."""
    with pytest.raises(ParityError, match=value) as caught:
        require_arm64(replace(GOOD, **{field: value}))
    assert caught.value.hint


def test_container_may_start_as_long_as_the_stack() -> None:
    """Docker must not call unhealthy what the command still waits for."""
    seconds = healthy_seconds(as_arm64(read_settings(), emulated=True))
    services = yaml.safe_load((ROOT / OVERRIDE).read_text())["services"]
    assert services["app"]["healthcheck"]["start_period"] == f"{seconds}s"


def test_override_makes_arm64_of_the_app_image_and_of_nothing_else() -> None:
    """The app and the service that shares its image agree."""
    services = yaml.safe_load((ROOT / OVERRIDE).read_text())["services"]
    assert set(services) == {"app", "volume"}
    assert {service["platform"] for service in services.values()} == {"linux/arm64"}
    assert services["app"]["build"] == services["volume"]["build"]
