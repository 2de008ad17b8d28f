"""One request to a model and its answer, as an ASGI response."""

from __future__ import annotations

import asyncio
import json
import time
import uuid
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from starlette.responses import JSONResponse

from bedrock import answer
from bedrock.errors import BedrockError
from bedrock.events import Event, Reply, exception
from bedrock.faults import ConnectionCutError
from bedrock.generation import struck

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Coroutine

    from starlette.types import Receive, Scope, Send

    from bedrock.conversation import Conversation
    from bedrock.dialects import Dialect
    from bedrock.faults import Fault
    from bedrock.generation import Generation
    from bedrock.journal import Entry

Encode = Callable[[Event], bytes]


@dataclass(frozen=True)
class Exchange:
    """The answer to one valid request.

    It ends as soon as the client is gone, and notes in `entry` how it ended. `encode` is given
    where the answer is to be streamed.
    """

    model: str
    conversation: Conversation
    dialect: Dialect
    generation: Generation
    fault: Fault | None
    entry: Entry
    encode: Encode | None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers. What it raises is a bug of the stand-in, never a fault on demand."""
        self.entry.fault = self.fault.name if self.fault else None
        try:
            await _while_there(receive, self._answer(scope, receive, send))
            self.entry.close("disconnected")
        finally:
            self.entry.close("InternalServerException")

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Sends the answer, or the error or the cut that comes instead."""
        wire = _Wire(send)
        try:
            async with aclosing(struck(self.generation, self.fault)) as pieces:
                if self.encode:
                    await self._stream(pieces, wire, self.encode)
                else:
                    await self._whole(pieces, wire)
        except ConnectionCutError:
            # uvicorn closes the connection of an application that returns in mid-response.
            self.entry.close("cut")
            await wire.write(b"{")
        except BedrockError as error:
            if self.encode and wire.started:
                self.entry.close(error.in_stream.code)
                await wire.write(self.encode(exception(error)))
                await wire.end()
            else:
                self.entry.close(error.before_stream.code)
                await error_response(error.before_stream)(scope, receive, send)

    async def _whole(self, pieces: AsyncGenerator[str, None], wire: _Wire) -> None:
        watch = _Watch()
        texts = [watch.see(piece) async for piece in pieces]
        reply = self._reply(texts, watch)
        wire.headers = {
            "content-type": "application/json",
            "x-amzn-bedrock-input-token-count": str(reply.input_tokens),
            "x-amzn-bedrock-output-token-count": str(reply.output_tokens),
            "x-amzn-bedrock-invocation-latency": str(reply.latency_ms),
        }
        self.entry.close("ok")
        await wire.write(json.dumps(self.dialect.whole(reply)).encode())
        await wire.end()

    async def _stream(self, pieces: AsyncGenerator[str, None], wire: _Wire, encode: Encode) -> None:
        watch = _Watch()
        wire.headers = {
            "content-type": "application/vnd.amazon.eventstream",
            "x-amzn-bedrock-content-type": "application/json",
        }
        texts: list[str] = []

        async def emit(batch: list[Event]) -> None:
            for event in batch:
                await wire.write(encode(event))

        # Nothing is sent before there is a first piece: until then an error has a status.
        opening = self.dialect.opening(self.model, self._input_tokens)
        async for piece in pieces:
            if not texts:
                await emit(opening)
            texts.append(watch.see(piece))
            await emit(self.dialect.delta(piece))
        if not texts:
            await emit(opening)
        if self.fault and self.fault.name == "no-stop":
            self.entry.close("no-stop")
        else:
            self.entry.close("ok")
            await emit(self.dialect.closing(self._reply(texts, watch)))
        await wire.end()

    @cached_property
    def _input_tokens(self) -> int:
        return answer.count_input(self.conversation)

    def _reply(self, texts: list[str], watch: _Watch) -> Reply:
        text = "".join(texts)
        return Reply(
            model=self.model,
            text=text,
            stop_reason=self.generation.stop_reason,
            input_tokens=self._input_tokens,
            output_tokens=answer.count(text),
            latency_ms=watch.elapsed_ms(),
            first_token_ms=watch.first_ms or 0,
        )


def error_response(error: BedrockError) -> JSONResponse:
    """`error` in Bedrock's shape: the status, the type in a header, the message in the body."""
    headers = {"x-amzn-ErrorType": error.code, "x-amzn-RequestId": str(uuid.uuid4())}
    return JSONResponse({"message": error.message}, error.status, headers)


class _Watch:
    """Times an answer, in milliseconds."""

    def __init__(self) -> None:
        self._start = time.monotonic()
        self.first_ms: int | None = None

    def elapsed_ms(self) -> int:
        return round((time.monotonic() - self._start) * 1000)

    def see(self, piece: str) -> str:
        """Passes `piece` on, and notes when the first one came."""
        if self.first_ms is None:
            self.first_ms = self.elapsed_ms()
        return piece


class _Wire:
    """A response with status 200 whose headers go out with its first bytes."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.headers: dict[str, str] = {"content-type": "application/json"}
        self.started = False

    async def write(self, data: bytes) -> None:
        await self._start()
        await self._send({"type": "http.response.body", "body": data, "more_body": True})

    async def end(self) -> None:
        await self._start()
        await self._send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _start(self) -> None:
        if self.started:
            return
        self.started = True
        headers = {**self.headers, "x-amzn-requestid": str(uuid.uuid4())}
        raw = [(name.encode(), value.encode()) for name, value in headers.items()]
        await self._send({"type": "http.response.start", "status": 200, "headers": raw})


async def _while_there(receive: Receive, work: Coroutine[None, None, None]) -> None:
    """Does `work` until it is done or the client has left; no task is left over."""
    working = asyncio.create_task(work)
    leaving = asyncio.create_task(_gone(receive))
    try:
        await asyncio.wait({working, leaving}, return_when=asyncio.FIRST_COMPLETED)
        if working.done():
            working.result()
    finally:
        working.cancel()
        leaving.cancel()
        await asyncio.gather(working, leaving, return_exceptions=True)


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
