"""Docker's volume plugin: `python -m parity.efs.plugin FOLDER RUN SOCKET`.

The engine asks for a mount whenever a container starts, with an id of its own each time, and
mounts what it is answered into that container only. So each start of each replica gets a client
of its own, as a Fargate task has its own NFS client, and loses it when it ends, however it ends.
The protocol: docs.docker.com/engine/extend/plugins_volume.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socketserver import ThreadingMixIn, UnixStreamServer
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from parity.efs.clients import Clients
from parity.errors import ParityError

if TYPE_CHECKING:
    from collections.abc import Callable

Message = dict[str, Any]


class Driver:
    """What the plugin answers. All volumes are the one folder; their names are the engine's."""

    def __init__(self, clients: Clients, names: Path) -> None:
        self._clients = clients
        self._names = names

    def activate(self, _asked: Message) -> Message:
        """Say what this plugin is."""
        return {"Implements": ["VolumeDriver"]}

    def capabilities(self, _asked: Message) -> Message:
        """Say that another machine's plugin has other volumes."""
        return {"Capabilities": {"Scope": "local"}}

    def create(self, asked: Message) -> Message:
        """Take a name."""
        self._write({*self._read(), asked["Name"]})
        return {}

    def remove(self, asked: Message) -> Message:
        """Forget a name; the folder stays."""
        self._write(self._read() - {asked["Name"]})
        return {}

    def get(self, asked: Message) -> Message:
        """Describe a volume."""
        if asked["Name"] not in self._read():
            raise ParityError(f"there is no volume '{asked['Name']}'")
        return {"Volume": {"Name": asked["Name"], "Mountpoint": ""}}

    def list(self, _asked: Message) -> Message:
        """Describe all volumes."""
        return {"Volumes": [{"Name": name, "Mountpoint": ""} for name in sorted(self._read())]}

    def path(self, _asked: Message) -> Message:
        """Name no path: there is one a container."""
        return {"Mountpoint": ""}

    def mount(self, asked: Message) -> Message:
        """Mount a new client for one start of a container."""
        return {"Mountpoint": str(self._clients.mount(asked["ID"]))}

    def unmount(self, asked: Message) -> Message:
        """Take that container's client away."""
        self._clients.unmount(asked["ID"])
        return {}

    def _read(self) -> set[str]:
        return set(json.loads(self._names.read_text())) if self._names.exists() else set()

    def _write(self, names: set[str]) -> None:
        self._names.write_text(json.dumps(sorted(names)))


ROUTES = MappingProxyType(
    {
        "/Plugin.Activate": Driver.activate,
        "/VolumeDriver.Capabilities": Driver.capabilities,
        "/VolumeDriver.Create": Driver.create,
        "/VolumeDriver.Remove": Driver.remove,
        "/VolumeDriver.Get": Driver.get,
        "/VolumeDriver.List": Driver.list,
        "/VolumeDriver.Path": Driver.path,
        "/VolumeDriver.Mount": Driver.mount,
        "/VolumeDriver.Unmount": Driver.unmount,
    }
)


def answer(driver: Driver, route: str, body: bytes) -> tuple[int, Message]:
    """Return status and answer for one request of the engine; errors are answers, too."""
    act: Callable[[Driver, Message], Message] | None = ROUTES.get(route)
    if act is None:
        return 404, {"Err": f"'{route}' is not part of the protocol"}
    try:
        return 200, {"Err": "", **act(driver, json.loads(body or b"{}"))}
    except ParityError as error:
        return 500, {"Err": " ".join(filter(None, (error.what, error.detail)))}
    except (OSError, ValueError, KeyError) as error:
        return 500, {"Err": f"{type(error).__name__}: {error}"}


class Listener(ThreadingMixIn, UnixStreamServer):
    """The unix socket that the engine looks for; one thread a request."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, socket: Path, driver: Driver) -> None:
        self.driver = driver
        super().__init__(str(socket), Handler)


class Handler(BaseHTTPRequestHandler):
    """HTTP over that socket."""

    def do_POST(self) -> None:
        """Answer one request."""
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        listener = self.server
        assert isinstance(listener, Listener)  # noqa: S101 - told to the type checker
        status, found = answer(listener.driver, self.path, body)
        data = json.dumps(found).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/vnd.docker.plugins.v1.2+json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def address_string(self) -> str:
        """Name the peer, which has no address."""
        return "engine"


def main() -> None:
    """Serve until told to end; the clients live on, and the next plugin takes them over."""
    parser = argparse.ArgumentParser()
    for name in ("folder", "run", "socket"):
        parser.add_argument(name, type=Path)
    given = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    given.socket.unlink(missing_ok=True)
    clients = Clients(given.folder, given.run)
    Listener(given.socket, Driver(clients, given.run / "volumes.json")).serve_forever()


if __name__ == "__main__":
    main()
