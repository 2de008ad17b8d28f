"""`parity logs --session`: what several replicas wrote of one conversation."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING
from unittest.mock import MagicMock

import pytest

from parity import log_follower, stack
from parity.cli import stack as cli_stack
from parity.verbs import session_logs
from tests.parity.cli.calling import printed
from tests.parity.cli.conftest import REPLICA
from tests.parity.test_session_log import SESSION, line

if TYPE_CHECKING:
    from pathlib import Path

LOGS = {
    1: [line(1, "turn_asked"), line(2, "turn_answering"), line(2, "started", session="ffffffff")],
    2: [line(4, "turn_answered", replica="bbb"), line(3, "turn_taken_over", replica="bbb")],
}


@pytest.fixture(autouse=True)
def cluster(monkeypatch: pytest.MonkeyPatch) -> MagicMock:
    """Give two replicas with their logs."""
    cluster = MagicMock()
    cluster.replicas.return_value = [REPLICA, replace(REPLICA, number=2)]
    cluster.serving.side_effect = lambda which: replace(REPLICA, number=which)
    cluster.logs.side_effect = lambda which: "\n".join(LOGS[which])
    monkeypatch.setattr(session_logs, "Compose", lambda _: cluster)
    return cluster


def test_conversation_is_told_in_the_order_of_time(capsys: pytest.CaptureFixture[str]) -> None:
    """Whichever replica wrote; plain lines in a pipe."""
    code, out, _ = printed(capsys, "logs", "--session", SESSION)
    assert code == 0
    assert [each.split()[2:4] for each in out.splitlines()] == [
        ["aaa", "turn_asked"],
        ["aaa", "turn_answering"],
        ["bbb", "turn_taken_over"],
        ["bbb", "turn_answered"],
    ]
    assert "\x1b" not in out


def test_json_is_the_lines_as_they_were_written(capsys: pytest.CaptureFixture[str]) -> None:
    """Byte by byte; of one replica, and the last one only, if so asked for."""
    _, out, _ = printed(capsys, "logs", "--session", SESSION, "--json")
    assert out.splitlines() == [LOGS[1][0], LOGS[1][1], LOGS[2][1], LOGS[2][0]]
    _, out, _ = printed(capsys, "logs", "1", "--session", SESSION, "--json", "--tail=1")
    assert out.splitlines() == [LOGS[1][1]]


def test_what_is_no_id_is_wrong_usage(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is asked of Docker; and --json alone would have nothing to print."""
    monkeypatch.setattr(session_logs, "Compose", lambda _: pytest.fail("asked"))
    code, out, said = printed(capsys, "logs", "--session", "0123ABCD")
    assert (code, out) == (2, "")
    assert "'0123ABCD'" in said
    monkeypatch.setattr(cli_stack, "show_logs", lambda *_, **__: pytest.fail("shown"))
    assert printed(capsys, "logs", "--json")[0] == 2


def test_session_that_no_log_has_is_a_finding(capsys: pytest.CaptureFixture[str]) -> None:
    """With the command that lists those that are there."""
    code, out, said = printed(capsys, "logs", "--session", "eeeeeeee")
    assert (code, out) == (1, "")
    assert "parity sessions ls" in said


def test_conversation_is_followed_onto_a_replica_that_is_new(
    cluster: MagicMock,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    """No line twice, though a replica that ended is read again; no process is left."""
    old, new = tmp_path / "old", tmp_path / "new"
    old.write_text(f"{LOGS[1][0]}\n{line(5, 'turn_released')}\n")
    new.write_text(f"noise\n{line(6, 'turn_answered')}\n")
    readers = []

    def command(*, container: str, since: float, **_: object) -> list[str]:
        assert since > 0
        readers.append(container)
        show = f"sed 's/^/2026-11-27T00:00:00Z /' {tmp_path / container}"
        return ["sh", "-c", f"{show}; [ {container} = old ] || sleep 60"]

    first, second = replace(REPLICA, name="old"), replace(REPLICA, name="new")
    looks = iter([[first], [first], [first, second], [first, second]])

    def look(_: object) -> list[tuple[int, object]]:
        found = next(looks, None)
        if found is None:
            raise KeyboardInterrupt
        return [(1, each) for each in found]

    cluster.processes.side_effect = look
    monkeypatch.setattr(log_follower, "LOOK_SECONDS", 0.5)
    monkeypatch.setattr(stack, "logs_command", command)
    with pytest.raises(KeyboardInterrupt):
        session_logs.show_session(MagicMock(), SESSION, None, follow=True, tail=1, as_json=True)
    out = capsys.readouterr().out.splitlines()
    assert [json.loads(each)["event"] for each in out] == [
        "turn_answered",
        "turn_released",
        "turn_answered",
    ]
    assert readers.count("new") == 1
    assert readers.count("old") > 1
