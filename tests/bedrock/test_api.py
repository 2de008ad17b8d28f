"""The routes over real HTTP, with event streams written as lines of JSON (any Python can)."""

from __future__ import annotations

import base64
import json
import time
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from bedrock.api import make_app
from bedrock.settings import Settings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

    from starlette.requests import Request
    from starlette.types import ASGIApp

    from bedrock.events import Event

Json = dict[str, Any]
NOVA = "amazon.nova-lite-v1:0"
CLAUDE = "eu.anthropic.claude-sonnet-4-20250514-v1:0"
ARN = "arn:aws:bedrock:eu-west-1:123456789012:inference-profile/eu.amazon.nova-lite-v1:0"
FAST = Settings(first_token_seconds=0, tokens_per_second=1e6)


def as_line(event: Event) -> bytes:
    """An event as a line of JSON."""
    return json.dumps(asdict(event)).encode() + b"\n"


@pytest.fixture(scope="module")
def url(serve: Callable[[ASGIApp], str]) -> str:
    """The base URL of a stand-in that answers at once."""
    return serve(make_app(FAST, as_line))


@pytest.fixture
def client(url: str) -> Iterator[httpx.Client]:
    """A client of that stand-in; what a test arms is taken back after it."""
    with httpx.Client(base_url=url, timeout=10) as client:
        yield client
        client.delete("/admin/fault")


def prompt(text: str) -> Json:
    """The body of a Converse request."""
    return {"messages": [{"role": "user", "content": [{"text": text}]}]}


def converse(client: httpx.Client, text: str, model: str = NOVA) -> httpx.Response:
    """The response to a prompt."""
    return client.post(f"/model/{model}/converse", json=prompt(text))


def stream(client: httpx.Client, body: Json, path: str = f"{NOVA}/converse-stream") -> list[Json]:
    """The events of a streamed answer."""
    with client.stream("POST", f"/model/{path}", json=body) as response:
        assert response.status_code == 200
        return [json.loads(line) for line in response.iter_lines()]


def last_request(client: httpx.Client) -> Json:
    """The newest entry of the journal."""
    entry: Json = client.get("/admin/requests").json()["requests"][-1]
    return entry


def wait_for_outcome(client: httpx.Client, outcome: str, seconds: float) -> None:
    """Returns once the newest request has ended with `outcome`."""
    deadline = time.monotonic() + seconds
    while (last := last_request(client))["outcome"] != outcome:
        assert time.monotonic() < deadline, f"last seen: {last}"
        time.sleep(0.02)


def test_the_health_check_answers(client: httpx.Client) -> None:
    """Compose waits for it."""
    assert client.get("/healthz").status_code == 200


def test_converse_answers_in_bedrocks_shape(client: httpx.Client) -> None:
    """Text, stop reason, usage and latency."""
    body = converse(client, "hello").json()
    text = body["output"]["message"]["content"][0]["text"]
    assert text == f"**{NOVA}** answering turn 1. You said:\n\n> hello"
    assert body["stopReason"] == "end_turn"
    assert body["usage"] == {"inputTokens": 1, "outputTokens": 8, "totalTokens": 9}
    assert body["metrics"]["latencyMs"] >= 0


@pytest.mark.parametrize("model", [NOVA, NOVA.replace(":", "%3A"), ARN, httpx.URL(ARN).path])
def test_any_spelling_of_a_model_id_reaches_the_model(client: httpx.Client, model: str) -> None:
    """Ids with colons, URL-encoded ones, and ARNs with a slash."""
    assert converse(client, "hello", model).status_code == 200


def test_an_encoded_slash_is_part_of_the_id(client: httpx.Client) -> None:
    """Boto3 encodes the slash of an ARN."""
    path = ARN.replace("/", "%2F").replace(":", "%3A")
    assert converse(client, "hello", path).status_code == 200
    assert last_request(client)["model"] == ARN


def test_a_limit_cuts_the_answer(client: httpx.Client) -> None:
    """The answer stops after maxTokens, and says why."""
    body = prompt("hello") | {"inferenceConfig": {"maxTokens": 2}}
    answer = client.post(f"/model/{NOVA}/converse", json=body).json()
    assert answer["output"]["message"]["content"] == [{"text": f"**{NOVA}** answering"}]
    assert answer["stopReason"] == "max_tokens"


