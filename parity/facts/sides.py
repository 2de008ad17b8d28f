"""Loading both sides, as the options of `parity check` say."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from parity.facts.cloud import Cloud, read_lock
from parity.facts.compose import chosen_files
from parity.facts.local import APP, load_local
from parity.facts.parameters import chosen
from parity.project import DEFAULT_STACK, ROOT
from parity.template.load import load
from parity.template.resolve import resolve

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from parity.facts.local import Local

TEMPLATE = ROOT / "infra" / "template.yml"
LOCK = ROOT / "app" / "requirements.txt"
LOCK_SCRIPT = ROOT / "scripts" / "lock"
DEFAULT_REGION = "us-east-1"


@dataclass(frozen=True)
class Choices:
    """What is compared. compose: files, none for those that Compose itself would take.

    service: what the cloud runs. parameters: a file or the name of a set; pairs: NAME=VALUE.
    running: whether the built image and the running containers are asked. stack: one that is
    deployed and read through its services; '' for the template alone.
    """

    compose: Sequence[Path] = ()
    service: str = APP
    template: Path = TEMPLATE
    parameters: str = ""
    pairs: Sequence[str] = ()
    running: bool = False
    stack: str = ""


def load_sides(
    choices: Choices, environment: Mapping[str, str] = os.environ
) -> tuple[Local, Cloud]:
    """Return both sides; what is not asked for is not read: neither Docker nor AWS."""
    files = list(choices.compose) or chosen_files(ROOT, environment)
    local = load_local(files, name=choices.service, environment=environment)
    if choices.running:
        from parity.facts.running import as_running  # noqa: PLC0415 - brings Docker's SDK

        local = as_running(local, choices.service)
    if choices.stack:
        from parity.facts.live import read_live  # noqa: PLC0415 - brings boto3

        cloud = read_live(choices.stack)
    else:
        cloud = read_cloud(choices, local)
    return local, replace(cloud, lock=read_lock(LOCK, LOCK_SCRIPT))


def read_cloud(choices: Choices, local: Local) -> Cloud:
    """Return what the template makes of its parameters, in the region that replicas are told."""
    template = load(choices.template)
    region = local.app["environment"]["AWS_REGION"].text or DEFAULT_REGION
    # An image is built for the machine that builds it, and `deploy` takes it only to the same kind.
    otherwise = {"Architecture": local.machine}
    given = chosen(template, choices.parameters, choices.pairs, otherwise)
    resolved = resolve(template, given, region=region, stack_name=DEFAULT_STACK)
    return Cloud(template, resolved)
