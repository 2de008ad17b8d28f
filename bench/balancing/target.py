"""A target made of what the chatbot's server is made of, uvicorn: `ok` to all who ask, and an echo.

It runs in the app's image. Usage: python3 target.py
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import uvicorn

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, MutableMapping

    Message = MutableMapping[str, Any]

PORT = 8501


async def target(
    scope: Message, receive: Callable[[], Awaitable[Message]], send: Callable[..., Awaitable[None]]
) -> None:
    """Answer a request at once; give a websocket back what it sends."""
    if scope["type"] == "http":
        length = [(b"content-length", b"3")]
        await send({"type": "http.response.start", "status": 200, "headers": length})
        await send({"type": "http.response.body", "body": b"ok\n"})
    while scope["type"] == "websocket":
        message = await receive()
        if message["type"] == "websocket.connect":
            await send({"type": "websocket.accept"})
        elif message["type"] == "websocket.receive":
            await send({"type": "websocket.send", "text": message["text"]})
        else:
            break


if __name__ == "__main__":
    uvicorn.run(target, host="0.0.0.0", port=PORT, lifespan="off", log_level="warning")  # noqa: S104
