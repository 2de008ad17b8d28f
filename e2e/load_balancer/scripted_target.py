"""A target that misbehaves on order; runs by itself, in any image with Python 3.11 or newer.

What the balancer asks it on 8501 it answers by the path:

    /echo             who it is and what it was asked, as JSON; a long body as sha256:HEX
    /slow?seconds=S   the same, after S seconds of silence
    /drip?seconds=S   the same, a space each half second before it, for S seconds
    /wide?bytes=N     the same, under a header of N bytes
    /malformed        no HTTP
    /colonless        a header that is none
    /headless         half a header, then the end
    /close            the end of the connection, in good order
    /reset            the end of the connection, by a reset
    /silent           nothing
    /stream           a websocket: says its name, then echoes what it is sent
    /healthz          by the script: see below

What a test asks it on 8502: `POST /script` with JSON {"health": [...], "listening": true}: what its
next health checks get, a status each or "silent", the last one for good; and whether anything
listens on 8501. It starts with that at once, and counts anew.
`GET /seen` answers {"checks": when each health check came, "check_headers": of the last one,
"requests": [...]}, each request as /echo tells it.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import re
import signal
import socket
import struct
import sys
import time
from http import HTTPStatus
from typing import cast
from urllib.parse import urlsplit

Request = dict[str, object]
Headers = list[tuple[str, str]]

PORT, CONTROL_PORT = 8501, 8502
ALL = "0.0.0.0"  # noqa: S104 - in a container of its own
LONGEST_HEADER = 2**20
WHOLE_BODY = 2**12
WEBSOCKET_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # RFC 6455, 1.3
TEXT, CLOSE = 0x81, 0x88
NUMBERS = re.compile(r"\b(seconds|bytes)=([0-9.]+)")
NAME = socket.gethostname()


class Script:
    """What it shall do, and what it has seen."""

    def __init__(self) -> None:
        self.server: asyncio.Server | None = None
        self.begin([200])

    def begin(self, health: list[int | str]) -> None:
        """Forget all that was seen, and take up what health checks shall get."""
        self.health = health
        self.checks: list[float] = []
        self.check_headers: object = None
        self.requests: list[Request] = []

    def next_health(self) -> int | str:
        """Return what this health check gets."""
        self.checks.append(time.monotonic())
        return self.health.pop(0) if len(self.health) > 1 else self.health[0]


script = Script()


async def read_request(reader: asyncio.StreamReader) -> Request | None:
    """Read one request; None when there is none any more."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except (asyncio.IncompleteReadError, ConnectionError):
        return None
    line, *lines = head.decode("latin-1").split("\r\n")[:-2]
    method, path, version = line.split(" ")
    headers = [tuple(each.split(": ", 1)) for each in lines]
    lower = {each[0].lower(): each[-1] for each in headers}
    body = b""
    if lower.get("transfer-encoding") == "chunked":
        while size := int(await reader.readline(), 16):
            body += (await reader.readexactly(size + 2))[:-2]
        await reader.readline()
    elif length := int(lower.get("content-length", 0)):
        body = await reader.readexactly(length)
    return {
        "target": NAME,
        "method": method,
        "path": path,
        "version": version,
        "headers": headers,
        "body": body.decode("latin-1") if len(body) <= WHOLE_BODY else digest(body),
    }


def digest(body: bytes) -> str:
    """Stand for a body that is too long to tell."""
    return f"sha256:{hashlib.sha256(body).hexdigest()}"


def reply(status: int, body: bytes, *headers: str) -> bytes:
    """Return a whole answer."""
    own = (f"HTTP/1.1 {status} {HTTPStatus(status).phrase}", f"Content-Length: {len(body)}")
    return "\r\n".join([*own, *headers, "", ""]).encode() + body


