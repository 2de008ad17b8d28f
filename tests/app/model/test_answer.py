"""An answer is tried again where that helps, and never once text has come."""

from __future__ import annotations

import errno
import hashlib
import os
import random
import socket
from contextlib import suppress
from http.client import HTTPResponse
from pathlib import Path
from threading import Event as Flag
from typing import TYPE_CHECKING, Any

import pytest
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

from app.model import Answer, ModelError, answer
from bedrock.api import make_app
from bedrock.events import Event
from bedrock.settings import Settings
from tests.app.model.conftest import Bedrock
from tests.app.model.eventstream import encode
from tests.bedrock.listening import listening
from tests.pictures import png

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

NOVA = "amazon.nova-lite-v1:0"


def ask(text: str = "hello", given_up: Flag | None = None) -> Answer:
    """Return the answer that is about to come."""
    return Answer(NOVA, [{"role": "user", "content": [{"text": text}]}], given_up)


def failing(asked: Answer) -> tuple[str, ModelError]:
    """Return the text that came, and why no more did."""
    pieces: list[str] = []
    with pytest.raises(ModelError) as caught:
        pieces.extend(asked)
    return "".join(pieces), caught.value


def test_answer_comes_with_its_tokens(bedrock: Bedrock) -> None:
    """In one try."""
    asked = ask()
    assert "".join(asked).endswith("> hello")
    assert (asked.tries, len(bedrock.asked)) == (1, 1)
    assert asked.usage is not None
    assert asked.usage["outputTokens"] > 0


@pytest.mark.parametrize("fault", ["throttle", "not-ready"])
def test_what_passes_is_waited_for(bedrock: Bedrock, fault: str) -> None:
    """Two refusals, then the answer, once."""
    bedrock.arm(fault, times=2)
    asked = ask()
    assert "".join(asked).count("> hello") == 1
    assert (asked.tries, len(bedrock.asked)) == (3, 3)


def test_tries_are_counted_in_one_place(bedrock: Bedrock) -> None:
    """Botocore adds none of its own."""
    text, error = failing(ask("[[fault=throttle]]"))
    assert (text, error.reason, len(bedrock.asked)) == ("", "throttling", answer.TRIES)
    assert "too many requests" in str(error)


@pytest.mark.parametrize("fault", ["access-denied", "validation"])
def test_refusal_is_not_asked_for_twice(bedrock: Bedrock, fault: str) -> None:
    """It would be refused again."""
    failing(ask(f"[[fault={fault}]]"))
    assert len(bedrock.asked) == 1


