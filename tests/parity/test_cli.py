"""The command line: what is said where, and which exit code."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from unittest.mock import MagicMock

import pytest
from typer.testing import CliRunner

from parity import cli
from parity.cluster.protocol import Replica
from parity.errors import ParityError, UsageError
from parity.host.base_images import BaseImages
from parity.verbs.doctor import Check

if TYPE_CHECKING:
    from parity.project import Settings

REPLICA = Replica(
    number=1,
    name="p-app-1",
    hostname="0123456789ab",
    state="running",
    health="healthy",
    exit_code=None,
    started_at=datetime(2026, 1, 1, tzinfo=UTC),
    memory=1024,
    sessions=2,
)


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> MagicMock:
    """Give the cluster that every command will find."""
    cluster = MagicMock()
    cluster.replicas.return_value = [REPLICA, replace(REPLICA, number=2)]
    cluster.url.return_value = "http://localhost:8080"
    monkeypatch.setattr(cli, "Compose", lambda _: cluster)
    return cluster


def run(*arguments: str) -> tuple[int, str]:
    """Return a command's exit code and its stdout with stderr."""
    result = CliRunner().invoke(cli.app, arguments, prog_name="parity")
    return result.exit_code, result.output


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """Return a command's exit code, its stdout and its stderr, as a shell would see them."""
    with pytest.raises(SystemExit) as caught:
        cli.app(args=list(arguments), prog_name="parity")
    captured = capsys.readouterr()
    return int(caught.value.code or 0), captured.out, captured.err


def test_help_shows_examples_and_every_command() -> None:
    """The first thing that a newcomer reads."""
    code, output = run("--help")
    assert code == 0
    assert "scripts/up" in output
    for command in (
        *("up", "down", "ps", "logs", "open", "kill", "stop", "pause", "cut", "start", "scale"),
        *("doctor", "test", "bench"),
        *("deploy", "rollback", "status", "destroy"),
    ):
        assert f" {command} " in output


def test_version() -> None:
    """Name and number."""
    code, output = run("--version")
    assert (code, output.split()[0]) == (0, "parity")


@pytest.mark.parametrize("arguments", [["nope"], ["ps", "--nope"], ["kill"], ["logs", "--tail=-1"]])
def test_wrong_usage_is_exit_code_2(arguments: list[str]) -> None:
    """As a shell expects."""
    assert run(*arguments)[0] == 2


@pytest.mark.parametrize(
    ("error", "code"), [(ParityError("no"), 1), (UsageError("no"), 2), (KeyboardInterrupt(), 130)]
)
def test_every_error_has_its_exit_code_and_no_traceback(
    cluster: MagicMock, error: BaseException, code: int
) -> None:
    """Failure, wrong usage, Ctrl-C."""
    cluster.replicas.side_effect = error
    got, output = run("ps")
    assert got == code
    assert "Traceback" not in output


def test_error_nobody_foresaw_is_one_sentence_too(
    cluster: MagicMock, capsys: pytest.CaptureFixture[str]
) -> None:
    """The traceback is for those who ask for it."""
    cluster.replicas.side_effect = ZeroDivisionError("division by zero")
    code, out, err = printed(capsys, "ps")
    assert (code, out) == (1, "")
    assert "unexpected ZeroDivisionError" in err
    assert "Traceback" not in err
    code, _, err = printed(capsys, "--verbose", "ps")
    assert code == 1
    assert "Traceback" in err


def test_ps_as_table_and_as_json(cluster: MagicMock, capsys: pytest.CaptureFixture[str]) -> None:
    """Data on stdout, nothing on stderr."""
    code, out, err = printed(capsys, "ps")
    assert (code, err) == (0, "")
    assert "0123456789ab" in out
    assert "\x1b" not in out
    code, out, err = printed(capsys, "ps", "--json")
    assert [each["number"] for each in json.loads(out)] == [1, 2]
    cluster.replicas.return_value = []
    assert json.loads(printed(capsys, "ps", "--json")[1]) == []
    assert "scripts/up" in printed(capsys, "ps")[2]


