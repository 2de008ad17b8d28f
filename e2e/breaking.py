"""What tests break by themselves, and see that it broke."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Page, WebSocketRoute

    from parity.cluster.protocol import Cluster, Replica


def freeze(cluster: Cluster, hostname: str) -> Replica:
    """Freeze a replica; return it as it was before."""
    replica = cluster.serving(hostname)
    cluster.pause(replica.number)
    assert cluster.serving(hostname).state == "paused"
    return replica


def drop_first(page: Page, text: str) -> list[bytes]:
    """Lose the first message of a page's websocket that has this text; it will be in the list."""
    dropped: list[bytes] = []

    def connect(socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()

        def pass_on(message: str | bytes) -> None:
            if not dropped and isinstance(message, bytes) and text.encode() in message:
                dropped.append(message)
            else:
                server.send(message)

        socket.on_message(pass_on)

    page.route_web_socket(re.compile("/_stcore/stream"), connect)
    return dropped
