"""A deployed stack in moto's AWS, whose service scheduler works while somebody waits."""

from __future__ import annotations

import time
from types import SimpleNamespace
from typing import TYPE_CHECKING

import boto3
import pytest
from moto import mock_aws
from moto.moto_api import state_manager

from parity.aws.account import Account
from parity.cluster import waiting
from tests.parity.cluster.ecs_world import REGION, Scheduler

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def account() -> Account:
    """Give the same clients to all tests: making one takes boto3 longer than asking it."""
    return Account(boto3.Session("test", "test", region_name=REGION))


@pytest.fixture
def service(account: Account, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scheduler]:
    """Give a service of two tasks, whose scheduler works while the driver waits."""
    for name in ("AWS_PROFILE", "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_REGION", REGION)
    monkeypatch.setenv("MOTO_ECS_SERVICE_RUNNING", "2")  # else its deployment is never complete
    # moto's own way to let time pass: by default each look at a task brings it nearer its end.
    state_manager.set_transition("ecs::task", {"progression": "manual", "times": 10**9})
    with mock_aws():
        scheduler = Scheduler(account)
        clock = SimpleNamespace(monotonic=time.monotonic, sleep=scheduler.work)
        monkeypatch.setattr(waiting, "time", clock)
        yield scheduler
    state_manager.unset_transition("ecs::task")
