"""The load balancer's two listeners, asked past any browser: what TLS takes, what HTTP answers."""

from __future__ import annotations

import http.client
import socket
import ssl
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

SECONDS = 10


@dataclass(frozen=True)
class Agreed:
    """What a handshake ended in. version: of TLS. protocol: spoken over it, None if not said."""

    version: str | None
    protocol: str | None


@dataclass(frozen=True)
class Https:
    """Where both are. transport_security: what the header of that name says."""

    port: int
    http_port: int
    transport_security: str
    host: str = "localhost"

    def context(self) -> ssl.SSLContext:
        """Return what a client shakes hands with, checking the certificate."""
        return ssl.create_default_context()

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> http.client.HTTPResponse:
        """Return the answer over HTTPS, read to its end."""
        connection = http.client.HTTPSConnection(
            self.host, self.port, timeout=SECONDS, context=self.context()
        )
        return _asked(connection, path, headers)

    def get_plainly(self, path: str) -> http.client.HTTPResponse:
        """Return the answer over HTTP, read to its end."""
        return _asked(http.client.HTTPConnection(self.host, self.http_port, timeout=SECONDS), path)

    def shake_hands(self, context: ssl.SSLContext) -> Agreed:
        """Return what client and server agree on. Raises ssl.SSLError if they cannot."""
        with (
            socket.create_connection((self.host, self.port), timeout=SECONDS) as plain,
            context.wrap_socket(plain, server_hostname=self.host) as secured,
        ):
            return Agreed(secured.version(), secured.selected_alpn_protocol())


def _asked(
    connection: http.client.HTTPConnection, path: str, headers: Mapping[str, str] | None = None
) -> http.client.HTTPResponse:
    try:
        connection.request("GET", path, headers=dict(headers or {}))
        answer = connection.getresponse()
        answer.read()
        return answer
    finally:
        connection.close()
