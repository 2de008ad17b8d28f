"""The verbs of the cloud: what reaches the stack, what is printed, which exit code."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from unittest.mock import MagicMock

import pytest
from typer.testing import CliRunner

from parity import cli
from parity.deploy import local
from parity.deploy.drift import Drift
from parity.deploy.history import Revision
from parity.deploy.stack_state import StackState
from parity.deploy.status import Status
from parity.deploy.tasks import Task
from parity.project import read_settings
from parity.verbs import deploy as verb
from parity.verbs.deploy import Options
from tests.parity.deploy.cloud import receipt

if TYPE_CHECKING:
    from collections.abc import Callable

    from parity.project import Settings

DIGEST = "sha256:" + "a" * 64
ARN = "arn:aws:ecs:us-east-1:1:task-definition/chat:2"
STATUS = Status(
    stack=StackState(
        "chat",
        "UPDATE_COMPLETE",
        "id",
        parameters={"Receipt": "r2", "ImageUri": f"host/chat@{DIGEST}"},
        outputs={"Url": "http://chat.example", "TaskDefinitionArn": ARN},
    ),
    region="us-east-1",
    service="s",
    summary="1 of 1 tasks run, rollout COMPLETED",
    desired=1,
    running=1,
    tasks=(Task("t1", "us-east-1a", "RUNNING", "HEALTHY", DIGEST, ARN),),
    history=(
        Revision(2, ARN, "r2", "", datetime(2026, 11, 23, tzinfo=UTC), "arn:aws:iam::1:user/ann"),
        Revision(1, ARN[:-1] + "1", "r1", "", None, ""),
    ),
    live=frozenset({"r1", "r2"}),
)
DRIFTED = Status(**{**vars(STATUS), "drift": (Drift("image of task t1", DIGEST, "other"),)})


def run(*arguments: str, answers: str = "") -> tuple[int, str, str]:
    """Return a command's exit code, its stdout and its stderr."""
    result = CliRunner().invoke(cli.app, arguments, input=answers, prog_name="parity")
    return result.exit_code, result.stdout, result.stderr


@pytest.mark.parametrize(("found", "code"), [(STATUS, 0), (DRIFTED, 1)])
def test_status_as_table_and_as_json(
    monkeypatch: pytest.MonkeyPatch, found: Status, code: int
) -> None:
    """Who runs what; drift is a finding, so the exit code is 1."""
    monkeypatch.setattr("parity.verbs.status.read_status", lambda _: found)
    got, out, _ = run("status")
    assert got == code
    for text in ("UPDATE_COMPLETE", "http://chat.example", "us-east-1a", "r2", "user/ann"):
        assert text in out
    got, out, _ = run("status", "--json")
    document = json.loads(out)
    assert got == code
    assert document["receipt"] == "r2"
    assert document["deployed_by"] == "arn:aws:iam::1:user/ann"
    assert document["tasks"][0] == {
        "id": "t1",
        "zone": "us-east-1a",
        "state": "RUNNING",
        "health": "HEALTHY",
        "digest": DIGEST,
    }
    assert [each["live"] for each in document["history"]] == [True, True]
    assert document["as_it_should_be"] == (code == 0)
    assert len(document["drift"]) == code


def test_deploy_hands_its_options_on_and_prints_the_url(monkeypatch: pytest.MonkeyPatch) -> None:
    """The URL is its data; the rest is progress."""
    given: list[tuple[Options, bool]] = []

    def deploy(_: Settings, options: Options, confirm: Callable[[str], bool]) -> str:
        given.append((options, confirm("Go?")))
        return "http://chat.example"

    monkeypatch.setattr("parity.verbs.deploy.deploy", deploy)
    arguments = ["--stack=chat", "-p", "A=1", "-p", "B=x=y", "--no-smoke", "--receipt=r1"]
    assert run("deploy", *arguments, "--yes")[:2] == (0, "http://chat.example\n")
    code, out, err = run("deploy", *arguments, "--dry-run", "--untested", answers="n\n")
    assert code == 0
    assert out == "http://chat.example\n"  # asking leaves no trace on stdout
    assert "Go? [y/N]" in err
    first, second = given
    assert first == (
        Options(
            stack="chat",
            receipt_id="r1",
            parameters=["A=1", "B=x=y"],
            untested=False,
            dry_run=False,
            smoke=False,
        ),
        True,
    )
    assert (second[0].dry_run, second[0].untested, second[1]) == (True, True, False)


