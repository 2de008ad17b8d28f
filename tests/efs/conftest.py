"""Clients over one folder: in this process for what they decide, and really mounted for proof."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from parity.efs.client import Client
from parity.efs.server import Server
from parity.efs.wire import Wire
from tests.efs.mounts import mounting

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


class Clock:
    """Time that passes only when told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        """Return the time now."""
        return self.now

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.now += seconds


class Host:
    """One client and what it asks of the server."""

    def __init__(self, folder: Path, clock: Clock, *, keeps_unlinked: bool = True) -> None:
        self.wire = Wire(pace=0)
        self.client = Client(Server(folder, self.wire, keeps_unlinked=keeps_unlinked), clock)
        self.wire.operations.clear()

    def asked(self) -> dict[str, int]:
        """Return the operations since the last call."""
        found = dict(self.wire.operations)
        self.wire.operations.clear()
        return found

    def write(self, path: str, data: bytes) -> None:
        """Write a whole file and close it."""
        handle = self.client.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        self.client.write(handle, data, 0)
        self.client.write_back(handle.node)
        self.client.close(handle)

    def read(self, path: str) -> bytes:
        """Open, read and close."""
        handle = self.client.open(path, os.O_RDONLY)
        try:
            return self.client.read(handle, 2**20, 0)
        finally:
            self.client.close(handle)


@pytest.fixture
def clock() -> Clock:
    """Give time that stands still."""
    return Clock()


@pytest.fixture
def hosts(tmp_path: Path, clock: Clock) -> tuple[Host, Host]:
    """Give two clients of one folder."""
    return Host(tmp_path, clock), Host(tmp_path, clock)


@pytest.fixture
def mount(tmp_path: Path) -> Iterator[Callable[..., list[Path]]]:
    """Give a function that mounts one folder through so many clients, at EFS's own pace."""
    with mounting(tmp_path) as mounts:
        yield mounts


@pytest.fixture(params=["plain folder", "EFS semantics"])
def volumes(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, list[Path]]:
    """Give the kind of volume, and two ways to the same one: the very folder, or two clients."""
    if request.param == "plain folder":
        folder = tmp_path / "plain"
        folder.mkdir()
        return request.param, [folder, folder]
    return request.param, request.getfixturevalue("mount")(2)
