"""One container of an adopted app, alone, before any replica is replaced by it."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from parity.adopt.override import PROBE, VOLUME
from parity.errors import ParityError
from parity.host.command import run, succeeds

if TYPE_CHECKING:
    from parity.adopt.files import Files, Record

HEALTHY_SECONDS = 90
SCRIPT_SECONDS = 60
POLL_SECONDS = 0.5
LOG_LINES = 15
READ_ONLY = "Read-only file system"
# The page's script once, as Streamlit's own tests run it: no browser, and here no network either.
RUN_SCRIPT = """
import json, sys
from streamlit.testing.v1 import AppTest
try:
    with open(sys.argv[1], "rb") as script:  # of one that is no Python, AppTest says nothing
        compile(script.read(), sys.argv[1], "exec")
    page = AppTest.from_file(sys.argv[1], default_timeout=30).run()
    found = [[each.proto.type, each.proto.message] for each in page.exception]
except SyntaxError as error:
    found = [[type(error).__name__, str(error)]]
except RuntimeError:
    found = []
print("\\n" + json.dumps(found))
"""
# What will not get better by a network, a browser or a user.
SURE = ("ModuleNotFoundError", "ImportError", "SyntaxError", "IndentationError")


# As in compose.yaml: boto3 wants them before it asks anybody anything.
AWS = {
    "AWS_REGION": "us-east-1",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_ACCESS_KEY_ID": "local",
    "AWS_SECRET_ACCESS_KEY": "local",
    "AWS_ENDPOINT_URL_BEDROCK_RUNTIME": "http://bedrock:8080",
}


@dataclass(frozen=True)
class Outcome:
    """How a trial ended. read_only: whether the app's root may be. notes: what to tell of it."""

    read_only: bool
    notes: tuple[str, ...] = ()


def try_out(record: Record, files: Files, project: str) -> Outcome:
    """Start one container as a replica is started, and run its page once.

    With a read-only root as on Fargate; where only that keeps it from starting, without. Raises
    ParityError with its last log lines when it ends, does not get healthy, or cannot run its page.
    """
    again = f"parity adopt {record.source}"
    try:
        return _try(record, files, project)
    except ParityError as error:
        if not record.read_only or READ_ONLY not in error.detail:
            error.hint = error.hint or f"correct the app, then: {again}"
            raise
    changed = replace(record, read_only=False)
    outcome = _try(changed, files, project)
    note = (
        "its root file system is not read-only, as it writes there: what it writes is lost with"
        f" its replica, and not shared; {VOLUME} is kept and shared"
    )
    return Outcome(read_only=False, notes=(note, *outcome.notes))


def start_command(record: Record, files: Files, name: str) -> list[str]:
    """Return the argv that starts the container, with a replica's limits but for the processor."""
    mounts = [
        f"--mount=type=bind,source={files.secret(each)},target=/srv/app/{each},readonly"
        for each in record.secrets
    ]
    known = AWS | record.environment
    environment = [f"--env={key}={value}" for key, value in known.items()]
    return [
        *("docker", "run", "--detach", f"--name={name}", "--network=none", "--memory=512m"),
        *("--init", "--cap-drop=ALL", "--security-opt=no-new-privileges:true"),
        *(["--read-only"] if record.read_only else []),
        *("--tmpfs=/tmp:mode=1777", f"--tmpfs={VOLUME}:mode=1777"),
        *mounts,
        *environment,
        record.image,
    ]


def verdict(record: Record, exceptions: list[list[str]]) -> tuple[str, ...]:
    """Return what to tell of the exceptions that the page showed.

    Raises ParityError for one that no user can get past.
    """
    if not exceptions:
        return ()
    kind, message = exceptions[0]
    if kind in SURE:
        missing = "ModuleNotFoundError" in kind
        hint = f"name its package in {record.context}/requirements.txt, then: " if missing else ""
        raise ParityError(
            f"the page of '{record.name}' cannot run: {kind}: {message}",
            hint=f"{hint}parity adopt {record.source}",
        )
    return (f"run once without a browser, network or model, its page shows {kind}: {message}",)


def _try(record: Record, files: Files, project: str) -> Outcome:
    name = f"{project}-trial"
    succeeds(["docker", "rm", "--force", name])
    run(start_command(record, files, name), hint="parity doctor")
    try:
        _wait_healthy(record, name)
        return Outcome(record.read_only, verdict(record, _exceptions(record, name)))
    finally:
        succeeds(["docker", "rm", "--force", "--volumes", name])


def _wait_healthy(record: Record, name: str) -> None:
    probe = PROBE.format(port=record.port, path=record.health_path)
    ask = ["docker", "exec", name, "python3", "-ISEc", probe]
    deadline = time.monotonic() + HEALTHY_SECONDS
    while not succeeds(ask):
        state = json.loads(run(["docker", "inspect", "--format={{json .State}}", name]))
        if not state["Running"]:
            raise ParityError(
                f"'{record.name}' ended at its start, with exit code {state['ExitCode']}",
                detail=_log(name),
            )
        if time.monotonic() > deadline:
            raise ParityError(
                f"'{record.name}' does not answer {record.health_path} on port {record.port}"
                f" after {HEALTHY_SECONDS} s",
                hint=f"parity adopt {record.source} --port N --health-path PATH",
                detail=_log(name),
            )
        time.sleep(POLL_SECONDS)


def _exceptions(record: Record, name: str) -> list[list[str]]:
    """Return type and message of each exception that the page shows; none where nobody can tell."""
    if not record.entry:
        return []
    argv = ["docker", "exec", name, "python3", "-c", RUN_SCRIPT, record.entry]
    try:
        printed = run(argv, timeout=SCRIPT_SECONDS)
        found: list[list[str]] = json.loads(printed.splitlines()[-1])
    except (ParityError, ValueError, IndexError):
        return []
    return found


def _log(name: str) -> str:
    """Return the last lines that the container wrote, to whichever stream."""
    said = run(["sh", "-c", f'docker logs --tail {LOG_LINES} "$0" 2>&1', name])
    return said.rstrip() or "(no log)"
