"""A template's task definition as a plan, and what it is refused for."""

from __future__ import annotations

import pytest

from parity.errors import ParityError
from parity.from_template.task import plan_of
from tests.parity.from_template.templates import CONTAINER, line, source
from tests.parity.template.changing import Change, combined, drop, item, put


def test_intrinsics_are_values() -> None:
    """Lists joined, parameters and pseudo parameters put in, numbers as the API has them."""
    plan = plan_of(source(StopTimeoutSeconds="20", BedrockModelIds="a.b,c.d"))
    assert plan.arguments["environment"] == {
        "SESSION_ROOT": "/mnt/data",
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "BEDROCK_MODEL_IDS": "a.b,c.d",
        "METRICS_SERVICE": "p",
        "STOP_SECONDS": "20",
    }
    assert plan.stop_seconds == 20
    assert plan.secrets == {"STREAMLIT_SERVER_COOKIE_SECRET": "${CookieSecret}"}


def test_what_no_engine_does_is_left_out_of_the_plan() -> None:
    """It is listed as not run; see test_differences.py."""
    change = put("TaskDefinition.EphemeralStorage", {"SizeInGiB": 30})
    assert plan_of(source(change)).arguments == plan_of(source()).arguments


@pytest.mark.parametrize(
    ("change", "where", "said"),
    [
        (put("TaskDefinition.Memory", "256"), "Memory: !FindInMap", "256 is no size"),
        (put(f"{CONTAINER}.Privileged", value=True), "- Name: app", "cannot be run here"),
        (put(f"{CONTAINER}.Typo", "x"), "- Name: app", "is no member of"),
        (put(f"{CONTAINER}.StopTimeout", "soon"), "StopTimeout:", "'soon', where"),
        (put("TaskDefinition.NetworkMode", "host"), "NetworkMode: awsvpc", "'host'"),
        (put("Service.LoadBalancers.0.ContainerPort", 8502), "ContainerName: app", "port 8502"),
        (put(f"{CONTAINER}.MountPoints", []), "MountPoints:", "mounts no file system"),
        (
            item(f"{CONTAINER}.Environment", "SESSION_ROOT", "/data", key="Name"),
            "Environment",
            "/d",
        ),
        (put(f"{CONTAINER}.Secrets", []), "Secrets:", "STREAMLIT_SERVER_COOKIE_SECRET"),
    ],
)
def test_task_that_could_not_serve_is_refused_with_its_line(
    change: Change, where: str, said: str
) -> None:
    """Before anything is built or started."""
    with pytest.raises(ParityError, match=said) as caught:
        plan_of(source(change))
    resource = "Service" if "LoadBalancers" in caught.value.what else "TaskDefinition"
    assert f":{line(where)}: {resource}" in caught.value.what


def test_another_app_needs_no_cookie_secret() -> None:
    """Only one that keeps its sessions as the kit does is asked for the kit's variables."""
    other = combined(drop(f"{CONTAINER}.Secrets"), put(f"{CONTAINER}.Environment", []))
    assert plan_of(source(other)).secrets == {}
