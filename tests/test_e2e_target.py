"""One browser test, several targets: the options choose, and what is not there is skipped.

The fixtures are the suite's own, in a pytest of their own; only the browser is left out.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING

import pytest
from moto.moto_api import state_manager
from moto.server import ThreadedMotoServer

from parity.aws.account import connect
from parity.https import files
from parity.https import service as https
from parity.project import read_settings
from tests.parity.cluster.ecs_world import REGION, STACK, URL, Scheduler

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parent.parent
PROBE = """
import os
import pytest
from parity.cluster.protocol import Ability

def test_url(base_url):
    print("url is", base_url)

def test_stickiness(target):
    print("sticky is", target.sticky)

def test_replicas(cluster):
    print("states are", [(each.state, each.health) for each in cluster.replicas()])

@pytest.fixture
def costly():
    print("something was opened")

@pytest.mark.needs(Ability.PAUSE)
def test_pausing(costly, cluster):
    cluster.pause(1)

def test_volume(costly, volume):
    print("volume is", sorted(map(str, volume.files())))

def test_bedrock(bedrock):
    print("bedrock is", bedrock)

def test_listener(https, browser_type_launch_args):
    print("HTTPS is at", https.host, https.port)
    print("Chromium gets", browser_type_launch_args["args"])
    print("Node trusts", os.environ.get("NODE_EXTRA_CA_CERTS"))
"""


UNDOING = """
import os, signal, time
import pytest

@pytest.fixture
def broken():
    yield
    print("mended")

def test_ended(broken):
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(60)
"""


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Give the environment of a shell in whose account the stack is deployed."""
    state_manager.set_transition("ecs::task", {"progression": "manual", "times": 10**9})
    server = ThreadedMotoServer(port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    environment = {
        "AWS_ENDPOINT_URL": f"http://{host}:{port}",
        "AWS_REGION": REGION,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
    }
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, value)
        scheduler = Scheduler(connect())
    scheduler.volume = tmp_path_factory.mktemp("volume")
    (scheduler.volume / "cookie-secret").touch()
    ended = Event()
    thread = Thread(target=keep_at_work, args=(scheduler, ended))
    thread.start()
    yield environment
    ended.set()
    thread.join()
    server.stop()
    state_manager.unset_transition("ecs::task")


def keep_at_work(scheduler: Scheduler, ended: Event) -> None:
    """Do what ECS and Fargate do, whoever waits for it and wherever."""
    while not ended.wait(0.5):
        scheduler.work()


def probe(
    folder: Path,
    *options: str,
    env: dict[str, str] | None = None,
    only: str = "test",
    body: str = PROBE,
) -> subprocess.CompletedProcess[str]:
    """Run the probes, or another body, with the suite's fixtures; return what pytest said."""
    (folder / "conftest.py").write_text("from e2e.conftest import *\n")
    (folder / "test_probe.py").write_text(body)
    argv = [sys.executable, "-m", "pytest", str(folder), *options, "-k", only, "-rsP", "-s"]
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return subprocess.run(
        argv,
        cwd=ROOT,
        env=inherited | (env or {}),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_deployed_stack_is_a_target(aws: dict[str, str], tmp_path: Path) -> None:
    """URL, stickiness and tasks come from AWS; what cannot be there is skipped, saying why."""
    result = probe(tmp_path, "--target", "aws", "--stack", STACK, env=aws)
    assert "4 passed, 3 skipped" in result.stdout, result.stdout + result.stderr
    assert f"url is {URL}" in result.stdout
    assert "sticky is False" in result.stdout
    assert f"states are {[('running', 'healthy')] * 2}" in result.stdout
    assert "needs to pause a replica, which cannot be done here" in result.stdout
    assert "here the real Bedrock answers" in result.stdout
    assert "volume is ['cookie-secret']" in result.stdout
    assert result.stdout.count("something was opened") == 1, "a test that is skipped opens nothing"


def test_stack_that_is_not_deployed_is_said_once(aws: dict[str, str], tmp_path: Path) -> None:
    """Before any test, with the next thing to do; not once a test with a traceback each."""
    result = probe(tmp_path, "--target", "aws", "--stack", "nowhere", env=aws)
    assert result.returncode == pytest.ExitCode.USAGE_ERROR
    assert "there is no stack 'nowhere'" in result.stderr
    assert "next: parity deploy" in result.stderr
    assert "Traceback" not in result.stderr


def test_local_stack_is_the_default_and_needs_no_aws(tmp_path: Path) -> None:
    """As the settings have it; nothing is asked of Docker before a test wants the replicas."""
    settings = https.as_running(read_settings())
    volume = tmp_path / "volume"
    volume.mkdir()
    (volume / "cookie-secret").touch()
    environment = {"DATA_FOLDER": str(volume)}
    result = probe(tmp_path, env=environment, only="url or volume or bedrock")
    assert "3 passed" in result.stdout, result.stdout + result.stderr
    assert f"url is {settings.url}" in result.stdout
    assert "volume is ['cookie-secret']" in result.stdout


def test_sigterm_ends_the_run_as_ctrl_c_does(tmp_path: Path) -> None:
    """Whoever ends it by a time limit finds nothing broken, and no stack left behind."""
    result = probe(tmp_path, body=UNDOING)
    assert result.returncode == pytest.ExitCode.INTERRUPTED, result.stdout + result.stderr
    assert "mended" in result.stdout


def test_any_other_address_is_a_black_box(tmp_path: Path) -> None:
    """Nothing behind it is looked at, and nothing broken."""
    result = probe(tmp_path, "--base-url", "http://chat.example.com")
    assert "2 passed, 5 skipped" in result.stdout, result.stdout + result.stderr
    assert "url is http://chat.example.com" in result.stdout
    assert "sticky is None" in result.stdout
    assert "with --base-url nobody knows where they run" in result.stdout
    result = probe(tmp_path, "--base-url", "https://chat.example.com", only="listener")
    assert "HTTPS is at chat.example.com 443" in result.stdout, result.stdout + result.stderr
    assert f"Node trusts {os.environ.get('NODE_EXTRA_CA_CERTS')}" in result.stdout


def test_local_stack_with_https_is_trusted_by_whoever_asks(tmp_path: Path) -> None:
    """The address is another one; nobody is told to trust everything."""
    project = f"parity-test-{os.urandom(3).hex()}"
    settings = https.wanted(read_settings({"COMPOSE_PROJECT_NAME": project}))
    try:
        https.ensure_certificate(settings)
        environment = {"COMPOSE_PROJECT_NAME": project}
        result = probe(tmp_path, env=environment, only="listener or test_url")
    finally:
        files.delete(project)
    assert "2 passed" in result.stdout, result.stdout + result.stderr
    assert f"url is {settings.url}" in result.stdout
    assert f"HTTPS is at localhost {settings.https_port}" in result.stdout
    assert "--ignore-certificate-errors-spki-list=" in result.stdout
    assert f"Node trusts {https.authority(settings)}" in result.stdout


def test_two_addresses_at_once_are_refused(tmp_path: Path) -> None:
    """The stack has its own."""
    result = probe(tmp_path, "--target", "aws", "--base-url", "http://chat.example.com")
    assert result.returncode == pytest.ExitCode.USAGE_ERROR
    assert "leave out --base-url" in result.stderr
