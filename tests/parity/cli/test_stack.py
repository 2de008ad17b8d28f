"""Commands of the stack: what reaches it, what is printed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from unittest.mock import MagicMock

import pytest
from typer.testing import CliRunner

from parity import cli
from parity.cli import stack
from parity.from_template import service as template_service
from parity.host.base_images import BaseImages
from tests.parity.cli.calling import printed, run

if TYPE_CHECKING:
    from parity.from_template.planned import Planned
    from parity.project import Settings


def test_up_prints_the_replicas_and_last_the_url(
    cluster: MagicMock, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`scripts/up | tail -1` is what to open."""
    given: list[Settings] = []

    def bring_up(settings: Settings, template: Planned | None) -> BaseImages:
        assert template is None
        given.append(settings)
        return BaseImages("python:3.13", "nginx:stable")

    monkeypatch.setattr(stack, "bring_up", bring_up)
    code, out, _ = printed(capsys, "up", "--replicas", "5", "--no-sticky", "--port", "8123")
    assert code == 0
    assert out.splitlines()[-1] == "http://localhost:8123"
    assert "0123456789ab" in out
    assert (given[0].replicas, given[0].sticky, given[0].port) == (5, False, 8123)
    document = json.loads(printed(capsys, "up", "--json", "--port=8123")[1])
    assert document["url"] == "http://localhost:8123"
    assert document["base_images"]["python"] == "python:3.13"
    assert len(document["replicas"]) == len(cluster.replicas())


def test_up_with_https_says_how_to_trust_it_and_last_the_url(
    cluster: MagicMock, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The way to trust it is for people; a program gets the file's name with the rest."""
    assert cluster is not None
    monkeypatch.setenv("HTTPS_PORT", "8124")
    monkeypatch.setattr(stack, "bring_up", lambda *_: BaseImages("python:3.13", "nginx:stable"))
    code, out, err = printed(capsys, "up", "--https")
    assert code == 0
    assert out.splitlines()[-1] == "https://localhost:8124"
    assert "--cacert" in err
    assert "--cacert" not in printed(capsys, "up")[2]
    document = json.loads(printed(capsys, "up", "--https", "--json")[1])
    assert document["url"] == "https://localhost:8124"
    assert document["authority"].endswith("ca.pem")
    assert json.loads(printed(capsys, "up", "--json")[1])["authority"] is None


@pytest.mark.parametrize("option", ["--replicas=0", "--replicas=x", "--port=x"])
def test_up_refuses_a_wrong_option_before_it_does_anything(
    option: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Quoting it, with exit code 2."""
    monkeypatch.setattr(stack, "bring_up", lambda *_: pytest.fail("began"))
    code, output = run("up", option)
    assert code == 2
    assert f"'{option.partition('=')[2]}'" in output


def test_up_from_a_template_says_what_differs(
    cluster: MagicMock, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each with its reason, to people; a program gets it with the rest."""
    assert cluster is not None
    given: list[tuple[Settings, Planned]] = []

    def bring_up(settings: Settings, template: Planned) -> BaseImages:
        given.append((settings, template))
        return BaseImages("python:3.13", "nginx:stable")

    monkeypatch.setattr(stack, "bring_up", bring_up)
    monkeypatch.setenv("COMPOSE_PROJECT_NAME", "test-cli")
    try:
        code, out, err = printed(capsys, "up", "--from-template", "-p", "MinTasks=4")
        json_code, document, _ = printed(capsys, "up", "--from-template", "--json")
    finally:
        template_service.delete("test-cli")
    assert (code, json_code) == (0, 0)
    assert out.splitlines()[-1] == "http://localhost:8080"
    assert "4 tasks of TaskDefinition, infra/template.yml:" in err
    assert "the stand-in for Bedrock (" in err
    assert "EC2 (" in err
    settings, template = given[0]
    assert (settings, settings.replicas) == (template.settings, 4)
    found = json.loads(document)["template"]
    assert found["file"] == "infra/template.yml"
    assert {"what", "here", "why"} == set(found["meant"][0])
    assert found["not_run"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["template.yml"], "FILE goes with --from-template only"),
        (["-p", "A=b"], "--parameter goes with --from-template only"),
        (["--from-template", "--replicas=3"], "--replicas cannot go with --from-template"),
        (["--from-template", "--no-sticky"], "--no-sticky cannot go with --from-template"),
        (["--from-template", "-p", "A"], "--parameter 'A' is not NAME=VALUE"),
        (["--from-template", "-p", "Nope=1"], "has no parameter 'Nope'"),
    ],
)
def test_up_refuses_what_has_no_meaning_with_a_template_or_without(
    arguments: list[str], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As wrong usage, before it does anything."""
    monkeypatch.setattr(stack, "bring_up", lambda *_: pytest.fail("began"))
    code, output = run("up", *arguments)
    assert code == 2
    assert said in " ".join(output.split())


def test_down_asks_before_it_deletes_sessions(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """No is no, and so is no answer."""
    folder = tmp_path_factory.mktemp("data")
    done = MagicMock()
    monkeypatch.setenv("DATA_FOLDER", str(folder))
    monkeypatch.setattr(stack, "take_down", done)
    for answer in ("n\n", ""):
        result = CliRunner().invoke(cli.app, ["down", "--volumes"], input=answer)
        assert result.exit_code == 1
        assert str(folder) in result.output.replace("\n", "")
    done.assert_not_called()
    assert run("down", "--volumes", "--yes")[0] == 0
    assert done.call_args.kwargs["volumes"] is True
    assert run("down")[0] == 0
    assert done.call_args.kwargs["volumes"] is False


def test_ps_as_table_and_as_json(
    cluster: MagicMock, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Data on stdout, nothing on stderr."""
    monkeypatch.setattr("parity.cli.stack.efs_service.is_on", lambda _: False)
    code, out, err = printed(capsys, "ps")
    assert (code, err) == (0, "")
    assert "0123456789ab" in out
    assert "\x1b" not in out
    code, out, err = printed(capsys, "ps", "--json")
    assert [each["number"] for each in json.loads(out)] == [1, 2]
    cluster.replicas.return_value = []
    assert json.loads(printed(capsys, "ps", "--json")[1]) == []
    assert "scripts/up" in printed(capsys, "ps")[2]


def test_open_prints_the_url_even_without_a_display(
    cluster: MagicMock, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """On a server it is still of use."""
    monkeypatch.setattr(stack, "open_page", lambda _: False)
    code, out, err = printed(capsys, "open")
    assert (code, out) == (0, "http://localhost:8080\n")
    assert "no display" in err
    assert cluster.url.called
