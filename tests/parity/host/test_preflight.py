"""What will fail is found before anything is installed or built."""

from __future__ import annotations

import os
import socket
from dataclasses import replace
from typing import TYPE_CHECKING
from unittest.mock import MagicMock

import pytest

from parity.errors import ParityError
from parity.host import preflight
from parity.https import service as https
from parity.project import ROOT, read_settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from parity.project import Settings

FREE_BYTES = "docker_free_bytes"


@pytest.fixture
def taken() -> Iterator[int]:
    """Give a port that somebody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield int(server.getsockname()[1])


def settings(port: int) -> Settings:
    """Return settings with that port, and a free one for the rest."""
    return read_settings(
        {
            "COMPOSE_PROJECT_NAME": "p",
            "PORT": str(port),
            "BEDROCK_PORT": str(preflight.any_free_port()),
        }
    )


def test_port_in_use_names_it_and_a_free_one(taken: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The next command can be typed as it stands."""
    monkeypatch.setattr(preflight, "port_holders", dict)
    with pytest.raises(ParityError) as caught:
        preflight.check_ports(settings(taken))
    assert f"{taken} (PORT) by another program" in caught.value.what
    assert caught.value.hint == f"PORT={preflight.next_free(taken)} scripts/up"


def test_port_of_https_counts_only_with_https(taken: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stack that speaks HTTP leaves it alone."""
    monkeypatch.setattr(preflight, "port_holders", dict)
    plain = replace(settings(preflight.any_free_port()), https_port=taken)
    preflight.check_ports(plain)
    with pytest.raises(ParityError) as caught:
        preflight.check_ports(https.wanted(plain))
    assert caught.value.hint == f"HTTPS_PORT={preflight.next_free(taken)} scripts/up --https"


def test_container_that_has_the_port_is_named(taken: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Most often it is another stack of the kit."""
    monkeypatch.setattr(preflight, "port_holders", lambda: {taken: ("other", "other-nginx-1")})
    with pytest.raises(ParityError, match="container other-nginx-1"):
        preflight.check_ports(settings(taken))


def test_own_nginx_may_have_the_port(taken: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """`up` is idempotent."""
    monkeypatch.setattr(preflight, "port_holders", lambda: {taken: ("p", "p-nginx-1")})
    preflight.check_ports(settings(taken))


def test_free_ports_are_fine_without_an_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a bare machine nobody can be asked."""
    monkeypatch.setattr(preflight, "port_holders", lambda: pytest.fail("asked the engine"))
    preflight.check_ports(settings(preflight.any_free_port()))


def test_listener_on_every_interface_counts_too() -> None:
    """The balancer could not be published on loopback beside it."""
    with socket.create_server(("", 0)) as server:
        assert not preflight.port_is_free(server.getsockname()[1])


def test_data_folder_is_made_with_its_parents(tmp_path: Path) -> None:
    """As Compose would, but before it."""
    preflight.ensure_data_folder(tmp_path / "a" / "b")
    assert (tmp_path / "a" / "b").is_dir()


def test_looking_at_the_data_folder_makes_nothing(tmp_path: Path) -> None:
    """`parity doctor` changes nothing."""
    assert preflight.data_folder_problem(tmp_path / "a") is None
    assert not (tmp_path / "a").exists()


@pytest.mark.parametrize("name", ["file", "file/below", "dangling"])
def test_file_in_the_place_of_the_data_folder(tmp_path: Path, name: str) -> None:
    """Nor a file in the place of its parent, nor a link to nowhere."""
    (tmp_path / "file").touch()
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")
    with pytest.raises(ParityError, match=r"file in its place|is no folder"):
        preflight.ensure_data_folder(tmp_path / name)


def test_read_only_data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even root can write there."""
    monkeypatch.setattr(os, "statvfs", lambda _: MagicMock(f_flag=os.ST_RDONLY))
    with pytest.raises(ParityError, match="read-only"):
        preflight.ensure_data_folder(tmp_path)


def test_data_folder_of_another_uid_is_fine(tmp_path: Path) -> None:
    """The `volume` service gives it to the app, as an access point does."""
    tmp_path.chmod(0o500)
    assert preflight.data_folder_problem(tmp_path) is None


@pytest.mark.parametrize("free", [preflight.BUILD_BYTES, None])
def test_enough_disk_or_one_that_cannot_be_seen(
    monkeypatch: pytest.MonkeyPatch, free: int | None
) -> None:
    """The disk of Docker Desktop's virtual machine is not on this one."""
    monkeypatch.setattr(preflight, FREE_BYTES, lambda: free)
    preflight.check_disk()


def test_too_little_disk_says_how_much_there_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before half an image has been built."""
    monkeypatch.setattr(preflight, FREE_BYTES, lambda: preflight.GIB)
    with pytest.raises(ParityError, match=r"1\.0 GiB free") as caught:
        preflight.check_disk()
    assert "docker system prune" in caught.value.hint


def test_project_of_another_checkout_is_not_taken_over(tmp_path: Path) -> None:
    """Two checkouts with the same name would replace each other's containers."""
    folder = "com.docker.compose.project.working_dir"
    client, ours, theirs, moved = (MagicMock() for _ in range(4))
    ours.labels = {folder: str(ROOT)}
    theirs.labels = {folder: str(tmp_path)}
    moved.labels = {folder: str(tmp_path / "deleted since")}
    client.containers.list.return_value = [ours, moved]
    preflight.check_same_checkout(settings(1), client)
    client.containers.list.return_value = [ours, theirs]
    with pytest.raises(ParityError, match=str(tmp_path)) as caught:
        preflight.check_same_checkout(settings(1), client)
    assert "COMPOSE_PROJECT_NAME=p-2" in caught.value.hint


def test_port_to_listen_on_later_is_none_that_a_connection_may_get() -> None:
    """The suite of the kit met it: an outgoing connection had the port when the stack started."""
    for _ in range(50):
        port = preflight.any_free_port()
        assert port_for_connection() > port
        with socket.create_server((preflight.LOOPBACK, port)):
            assert not preflight.port_is_free(port)


def test_no_free_port_says_where_it_looked(monkeypatch: pytest.MonkeyPatch) -> None:
    """And how to find what has them all."""
    monkeypatch.setattr(preflight, "port_is_free", lambda _: False)
    with pytest.raises(ParityError, match="from 20000 to 32000") as caught:
        preflight.any_free_port()
    assert "ss --listening" in caught.value.hint


def port_for_connection() -> int:
    """Return a port that the kernel chose."""
    with socket.socket() as probe:
        probe.bind((preflight.LOOPBACK, 0))
        return int(probe.getsockname()[1])
