"""The ECS agent is asked to spare a task exactly while it writes an answer."""

from __future__ import annotations

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest

from app import scale_in_protection

if TYPE_CHECKING:
    from collections.abc import Iterator

SOON = 10.0


class Agent(ThreadingHTTPServer):
    """The one route of ECS's agent that is used, and what it was asked."""

    refuses = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Route)
        self.asked: list[tuple[str, dict[str, object]]] = []

    def wait_for(self, count: int) -> list[tuple[str, dict[str, object]]]:
        """Return what it was asked, once that is so many times."""
        deadline = time.monotonic() + SOON
        while len(self.asked) < count:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        return self.asked


class Route(BaseHTTPRequestHandler):
    """PUT, and nothing else."""

    server: Agent

    def do_PUT(self) -> None:
        """Note what is asked."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.asked.append((self.path, json.loads(body)))
        self.send_response(400 if self.server.refuses else 200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def agent(monkeypatch: pytest.MonkeyPatch) -> Iterator[Agent]:
    """Give an agent, which is asked as soon as there is reason to."""
    monkeypatch.setattr(scale_in_protection, "POLL_SECONDS", 0.01)
    with Agent() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def test_protection_lasts_as_long_as_an_answer(agent: Agent) -> None:
    """And is never asked for where nothing is answered."""
    answers: dict[str, object] = {}
    scale_in_protection.start(f"http://127.0.0.1:{agent.server_port}", answers)
    time.sleep(0.2)
    assert agent.asked == []
    answers["one"] = 1
    assert agent.wait_for(1) == [
        ("/task-protection/v1/state", {"ProtectionEnabled": True, "ExpiresInMinutes": 5})
    ]
    time.sleep(0.2)
    assert len(agent.asked) == 1, "once is enough for three minutes"
    answers.clear()
    assert agent.wait_for(2)[1] == ("/task-protection/v1/state", {"ProtectionEnabled": False})


def test_agent_that_refuses_is_asked_again(agent: Agent) -> None:
    """Answers do not depend on it."""
    agent.refuses = True
    answers = {"one": 1}
    scale_in_protection.start(f"http://127.0.0.1:{agent.server_port}", answers)
    agent.wait_for(2)
    agent.refuses = False
    agent.wait_for(3)
    answers.clear()
    agent.wait_for(4)  # and never again: the thread outlives the test
