"""One streamed answer. What is tried again, and until when, is decided here and nowhere else."""

from __future__ import annotations

import random
import socket
import time
from functools import cache
from threading import Event
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config

from app.model import attached, budget
from app.model.failure import ERRORS, Failure, read

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from app.model.attached import Load
    from app.model.failure import ModelError

CONNECT_SECONDS = 5
# Without a byte: a model may take long to begin, with a long conversation.
READ_SECONDS = 60
# Without a sign from TCP at the other end, which the kernel there gives while a model thinks: then
# nobody is there.
PEER_SECONDS = 10
# Without an event once text has come: then it has stalled, as models write without such pauses.
STALL_SECONDS = 20
# How many connections to Bedrock are kept for the next answer; more are made as needed.
ANSWERS_AT_A_TIME = 50
# Tries of one answer, as long as no text has come, and the time in which the last one may begin.
TRIES = 4
TRY_SECONDS = 30.0
# The longest pause before the second try; doubled before each further one.
FIRST_PAUSE_SECONDS = 1.0

BROKE_OFF = Failure("nostop", "it ended without saying that it was complete")


@cache
def client() -> Any:  # noqa: ANN401 - boto3's clients have no static type
    """Return the one client of this process: making one takes longer than many requests.

    It tries once: botocore's own tries would multiply with those of `Answer`, which alone knows
    whether text has come, and whether anybody still wants it.
    """
    made = boto3.client(
        "bedrock-runtime",
        config=Config(
            connect_timeout=CONNECT_SECONDS,
            read_timeout=READ_SECONDS,
            max_pool_connections=ANSWERS_AT_A_TIME,
            retries={"mode": "standard", "total_max_attempts": 1},
        ),
    )
    # botocore has no setting for them, and reads its own whenever it connects.
    made._endpoint.http_session._socket_options.extend(_signs_of_life())  # noqa: SLF001
    return made


def _signs_of_life() -> list[tuple[int, int, int]]:
    """Return the socket options with which a connection fails soon whose other end is gone.

    A network that was cut, and a NAT gateway that forgot the connection, send no end of it. Kept
    for the next answer, it would swallow that request for READ_SECONDS, and so would each other.
    Keepalive asks those that wait; the user timeout is for what was sent, too.
    """
    return [
        (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1),
        (socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, PEER_SECONDS // 2),
        (socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, PEER_SECONDS // 2),
        (socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, 1000 * PEER_SECONDS),
    ]


def pause(tries: int) -> float:
    """Return how many seconds to wait after so many tries: at random up to a bound that doubles.

    Replicas that were refused together do not come back together ("full jitter").
    """
    return random.uniform(0, FIRST_PAUSE_SECONDS * 2 ** (tries - 1))  # noqa: S311 - no secret


class Answer:
    """One streamed answer: iterate over its text, then read `usage` and `tries`.

    usage is the tokens as Bedrock counts them: inputTokens, outputTokens, totalTokens. heard: how
    many events came since text began to. given_up: set when nobody wants the answer any more; then
    it is not tried again. load: gives the content of an attachment (see attached.py), which is
    held no longer than a request takes until the model begins to answer. hidden: how many of
    earlier messages were left out because the model said that it takes none such.
    """

    def __init__(
        self,
        model_id: str,
        messages: Sequence[dict[str, Any]],
        given_up: Event | None = None,
        load: Load = lambda _: None,
    ) -> None:
        self.model_id = model_id
        self.messages = messages
        self.usage: dict[str, int] | None = None
        self.tries = 0
        self.heard = 0
        self._given_up = given_up or Event()
        self.hidden = 0
        self._load = load

    def __iter__(self) -> Iterator[str]:
        """Yield pieces of text as they arrive. Raises ModelError; what was yielded stays valid.

        Once text has come nothing is tried again: it would be doubled, or change under the reader.
        """
        last = time.monotonic() + TRY_SECONDS
        while True:
            self.tries += 1
            try:
                yield from self._once()
            except ERRORS as error:
                failure = read(error, READ_SECONDS)
                if failure.not_taken and self._hide(failure.not_taken):
                    continue
                wait = pause(self.tries)
                again = failure.passes and not self.heard and self.tries < TRIES
                if not again or time.monotonic() + wait > last or self._given_up.wait(wait):
                    raise failure.told(self.model_id, begun=self.heard > 0) from error
            else:
                return

    def stalled(self) -> ModelError:
        """Return how to tell of a stall; to notice it is for who watches `heard` in a thread."""
        what = f"nothing more came for {STALL_SECONDS:g} seconds"
        return Failure("stall", what).told(self.model_id, begun=True)

    def _hide(self, kind: str) -> bool:
        """Leave out what is attached to earlier messages; tell whether there was anything.

        Else a model that takes no images would refuse each question after one with an image.
        """
        self.messages, hidden = attached.without_earlier(self.messages, kind)
        self.hidden += hidden
        return hidden > 0

    def _once(self) -> Iterator[str]:
        """Ask once. Raises one of ERRORS, and ModelError for an end that the model did not mean.

        The end of the stream without messageStop raises nothing in botocore, so it is required
        here: an answer is whole only if the model said so.
        """
        with budget.holding(attached.size(self.messages)):
            stream = client().converse_stream(
                modelId=self.model_id, messages=attached.with_content(self.messages, self._load)
            )["stream"]
        stopped = False
        try:
            for event in stream:
                if text := event.get("contentBlockDelta", {}).get("delta", {}).get("text"):
                    self.heard += 1
                    yield text
                elif self.heard:
                    self.heard += 1
                stopped = stopped or "messageStop" in event
                self.usage = event.get("metadata", {}).get("usage", self.usage)
        finally:
            stream.close()  # also where nobody wants the rest: Bedrock then writes no more of it
        if not stopped:
            raise BROKE_OFF.told(self.model_id, begun=True)
