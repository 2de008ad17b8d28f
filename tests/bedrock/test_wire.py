"""The stand-in as boto3 sees it, reached through AWS_ENDPOINT_URL_BEDROCK_RUNTIME alone."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import httpx
import pytest

# Needs Python 3.12, and is no dependency of the kit itself: elsewhere the image's tests stand in.
pytest.importorskip("smithy_aws_event_stream")

import boto3  # type: ignore[import-untyped,unused-ignore]
import urllib3
from botocore.config import Config  # type: ignore[import-untyped,unused-ignore]
from botocore.exceptions import (  # type: ignore[import-untyped,unused-ignore]
    ClientError,
    EventStreamError,
    HTTPClientError,
    ReadTimeoutError,
)

from bedrock.api import make_app
from bedrock.eventstream import encode
from bedrock.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from botocore.client import BaseClient  # type: ignore[import-untyped,unused-ignore]
    from starlette.types import ASGIApp

Json = dict[str, Any]
NOVA = "amazon.nova-lite-v1:0"
MODELS = [
    NOVA,
    "eu.anthropic.claude-sonnet-4-20250514-v1:0",
    "arn:aws:bedrock:eu-west-1:123456789012:inference-profile/eu.amazon.nova-lite-v1:0",
]


@pytest.fixture(scope="module")
def url(serve: Callable[[ASGIApp], str]) -> str:
    """A stand-in at 200 tokens per second."""
    return serve(make_app(Settings(first_token_seconds=0.01, tokens_per_second=200), encode))


@pytest.fixture
def runtime(url: str, monkeypatch: pytest.MonkeyPatch) -> BaseClient:
    """A boto3 client that knows the stand-in by environment variable only."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", url)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "any")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "any")
    config = Config(read_timeout=1, retries={"mode": "standard", "total_max_attempts": 3})
    return boto3.client("bedrock-runtime", region_name="eu-west-1", config=config)


def said(text: str) -> list[Json]:
    """A conversation of one prompt."""
    return [{"role": "user", "content": [{"text": text}]}]


def requests(url: str) -> list[Json]:
    """The journal."""
    entries: list[Json] = httpx.get(f"{url}/admin/requests").json()["requests"]
    return entries


def text_of(events: list[Json]) -> str:
    """The text in the events of a stream."""
    deltas = [each["contentBlockDelta"] for each in events if "contentBlockDelta" in each]
    return "".join(each["delta"]["text"] for each in deltas)


@pytest.mark.parametrize("model", MODELS)
def test_converse_and_its_stream_give_the_same_text(runtime: BaseClient, model: str) -> None:
    """For any kind of model id, with stop reason and usage."""
    whole = runtime.converse(modelId=model, messages=said("hello"))
    text = whole["output"]["message"]["content"][0]["text"]
    assert text == f"**{model}** answering turn 1. You said:\n\n> hello"
    events = list(runtime.converse_stream(modelId=model, messages=said("hello"))["stream"])
    assert text_of(events) == text
    assert [next(iter(event)) for event in events if "contentBlockDelta" not in event] == [
        "messageStart",
        "contentBlockStop",
        "messageStop",
        "metadata",
    ]
    assert events[-1]["metadata"]["usage"] == whole["usage"]


def test_invoke_and_its_stream_give_the_same_text(runtime: BaseClient) -> None:
    """In Nova's own shape."""
    body = json.dumps({"messages": said("hello"), "schemaVersion": "messages-v1"})
    whole = json.loads(runtime.invoke_model(modelId=NOVA, body=body)["body"].read())
    answer = runtime.invoke_model_with_response_stream(modelId=NOVA, body=body)
    assert answer["contentType"] == "application/json"
    chunks = [json.loads(event["chunk"]["bytes"]) for event in answer["body"]]
    assert text_of(chunks) == whole["output"]["message"]["content"][0]["text"]
    assert "amazon-bedrock-invocationMetrics" in chunks[-1]


def test_a_conversation_counts_its_turns(runtime: BaseClient) -> None:
    """Any text comes back as it was sent, beyond ASCII too."""
    earlier = [*said("one"), {"role": "assistant", "content": [{"text": "1"}]}]
    answer = runtime.converse(modelId=NOVA, messages=[*earlier, *said("zw\u00f6lf \U0001f600")])
    text = answer["output"]["message"]["content"][0]["text"]
    assert text.endswith("answering turn 2. You said:\n\n> zw\u00f6lf \U0001f600")


def test_a_broken_rule_is_a_validation_exception(runtime: BaseClient) -> None:
    """Boto3 raises the class of its service model, with the message."""
    with pytest.raises(runtime.exceptions.ValidationException, match=r"is blank\. Add text"):
        runtime.converse_stream(modelId=NOVA, messages=said(" "))


