"""The driver finds the replica that is meant, mends what was broken, and says what it saw last."""

from __future__ import annotations

import ssl
from dataclasses import replace
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING, Any
from unittest.mock import MagicMock

import pytest
from docker.errors import APIError, NotFound

from parity import stack
from parity.cluster import compose, next_image
from parity.cluster.compose import Compose
from parity.cluster.protocol import Ability
from parity.errors import ParityError, UsageError
from parity.https import files
from parity.https import service as https
from parity.project import read_settings

if TYPE_CHECKING:
    from pathlib import Path

    from parity.cluster.protocol import Cluster
    from parity.project import Settings


def replica(number: int, **state: object) -> MagicMock:
    """Return a container of the app as the SDK gives it."""
    container = MagicMock()
    container.id = container.name = f"p-app-{number}"
    container.status = state.get("Status", "running")
    container.stats.return_value = {"memory_stats": {"usage": 10}}
    container.logs.return_value = b'{"event": "session_opened", "session": "a"}\n'
    container.attrs = {
        "Name": f"/p-app-{number}",
        "Config": {
            "Hostname": f"{number:012x}",
            "Labels": {
                "com.docker.compose.project": "p",
                "com.docker.compose.service": "app",
                "com.docker.compose.container-number": str(number),
            },
        },
        "State": {
            "Status": "running",
            "Running": True,
            "Paused": False,
            "ExitCode": 0,
            "StartedAt": "2026-11-23T17:19:43.255399103Z",
            "Health": {"Status": "healthy"},
        }
        | state,
        "NetworkSettings": {"Networks": {"p_default": {"IPAddress": f"10.0.0.{number}"}}},
    }
    return container


class Balancer:
    """A stand-in for nginx's container, whose `control` notes what it is asked."""

    def __init__(self, answer: str = "[]", code: int = 0) -> None:
        self.answer = (code, answer.encode())
        self.asked: list[list[str]] = []
        self.attrs = replica(1).attrs
        self.ports = {"8080/tcp": [{"HostIp": "127.0.0.1", "HostPort": "8123"}]}

    def exec_run(self, argv: list[str]) -> tuple[int, bytes]:
        """Return exit code and output, as the SDK does."""
        self.asked.append(argv)
        return self.answer


TARGETS = """[
    {"Id": "10.0.0.1", "Port": 8501, "State": "healthy", "Reason": "", "Description": "",
     "Outstanding": 2},
    {"Id": "10.0.0.9", "Port": 8501, "State": "draining",
     "Reason": "Target.DeregistrationInProgress",
     "Description": "Target deregistration is in progress", "Outstanding": 0}
]"""


class Engine:
    """A stand-in for the SDK's client, with containers to be put in."""

    def __init__(self) -> None:
        self.present: list[MagicMock] = []
        self.balancers: list[Balancer] = []
        self.networks = MagicMock()
        self.images = MagicMock()
        self.containers = self

    def list(self, *, filters: dict[str, list[str]], **_: Any) -> list[Any]:  # noqa: ANN401 - as the SDK has it
        """Return the containers of a service."""
        is_balancer = "com.docker.compose.service=nginx" in filters["label"]
        return [*self.balancers] if is_balancer else [*self.present]


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Engine:
    """Give an engine that the driver will connect to."""
    engine = Engine()
    monkeypatch.setattr(compose, "connect", lambda: engine)
    return engine


@pytest.fixture
def cluster(engine: Engine) -> Cluster:
    """Give the driver, with nothing running yet."""
    assert engine.present == []
    return Compose(read_settings({"COMPOSE_PROJECT_NAME": "p"}))


def test_replicas_come_by_number(cluster: Cluster, engine: Engine) -> None:
    """Ten after nine, not after one."""
    engine.present = [replica(10), replica(2), replica(1)]
    assert [each.number for each in cluster.replicas()] == [1, 2, 10]
    assert cluster.replicas()[0].sessions == 1
    assert cluster.replicas()[0].memory == 10


def test_replica_is_found_by_number_and_by_host_name(cluster: Cluster, engine: Engine) -> None:
    """A page shows the host name, a table both."""
    engine.present = [replica(1), replica(2)]
    assert cluster.serving(2) == cluster.serving("000000000002")