def test_a_stream_has_bedrocks_order(client: httpx.Client) -> None:
    """Start, deltas, stops, metadata; the deltas are the text that converse gives."""
    events = stream(client, prompt("hello"))
    names = [event["name"] for event in events]
    assert names[0] == "messageStart"
    assert set(names[1:-3]) == {"contentBlockDelta"}
    assert names[-3:] == ["contentBlockStop", "messageStop", "metadata"]
    text = "".join(event["body"]["delta"]["text"] for event in events[1:-3])
    whole = converse(client, "hello").json()
    assert text == whole["output"]["message"]["content"][0]["text"]
    assert events[-1]["body"]["usage"] == whole["usage"]


def chunks(events: list[Json]) -> list[Json]:
    """What is inside the events of an invoke stream."""
    assert {event["name"] for event in events} == {"chunk"}
    return [json.loads(base64.b64decode(event["body"]["bytes"])) for event in events]


def test_nova_is_invoked_in_its_own_shape(client: httpx.Client) -> None:
    """Whole and streamed give the same text."""
    body = prompt("hello") | {"schemaVersion": "messages-v1", "system": [{"text": "Be brief."}]}
    whole = client.post(f"/model/{NOVA}/invoke", json=body)
    text = whole.json()["output"]["message"]["content"][0]["text"]
    assert text.endswith("> hello")
    assert set(whole.json()) == {"output", "stopReason", "usage"}
    assert whole.headers["x-amzn-bedrock-input-token-count"] == "3"
    streamed = chunks(stream(client, body, f"{NOVA}/invoke-with-response-stream"))
    deltas = [each["contentBlockDelta"] for each in streamed if "contentBlockDelta" in each]
    assert "".join(delta["delta"]["text"] for delta in deltas) == text
    assert streamed[-2] == {"messageStop": {"stopReason": "end_turn"}}
    assert streamed[-1]["amazon-bedrock-invocationMetrics"]["inputTokenCount"] == 3


def test_anthropic_models_are_invoked_in_their_own_shape(client: httpx.Client) -> None:
    """Whole and streamed give the same text, plain content and blocks mean the same."""
    body: Json = {
        "anthropic_version": "bedrock-2023-05-31",
        "max_tokens": 100,
        "system": "Be brief.",
        "messages": [{"role": "user", "content": "hello"}],
    }
    whole = client.post(f"/model/{CLAUDE}/invoke", json=body).json()
    assert whole["content"][0]["text"].endswith("> hello")
    assert whole["stop_reason"] == "end_turn"
    body["messages"][0]["content"] = [{"type": "text", "text": "hello"}]
    streamed = chunks(stream(client, body, f"{CLAUDE}/invoke-with-response-stream"))
    deltas = [each for each in streamed if each["type"] == "content_block_delta"]
    assert "".join(each["delta"]["text"] for each in deltas) == whole["content"][0]["text"]
    assert [each["type"] for each in streamed if each not in deltas] == [
        "message_start",
        "content_block_start",
        "content_block_stop",
        "message_delta",
        "message_stop",
    ]


def test_anthropic_models_need_a_limit(client: httpx.Client) -> None:
    """As on Bedrock, max_tokens is required."""
    body = {"anthropic_version": "bedrock-2023-05-31"}
    answer = client.post(f"/model/{CLAUDE}/invoke", json=body)
    assert (answer.status_code, answer.json()["message"]) == (400, "max_tokens: Field required")


def test_any_other_model_takes_a_prompt(client: httpx.Client) -> None:
    """Whole and streamed give the same text."""
    model = "meta.llama3-8b-instruct-v1:0"
    whole = client.post(f"/model/{model}/invoke", json={"prompt": "hello"}).json()
    assert whole["generation"].endswith("> hello")
    assert whole["stop_reason"] == "stop"
    path = f"{model}/invoke-with-response-stream"
    streamed = chunks(stream(client, {"prompt": "hello"}, path))
    assert "".join(each["generation"] for each in streamed) == whole["generation"]


@pytest.mark.parametrize("operation", ["converse", "invoke", "converse-stream"])
def test_what_is_no_json_is_refused(client: httpx.Client, operation: str) -> None:
    """With an error of Bedrock's shape."""
    answer = client.post(f"/model/{NOVA}/{operation}", content=b"{")
    assert (answer.status_code, answer.headers["x-amzn-errortype"]) == (400, "ValidationException")
    assert answer.json()["message"].startswith("Malformed input request")


