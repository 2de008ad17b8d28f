"""What is taken away is the stack's own, and what others use is named."""

from __future__ import annotations

import os
from pathlib import Path
from unittest.mock import MagicMock

import pytest

from parity.errors import ParityError
from parity.project import read_settings
from parity.verbs import down


def test_empty_command_runs_as_root_without_network_on_that_folder_only() -> None:
    """The files are the app's user's; the container may do nothing else."""
    argv = down.empty_command(Path("/srv/d"), "p-app")
    assert argv[:3] == ["docker", "run", "--rm"]
    assert {"--network=none", "--user=0:0", "--mount=type=bind,source=/srv/d,target=/emptied"} <= {
        *argv
    }
    assert argv[-3] == "p-app"
    assert f"chown {os.geteuid()}:{os.getegid()}" in argv[-1]


def test_folder_is_deleted_with_what_is_in_it(tmp_path: Path) -> None:
    """And it is no error when there is none."""
    folder = tmp_path / "data"
    (folder / "sessions").mkdir(parents=True)
    settings = read_settings({"DATA_FOLDER": str(folder)})
    down.delete_folder(settings, image=None)
    assert not folder.exists()
    down.delete_folder(settings, image=None)


def test_folder_that_cannot_be_deleted_names_the_command_that_can(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without Docker and without root."""

    def refuse(path: Path) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr("shutil.rmtree", refuse)
    with pytest.raises(ParityError, match="Permission denied") as caught:
        down.delete_folder(read_settings({"DATA_FOLDER": str(tmp_path / "..")[:-3]}), image=None)
    assert caught.value.hint.startswith("sudo rm -r")


@pytest.mark.parametrize(
    ("names", "text"),
    [([], ""), (["a"], "a"), (["a", "b", "c"], "a, b, c"), ([*"abcde"], "a, b, c and 2 more")],
)
def test_long_lists_are_cut_short(names: list[str], text: str) -> None:
    """A message is one line."""
    assert down.shortened(names) == text


def test_engine_that_the_kit_did_not_start_runs_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """Even when nothing else is on it."""
    monkeypatch.setattr("parity.host.engine.started_by_kit", lambda: False)
    monkeypatch.setattr("parity.host.engine.stop_engine", lambda: pytest.fail("stopped"))
    down.stop_own_engine(MagicMock(), prune=True)


def test_engine_with_containers_of_others_runs_on_and_it_is_said(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Stopping it would stop them."""
    client, other = MagicMock(), MagicMock()
    said: list[str] = []
    other.name = "postgres"
    client.containers.list.return_value = [other]
    monkeypatch.setattr("parity.host.engine.started_by_kit", lambda: True)
    monkeypatch.setattr("parity.host.engine.stop_engine", lambda: pytest.fail("stopped"))
    monkeypatch.setattr("parity.console.note", said.append)
    down.stop_own_engine(client, prune=True)
    assert said == ["Docker Engine stays: it also runs postgres."]


def test_stand_ins_that_another_stack_is_built_on_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its next build would have to make them again."""
    client, other = MagicMock(), MagicMock()
    said: list[str] = []
    other.labels = {"com.docker.compose.project": "parity-kit"}
    client.containers.list.return_value = [other, other]
    monkeypatch.setattr("parity.console.note", said.append)
    down._remove_stand_ins(client, read_settings())
    client.images.remove.assert_not_called()
    assert "parity-kit" in said[0]
    client.containers.list.return_value = []
    down._remove_stand_ins(client, read_settings())
    removed = {call.args[0] for call in client.images.remove.call_args_list}
    assert removed == {
        "parity-kit/python-standin:trixie",
        "parity-kit/python-standin:trixie-arm64",
        "parity-kit/nginx-standin:trixie",
    }


def test_down_without_an_engine_is_no_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There is nothing to remove, but for the sessions and the authority."""
    folder, authority = tmp_path / "data", tmp_path / "https" / "parity-kit"
    folder.mkdir()
    authority.mkdir(parents=True)
    monkeypatch.setattr("parity.https.files.FOLDER", authority.parent)
    monkeypatch.setattr("parity.host.engine.engine_problem", lambda: "'docker' is not installed")
    settings = read_settings({"DATA_FOLDER": str(folder)})
    down.take_down(settings)
    assert folder.exists()
    assert authority.exists()
    down.take_down(settings, volumes=True)
    assert not folder.exists()
    assert not authority.exists()
