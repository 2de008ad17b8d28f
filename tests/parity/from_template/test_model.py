"""The Compose file of a template: each field of its task, and nothing of compose.yaml's `app`."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import yaml

from parity.from_template.model import LOCAL, WAYS, Wanted, app_of, model_of, runs_as
from parity.from_template.task import plan_of
from parity.from_template.volume import volume_of
from parity.project import COMPOSE_FILE, ROOT
from tests.parity.from_template.templates import CONTAINER, source
from tests.parity.template.changing import Change, combined, drop, item, put

COMPOSE = yaml.safe_load((ROOT / COMPOSE_FILE).read_text())
FLAG = {"x": "$HOME"}


def wanted(*changes: Change, efs: bool = False, **parameters: str) -> Wanted:
    """Return what the model of the kit's template is made of, after some changes."""
    found = source(*changes, **parameters)
    plan = plan_of(found)
    return Wanted(
        plan=plan,
        volume=volume_of(found, plan),
        secrets={"STREAMLIT_SERVER_COOKIE_SECRET": "a$b"},
        replicas=2,
        attributes=("/here/attributes.json", "digest"),
        efs=efs,
        notes={"template": "t.yml"},
    )


def app(*changes: Change, efs: bool = False, **parameters: str) -> dict[str, Any]:
    """Return the service of the task."""
    return app_of(wanted(*changes, efs=efs, **parameters), COMPOSE["services"]["app"])


def test_whole_service_is_the_templates() -> None:
    """All that the kit's own task says, and of compose.yaml what stands in for AWS alone."""
    of_compose = COMPOSE["services"]["app"]
    assert app(BedrockModelIds="a.b,c.d") == {
        "image": of_compose["image"],
        "platform": "linux/amd64",
        "user": "10001:10001",
        "read_only": True,
        "init": True,
        "cap_add": [],
        "cap_drop": ["ALL"],
        "tmpfs": ["/tmp:size=128m"],  # noqa: S108 - in a container
        "cpus": 0.25,
        "mem_limit": 512 * 2**20,
        "memswap_limit": 512 * 2**20,
        "ulimits": {},
        "labels": {"parity.receipt": "none"},
        "expose": ["8501"],
        "stop_grace_period": "30s",
        "healthcheck": {
            "test": ["CMD", "python3", "-ISE", "/srv/app/healthcheck.py"],
            "interval": "10s",
            "timeout": "5s",
            "retries": 3,
            "start_period": "60s",
            "start_interval": "1s",
        },
        "environment": {
            "SESSION_ROOT": "/mnt/data",
            "AWS_REGION": "us-east-1",
            "AWS_DEFAULT_REGION": "us-east-1",
            "BEDROCK_MODEL_IDS": "a.b,c.d",
            "METRICS_SERVICE": "p",
            "STOP_SECONDS": "30",
            "STREAMLIT_SERVER_COOKIE_SECRET": "a$$b",
            **{name: of_compose["environment"][name] for name in LOCAL},
        },
        "volumes": [
            {
                "type": "bind",
                "source": "${DATA_FOLDER}",
                "target": "/mnt/data",
                "read_only": False,
                "bind": {"create_host_path": True},
            }
        ],
        "deploy": {"replicas": 2},
        "restart": "unless-stopped",
        "logging": of_compose["logging"],
        "depends_on": of_compose["depends_on"],
    }


LIMIT = {"Name": "nofile", "SoftLimit": 1024, "HardLimit": 2048}


@pytest.mark.parametrize(
    ("change", "name", "value"),
    [
        (put(f"{CONTAINER}.Command", ["run", "$X"]), "command", ["run", "$$X"]),
        (put(f"{CONTAINER}.EntryPoint", ["/sh"]), "entrypoint", ["/sh"]),
        (put(f"{CONTAINER}.WorkingDirectory", "/srv"), "working_dir", "/srv"),
        (put(f"{CONTAINER}.User", "10001"), "user", "10001"),
        (put(f"{CONTAINER}.ReadonlyRootFilesystem", "false"), "read_only", False),
        (put(f"{CONTAINER}.Memory", 128), "mem_limit", 128 * 2**20),
        (put(f"{CONTAINER}.MemoryReservation", 64), "mem_reservation", 64 * 2**20),
        (put(f"{CONTAINER}.Ulimits", [LIMIT]), "ulimits", {"nofile": {"soft": 1024, "hard": 2048}}),
        (put(f"{CONTAINER}.LinuxParameters.InitProcessEnabled", value=False), "init", False),
        (
            put(f"{CONTAINER}.LinuxParameters.Capabilities", {"Add": ["SYS_PTRACE"]}),
            "cap_add",
            ["SYS_PTRACE"],
        ),
        (put(f"{CONTAINER}.StopTimeout", 7), "stop_grace_period", "7s"),
        (drop(f"{CONTAINER}.HealthCheck"), "healthcheck", {"disable": True}),
        (put(f"{CONTAINER}.DockerLabels", {"a": "b"}), "labels", {"a": "b"}),
        (put("TaskDefinition.Cpu", "512"), "cpus", 0.5),
        (put("TaskDefinition.RuntimePlatform.CpuArchitecture", "ARM64"), "platform", "linux/arm64"),
        (put(f"{CONTAINER}.Image", "registry/x:1"), "image", "registry/x:1"),
    ],
)
def test_each_field_follows_the_template(change: Change, name: str, value: object) -> None:
    """Whatever compose.yaml says."""
    memory = put("TaskDefinition.Memory", "1024")
    assert app(combined(memory, change))[name] == value