@pytest.mark.parametrize(
    "arguments",
    [
        ["deploy", "--stack=Chat"],
        ["deploy", "-p", "MaxTasks"],
        ["deploy", "-p", "a b=1"],
        ["deploy", "-p", f"ImageUri=host/chat@{DIGEST}"],
        ["deploy", "-p", "Receipt=r9"],
        ["deploy", "--receipt=../x"],
        ["rollback", "../x"],
        ["rollback", "--stack=Chat"],
        ["status", "--stack=Chat"],
        ["destroy", "--stack=Chat"],
    ],
)
def test_wrong_usage_is_exit_code_2_and_asks_aws_nothing(
    monkeypatch: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    """Nor Docker."""
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    monkeypatch.setattr("parity.aws.account.Account.client", lambda *_: pytest.fail("asked"))
    assert run(*arguments)[0] == 2


@pytest.mark.parametrize("dry_run", [True, False])
def test_dry_run_of_an_untested_image_leaves_no_receipt_and_no_tag(
    monkeypatch: pytest.MonkeyPatch, *, dry_run: bool
) -> None:
    """Its image is looked up by its id instead of the name that it was not given."""
    keep, promote = MagicMock(), MagicMock(return_value="")
    for name in ("parity.host.client.connect", "parity.verbs.deploy.connect"):
        monkeypatch.setattr(name, MagicMock())
    monkeypatch.setattr(local, "untested", lambda *_: receipt())
    monkeypatch.setattr(local, "keep_untested", keep)
    monkeypatch.setattr(verb, "promote", promote)
    options = Options("chat", None, [], untested=True, dry_run=dry_run, smoke=False)
    verb.deploy(read_settings(), options, lambda _: True)
    assert keep.call_count == (0 if dry_run else 1)
    engine = promote.call_args.args[-1]
    assert engine.find == (local.find_by_id if dry_run else local.find_image)


def test_values_of_parameters_may_hold_anything() -> None:
    """Only the first '=' parts them."""
    assert verb._pair("OidcIssuer=https://a/?b=c") == ("OidcIssuer", "https://a/?b=c")


def test_destroy_asks_for_the_stacks_name_but_with_yes(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is typed decides."""
    typed: list[str] = []
    monkeypatch.setattr("parity.verbs.destroy.destroy", lambda _, ask: typed.append(ask()))
    assert run("destroy", "--stack=chat", answers="nope\n")[0] == 0
    assert run("destroy", "--stack=chat", "--yes")[0] == 0
    assert typed == ["nope", "chat"]


def test_rollback_hands_on_what_was_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """And prints the URL."""
    done = MagicMock(return_value="http://chat.example")
    monkeypatch.setattr("parity.verbs.rollback.roll_back", done)
    monkeypatch.setattr("parity.verbs.rollback.connect", lambda: "account")
    code, out, _ = run("rollback", "r1", "--stack=chat", "--dry-run")
    assert (code, out) == (0, "http://chat.example\n")
    assert done.call_args.args[:3] == ("account", "chat", "r1")
    assert done.call_args.kwargs == {"dry_run": True}


@pytest.mark.parametrize(
    "arn", ["admin", "arn:aws:iam::1:role/x", "arn:aws:iam::123456789012:user/x"]
)
def test_stack_role_that_is_no_role_is_wrong_usage(arn: str) -> None:
    """And is said before AWS is asked for anything."""
    code, _, err = run("deploy", "--stack-role", arn)
    assert code == 2
    assert "is not the ARN of a role" in " ".join(err.split())