def test_nothing_is_tried_after_the_limit(
    bedrock: Bedrock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The user has waited enough."""
    monkeypatch.setattr(answer, "TRY_SECONDS", 0.0)
    failing(ask("[[fault=throttle]]"))
    assert len(bedrock.asked) == 1


def test_nothing_is_tried_for_nobody(bedrock: Bedrock, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stop ends the pause at once."""
    monkeypatch.setattr(answer, "pause", lambda _: 20.0)
    stopped = Flag()
    stopped.set()
    failing(ask("[[fault=throttle]]", stopped))
    assert len(bedrock.asked) == 1


@pytest.mark.parametrize(
    ("fault", "reason", "words"),
    [
        ("error-mid-stream", "modelstreamerror", "in the middle of its answer"),
        ("cut", "connection", "connection to Bedrock failed"),
        ("no-stop", "nostop", "broke off its answer"),
        ("stall", "timeout", "nothing came from Bedrock for 2 seconds"),
    ],
)
def test_what_fails_after_text_came_keeps_the_text_and_is_not_tried_again(
    bedrock: Bedrock, monkeypatch: pytest.MonkeyPatch, fault: str, reason: str, words: str
) -> None:
    """Else it would be doubled; the sentence says what happened."""
    monkeypatch.setattr(answer, "READ_SECONDS", 2)
    text, error = failing(ask(f"[[fault={fault}]] [[tokens=60]]"))
    assert text
    assert (error.reason, len(bedrock.asked)) == (reason, 1)
    assert str(error).startswith(f"{NOVA} broke off its answer: ")
    assert words in str(error)


def replying(*bodies: list[Event]) -> tuple[Starlette, list[int]]:
    """Return a Bedrock that streams these, one a request, and what counts the requests."""
    asked: list[int] = []

    async def reply(_: Request) -> Response:
        asked.append(1)
        body = b"".join(encode(event) for event in bodies[len(asked) - 1])
        return Response(body, media_type="application/vnd.amazon.eventstream")

    return Starlette(routes=[Route("/{path:path}", reply, methods=["POST"])]), asked


START = Event("messageStart", {"role": "assistant"})
WHOLE = [
    START,
    Event("contentBlockDelta", {"delta": {"text": "all of it"}, "contentBlockIndex": 0}),
    Event("messageStop", {"stopReason": "end_turn"}),
]


def test_error_inside_the_stream_but_before_any_text_is_tried_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Nothing was shown yet that could change."""
    busy = Event("throttlingException", {"message": "busy"}, kind="exception")
    app, asked = replying([START, busy], WHOLE)
    with listening(app) as url:
        monkeypatch.setenv("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", url)
        assert list(ask()) == ["all of it"]
    assert len(asked) == 2


def test_model_that_does_not_begin_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """After as long as a stall lasts, and once: it may well be at work."""
    monkeypatch.setattr(answer, "READ_SECONDS", 1)
    with listening(make_app(Settings(first_token_seconds=3600), encode)) as url:
        monkeypatch.setenv("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", url)
        text, error = failing(ask())
        assert (text, error.reason, len(Bedrock(url).asked)) == ("", "timeout", 1)
    assert str(error).startswith(f"{NOVA} did not answer: nothing came")


@pytest.mark.usefixtures("bedrock")
def test_connection_whose_other_end_is_gone_is_noticed_by_tcp() -> None:
    """Kept for the next answer it is asked for signs of life, and what is sent has not long."""
    before = set(connections())
    assert "".join(ask())
    (kept,) = set(connections()) - before
    with socket.socket(fileno=os.dup(kept)) as connection:
        tcp = {
            name: connection.getsockopt(socket.IPPROTO_TCP, getattr(socket, name))
            for name in ("TCP_KEEPIDLE", "TCP_KEEPINTVL", "TCP_USER_TIMEOUT")
        }
        assert connection.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
    assert tcp["TCP_KEEPIDLE"] + tcp["TCP_KEEPINTVL"] <= answer.PEER_SECONDS
    assert tcp["TCP_USER_TIMEOUT"] == answer.PEER_SECONDS * 1000
    assert answer.PEER_SECONDS < answer.TRY_SECONDS, "or nothing would be tried after it"


def connections() -> list[int]:
    """Return the files of this process that are connected sockets of its client to Bedrock."""
    host, port = os.environ["AWS_ENDPOINT_URL_BEDROCK_RUNTIME"].removeprefix("http://").split(":")
    found = []
    for file in Path("/proc/self/fd").iterdir():
        with suppress(OSError), socket.socket(fileno=os.dup(int(file.name))) as each:
            if each.getpeername() == (host, int(port)):
                found.append(int(file.name))
    return found


def test_connection_that_tcp_gives_up_is_tried_again(
    bedrock: Bedrock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For Python, and so for botocore, it is a time-out like that of a model that thinks."""
    begin, lost = HTTPResponse.begin, [TimeoutError(errno.ETIMEDOUT, "Connection timed out")]

    def begin_late(self: HTTPResponse) -> None:
        if lost:
            raise lost.pop()
        begin(self)

    monkeypatch.setattr(HTTPResponse, "begin", begin_late)
    asked = ask()
    assert "".join(asked).endswith("> hello")
    assert (asked.tries, len(bedrock.asked)) == (2, 2)


def test_missing_credentials_are_said_with_where_they_come_from(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """No AWS account at hand: the sentence names the task role and AWS_PROFILE."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    asked = ask()
    assert "AWS_PROFILE" in str(failing(asked)[1])
    assert asked.tries == 1


def test_bedrock_that_nobody_reaches_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """And said plainly in the end."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", "http://127.0.0.1:9")
    asked = ask()
    assert "connection to Bedrock failed" in str(failing(asked)[1])
    assert asked.tries == answer.TRIES


def test_pauses_grow_and_are_spread(monkeypatch: pytest.MonkeyPatch) -> None:
    """Anywhere from 0 to a bound that doubles."""
    monkeypatch.setattr(answer, "FIRST_PAUSE_SECONDS", 1.0)
    bounds: list[tuple[float, float]] = []

    def uniform(low: float, high: float) -> float:
        bounds.append((low, high))
        return high

    monkeypatch.setattr(random, "uniform", uniform)
    assert [answer.pause(tries) for tries in (1, 2, 3)] == [1.0, 2.0, 4.0]
    assert {low for low, _ in bounds} == {0}


def test_stall_is_told_and_events_without_text_are_no_stall(bedrock: Bedrock) -> None:
    """What counts is that the model does something, once it has begun."""
    asked = ask("[[tokens=5]]")
    assert asked.heard == 0
    pieces = list(asked)
    assert asked.heard > len(pieces)
    assert len(bedrock.asked) == 1
    assert str(asked.stalled()) == f"{NOVA} broke off its answer: nothing more came for 20 seconds."


MICRO = "amazon.nova-micro-v1:0"


def question(*kinds: str) -> dict[str, Any]:
    """Return a question with a file of each kind."""
    files = {
        "image": {"attachment": {"name": "i", "size": 9}, "kind": "image", "format": "png"},
        "document": {
            "attachment": {"name": "d", "size": 9},
            "kind": "document",
            "format": "txt",
            "number": 1,
        },
    }
    return {"role": "user", "content": [*(files[kind] for kind in kinds), {"text": "see"}]}


def load(attachment: Mapping[str, Any]) -> bytes:
    """Return what is attached."""
    return png() if attachment["name"] == "i" else b"words"


@pytest.mark.usefixtures("bedrock")
def test_attachments_reach_the_model_whole() -> None:
    """It says the SHA-256 of what it got."""
    text = "".join(Answer(NOVA, [question("image", "document")], load=load))
    assert hashlib.sha256(png()).hexdigest() in text
    assert hashlib.sha256(b"words").hexdigest() in text
    assert "document Document 1 txt" in text


@pytest.mark.parametrize("kind", ["image", "document"])
@pytest.mark.usefixtures("bedrock")
def test_model_that_takes_no_such_file_is_said_to(kind: str) -> None:
    """In plain words, and what to do."""
    _, error = failing(Answer(MICRO, [question(kind)], load=load))
    assert f"this model takes no {kind}s. Choose another model" in str(error)


def test_model_that_takes_no_images_can_still_be_asked_after_one(bedrock: Bedrock) -> None:
    """Though nobody knew that of it: it is asked once more without, and that is counted."""
    reply = {"role": "assistant", "content": [{"text": "seen"}]}
    asked = Answer(MICRO, [question("image"), reply, question()], load=load)
    assert "You said" in "".join(asked)
    assert (asked.hidden, len(bedrock.asked)) == (1, 2)


@pytest.mark.usefixtures("bedrock")
def test_file_that_cannot_be_read_ends_the_answer() -> None:
    """With the reason."""

    def refuse(_: Mapping[str, Any]) -> bytes:
        raise ModelError("The storage is gone.", "storage")

    _, error = failing(Answer(NOVA, [question("image")], load=refuse))
    assert str(error) == "The storage is gone."
