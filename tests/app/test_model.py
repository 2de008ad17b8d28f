"""What Bedrock's errors become: one plain sentence each, and nothing else to look at."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import ClientError, EventStreamError

from app import model

if TYPE_CHECKING:
    from collections.abc import Iterator

CODES = [
    "ThrottlingException",
    "AccessDeniedException",
    "ValidationException",
    "ModelNotReadyException",
    "ModelTimeoutException",
    "ModelErrorException",
    "InternalServerException",
    "ServiceUnavailableException",
    "ResourceNotFoundException",
    "ExpiredTokenException",
    "UnrecognizedClientException",
]


@pytest.fixture(autouse=True)
def _no_client_left() -> Iterator[None]:
    """Make each test's client from its own environment, also after one that failed."""
    model.client.cache_clear()
    yield
    model.client.cache_clear()


@pytest.mark.parametrize("code", CODES)
def test_error_before_the_stream_has_a_reason_of_its_own(code: str) -> None:
    """Every code that Bedrock documents is explained, not just repeated."""
    error = ClientError({"Error": {"Code": code, "Message": "because"}}, "ConverseStream")
    sentence = model.sentence("some-model", error)
    assert sentence.startswith("some-model did not answer: ")
    assert code not in sentence
    assert '"because"' in sentence


def test_error_inside_the_stream_is_told_like_one_before_it() -> None:
    """There the code comes in lowerCamel."""
    error = EventStreamError(
        {"Error": {"Code": "modelStreamErrorException", "Message": ""}}, "ConverseStream"
    )
    assert "in the middle of its answer" in model.sentence("some-model", error)


def test_unknown_code_is_quoted() -> None:
    """What is not known is said as it came."""
    error = ClientError({"Error": {"Code": "BrandNewException"}}, "ConverseStream")
    assert "BrandNewException" in model.sentence("some-model", error)


def test_missing_credentials_are_said_with_where_they_come_from(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """No AWS account at hand: the sentence names the task role and AWS_PROFILE."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with pytest.raises(model.ModelError, match="AWS_PROFILE"):
        list(model.Answer("some-model", [{"role": "user", "content": [{"text": "hello"}]}]))


def test_stream_that_nobody_answers_is_a_model_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """An endpoint that refuses connections is said plainly, after boto3's own retries."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "local")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "local")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with pytest.raises(model.ModelError, match="connection to Bedrock failed"):
        list(model.Answer("some-model", [{"role": "user", "content": [{"text": "hello"}]}]))