@pytest.mark.parametrize("which", [3, "3", "ffffffffffff", ""])
def test_unknown_replica_is_quoted_beside_those_there_are(
    cluster: Cluster, engine: Engine, which: int | str
) -> None:
    """Nothing is done to any other."""
    engine.present = [replica(1), replica(2)]
    with pytest.raises(UsageError) as caught:
        cluster.kill(which)
    assert f"'{which}'" in caught.value.what
    assert "1 (000000000001), 2 (000000000002)" in caught.value.what


def test_stack_that_is_not_up_is_told_from_a_wrong_number(cluster: Cluster) -> None:
    """The next step differs."""
    with pytest.raises(ParityError, match="is not up") as caught:
        cluster.kill(1)
    assert caught.value.hint == "scripts/up"
    assert cluster.replicas() == []


def test_start_mends_a_cut_and_paused_replica(cluster: Cluster, engine: Engine) -> None:
    """Unpaused, reconnected under its old names, and started."""
    broken = replica(2, Status="paused", Paused=True)
    broken.attrs["NetworkSettings"]["Networks"] = {}
    engine.present = [replica(1), broken]
    cluster.start(2)
    broken.unpause.assert_called_once_with()
    engine.networks.get.assert_called_once_with("p_default")
    engine.networks.get().connect.assert_called_once_with(broken, aliases=["p-app-2", "app"])
    broken.start.assert_called_once_with()
    engine.present[0].start.assert_not_called()


def test_start_leaves_a_healthy_replica_as_it_is(cluster: Cluster, engine: Engine) -> None:
    """Starting what runs is no act in Docker."""
    engine.present = [replica(1)]
    cluster.start(1)
    engine.present[0].unpause.assert_not_called()
    engine.networks.get.assert_not_called()


def test_refusal_of_the_engine_says_what_state_the_replica_is_in(
    cluster: Cluster, engine: Engine
) -> None:
    """And how to bring it back."""
    dead = replica(1, Status="exited", Running=False)
    dead.pause.side_effect = APIError("409", explanation="container is not running")
    engine.present = [dead]
    with pytest.raises(ParityError) as caught:
        cluster.pause(1)
    assert "which is exited: container is not running" in caught.value.what
    assert caught.value.hint == "parity start 1"


def test_wait_healthy_reports_the_last_state_seen(cluster: Cluster, engine: Engine) -> None:
    """A time-out that only says "time-out" helps nobody."""
    engine.present = [replica(1), replica(2, Status="exited", Running=False)]
    with pytest.raises(ParityError, match="p-app-2: exited"):
        cluster.wait_healthy(timeout=0)
    cluster.wait_healthy(timeout=0, only=1)


def test_replica_that_ends_while_it_is_looked_at_is_still_listed(
    cluster: Cluster, engine: Engine
) -> None:
    """A killed replica is just what one wants to see."""
    vanishing = replica(1)
    vanishing.stats.side_effect = NotFound("gone")
    engine.present = [vanishing]
    assert cluster.replicas()[0].memory is None


def test_url_is_the_port_that_nginx_is_really_published_at(
    cluster: Cluster, engine: Engine
) -> None:
    """Which need not be the one in this shell's environment."""
    with pytest.raises(ParityError, match="is not up"):
        cluster.url()
    engine.balancers = [Balancer()]
    assert cluster.url() == "http://localhost:8123"
    engine.balancers[0].ports |= {"8443/tcp": [{"HostIp": "127.0.0.1", "HostPort": "8124"}]}
    assert cluster.url() == "https://localhost:8124"