def test_an_unknown_operation_is_refused(client: httpx.Client) -> None:
    """What Bedrock has and the stand-in has not is no silent success."""
    for path in (f"/model/{NOVA}/count-tokens", "/guardrail/x/version/1/apply"):
        answer = client.post(path, json={})
        kind = answer.headers["x-amzn-errortype"]
        assert (answer.status_code, kind) == (404, "UnknownOperationException")


def test_the_journal_tells_what_reached_the_model(client: httpx.Client) -> None:
    """Model, operation, prompt, turn and outcome of each request."""
    converse(client, "remember me " * 20)
    entry = last_request(client)
    assert entry["prompt"] == ("remember me " * 20)[:80]
    assert len(entry["prompt_sha256"]) == 64
    shown = {key: entry[key] for key in ("model", "operation", "turn", "fault", "outcome")}
    assert shown == {
        "model": NOVA,
        "operation": "converse",
        "turn": 1,
        "fault": None,
        "outcome": "ok",
    }


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [
        ("throttle", 429, "ThrottlingException"),
        ("access-denied", 403, "AccessDeniedException"),
        ("validation", 400, "ValidationException"),
        ("not-ready", 429, "ModelNotReadyException"),
        ("error-mid-stream", 424, "ModelErrorException"),
    ],
)
def test_a_fault_has_bedrocks_status_and_type(
    client: httpx.Client, fault: str, status: int, code: str
) -> None:
    """Header and message, where nothing is streamed."""
    answer = converse(client, f"[[fault={fault}]]")
    assert (answer.status_code, answer.headers["x-amzn-errortype"]) == (status, code)
    assert answer.json()["message"]
    entry = last_request(client)
    assert (entry["fault"], entry["outcome"]) == (fault, code)


def test_an_error_in_a_stream_comes_after_half_of_the_text(client: httpx.Client) -> None:
    """As an exception event that ends the stream."""
    events = stream(client, prompt("[[tokens=100]] [[fault=error-mid-stream]]"))
    deltas = [event for event in events if event["name"] == "contentBlockDelta"]
    assert 40 < len(deltas) < 60
    assert (events[-1]["kind"], events[-1]["name"]) == ("exception", "modelStreamErrorException")


def test_a_stream_may_end_without_message_stop(client: httpx.Client) -> None:
    """All of the text, an orderly end, and no word that it was all."""
    events = stream(client, prompt("[[fault=no-stop]]"))
    assert events[-1]["name"] == "contentBlockDelta"
    assert last_request(client)["outcome"] == "no-stop"


def test_a_cut_drops_the_connection(client: httpx.Client) -> None:
    """The client sees a response that breaks off, streamed or not."""
    with pytest.raises(httpx.RemoteProtocolError):
        stream(client, prompt("[[fault=cut]]"))
    with pytest.raises(httpx.RemoteProtocolError):
        converse(client, "[[fault=cut]]")
    assert last_request(client)["outcome"] == "cut"


def test_a_stall_pauses_the_stream_and_then_goes_on(client: httpx.Client) -> None:
    """With seconds given, the answer is whole in the end."""
    start = time.monotonic()
    events = stream(client, prompt("[[fault=stall:0.3]]"))
    assert time.monotonic() - start >= 0.3
    assert events[-1]["name"] == "metadata"


def test_an_armed_fault_strikes_and_passes(client: httpx.Client) -> None:
    """As often as was said, then never."""
    armed = {"fault": "throttle", "times": 2, "model": NOVA}
    assert client.put("/admin/fault", json=armed).json() == armed
    assert converse(client, "hello", CLAUDE).status_code == 200
    assert converse(client, "hello").status_code == 429
    assert client.get("/admin/fault").json() == armed | {"times": 1}
    assert converse(client, "hello").status_code == 429
    assert converse(client, "hello").status_code == 200
    assert client.get("/admin/fault").json() == {"fault": None, "times": 0, "model": None}


def test_an_armed_fault_can_be_taken_back(client: httpx.Client) -> None:
    """A test that fails leaves nothing armed."""
    client.put("/admin/fault", json={"fault": "cut"})
    assert client.delete("/admin/fault").status_code == 204
    assert converse(client, "hello").status_code == 200


