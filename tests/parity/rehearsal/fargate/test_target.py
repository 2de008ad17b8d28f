"""A target group's check of a real server."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest

from parity.host.preflight import any_free_port
from parity.rehearsal.fargate.target import failed_checks, matches

if TYPE_CHECKING:
    from collections.abc import Iterator


class Handler(BaseHTTPRequestHandler):
    """Is well at one address and nowhere else."""

    def do_GET(self) -> None:
        """Answer 200 or 404."""
        self.send_response(200 if self.path == "/healthz" else 404)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing: tests print enough."""


@pytest.fixture
def port() -> Iterator[int]:
    """Give the port of a server."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


def group(**changes: object) -> dict[str, Any]:
    """Return a target group that gives up at once."""
    said = {
        "HealthCheckPort": "traffic-port",
        "HealthCheckPath": "/healthz",
        "Matcher": {"HttpCode": "200"},
        "HealthCheckIntervalSeconds": 0,
        "HealthCheckTimeoutSeconds": 2,
        "UnhealthyThresholdCount": 2,
    }
    return said | changes


def test_a_target_that_answers_as_wanted_is_healthy(port: int) -> None:
    """At the group's path, with the matcher's status."""
    assert failed_checks(group(), port) == ""


def test_a_wrong_path_is_told_with_what_it_answered(port: int) -> None:
    """The template's path must be one that the app has."""
    found = failed_checks(group(HealthCheckPath="/none"), port)
    assert found == "GET /none came to 404, not 200"


def test_a_port_where_nobody_listens_is_unhealthy() -> None:
    """The template's port must be the one that the app listens on."""
    assert "refused" in failed_checks(group(), any_free_port())


def test_a_check_elsewhere_is_not_passed_over_in_silence(port: int) -> None:
    """What cannot be asked is no success."""
    assert "cannot be rehearsed" in failed_checks(group(HealthCheckPort="80"), port)


@pytest.mark.parametrize(
    ("answer", "codes", "same"),
    [
        ("200", "200", True),
        ("204", "200-299", True),
        ("302", "200,302", True),
        ("404", "200-299,302", False),
        ("'connection refused'", "200", False),
    ],
)
def test_a_matcher_knows_codes_lists_and_ranges(answer: str, codes: str, same: bool) -> None:  # noqa: FBT001
    """As Elastic Load Balancing writes them."""
    assert matches(answer, codes) is same
