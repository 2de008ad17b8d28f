"""The stack of a template as a Compose file: compose.yaml's, but for `app`, which is written whole.

What stands in for AWS around the tasks stays as compose.yaml has it. Of its `app` only what LOCAL
names is taken, so that nothing else of it can leak into the template's task.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import yaml

from parity.efs.service import OVERRIDE as EFS_OVERRIDE
from parity.from_template.service import EXTENSION
from parity.from_template.source import IMAGE
from parity.project import COMPOSE_FILE, ROOT
from parity.template.parameter_sets import ALWAYS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from parity.from_template.volume import Volume
    from parity.rehearsal.fargate.translate import TaskPlan

Json = dict[str, Any]
SECOND = 1_000_000_000  # nanoseconds, in which Docker counts
# Variables that a task is given beyond its definition; differences.py says why.
LOCAL = (
    "AWS_ENDPOINT_URL_BEDROCK_RUNTIME",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
)
START_INTERVAL = "1s"
DATA = "${DATA_FOLDER}"
ATTRIBUTES = "/etc/nginx/attributes.json"
ATTRIBUTES_LABEL = "parity.attributes"  # their digest, so that other ones replace nginx


@dataclass(frozen=True)
class Wanted:
    """What the model is made of.

    secrets: values by variable. attributes: the file for nginx, and its digest. notes: what
    service.py wants to know again.
    """

    plan: TaskPlan
    volume: Volume
    secrets: Mapping[str, str]
    replicas: int
    attributes: tuple[str, str]
    efs: bool
    notes: Mapping[str, Any]


def model_of(wanted: Wanted) -> Json:
    """Return the Compose file."""
    model: Json = yaml.safe_load((ROOT / COMPOSE_FILE).read_text())
    model = {name: part for name, part in model.items() if not name.startswith("x-")}
    services = model["services"]
    services["app"] = app_of(wanted, services["app"])
    services["volume"]["command"] = [
        *("install", "-d", "-o", wanted.volume.owner.partition(":")[0]),
        *("-g", wanted.volume.owner.partition(":")[2], "-m", wanted.volume.mode, "/mnt/data"),
    ]
    services["nginx"] = _nginx(wanted, services["nginx"])
    if wanted.efs:
        model["volumes"] = yaml.safe_load((ROOT / EFS_OVERRIDE).read_text())["volumes"]
    model[EXTENSION] = dict(wanted.notes)
    copy: Json = json.loads(json.dumps(model))  # what YAML shares between services
    return copy


def app_of(wanted: Wanted, of_compose: Mapping[str, Any]) -> Json:
    """Return the service `app` of a template. of_compose: that of compose.yaml, see LOCAL."""
    plan = wanted.plan
    said: Json = {}
    for name, value in plan.arguments.items():
        said |= WAYS[name](value)
    environment = said["environment"] | _escaped(dict(wanted.secrets))
    user = runs_as(wanted)
    return said | {
        "image": of_compose["image"] if is_built(plan) else _escaped(plan.image),
        **({"user": user} if user else {}),
        "environment": environment | {name: of_compose["environment"][name] for name in LOCAL},
        "expose": [str(port) for port in plan.ports],
        "stop_grace_period": f"{plan.stop_seconds}s",
        "volumes": [_mount(wanted)],
        "deploy": {"replicas": wanted.replicas},
        "restart": of_compose["restart"],
        "logging": of_compose["logging"],
        "depends_on": of_compose["depends_on"],
    }


def is_built(plan: TaskPlan) -> bool:
    """Tell whether a task's image is the one of this checkout: nobody has named another."""
    return plan.image == ALWAYS[IMAGE]


def runs_as(wanted: Wanted) -> str:
    """Return the user of the task's processes, '' for the image's own.

    A plain folder has no access point that would make somebody else of them, so that where the two
    differ, the task itself runs as the access point's user.
    """
    own, pinned = str(wanted.plan.arguments.get("user", "")), wanted.volume.user
    return own if wanted.efs or not pinned or same_user(own, pinned) else pinned


def same_user(own: str, pinned: str) -> bool:
    """Tell whether a task's user is the access point's; without a group, the user's own counts."""
    return own == pinned or own == pinned.partition(":")[0]


def _nginx(wanted: Wanted, service: Mapping[str, Any]) -> Json:
    file, digest = wanted.attributes
    mount = {"type": "bind", "source": file, "target": ATTRIBUTES, "read_only": True}
    checked = wanted.plan.arguments["healthcheck"]["test"] != ["NONE"]
    condition = "service_healthy" if checked else "service_started"
    return dict(service) | {
        "volumes": [mount],
        "labels": {ATTRIBUTES_LABEL: digest},
        "depends_on": {"app": {"condition": condition}},
    }


def _mount(wanted: Wanted) -> Json:
    common = {"target": wanted.volume.path, "read_only": wanted.volume.read_only}
    if wanted.efs:
        return {"type": "volume", "source": "efs", **common, "volume": {"nocopy": True}}
    return {"type": "bind", "source": DATA, **common, "bind": {"create_host_path": True}}


def _health_check(check: Mapping[str, Any]) -> Json:
    if check["test"] == ["NONE"]:
        return {"disable": True}
    return {
        "test": _escaped(check["test"]),
        "interval": f"{check['interval'] // SECOND}s",
        "timeout": f"{check['timeout'] // SECOND}s",
        "retries": check["retries"],
        "start_period": f"{check['start_period'] // SECOND}s",
        "start_interval": START_INTERVAL,
    }


def _escaped(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    """Return a value whose dollar signs mean nothing to Compose."""
    if isinstance(value, dict):
        return {name: _escaped(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_escaped(item) for item in value]
    return value.replace("$", "$$") if isinstance(value, str) else value


def _as(name: str) -> Callable[[Any], Json]:
    return lambda value: {name: _escaped(value)}


# Each argument of Docker's SDK that a plan may have, as Compose spells it.
WAYS: Mapping[str, Callable[[Any], Json]] = {
    "nano_cpus": lambda nano: {"cpus": nano / SECOND},
    "mem_limit": _as("mem_limit"),
    "memswap_limit": _as("memswap_limit"),
    "mem_reservation": _as("mem_reservation"),
    "platform": _as("platform"),
    "user": _as("user"),
    "read_only": _as("read_only"),
    "entrypoint": _as("entrypoint"),
    "command": _as("command"),
    "working_dir": _as("working_dir"),
    "environment": _as("environment"),
    "labels": _as("labels"),
    "ports": lambda _: {},  # only nginx reaches a task
    "healthcheck": lambda check: {"healthcheck": _health_check(check)},
    "ulimits": lambda limits: {
        "ulimits": {each["Name"]: {"soft": each["Soft"], "hard": each["Hard"]} for each in limits}
    },
    "init": _as("init"),
    "cap_add": _as("cap_add"),
    "cap_drop": _as("cap_drop"),
    "tmpfs": lambda mounts: {"tmpfs": [f"{path}:{how}" for path, how in mounts.items()]},
}
