"""CI runs the commands that a newcomer runs, and what one job hands on another one takes."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from parity import cli
from parity.deploy.image import KEPT
from parity.template.load import load

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / ".github" / "workflows"
WORKFLOWS = sorted(FOLDER.glob("*.yml"))
IMAGE = bytes(range(256)) * 64
DOCKER = """\
#!/bin/sh
case $1 in
save) echo "$2" > saved; cat engine ;;
load) gzip -dc "$3" > engine ;;
*) exit 64 ;;
esac
"""


def read(name: str) -> dict[str, Any]:
    """Return one workflow's document."""
    document: dict[str, Any] = yaml.safe_load((FOLDER / name).read_text())
    return document


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.stem)
def test_every_script_that_a_workflow_runs_exists(file: Path) -> None:
    """A workflow calls scripts/NAME and has no logic of its own in their place."""
    scripts = re.findall(r"\bscripts/\w+", file.read_text())
    assert scripts
    assert [script for script in scripts if not (ROOT / script).exists()] == []


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.stem)
def test_every_action_is_pinned_by_its_commit(file: Path) -> None:
    """A tag can be moved to other code; the version stands beside the commit, for people."""
    used = re.findall(r"uses: (\S+)(.*)", file.read_text())
    assert used
    for name, comment in used:
        if not name.startswith("./"):
            assert re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", name), name
            assert re.fullmatch(r" # v\d+\.\d+\.\d+", comment), name


def test_action_is_pinned_alike_everywhere() -> None:
    """One version of each, in all files."""
    texts = "\n".join(file.read_text() for file in WORKFLOWS)
    pins = set(re.findall(r"uses: ([\w-]+/[\w-]+)@(\S+ # \S+)", texts))
    assert len(pins) == len({name for name, _ in pins})


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.stem)
def test_permissions_are_the_least(file: Path) -> None:
    """Reading the repository; a token for AWS only where a job deploys."""
    document = read(file.name)
    assert document["permissions"] in ({}, {"contents": "read"})
    for name, job in document["jobs"].items():
        given = job.get("permissions", document["permissions"])
        deploys = name in ("staging", "production", "promote")
        token = {"id-token": "write"} if deploys else {}
        assert given == {"contents": "read"} | token, name


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.stem)
def test_checkout_leaves_no_credentials(file: Path) -> None:
    """What runs afterwards has no use for the repository's token."""
    steps = [step for job in read(file.name)["jobs"].values() for step in job.get("steps", [])]
    for step in steps:
        if step.get("uses", "").startswith("actions/checkout@"):
            assert step["with"] == {"persist-credentials": False}


def test_one_environment_is_deployed_to_by_one_job_at_a_time() -> None:
    """The next waits; none is cut off in the middle of a change."""
    (job,) = read("promote.yml")["jobs"].values()
    assert job["environment"] == "${{ inputs.environment }}"
    assert "${{ inputs.environment }}" in job["concurrency"]["group"]
    assert job["concurrency"]["cancel-in-progress"] is False
    assert read("deploy.yml")["concurrency"]["cancel-in-progress"] is False


def test_credentials_last_as_long_as_the_job_and_no_longer_than_the_role_gives() -> None:
    """A deploy is not cut off because they have run out."""
    (job,) = read("promote.yml")["jobs"].values()
    (step,) = (step for step in job["steps"] if "configure-aws" in step.get("uses", ""))
    seconds = step["with"]["role-duration-seconds"]
    role: Any = load(ROOT / "infra" / "github-role.yml").section("Resources")["DeployRole"]
    assert job["timeout-minutes"] * 60 == seconds
    assert seconds <= role["Properties"]["MaxSessionDuration"]


def test_environment_variables_are_outputs_of_the_role_template() -> None:
    """Each ARN that the environment must name is what the template's output says."""
    outputs: Any = load(ROOT / "infra" / "github-role.yml").section("Outputs")
    text = (FOLDER / "promote.yml").read_text()
    told = " ".join(body["Description"] for body in outputs.values())
    named = re.findall(r"vars\.(\w+_ARN)", text)
    assert sorted(named) == ["AWS_BOUNDARY_ARN", "AWS_ROLE_ARN", "AWS_STACK_ROLE_ARN"]
    assert [name for name in named if name not in told] == []


