"""Real answers, from an OpenAI-compatible server such as Ollama."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING

import httpx

from bedrock.errors import BedrockError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from bedrock.conversation import Conversation, Json, Message
    from bedrock.settings import Settings

_QUOTED = {"csv", "html", "md", "txt"}
_TIMEOUT = httpx.Timeout(120, connect=5)


class Upstream:
    """An answer by `settings.upstream`; see Generation."""

    middle = 10

    def __init__(self, settings: Settings, model: str, conversation: Conversation) -> None:
        self.stop_reason = "end_turn"
        self._url = chat_url(settings.upstream)
        self._request = chat_request(settings.upstream_model or model, conversation)

    async def pieces(self) -> AsyncGenerator[str, None]:
        """See Generation."""
        try:
            async with (
                httpx.AsyncClient(timeout=_TIMEOUT) as client,
                client.stream("POST", self._url, json=self._request) as response,
            ):
                if response.is_error:
                    raise upstream_error(response.status_code, (await response.aread()).decode())
                async for line in response.aiter_lines():
                    piece, finish = read_line(line)
                    if finish == "length":
                        self.stop_reason = "max_tokens"
                    if piece:
                        yield piece
        except httpx.TimeoutException as error:
            raise BedrockError("ModelTimeoutException", f"{self._url}: {error!r}") from error
        except httpx.HTTPError as error:
            raise BedrockError("ServiceUnavailableException", f"{self._url}: {error!r}") from error


def chat_url(base: str) -> str:
    """The chat completions of the server at `base`, given with or without its `/v1`."""
    return base.rstrip("/").removesuffix("/v1") + "/v1/chat/completions"


def chat_request(model: str, conversation: Conversation) -> Json:
    """The body of a streaming chat completion."""
    messages: list[Json] = [
        {"role": each.role, "content": _content(each)} for each in conversation.messages
    ]
    if conversation.system:
        messages.insert(0, {"role": "system", "content": conversation.system})
    request: Json = {"model": model, "messages": messages, "stream": True}
    if conversation.max_tokens:
        request["max_tokens"] = conversation.max_tokens
    return request


def _content(message: Message) -> str | list[Json]:
    """A message's text; with images, parts; documents in text formats are quoted.

    Of other documents the server is told that they are left out: OpenAI's format has none that
    compatible servers take.
    """
    texts, images = [message.text] if message.text else [], []
    for each in message.attachments:
        if each.kind == "image":
            url = f"data:image/{each.format};base64,{base64.b64encode(each.content).decode()}"
            images.append({"type": "image_url", "image_url": {"url": url}})
        elif each.format in _QUOTED:
            texts.append(f"{each.name}:\n\n{each.content.decode(errors='replace')}")
        else:
            texts.append(f"({each.name}, a {each.format} file, cannot be shown to this server.)")
    text = "\n\n".join(texts)
    if not images:
        return text
    return [*([{"type": "text", "text": text}] if text else []), *images]


def read_line(line: str) -> tuple[str, str | None]:
    """The text and the finish reason in one line of the server's answer.

    Raises BedrockError (ModelErrorException) for a line that makes no sense.
    """
    data = line.removeprefix("data:").strip()
    if not line.startswith("data:") or data == "[DONE]":
        return "", None
    try:
        choices = json.loads(data).get("choices") or [{}]
        delta = choices[0].get("delta") or {}
        return str(delta.get("content") or ""), choices[0].get("finish_reason")
    except (ValueError, AttributeError, LookupError, TypeError) as error:
        raise BedrockError("ModelErrorException", f"cannot read {data[:200]!r}") from error


def upstream_error(status: int, body: str) -> BedrockError:
    """What Bedrock would say where the server answered `status`."""
    code = {429: "ThrottlingException", 503: "ServiceUnavailableException"}.get(
        status, "ModelErrorException"
    )
    return BedrockError(code, f"upstream answered {status}: {body[:200]}")
