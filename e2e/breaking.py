"""What tests break by themselves, and see that it broke."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page, WebSocketRoute

    from parity.cluster.protocol import Cluster, Replica

STREAM = re.compile("/_stcore/stream")


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

    page.route_web_socket(STREAM, connect)
    return dropped


def stop_at_input(page: Page) -> Callable[[], None]:
    """Let a page's first websocket bring the input, and nothing more either way; return its end.

    So it is on a replica that freezes in a page's first run, and dies when the end is called.
    """
    sockets: list[WebSocketRoute] = []

    def connect(socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()
        if sockets:
            return
        sockets.extend((socket, server))
        shown = False

        def show(message: str | bytes) -> None:
            nonlocal shown
            if not shown:
                socket.send(message)
            shown = shown or _is_input(message)

        def pass_on(message: str | bytes) -> None:
            if not shown:
                server.send(message)

        server.on_message(show)
        socket.on_message(pass_on)

    def end() -> None:
        for each in sockets:
            each.close()

    page.route_web_socket(STREAM, connect)
    return end


def connection_of(page: Page) -> Callable[[], None]:
    """Return what ends the connection that the page then has; it gets another one by itself."""
    sockets: list[WebSocketRoute] = []

    def connect(socket: WebSocketRoute) -> None:
        sockets[:] = [socket, socket.connect_to_server()]

    def end() -> None:
        for each in sockets:
            each.close()

    page.route_web_socket(STREAM, connect)
    return end


def _is_input(message: str | bytes) -> bool:
    """Tell whether this is what draws the chat input."""
    if isinstance(message, str):
        return False
    kind: str | None = ForwardMsg.FromString(message).delta.new_element.WhichOneof("type")
    return kind == "chat_input"