@pytest.mark.parametrize(
    ("fault", "status", "code", "attempts"),
    [
        ("throttle", 429, "ThrottlingException", 3),
        ("not-ready", 429, "ModelNotReadyException", 3),
        ("access-denied", 403, "AccessDeniedException", 1),
        ("validation", 400, "ValidationException", 1),
    ],
)
@pytest.mark.parametrize("operation", ["converse", "converse_stream"])
def test_a_fault_before_the_answer_is_a_client_error(  # noqa: PLR0913, PLR0917 (a table)
    runtime: BaseClient, url: str, operation: str, fault: str, status: int, code: str, attempts: int
) -> None:
    """With Bedrock's code and status, after the retries that boto3 thinks fit."""
    before = len(requests(url))
    with pytest.raises(ClientError) as raised:
        getattr(runtime, operation)(modelId=NOVA, messages=said(f"[[fault={fault}]]"))
    response = raised.value.response
    assert response["Error"]["Code"] == code
    assert response["Error"]["Message"]
    assert response["ResponseMetadata"]["HTTPStatusCode"] == status
    assert response["ResponseMetadata"]["RequestId"]
    assert len(requests(url)) - before == attempts


def test_an_armed_throttle_is_overcome_by_a_retry(runtime: BaseClient, url: str) -> None:
    """Two refusals, one answer: boto3's caller notices nothing."""
    httpx.put(f"{url}/admin/fault", json={"fault": "throttle", "times": 2})
    runtime.converse(modelId=NOVA, messages=said("hello"))
    outcomes = [entry["outcome"] for entry in requests(url)[-3:]]
    assert outcomes == ["ThrottlingException", "ThrottlingException", "ok"]


def stream(runtime: BaseClient, text: str, seen: list[Json]) -> None:
    """Reads a streamed answer into `seen`."""
    for event in runtime.converse_stream(modelId=NOVA, messages=said(text))["stream"]:
        seen.append(event)  # noqa: PERF402 (what was seen before an error counts)


def test_an_error_in_a_stream_is_an_event_stream_error(runtime: BaseClient) -> None:
    """After part of the text, and never retried."""
    seen: list[Json] = []
    with pytest.raises(EventStreamError, match="modelStreamErrorException"):
        stream(runtime, "[[fault=error-mid-stream]]", seen)
    assert text_of(seen)


def test_a_cut_is_a_protocol_error(runtime: BaseClient) -> None:
    """Which is urllib3's, not botocore's."""
    seen: list[Json] = []
    with pytest.raises(urllib3.exceptions.ProtocolError):
        stream(runtime, "[[fault=cut]]", seen)
    assert text_of(seen)
    assert "messageStop" not in seen[-1]


def test_a_cut_answer_that_is_no_stream_is_retried(runtime: BaseClient, url: str) -> None:
    """Boto3 reads such an answer itself, and asks again."""
    before = len(requests(url))
    with pytest.raises(HTTPClientError):
        runtime.converse(modelId=NOVA, messages=said("[[fault=cut]]"))
    assert len(requests(url)) > before


def test_a_stall_is_a_read_timeout(runtime: BaseClient, url: str) -> None:
    """And the stand-in stops at once when the client has given up."""
    seen: list[Json] = []
    with pytest.raises((ReadTimeoutError, urllib3.exceptions.ReadTimeoutError)):
        stream(runtime, "[[fault=stall]]", seen)
    assert text_of(seen)
    wait_until_disconnected(url)


def test_an_end_without_message_stop_raises_nothing(runtime: BaseClient) -> None:
    """So whoever reads a stream has to ask for messageStop."""
    seen: list[Json] = []
    stream(runtime, "[[fault=no-stop]]", seen)
    assert text_of(seen)
    assert not [event for event in seen if "messageStop" in event]


def test_closing_the_stream_ends_the_generation(runtime: BaseClient, url: str) -> None:
    """Promptly, in the middle of a long answer."""
    answer = runtime.converse_stream(modelId=NOVA, messages=said("[[tokens=5000]]"))
    assert "messageStart" in next(iter(answer["stream"]))
    assert requests(url)[-1]["outcome"] == "answering"
    answer["stream"].close()
    wait_until_disconnected(url)


def wait_until_disconnected(url: str) -> None:
    """Returns once the stand-in has noticed that the client of the newest request left."""
    deadline = time.monotonic() + 5
    while (last := requests(url)[-1])["outcome"] != "disconnected":
        assert time.monotonic() < deadline, f"last seen: {last}"
        time.sleep(0.02)