@pytest.mark.parametrize("verb", ["kill", "stop", "pause", "cut", "start"])
@pytest.mark.parametrize(
    ("text", "which"),
    [("2", 2), ("0123456789ab", "0123456789ab"), ("012345678901", "012345678901")],
)
def test_replica_is_named_by_number_or_host_name(
    cluster: MagicMock, verb: str, text: str, which: int | str
) -> None:
    """A host name of nothing but digits is still a host name."""
    assert run(verb, text)[0] == 0
    getattr(cluster, verb).assert_called_once_with(which)


@pytest.mark.parametrize("number", ["0", "x", "1.5", "51"])
def test_scale_refuses_a_wrong_number_before_it_does_anything(
    cluster: MagicMock, number: str
) -> None:
    """Quoting it."""
    code, output = run("scale", number)
    assert code == 2
    assert f"'{number}'" in output
    cluster.scale.assert_not_called()


def test_up_prints_the_replicas_and_last_the_url(
    cluster: MagicMock, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`scripts/up | tail -1` is what to open."""
    given: list[Settings] = []

    def bring_up(settings: Settings) -> BaseImages:
        given.append(settings)
        return BaseImages("python:3.13", "nginx:stable")

    monkeypatch.setattr(cli, "bring_up", bring_up)
    code, out, _ = printed(capsys, "up", "--replicas", "5", "--no-sticky", "--port", "8123")
    assert code == 0
    assert out.splitlines()[-1] == "http://localhost:8123"
    assert "0123456789ab" in out
    assert (given[0].replicas, given[0].sticky, given[0].port) == (5, False, 8123)
    document = json.loads(printed(capsys, "up", "--json", "--port=8123")[1])
    assert document["url"] == "http://localhost:8123"
    assert document["base_images"]["python"] == "python:3.13"
    assert len(document["replicas"]) == len(cluster.replicas())


@pytest.mark.parametrize("option", ["--replicas=0", "--replicas=x", "--port=x"])
def test_up_refuses_a_wrong_option_before_it_does_anything(
    option: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Quoting it, with exit code 2."""
    monkeypatch.setattr(cli, "bring_up", lambda _: pytest.fail("began"))
    code, output = run("up", option)
    assert code == 2
    assert f"'{option.partition('=')[2]}'" in output


def test_down_asks_before_it_deletes_sessions(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """No is no, and so is no answer."""
    folder = tmp_path_factory.mktemp("data")
    done = MagicMock()
    monkeypatch.setenv("DATA_FOLDER", str(folder))
    monkeypatch.setattr(cli, "take_down", done)
    for answer in ("n\n", ""):
        result = CliRunner().invoke(cli.app, ["down", "--volumes"], input=answer)
        assert result.exit_code == 1
        assert str(folder) in result.output.replace("\n", "")
    done.assert_not_called()
    assert run("down", "--volumes", "--yes")[0] == 0
    assert done.call_args.kwargs["volumes"] is True
    assert run("down")[0] == 0
    assert done.call_args.kwargs["volumes"] is False


@pytest.mark.parametrize(
    ("checks", "code"),
    [
        ([Check("a", ok=True, found="")], 0),
        ([Check("a", ok=False, found="", needed=False)], 0),
        ([Check("a", ok=False, found="")], 1),
    ],
)
def test_doctor_fails_only_for_what_is_needed(
    monkeypatch: pytest.MonkeyPatch, checks: list[Check], code: int
) -> None:
    """So that it can stand in a script."""
    monkeypatch.setattr("parity.verbs.doctor.examine", lambda _: checks)
    assert run("doctor")[0] == code
    got, output = run("doctor", "--json")
    assert got == code
    assert json.loads(output)[0]["state"] == checks[0].state


def test_open_prints_the_url_even_without_a_display(
    cluster: MagicMock, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """On a server it is still of use."""
    monkeypatch.setattr(cli, "open_page", lambda _: False)
    code, out, err = printed(capsys, "open")
    assert (code, out) == (0, "http://localhost:8080\n")
    assert "no display" in err
    assert cluster.url.called


@pytest.mark.parametrize(("passed", "code"), [(True, 0), (False, 1)])
def test_test_has_the_exit_code_of_its_verdict(
    monkeypatch: pytest.MonkeyPatch,
    passed: bool,  # noqa: FBT001 - a parameter of the test
    code: int,
) -> None:
    """CI goes by it."""
    monkeypatch.setattr(cli, "run_tests", lambda *_, **__: passed)
    assert run("test", "--fast")[0] == code
