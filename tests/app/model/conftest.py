"""A Bedrock that fails to order, and a client that finds it by the environment alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import boto3
import httpx
import pytest

from app.model import answer
from bedrock.api import make_app
from bedrock.settings import Settings
from tests.app.model.eventstream import encode
from tests.bedrock.listening import listening

if TYPE_CHECKING:
    from collections.abc import Iterator


class Bedrock:
    """The stand-in; `url` is where it listens."""

    def __init__(self, url: str) -> None:
        self.url = url

    def arm(self, fault: str, times: int = 1) -> None:
        """Let the next requests suffer a fault."""
        httpx.put(f"{self.url}/admin/fault", json={"fault": fault, "times": times})

    @property
    def asked(self) -> list[dict[str, Any]]:
        """The requests so far."""
        requests: list[dict[str, Any]] = httpx.get(f"{self.url}/admin/requests").json()["requests"]
        return requests


@pytest.fixture(autouse=True)
def _own_client(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Make each test's client from its own environment, and let no test wait long."""
    monkeypatch.setattr(answer, "FIRST_PAUSE_SECONDS", 0.01)
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)  # which keeps credentials
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "any")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "any")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    answer.client.cache_clear()
    yield
    answer.client.cache_clear()


@pytest.fixture
def bedrock(monkeypatch: pytest.MonkeyPatch) -> Iterator[Bedrock]:
    """Give a stand-in of one's own at 500 tokens a second."""
    with listening(make_app(Settings(0.01, 500), encode)) as url:
        monkeypatch.setenv("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", url)
        yield Bedrock(url)
