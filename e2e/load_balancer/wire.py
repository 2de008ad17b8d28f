"""HTTP/1.1 byte by byte: what no client library would send, and every byte that comes back."""

from __future__ import annotations

import io
import json
import socket
import ssl
import time
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from http.client import IncompleteRead, parse_headers
from http.cookies import Morsel, SimpleCookie
from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime
    from email.message import Message

    from _typeshed import WriteableBuffer

    Headers = Sequence[tuple[str, str]]

SECONDS = 10.0
STICKINESS_COOKIE = "AWSALB"
STICKINESS_COOKIES = (STICKINESS_COOKIE, "AWSALBCORS")
WEBSOCKET: Headers = (
    ("Connection", "Upgrade"),
    ("Upgrade", "websocket"),
    ("Sec-WebSocket-Version", "13"),
    ("Sec-WebSocket-Key", "cGFyaXR5IGtpdCB0ZXN0cw=="),
)
_NO_BODY = (101, 204, 304)


@dataclass(frozen=True)
class Answer:
    """One answer: its status, headers, body, and the seconds from the first byte sent to here."""

    status: int
    headers: Message
    body: bytes
    seconds: float

    @property
    def replica(self) -> str:
        """The replica that answered /healthz."""
        assert self.status == 200, self
        return str(json.loads(self.body)["replica"])

    @property
    def date(self) -> datetime:
        """When whoever answered did so, by its own clock."""
        return parsedate_to_datetime(self.headers["Date"])

    @property
    def cookies(self) -> dict[str, Morsel[str]]:
        """The cookies it sets, by name."""
        jar: SimpleCookie = SimpleCookie()
        for each in self.headers.get_all("Set-Cookie", []):
            jar.load(each)
        return dict(jar)


class _Incoming(io.RawIOBase):
    """What comes out of a socket, which can be read on after a timeout; `makefile` could not."""

    def __init__(self, source: socket.socket) -> None:
        self._source = source

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        return self._source.recv_into(memoryview(buffer))


@dataclass
class Wire:
    """A TCP connection to an address, over TLS where the address says so; a context manager."""

    url: str
    timeout: float = SECONDS
    _socket: socket.socket = field(init=False)
    _incoming: io.BufferedReader = field(init=False)
    _begun: float = field(init=False)

    def __post_init__(self) -> None:
        address = urlsplit(self.url)
        over_tls = address.scheme == "https"
        where = (str(address.hostname), address.port or (443 if over_tls else 80))
        self._socket = socket.create_connection(where, timeout=self.timeout)
        if over_tls:
            context = ssl.create_default_context()
            self._socket = context.wrap_socket(self._socket, server_hostname=where[0])
        self._incoming = io.BufferedReader(_Incoming(self._socket))
        self._begun = time.monotonic()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def host(self) -> str:
        """What a browser names in its Host header."""
        return urlsplit(self.url).netloc

    @property
    def port(self) -> int:
        """This end's port, as the balancer logs it."""
        return int(self._socket.getsockname()[1])

    def send(self, data: bytes) -> None:
        """Send bytes as they are; that the other end has hung up already is for the reader."""
        try:
            self._socket.sendall(data)
        except (BrokenPipeError, ConnectionResetError):
            return

    def request(
        self,
        path: str = "/healthz",
        *,
        method: str = "GET",
        headers: Headers = (),
        body: bytes = b"",
    ) -> None:
        """Send one whole request; Host and Content-Length are added where headers lack them."""
        given = {name.lower() for name, _ in headers}
        own = [("Host", self.host)] if "host" not in given else []
        if body and not given & {"content-length", "transfer-encoding"}:
            own.append(("Content-Length", str(len(body))))
        lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {text}" for name, text in own)]
        lines += [f"{name}: {text}" for name, text in headers]
        self._begun = time.monotonic()
        self.send("\r\n".join([*lines, "", ""]).encode("latin-1") + body)

    def answer(self) -> Answer | None:
        """Read one answer; None when the connection ends without one.

        Raises IncompleteRead when it ends amid the answer's body, TimeoutError when nothing comes.
        """
        try:
            status_line = self._incoming.readline()
            if not status_line:
                return None
            status = int(status_line.split()[1])
            headers = parse_headers(self._incoming)
            body = b"" if status in _NO_BODY else self._body(headers)
        except ConnectionResetError:
            return None
        return Answer(status, headers, body, time.monotonic() - self._begun)

    def read(self, size: int) -> bytes:
        """Read so many bytes, fewer at the end."""
        try:
            return self._incoming.read(size)
        except ConnectionResetError:
            return b""

    def ends(self, within: float) -> float | None:
        """Wait for the other end to hang up, and return how long it took; None if it does not.

        What it says until then is passed over. within: seconds.
        """
        begun = time.monotonic()
        deadline = begun + within
        while (left := deadline - time.monotonic()) > 0:
            self._socket.settimeout(left)
            try:
                if not self._incoming.read1(65536):
                    return time.monotonic() - begun
            except ConnectionResetError:
                return time.monotonic() - begun
            except TimeoutError:
                return None
        return None

    def close(self) -> None:
        """Hang up."""
        self._incoming.close()
        self._socket.close()

    def _body(self, headers: Message) -> bytes:
        if headers.get("Transfer-Encoding", "").lower() == "chunked":
            return b"".join(self._chunks())
        if "Content-Length" not in headers:
            return self._incoming.read()
        length = int(headers["Content-Length"])
        body = self._incoming.read(length)
        if len(body) < length:
            raise IncompleteRead(body, length - len(body))
        return body

    def _chunks(self) -> Iterable[bytes]:
        while True:
            line = self._incoming.readline()
            if not line.endswith(b"\r\n"):
                raise IncompleteRead(line)
            size = int(line.split(b";")[0], 16)
            data = self._incoming.read(size + 2)
            if len(data) < size + 2:
                raise IncompleteRead(data, size + 2 - len(data))
            if not size:
                return
            yield data[:-2]


def ask(
    url: str,
    path: str = "/healthz",
    *,
    method: str = "GET",
    headers: Headers = (),
    body: bytes = b"",
) -> Answer:
    """Ask once, on a connection of its own, and return what was answered."""
    with Wire(url) as wire:
        wire.request(path, method=method, headers=headers, body=body)
        answer = wire.answer()
        assert answer is not None, f"no answer to {method} {path}"
        return answer


def bound_to(answer: Answer, name: str = STICKINESS_COOKIE) -> Headers:
    """Return the header with which a browser shows the stickiness cookie that it was given."""
    return [("Cookie", f"{name}={answer.cookies[name].value}")]


def raw_request(*lines: str, body: bytes = b"") -> bytes:
    """Return a request of exactly these lines."""
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body