class Answering(BaseHTTPRequestHandler):
    """Answers every health check as a replica does."""

    def do_GET(self) -> None:
        """Say which replica it is."""
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'{"status": "ok", "replica": "b"}')

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def test_balancer_is_asked_over_https_and_only_believed_with_its_own_certificate(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A server with any other certificate is as good as none."""
    monkeypatch.setattr(files, "FOLDER", tmp_path)
    settings = https.wanted(read_settings({"COMPOSE_PROJECT_NAME": "p"}))
    https.ensure_certificate(settings)
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(files.of("p").certificate, files.of("p").key)
    with ThreadingHTTPServer(("localhost", 0), Answering) as server:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
        thread = Thread(target=server.serve_forever)
        thread.start()
        engine.balancers = [Balancer()]
        engine.balancers[0].ports = {"8443/tcp": [{"HostPort": str(server.server_address[1])}]}
        assert Compose(settings)._answering(Compose(settings).url()) == "b"
        https.note_off(settings)
        assert not Compose(replace(settings, overrides=()))._answering(Compose(settings).url())
        server.shutdown()
        thread.join()


def test_rotation_is_left_only_after_a_row_of_answers_by_others(
    cluster: Cluster, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One lucky answer proves nothing, and a hanging request is a request sent to it."""
    answers = iter(["b", "", *"bbbbb", "000000000001", *"bbbbbb"])
    engine.balancers = [Balancer()]
    engine.present = [replica(1), replica(2)]
    monkeypatch.setattr(compose, "_replica_answering", lambda _: next(answers))
    monkeypatch.setattr(compose, "POLL_SECONDS", 0)
    cluster.wait_out_of_rotation(1, timeout=5)
    assert list(answers) == []


@pytest.mark.parametrize("number", [0, -1, 51])
def test_scale_refuses_what_up_refuses(cluster: Cluster, number: int) -> None:
    """The same bounds everywhere."""
    with pytest.raises(UsageError, match=f"'{number}'"):
        cluster.scale(number)


def test_redeploy_adds_a_healthy_replica_before_it_removes_an_old_one(
    cluster: Cluster, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One after another, in good order, and never fewer than before."""
    steps: list[str] = []

    def scale(settings: Settings, service: str) -> None:
        steps.append(f"{service}={settings.replicas}")
        engine.present.append(replica(number := 10 + len(steps)))
        expect_removal(engine.present[-1], number)

    def expect_removal(container: MagicMock, number: int) -> None:
        def remove() -> None:
            steps.append(f"remove {number}")
            engine.present.remove(container)

        container.stop.side_effect = lambda: steps.append(f"stop {number}")
        container.remove.side_effect = remove

    built: list[list[str]] = []
    monkeypatch.setattr(next_image, "run", lambda argv, **_: built.append(argv))
    monkeypatch.setattr(stack, "scale", scale)
    engine.present = [replica(1), replica(2)]
    for number, container in enumerate(list(engine.present), start=1):
        expect_removal(container, number)
    engine.balancers = [nginx := Balancer()]
    cluster.redeploy()
    one, two = (each.attrs["NetworkSettings"]["Networks"] for each in engine.present)
    assert [argv[2] for argv in nginx.asked if argv[1] == "POST"] == [
        f"/targets/{one['p_default']['IPAddress']}/register",
        "/targets/10.0.0.1/deregister",
        f"/targets/{two['p_default']['IPAddress']}/register",
        "/targets/10.0.0.2/deregister",
    ]
    assert steps == ["app=3", "stop 1", "remove 1", "app=3", "stop 2", "remove 2"]
    assert [argv[:4] for argv in built] == [["docker", "build", "--tag", "p-app"]]
    engine.images.get("p-app").tag.assert_called_once_with("p-app")
    assert len(cluster.replicas()) == 2
    assert not {1, 2} & {each.number for each in cluster.replicas()}


def test_mend_starts_what_was_broken_and_brings_back_the_number(
    cluster: Cluster, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the settings have it, whatever a test has scaled to."""
    asked: list[int] = []

    def scale(settings: Settings, service: str) -> None:
        assert service == "app"
        asked.append(settings.replicas)

    monkeypatch.setattr(stack, "scale", scale)
    paused = replica(1, Status="paused", Paused=True)
    paused.unpause.side_effect = lambda: paused.attrs["State"].update(
        Status="running", Paused=False
    )
    engine.present = [paused, replica(2)]
    cluster.mend()
    paused.unpause.assert_called_once_with()
    assert asked == [read_settings().replicas]


def test_docker_can_do_all_there_is(cluster: Cluster) -> None:
    """Only to break the volume takes EFS semantics."""
    assert cluster.abilities == frozenset(Ability) - {Ability.VOLUME}


def test_targets_are_those_of_the_balancer_with_the_replicas_that_they_are(
    cluster: Cluster, engine: Engine
) -> None:
    """One whose replica is gone is still told of while it drains."""
    engine.present = [replica(1), replica(2)]
    engine.balancers = [nginx := Balancer(TARGETS)]
    first, gone = cluster.targets()
    assert nginx.asked == [["control", "GET", "/targets"]]
    assert (first.address, first.replica, first.hostname) == ("10.0.0.1", 1, "000000000001")
    assert (first.state, first.outstanding) == ("healthy", 2)
    assert (gone.replica, gone.state, gone.zone) == (None, "draining", "")
    assert gone.reason == "Target.DeregistrationInProgress"


def test_replica_is_deregistered_and_registered_by_its_address(
    cluster: Cluster, engine: Engine
) -> None:
    """Which is all that a load balancer knows of it."""
    engine.present = [replica(1), replica(2)]
    engine.balancers = [nginx := Balancer()]
    cluster.deregister(2)
    cluster.register("000000000002")
    cluster.modify_target_group({"stickiness.enabled": False})
    assert nginx.asked == [
        ["control", "POST", "/targets/10.0.0.2/deregister"],
        ["control", "POST", "/targets/10.0.0.2/register"],
        ["control", "PATCH", "/attributes", '{"stickiness.enabled": false}'],
    ]


def test_replica_leaves_the_balancer_before_it_is_told_to_end(
    cluster: Cluster, engine: Engine
) -> None:
    """As ECS does it; nothing new may reach one that is about to go."""
    engine.present = [replica(1), replica(2)]
    engine.balancers = [nginx := Balancer()]
    engine.present[1].stop.side_effect = lambda: nginx.asked.append(["stopped"])
    cluster.stop(2)
    assert nginx.asked == [
        ["control", "POST", "/targets/10.0.0.2/deregister"],
        ["control", "GET", "/targets"],
        ["stopped"],
    ]
    nginx.asked.clear()
    cluster.start(2)
    assert nginx.asked == [["control", "POST", "/targets/10.0.0.2/register"]]


def test_open_websocket_does_not_keep_a_replica_from_its_end(
    cluster: Cluster, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is short has come to its end by then."""
    monkeypatch.setattr(compose, "ON_ITS_WAY_SECONDS", 0.05)
    monkeypatch.setattr(compose, "POLL_SECONDS", 0.01)
    engine.present = [replica(1)]
    engine.balancers = [nginx := Balancer(TARGETS)]
    cluster.stop(1)
    engine.present[0].stop.assert_called_once_with()
    assert nginx.asked.count(["control", "GET", "/targets"]) > 1


def test_replica_ends_in_good_order_without_a_balancer_too(
    cluster: Cluster, engine: Engine
) -> None:
    """Such as while that is restarted."""
    engine.present = [replica(1)]
    cluster.stop(1)
    engine.present[0].stop.assert_called_once_with()


def test_scale_in_removes_the_highest_numbers_in_good_order(
    cluster: Cluster, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All leave the load balancer before the first of them ends."""
    monkeypatch.setattr(stack, "scale", lambda *_: None)
    engine.present = [replica(number) for number in (1, 2, 3)]
    engine.balancers = [nginx := Balancer()]
    one, *others = engine.present
    for container in others:
        container.remove.side_effect = partial(engine.present.remove, container)
    cluster.scale(1)
    assert engine.present == [one]
    assert {argv[2] for argv in nginx.asked[:2]} == {
        "/targets/10.0.0.2/deregister",
        "/targets/10.0.0.3/deregister",
    }
    for container in others:
        container.stop.assert_called_once_with()
    one.stop.assert_not_called()


@pytest.mark.parametrize(
    ("answer", "said"),
    [('{"Message": "no target"}', "no target"), ("<html>", "did not answer")],
)
def test_refusal_of_the_balancer_is_told(
    cluster: Cluster, engine: Engine, answer: str, said: str
) -> None:
    """In its own words, if it has any."""
    engine.present = [replica(1)]
    engine.balancers = [Balancer(answer, code=1)]
    with pytest.raises(ParityError, match=said):
        cluster.deregister(1)


def test_replica_without_a_network_is_no_target(cluster: Cluster, engine: Engine) -> None:
    """And the hint brings it back."""
    cut = replica(1)
    cut.attrs["NetworkSettings"]["Networks"] = {}
    engine.present = [cut]
    engine.balancers = [nginx := Balancer()]
    with pytest.raises(ParityError, match="has no network") as caught:
        cluster.deregister(1)
    assert caught.value.hint == "parity start 1"
    assert nginx.asked == []
