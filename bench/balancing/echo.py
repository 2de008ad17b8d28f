"""A target that costs next to nothing: websockets get back what they send, all else gets `ok`.

It runs in the app's image and needs nothing but Python.
"""

from __future__ import annotations

import base64
import hashlib
import re
from socketserver import StreamRequestHandler, ThreadingTCPServer

PORT = 8501
MAGIC = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # RFC 6455, 1.3


class Target(StreamRequestHandler):
    """One connection. Frames are short, of one text each, as asking.py sends them."""

    disable_nagle_algorithm = True

    def handle(self) -> None:
        """Answer until the other side leaves."""
        while head := self._head():
            key = re.search(rb"sec-websocket-key: (\S+)", head, re.IGNORECASE)
            if key is None:
                self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok\n")
                continue
            accept = base64.b64encode(hashlib.sha1(key[1] + MAGIC).digest())  # noqa: S324 - RFC
            self.wfile.write(
                b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n"
            )
            self._echo()

    def _head(self) -> bytes:
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            line = self.rfile.readline()
            if not line:
                return b""
            head += line
        return head

    def _echo(self) -> None:
        while len(start := self.rfile.read(2)) == 2:  # noqa: PLR2004 - of a short frame
            mask = self.rfile.read(4)
            masked = self.rfile.read(start[1] & 0x7F)
            text = bytes(each ^ mask[at % 4] for at, each in enumerate(masked))
            self.wfile.write(bytes([start[0], len(text)]) + text)


class Server(ThreadingTCPServer):
    """A thread for each connection."""

    allow_reuse_address = True
    daemon_threads = True


if __name__ == "__main__":
    Server(("", PORT), Target).serve_forever()
