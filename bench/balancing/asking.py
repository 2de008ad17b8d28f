"""Asks balancers in turn, from within their network, and prints how long each answer took.

It runs in the app's image and needs nothing but Python. Usage:

    python3 asking.py WAY ROUNDS REQUESTS NAME=HOST:PORT [NAME=HOST:PORT ...]

WAY: kept (one connection for all requests), new (a connection for each), echo (round trips of one
websocket). Prints a JSON object: by NAME the microseconds of each answer, without the first round.
"""

from __future__ import annotations

import gc
import json
import socket
import sys
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

Samples = dict[str, list[float]]
Address = tuple[str, int]

READY_SECONDS = 60
TIMEOUT_SECONDS = 10
TEXT = b"x" * 64
FRAME = b"\x81" + bytes([0x80 | len(TEXT)]) + bytes(4) + TEXT  # masked with zeros
ECHOED = b"\x81" + bytes([len(TEXT)]) + TEXT


class Connection:
    """A connection of a browser that keeps its cookies."""

    def __init__(self, address: Address) -> None:
        self._address = address
        self._cookies: dict[bytes, bytes] = {}
        self._socket = self._connect()

    def ask(self) -> None:
        """Send a request on this connection and read the whole answer."""
        self._socket.sendall(self._request())
        self._take(_answer(self._socket))

    def ask_anew(self) -> None:
        """Connect, ask, and leave."""
        self.close()
        self._socket = self._connect()
        self.ask()

    def upgrade(self) -> None:
        """Become a websocket."""
        extra = (
            b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
            b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        )
        self._socket.sendall(self._request(extra))
        head = _answer(self._socket)
        if not head.startswith(b"HTTP/1.1 101"):
            raise ConnectionError(head.decode(errors="replace"))

    def echo(self) -> None:
        """Send a text and get it back."""
        self._socket.sendall(FRAME)
        back = b""
        while len(back) < len(ECHOED):
            back += _some(self._socket)
        if back != ECHOED:
            raise ConnectionError(repr(back))

    def close(self) -> None:
        """Leave."""
        self._socket.close()

    def _connect(self) -> socket.socket:
        made = socket.create_connection(self._address, TIMEOUT_SECONDS)
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return made

    def _request(self, extra: bytes = b"") -> bytes:
        known = b"; ".join(name + b"=" + value for name, value in self._cookies.items())
        cookies = b"Cookie: " + known + b"\r\n" if known else b""
        host = b"Host: %s:%d\r\n" % (self._address[0].encode(), self._address[1])
        return b"GET / HTTP/1.1\r\n" + host + cookies + extra + b"\r\n"

    def _take(self, head: bytes) -> None:
        for line in head.split(b"\r\n"):
            name, _, rest = line.partition(b": ")
            if name.lower() == b"set-cookie":
                cookie, _, value = rest.partition(b";")[0].partition(b"=")
                self._cookies[cookie] = value


def samples(way: str, rounds: int, requests: int, addresses: dict[str, Address]) -> Samples:
    """Let each be asked so often in each round, each first as often as the others."""
    connections = {name: _ready(address) for name, address in addresses.items()}
    if way == "echo":
        for each in connections.values():
            each.upgrade()
    act: Callable[[Connection], None] = {
        "kept": Connection.ask,
        "new": Connection.ask_anew,
        "echo": Connection.echo,
    }[way]
    found: Samples = {name: [] for name in addresses}
    gc.disable()
    for turn in range(1 + rounds):
        for name in _in_turn(list(addresses), turn):
            took = _timed(act, connections[name], requests)
            if turn:
                found[name] += took
    return found


def _timed(act: Callable[[Connection], None], connection: Connection, times: int) -> list[float]:
    took = []
    for _ in range(times):
        began = time.perf_counter_ns()
        act(connection)
        took.append((time.perf_counter_ns() - began) / 1000)
    return took


def _in_turn(names: list[str], turn: int) -> list[str]:
    first = turn % len(names)
    return [*names[first:], *names[:first]]


def _ready(address: Address) -> Connection:
    """Return a connection once requests are answered: targets are registered and healthy."""
    deadline = time.monotonic() + READY_SECONDS
    while True:
        try:
            connection = Connection(address)
            connection.ask()
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)
        else:
            return connection


def _answer(connection: socket.socket) -> bytes:
    """Return the head of an answer that has been read whole. Raises OSError unless it is good."""
    data = b""
    while b"\r\n\r\n" not in data:
        data += _some(connection)
    head, _, body = data.partition(b"\r\n\r\n")
    if head[9:12] not in (b"200", b"101"):
        raise ConnectionError(head.decode(errors="replace"))
    length = head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]
    missing = int(length or 0) - len(body)
    while missing > 0:
        missing -= len(_some(connection))
    return head


def _some(connection: socket.socket) -> bytes:
    data = connection.recv(65536)
    if not data:
        raise ConnectionResetError
    return data


def main(way: str, rounds: str, requests: str, *named: str) -> None:
    """Measure and print."""
    addresses = {}
    for each in named:
        name, _, address = each.partition("=")
        host, _, port = address.partition(":")
        addresses[name] = (socket.gethostbyname(host), int(port))
    json.dump(samples(way, int(rounds), int(requests), addresses), sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])