@pytest.mark.parametrize(
    "body", [{"fault": "thottle"}, {"fault": "cut", "times": 0}, {"fault": "cut", "model": 1}, []]
)
def test_a_wrong_arming_is_refused(client: httpx.Client, body: object) -> None:
    """And nothing is armed by it."""
    assert client.put("/admin/fault", json=body).status_code == 400
    assert client.get("/admin/fault").json()["fault"] is None


def test_the_pace_is_the_one_of_the_settings(serve: Callable[[ASGIApp], str]) -> None:
    """Time to first token, then tokens per second."""
    paced = serve(make_app(Settings(first_token_seconds=0.2, tokens_per_second=50), as_line))
    with httpx.Client(base_url=paced) as client:
        start = time.monotonic()
        with client.stream("POST", f"/model/{NOVA}/converse-stream", json=prompt("hi")) as response:
            assert time.monotonic() - start >= 0.2
            count = sum("contentBlockDelta" in line for line in response.iter_lines())
        assert time.monotonic() - start >= 0.2 + (count - 1) / 50


@pytest.mark.parametrize("operation", ["converse", "converse-stream"])
@pytest.mark.parametrize("text", ["[[tokens=100]]", "[[fault=stall]]"])
def test_a_client_that_leaves_ends_the_generation(
    serve: Callable[[ASGIApp], str], operation: str, text: str
) -> None:
    """Promptly, whether the answer is streamed or not, running or stalled."""
    slow = serve(make_app(Settings(first_token_seconds=0, tokens_per_second=10), as_line))
    with httpx.Client(base_url=slow) as client:
        impatient = httpx.Timeout(5, read=0.3)
        path = f"/model/{NOVA}/{operation}"
        if operation == "converse":
            with pytest.raises(httpx.ReadTimeout):
                client.post(path, json=prompt(text), timeout=impatient)
        else:
            with client.stream("POST", path, json=prompt(text)) as response:
                lines = response.iter_lines()
                next(lines)
                assert last_request(client)["outcome"] == "answering"
        wait_for_outcome(client, "disconnected", seconds=3)


async def _chat(request: Request) -> Response:
    body = await request.json()
    if body["model"] == "missing":
        return Response("model 'missing' not found", status_code=404)

    async def lines() -> AsyncIterator[str]:
        for word in ("You", " said ", body["messages"][-1]["content"]):
            yield f"data: {json.dumps({'choices': [{'delta': {'content': word}}]})}\n\n"
        yield f"data: {json.dumps({'choices': [{'delta': {}, 'finish_reason': 'length'}]})}\n\n"
        yield "data: [DONE]\n\n"

    return StreamingResponse(lines(), media_type="text/event-stream")


def test_an_upstream_gives_real_answers(serve: Callable[[ASGIApp], str]) -> None:
    """Its text and finish reason arrive in Bedrock's shape, and so do its errors."""
    chat = serve(Starlette(routes=[Route("/v1/chat/completions", _chat, methods=["POST"])]))
    relay = serve(make_app(Settings(upstream=chat, upstream_model="llama3"), as_line))
    with httpx.Client(base_url=relay) as client:
        events = stream(client, prompt("hello"))
        texts = [event["body"]["delta"]["text"] for event in events if "delta" in event["body"]]
        assert texts == ["You", " said ", "hello"]
        assert events[-2]["body"] == {"stopReason": "max_tokens"}
        assert stream(client, prompt("[[fault=error-mid-stream]]"))[-1]["kind"] == "exception"
    broken = serve(make_app(Settings(upstream=chat, upstream_model="missing"), as_line))
    with httpx.Client(base_url=broken) as client:
        answer = client.post(f"/model/{NOVA}/converse-stream", json=prompt("hello"))
        assert (answer.status_code, "not found" in answer.json()["message"]) == (424, True)


def test_an_upstream_that_is_away_is_a_service_unavailable(
    serve: Callable[[ASGIApp], str],
) -> None:
    """Not a crash of the stand-in."""
    relay = serve(make_app(Settings(upstream="http://127.0.0.1:9"), as_line))
    with httpx.Client(base_url=relay) as client:
        answer = converse(client, "hello")
        kind = answer.headers["x-amzn-errortype"]
        assert (answer.status_code, kind) == (503, "ServiceUnavailableException")
