"""An AWS account out of moto, a registry on loopback, and no waiting."""

from __future__ import annotations

from typing import TYPE_CHECKING

import boto3
import pytest
from botocore.loaders import Loader
from botocore.session import Session as Core
from moto import mock_aws

from parity.aws.account import Account
from parity.deploy import change_set, image, progress, rollout
from tests.infra.deploy_role import refused
from tests.parity.aws.credentials import credentials  # noqa: F401 - used by every test here
from tests.parity.deploy import moto_gaps, recording, registry_server
from tests.parity.deploy.deploying import Docker

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.parity.deploy.registry_server import Registry


# The services' models, read once for all tests.
MODELS = Loader(include_default_search_paths=True)


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Iterator[Account]:
    """Give an empty account whose services run their tasks."""
    for module in (change_set, progress, rollout):
        monkeypatch.setattr(module, "POLL_SECONDS", 0.01)
    moto_gaps.fill(monkeypatch)
    with mock_aws():
        core = Core()
        core.register_component("data_loader", MODELS)
        session = boto3.Session(botocore_session=core, region_name="us-east-1")
        called = recording.record(session)
        yield Account(session)
    # What CI's role may not do, `parity` must not do.
    assert refused(called, MayDestroy="on") == []


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch) -> Iterator[Registry]:
    """Give a registry that stands in for ECR's."""
    with registry_server.running() as registry:
        monkeypatch.setenv("PARITY_REGISTRY", registry.host)
        yield registry


@pytest.fixture
def docker(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> Docker:
    """Give an engine, and note the addresses that are smoke tested."""
    docker = Docker(registry)
    monkeypatch.setattr(image, "push", docker.push)
    monkeypatch.setattr("parity.deploy.carry_out.smoke", docker.tried.append)
    return docker