async def misbehave(
    request: Request, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> bool:
    """Answer as the path orders; return whether the connection goes on."""
    order = urlsplit(str(request["path"]))
    wish = {name: float(number) for name, number in NUMBERS.findall(order.query)}
    echo = json.dumps(request).encode()
    if order.path == "/malformed":
        writer.write(b"I have never heard of HTTP.\r\n\r\n")
    elif order.path == "/colonless":
        writer.write(b"HTTP/1.1 200 OK\r\nContent Length 0\r\n\r\n")
    elif order.path == "/headless":
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Le")
    elif order.path == "/reset":
        linger = struct.pack("ii", 1, 0)
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    elif order.path == "/silent":
        await reader.read()
    elif order.path == "/stream":
        await stream(request, reader, writer)
    elif order.path == "/drip":
        size = len(echo) + (drops := round(wish["seconds"] * 2))
        writer.write(f"HTTP/1.1 200 OK\r\nContent-Length: {size}\r\n\r\n".encode())
        for _ in range(drops):
            writer.write(b" ")
            await asyncio.sleep(0.5)
        writer.write(echo)
        return True
    elif order.path != "/close":
        await asyncio.sleep(wish.get("seconds", 0))
        wide = [f"X-Wide: {'w' * int(wish['bytes'])}"] if "bytes" in wish else []
        writer.write(reply(200, echo, *wide))
        return True
    return False


async def stream(
    request: Request, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    """Be a websocket: short unfragmented frames only (RFC 6455, 5.2)."""
    headers = {name.lower(): text for name, text in cast("Headers", request["headers"])}
    key = headers["sec-websocket-key"].encode() + WEBSOCKET_GUID
    accept = base64.b64encode(hashlib.sha1(key).digest()).decode()  # noqa: S324 - the protocol's
    upgrade = f"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}"
    writer.write(f"HTTP/1.1 101 Switching Protocols\r\n{upgrade}\r\n\r\n".encode())
    writer.write(bytes([TEXT, len(NAME)]) + NAME.encode())
    while True:
        kind, length = await reader.readexactly(2)
        mask = await reader.readexactly(4)
        masked = await reader.readexactly(length & 0x7F)
        if kind == CLOSE:
            return
        data = bytes(each ^ mask[at % 4] for at, each in enumerate(masked))
        writer.write(bytes([kind, len(data)]) + data)


async def check_health(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
    """Answer a health check by the script."""
    status = script.next_health()
    if status == "silent":
        await reader.read()
        return False
    writer.write(reply(int(status), b""))
    return True


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer what comes on one connection of the balancer."""
    try:
        while request := await read_request(reader):
            if request["path"] == "/healthz":
                script.check_headers = request["headers"]
                goes_on = await check_health(reader, writer)
            else:
                script.requests.append(request)
                goes_on = await misbehave(request, reader, writer)
            await writer.drain()
            if not goes_on or ("Connection", "close") in cast("Headers", request["headers"]):
                return
    except (asyncio.IncompleteReadError, ConnectionError):
        return
    finally:
        writer.close()


async def listen() -> asyncio.Server:
    """Take connections of the balancer."""
    return await asyncio.start_server(serve, ALL, PORT, limit=LONGEST_HEADER)


async def control(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer a test."""
    request = await read_request(reader)
    if request and request["path"] == "/script":
        wish = json.loads(str(request["body"]))
        script.begin(wish["health"])
        if script.server:
            script.server.close()
            script.server = None
        if wish["listening"]:
            script.server = await listen()
    seen = {"checks": script.checks, "check_headers": script.check_headers}
    body = json.dumps({**seen, "requests": script.requests}).encode()
    writer.write(reply(200, body, "Connection: close"))
    await writer.drain()
    writer.close()


async def main() -> None:
    """Serve until SIGTERM."""
    loop, ended = asyncio.get_running_loop(), asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, ended.set)
    script.server = await listen()
    await asyncio.start_server(control, ALL, CONTROL_PORT)
    await ended.wait()
    sys.exit(0)


if __name__ == "__main__":
    asyncio.run(main())
