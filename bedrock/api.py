"""The routes: Bedrock's four operations on a model, the admin routes, the health check."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from bedrock.attachments import check_model
from bedrock.conversation import fields
from bedrock.dialects import pick
from bedrock.errors import BedrockError, validation
from bedrock.exchange import Encode, Exchange, error_response
from bedrock.faults import Arming, Armoury, Fault, directive
from bedrock.generation import Deterministic
from bedrock.journal import Journal
from bedrock.upstream import Upstream

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from bedrock.conversation import Json
    from bedrock.generation import Generation
    from bedrock.settings import Settings

# The maximum size of a request's payload for the models that take least (Claude's page in the
# Bedrock user guide). The service calls what is larger too long.
LARGEST_BODY = 20 * 2**20

# Operation -> whether it streams.
OPERATIONS = {
    "converse": False,
    "converse-stream": True,
    "invoke": False,
    "invoke-with-response-stream": True,
}


@dataclass
class Standin:
    """The stand-in's routes and the state they share."""

    settings: Settings
    encode: Encode
    armoury: Armoury = field(default_factory=Armoury)
    journal: Journal = field(default_factory=Journal)

    async def model(self, request: Request) -> ASGIApp:
        """Answers `POST /model/{id}/{operation}`, where the id may be a URL-encoded ARN."""
        model, operation = request.path_params["model"], request.path_params["operation"]
        if operation not in OPERATIONS:
            return error_response(BedrockError("UnknownOperationException", operation))
        body = await request.body()
        entry = self.journal.open(model, operation)
        dialect = pick(operation, model)
        try:
            conversation = dialect.parse(_json(body))
            entry.read(conversation)
            check_model(model, conversation.attachments)
            fault = directive(conversation.last.text) or self.armoury.take(model)
        except BedrockError as error:
            entry.close(error.code)
            return error_response(error)
        source: type[Upstream | Deterministic]
        source = Upstream if self.settings.upstream else Deterministic
        generation: Generation = source(self.settings, model, conversation)
        encode = self.encode if OPERATIONS[operation] else None
        return Exchange(model, conversation, dialect, generation, fault, entry, encode)

    async def arm(self, request: Request) -> Response:
        """Arms a fault: {"fault": "throttle", "times": 2, "model": "..."}."""
        try:
            self.armoury.armed = _arming(_json(await request.body()))
        except (BedrockError, ValueError) as error:
            return JSONResponse({"message": str(error)}, 400)
        return await self.armed(request)

    async def armed(self, _request: Request) -> Response:
        """Tells which fault is armed, for how many more requests."""
        armed = self.armoury.armed
        shown = (armed.fault.name, armed.times, armed.model) if armed else (None, 0, None)
        return JSONResponse(dict(zip(("fault", "times", "model"), shown, strict=True)))

    async def disarm(self, _request: Request) -> Response:
        """Takes the armed fault back."""
        self.armoury.armed = None
        return Response(status_code=204)

    async def requests(self, _request: Request) -> Response:
        """Lists the last requests; see journal.Entry for what is in one."""
        return JSONResponse({"requests": self.journal.listing()})


def make_app(settings: Settings, encode: Encode) -> Starlette:
    """The stand-in as an ASGI application that writes its event streams with `encode`."""
    standin = Standin(settings, encode)
    return Starlette(
        routes=[
            Route("/model/{model:path}/{operation}", standin.model, methods=["POST"]),
            Route("/admin/fault", standin.arm, methods=["PUT"]),
            Route("/admin/fault", standin.armed, methods=["GET"]),
            Route("/admin/fault", standin.disarm, methods=["DELETE"]),
            Route("/admin/requests", standin.requests, methods=["GET"]),
            Route("/healthz", _healthy, methods=["GET"]),
        ],
        exception_handlers={
            404: _unknown,
            ClientDisconnect: _gone,
            Exception: _bug,
        },
    )


def _arming(body: Json) -> Arming:
    times, model = body.get("times", 1), body.get("model")
    if not isinstance(times, int) or times < 1 or not isinstance(model, str | None):
        raise ValueError(f"times={times!r}, model={model!r}: want a count and a model id")
    return Arming(Fault.parse(str(body.get("fault"))), times, model)


def _json(body: bytes) -> Json:
    if len(body) > LARGEST_BODY:
        raise validation("Input is too long for requested model.")
    try:
        return fields(json.loads(body), "")
    except ValueError:
        raise validation(
            "Malformed input request, please reformat your input and try again."
        ) from None


async def _healthy(_request: Request) -> Response:
    return PlainTextResponse("ok")


async def _unknown(request: Request, _error: Exception) -> Response:
    return error_response(BedrockError("UnknownOperationException", request.url.path))


async def _gone(_request: Request, _error: Exception) -> Response:
    return Response(status_code=400)


async def _bug(_request: Request, error: Exception) -> Response:
    return error_response(BedrockError("InternalServerException", repr(error)))