@pytest.mark.parametrize(
    ("file", "script"),
    [
        pytest.param(file.stem, step["run"], id=f"{file.stem}: {step['run'].split()[0]} {number}")
        for file in WORKFLOWS
        for job in read(file.name)["jobs"].values()
        for number, step in enumerate(job.get("steps", []))
        if "run" in step
    ],
)
def test_shell_step_is_sound(file: str, script: str) -> None:
    """As GitHub runs it, `bash -e`; and no expression is pasted into it, which could carry code."""
    assert "${{" not in script, file
    shellcheck = str(Path(sys.executable).with_name("shellcheck"))
    # SC2012: the names that `ls` sorts by time are the kit's own.
    argv = [shellcheck, "--shell=bash", "--exclude=SC2012", "-"]
    done = subprocess.run(argv, input=script, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.parametrize("name", ["deploy.yml", "promote.yml"])
def test_failure_within_a_pipe_fails_the_step(name: str) -> None:
    """GitHub's default shell has no pipefail, the one named bash has it."""
    assert read(name)["defaults"] == {"run": {"shell": "bash"}}


def test_options_that_a_workflow_gives_are_the_commands_own() -> None:
    """`parity deploy` takes each of them."""
    known = CliRunner().invoke(cli.app, ["deploy", "--help"], env={"COLUMNS": "200"}).stdout
    (job,) = read("promote.yml")["jobs"].values()
    (line,) = (each["run"] for each in job["steps"] if "scripts/deploy" in each.get("run", ""))
    options = re.findall(r"--[a-z-]+", line)
    assert {"--stack-role", "--receipt", "--yes", "--parameter"} <= set(options)
    assert [option for option in options if option not in known] == []
    declared = load(ROOT / "infra" / "template.yml").section("Parameters")
    assert [name for name in re.findall(r'"(\w+)=', line) if name not in declared] == []


def test_promotion_takes_the_very_image_and_receipt_that_the_test_job_kept(tmp_path: Path) -> None:
    """The steps themselves, one after the other; Docker's part is a file that holds the image."""
    (tmp_path / "bin").mkdir()
    docker = tmp_path / "bin" / "docker"
    docker.write_text(DOCKER)
    docker.chmod(0o755)
    tested, promoting = tmp_path / "tested", tmp_path / "promoting"
    receipts = tested / ".parity" / "receipts"
    receipts.mkdir(parents=True)
    for age, name in ((60, "20261122-120000-older"), (0, "20261123-120000-newer")):
        (receipts / f"{name}.json").write_text(name)
        stamp = time.time() - age
        os.utime(receipts / f"{name}.json", (stamp, stamp))
    (tested / "engine").write_bytes(IMAGE)
    output = tmp_path / "output"
    execute(step("deploy.yml", "test", "Keep"), tested, GITHUB_OUTPUT=str(output))
    name, _, receipt = output.read_text().strip().partition("=")
    assert (name, receipt) == ("receipt", "20261123-120000-newer")
    promoting.mkdir()
    shutil.copytree(tested / "promotion", promoting / "promotion")
    execute(step("promote.yml", "promote", "Take"), promoting, RECEIPT=receipt)
    assert [file.name for file in (promoting / ".parity" / "receipts").iterdir()] == [
        f"{receipt}.json"
    ]
    assert (promoting / "engine").read_bytes() == IMAGE
    assert (tested / "saved").read_text().strip() == f"{KEPT}:{receipt}"


def step(file: str, job: str, name: str) -> str:
    """Return the script of the step whose name starts so."""
    steps = read(file)["jobs"][job]["steps"]
    (found,) = (each["run"] for each in steps if each.get("name", "").startswith(name))
    return str(found)


def execute(script: str, folder: Path, **variables: str) -> None:
    """Run a step's script as GitHub does for `shell: bash`, with a docker that is `DOCKER`."""
    path = f"{folder.parent / 'bin'}{os.pathsep}{os.environ['PATH']}"
    argv = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script]
    subprocess.run(argv, cwd=folder, env={"PATH": path, **variables}, check=True)


def test_production_promotes_the_receipt_that_staging_ran() -> None:
    """Both get the test job's receipt; production waits for staging."""
    jobs = read("deploy.yml")["jobs"]
    assert jobs["staging"]["with"]["receipt"] == jobs["production"]["with"]["receipt"]
    assert "staging" in jobs["production"]["needs"]
    assert (jobs["staging"]["with"]["environment"], jobs["production"]["with"]["environment"]) == (
        "staging",
        "production",
    )


def test_promotion_builds_nothing_and_stores_no_key() -> None:
    """It loads the tested image, and is let in by OIDC."""
    text = (FOLDER / "promote.yml").read_text()
    assert "docker load" in text
    assert "role-to-assume" in text
    assert not re.search(r"docker (compose )?build|scripts/(up|test)|secrets\.", text)
    jobs = read("deploy.yml")["jobs"]
    assert jobs["production"]["permissions"]["id-token"] == "write"