def test_environment_is_only_the_tasks() -> None:
    """Of compose.yaml's variables none that the list of differences does not have."""
    one = item(f"{CONTAINER}.Environment", "STOP_SECONDS", None, key="Name")
    environment = app(one)["environment"]
    assert "STOP_SECONDS" not in environment
    assert "SESSION_MAX_AGE_DAYS" not in environment


def test_nothing_of_a_plan_is_dropped() -> None:
    """An argument that Compose would have to spell and nobody has thought of is an error."""
    one = wanted()
    unknown = replace(one, plan=replace(one.plan, arguments={**one.plan.arguments, "new": 1}))
    with pytest.raises(KeyError, match="new"):
        app_of(unknown, COMPOSE["services"]["app"])
    assert set(one.plan.arguments) <= set(WAYS)


def test_volume_of_efs_has_the_templates_path() -> None:
    """And its driver is compose.efs.yaml's; whether it is read-only stays so."""
    changes = (
        put(
            f"{CONTAINER}.MountPoints.0",
            {"SourceVolume": "data", "ContainerPath": "/x", "ReadOnly": "true"},
        ),
        put(f"{CONTAINER}.Environment", []),
    )
    (mount,) = app(*changes, efs=True)["volumes"]
    assert (mount["type"], mount["source"], mount["target"]) == ("volume", "efs", "/x")
    assert mount["read_only"] is True
    assert model_of(wanted(efs=True))["volumes"]["efs"]["driver"]
    assert "volumes" not in model_of(wanted())


def test_access_points_user_is_the_tasks_where_no_client_makes_it_so() -> None:
    """Without EFS semantics only the task itself can be that user; with them, the client is."""
    other = put("AccessPoint.PosixUser", {"Uid": "7", "Gid": "8"})
    assert runs_as(wanted(other)) == "7:8"
    assert app(other)["user"] == "7:8"
    assert app(other, efs=True)["user"] == "10001:10001"
    assert runs_as(wanted(drop("AccessPoint.PosixUser"))) == "10001:10001"
    assert runs_as(wanted(drop(f"{CONTAINER}.User"))) == "10001:10001"


def test_folder_is_made_as_the_creation_info_says() -> None:
    """By the `volume` service, before any task."""
    made = {"OwnerUid": "7", "OwnerGid": "8", "Permissions": "0750"}
    model = model_of(wanted(put("AccessPoint.RootDirectory.CreationInfo", made)))
    command = model["services"]["volume"]["command"]
    assert command == ["install", "-d", "-o", "7", "-g", "8", "-m", "0750", "/mnt/data"]


def test_nginx_reads_the_templates_attributes() -> None:
    """In place of its own, and is replaced when they change."""
    nginx = model_of(wanted())["services"]["nginx"]
    (mount,) = nginx["volumes"]
    assert (mount["source"], mount["target"]) == (
        "/here/attributes.json",
        "/etc/nginx/attributes.json",
    )
    assert nginx["labels"] == {"parity.attributes": "digest"}
    assert nginx["depends_on"] == {"app": {"condition": "service_healthy"}}
    unchecked = model_of(wanted(drop(f"{CONTAINER}.HealthCheck")))["services"]["nginx"]
    assert unchecked["depends_on"] == {"app": {"condition": "service_started"}}


def test_what_stands_in_for_aws_is_compose_yamls() -> None:
    """Bedrock, the networks, the secrets of a build."""
    model = model_of(wanted())
    assert model["services"]["bedrock"] == COMPOSE["services"]["bedrock"]
    assert (model["name"], model["secrets"]) == (COMPOSE["name"], COMPOSE["secrets"])
    assert model["x-from-template"] == {"template": "t.yml"}
