"""An AWS account out of moto, a registry on loopback, and no waiting."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import boto3
import pytest
from moto import mock_aws

from parity.deploy import change_set, progress, rollout
from parity.deploy.account import Account
from tests.parity.deploy import moto_gaps, registry_server

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.parity.deploy.registry_server import Registry


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give credentials that open nothing."""
    endpoints = [name for name in os.environ if name.startswith("AWS_ENDPOINT_URL")]
    for name in ("AWS_PROFILE", "AWS_DEFAULT_REGION", *endpoints):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Iterator[Account]:
    """Give an empty account whose services run their tasks."""
    for module in (change_set, progress, rollout):
        monkeypatch.setattr(module, "POLL_SECONDS", 0.01)
    moto_gaps.fill(monkeypatch)
    with mock_aws():
        yield Account(boto3.Session(region_name="us-east-1"))


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch) -> Iterator[Registry]:
    """Give a registry that stands in for ECR's."""
    with registry_server.running() as registry:
        monkeypatch.setenv("PARITY_REGISTRY", registry.host)
        yield registry
