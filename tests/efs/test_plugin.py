"""The volume plugin, asked as the engine asks it; no engine here."""

from __future__ import annotations

import http.client
import json
import os
import socket
import threading
from typing import TYPE_CHECKING, Any

import pytest

from parity.efs import clients as clients_of
from parity.efs import replica_clients
from parity.efs.clients import Clients, mountpoints
from parity.efs.mounting import DEVICE, is_mounted, mount
from parity.efs.plugin import Driver, Listener, answer
from parity.errors import ParityError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

needs_root = pytest.mark.skipif(
    os.geteuid() != 0 or not DEVICE.exists(), reason=f"mounting for others needs root and {DEVICE}"
)


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Path]:
    """Give the folder of a stack's clients, and leave no mount in it."""
    run = tmp_path / "run"
    run.mkdir()
    yield run
    for place in mountpoints(run):
        clients_of.remove(place)


@pytest.fixture
def driver(tmp_path: Path, run: Path) -> Driver:
    """Give what the plugin answers with."""
    folder = tmp_path / "data"
    folder.mkdir()
    os.chown(folder, *clients_of.USER) if os.geteuid() == 0 else None
    return Driver(Clients(folder, run, pace=0), run / "volumes.json")


def ask(driver: Driver, route: str, **message: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    """Return the answer to a request that must succeed."""
    status, found = answer(driver, route, json.dumps(message).encode())
    assert (status, found["Err"]) == (200, "")
    return found


def test_volumes_are_names_that_outlast_the_plugin(driver: Driver, run: Path) -> None:
    """All of them are the one folder."""
    ask(driver, "/VolumeDriver.Create", Name="p_efs")
    again = Driver(Clients(run, run), run / "volumes.json")
    assert ask(again, "/VolumeDriver.Get", Name="p_efs")["Volume"]["Name"] == "p_efs"
    assert [each["Name"] for each in ask(again, "/VolumeDriver.List")["Volumes"]] == ["p_efs"]
    ask(again, "/VolumeDriver.Remove", Name="p_efs")
    assert ask(driver, "/VolumeDriver.List")["Volumes"] == []


def test_errors_are_answers(driver: Driver) -> None:
    """The engine shows them to whoever starts a container."""
    assert answer(driver, "/VolumeDriver.Get", b'{"Name": "x"}')[1]["Err"]
    assert answer(driver, "/VolumeDriver.Mount", b'{"Name": "x", "ID": "../x"}')[0] == 500
    assert answer(driver, "/VolumeDriver.Mount", b"no JSON")[0] == 500
    assert answer(driver, "/nonsense", b"{}")[0] == 404


@needs_root
def test_each_start_of_a_container_gets_a_client_of_its_own(driver: Driver, run: Path) -> None:
    """One mount an id; asked twice for the same id (docker cp), it goes with the second end."""
    places = [ask(driver, "/VolumeDriver.Mount", Name="v", ID=i)["Mountpoint"] for i in "ab"]
    assert len(set(places)) == 2
    assert len({os.stat(place).st_dev for place in places}) == 2  # noqa: PTH116 - strings
    assert ask(driver, "/VolumeDriver.Mount", Name="v", ID="a")["Mountpoint"] == places[0]
    ask(driver, "/VolumeDriver.Unmount", Name="v", ID="a")
    assert len(mountpoints(run)) == 2
    ask(driver, "/VolumeDriver.Unmount", Name="v", ID="a")
    ask(driver, "/VolumeDriver.Unmount", Name="v", ID="b")
    assert mountpoints(run) == []


@needs_root
def test_a_new_plugin_takes_over_the_clients_of_a_dead_one(driver: Driver, run: Path) -> None:
    """It knows them by their folders."""
    ask(driver, "/VolumeDriver.Mount", Name="v", ID="a")
    after = Driver(Clients(run, run), run / "volumes.json")
    ask(after, "/VolumeDriver.Unmount", Name="v", ID="a")
    assert mountpoints(run) == []


@needs_root
def test_a_client_whose_process_has_died_is_found_and_named(run: Path, tmp_path: Path) -> None:
    """At its mountpoint every call fails; that must not hide it, nor the others."""
    (tmp_path / "log").touch()
    place = clients_of.mountpoint(run, "a")
    place.mkdir(parents=True)
    process = mount(tmp_path, place, log=tmp_path / "log")
    process.kill()
    process.wait()
    with pytest.raises(OSError, match="not connected"):
        place.stat()
    assert mountpoints(run) == [place]
    with pytest.raises(ParityError, match="client of replica 2 does not answer") as caught:
        replica_clients.read([replica_clients.Mount(2, "abc", place)])
    assert "parity start 2" in caught.value.hint


@needs_root
def test_removing_a_client_never_removes_what_it_shows(driver: Driver, tmp_path: Path) -> None:
    """Not even when its process is dead."""
    (tmp_path / "data" / "session").write_text("kept")
    place = clients_of.mountpoint(tmp_path / "run", "a")
    ask(driver, "/VolumeDriver.Mount", Name="v", ID="a")
    assert (place / "session").read_text() == "kept"
    clients_of.remove(place)
    assert not is_mounted(place)
    assert not place.exists()
    assert (tmp_path / "data" / "session").read_text() == "kept"


def test_name_of_a_mount_stays_within_its_folder(tmp_path: Path) -> None:
    """The engine's ids are hexadecimal."""
    with pytest.raises(ParityError):
        clients_of.mountpoint(tmp_path, "../../etc")


def test_engine_is_answered_over_its_socket(driver: Driver, tmp_path: Path) -> None:
    """HTTP on a unix socket, JSON both ways."""
    place = tmp_path / "plugin.sock"
    with Listener(place, driver) as listener:
        threading.Thread(target=listener.serve_forever, daemon=True).start()
        connection = http.client.HTTPConnection("engine")
        connection.sock = socket.socket(socket.AF_UNIX)
        connection.sock.connect(str(place))
        connection.request("POST", "/Plugin.Activate")
        found = json.load(connection.getresponse())
        connection.close()
        listener.shutdown()
    assert found["Implements"] == ["VolumeDriver"]
