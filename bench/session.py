"""What an open chat costs a replica: CPU, memory and bytes of one server process on this machine.

No browser and no container: websocket clients do what a page does, each with a conversation of its
own. CPU is the server process's, user and system together, so what else runs here matters little.
"""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
import time
import urllib.request
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.error import URLError

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets import Subprotocol
from websockets.sync.client import connect

from app.browser.names import SESSION_COOKIE
from app.conversation import Turn, answer_record, prompt_record
from app.sessions import SessionStore, mint
from bench.report import Report, Row, Target, run_as_program, show
from parity import console
from parity.errors import ParityError
from parity.host.preflight import any_free_port
from parity.host.python_environment import tool
from parity.project import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from websockets.sync.client import ClientConnection

KIT = "kit"
CLIENTS = 40
TURNS = 10
PROMPT, ANSWER = "word " * 50, "word " * 250
RUNS, LOOKS = 5, 20
IDLE_SECONDS = 10
START_SECONDS = 60
MIB_IN_KIB = 1024


@dataclass
class Client:
    """What one browser's page is to the server; counts the bytes of its websocket."""

    socket: ClientConnection
    fragment: str = ""
    moved: int = 0

    def run(self, fragment: str = "") -> None:
        """Have the script run, or one fragment of it, and take in all that it sends."""
        wish = BackMsg()
        wish.rerun_script.query_string = ""
        wish.rerun_script.fragment_id = fragment
        request = wish.SerializeToString()
        self.socket.send(request)
        self.moved += len(request)
        while True:
            data = self.socket.recv(timeout=START_SECONDS)
            if isinstance(data, str):
                raise ParityError(f"the server sent text: {data[:80]!r}")
            self.moved += len(data)
            message = ForwardMsg()
            message.ParseFromString(data)
            kind = message.WhichOneof("type")
            if kind == "auto_rerun":
                self.fragment = message.auto_rerun.fragment_id
            elif kind == "script_finished":
                return


@dataclass(frozen=True)
class Server:
    """A server under way, and the volume that it serves."""

    pid: int
    port: int
    volume: Path

    def cpu_ms(self) -> float:
        """Return the CPU time used so far."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) * 1000 / os.sysconf("SC_CLK_TCK")

    def resident_mib(self) -> float:
        """Return the memory that is resident now."""
        found = re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{self.pid}/status").read_text())
        return int(found[1]) / MIB_IN_KIB if found else 0

    def get(self, path: str) -> bytes:
        """Return the body of an answer, compressed as a browser would get it."""
        url = f"http://localhost:{self.port}/{path}"
        request = urllib.request.Request(url, headers={"Accept-Encoding": "gzip"})
        with urllib.request.urlopen(request, timeout=5) as answer:  # noqa: S310 - our own server
            body: bytes = answer.read()
        return body

    def client(self, stack: ExitStack) -> Client:
        """Return a page that is connected and has a conversation, but has not run yet."""
        key = mint()
        session = SessionStore(self.volume).open(key)
        for number in range(TURNS):
            turn = Turn(str(number), PROMPT, 0)
            session.messages.append(prompt_record(turn.id, turn.prompt))
            session.messages.append(answer_record(turn, ANSWER, "model", None))
        origin = f"http://localhost:{self.port}"
        headers = {"Cookie": f"{SESSION_COOKIE}={key}", "Origin": origin}
        url = f"ws://localhost:{self.port}/_stcore/stream"
        connection = connect(
            url,
            subprotocols=[Subprotocol("streamlit")],
            additional_headers=headers,
            max_size=None,
            compression=None,
        )
        return Client(stack.enter_context(connection))


@contextmanager
def running_server() -> Iterator[Server]:
    """Run the app's server on a free port and an empty volume."""
    with ExitStack() as stack:
        volume = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        port = any_free_port()
        settings = {
            "SESSION_ROOT": str(volume),
            "PYTHONPATH": str(ROOT),
            "STREAMLIT_SERVER_PORT": str(port),
            "STREAMLIT_SERVER_ADDRESS": "localhost",
            "AWS_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": "local",
            "AWS_SECRET_ACCESS_KEY": "local",
            "MALLOC_ARENA_MAX": "2",
        }
        process = stack.enter_context(
            subprocess.Popen(
                [tool("streamlit"), "run", "server.py"],
                cwd=ROOT / "app",
                env=os.environ | settings,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        )
        stack.callback(process.terminate)
        server = Server(process.pid, port, volume)
        _wait_healthy(server)
        yield server


def _wait_healthy(server: Server) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            server.get("healthz")
        except (URLError, OSError) as error:
            if time.monotonic() > deadline:
                raise ParityError(f"the server did not start: {error}") from error
            time.sleep(0.2)
        else:
            return


def measure() -> dict[tuple[str, str], float]:
    """Return each figure by what it is and its unit."""
    with running_server() as server, ExitStack() as stack:
        server.client(stack).run()  # what a server does once only
        clients = [server.client(stack) for _ in range(CLIENTS)]
        before = server.resident_mib()
        found = {("page load: CPU", "ms"): _cpu(server, clients, 1, Client.run)}
        found["connected session: memory", "MiB"] = (server.resident_mib() - before) / CLIENTS
        found["script run: bytes of websocket", ""] = _moved(clients, Client.run)
        found["script run: CPU", "ms"] = _cpu(server, clients, RUNS, Client.run)
        _cpu(server, clients, 1, _look)  # the first look of a page does nothing
        found["look for news: CPU", "ms"] = _cpu(server, clients, LOOKS, _look)
        found["look for news: bytes of websocket", ""] = _moved(clients, _look)
        idle = server.cpu_ms()
        time.sleep(IDLE_SECONDS)
        idle = (server.cpu_ms() - idle) / IDLE_SECONDS / CLIENTS
        found["connected session: CPU a second", "ms"] = idle
        files = _front_end(server)
        found["front end: bytes", ""] = sum(files)
        found["front end: requests", ""] = len(files)
    return found


def _look(client: Client) -> None:
    client.run(client.fragment)


def _cpu(server: Server, clients: list[Client], times: int, act: Callable[[Client], None]) -> float:
    """Return the milliseconds of CPU that one act of one client costs."""
    before = server.cpu_ms()
    for _ in range(times):
        for each in clients:
            act(each)
    return (server.cpu_ms() - before) / times / len(clients)


def _moved(clients: list[Client], act: Callable[[Client], None]) -> float:
    before = sum(each.moved for each in clients)
    for each in clients:
        act(each)
    return (sum(each.moved for each in clients) - before) / len(clients)


def _front_end(server: Server) -> list[int]:
    """Return the sizes of index.html and of what it names; the page fetches more as it needs it."""
    index = server.get("")
    named = set(re.findall(r'(?:src|href)="\./?([^"]+)"', index.decode()))
    return [len(index), *(len(server.get(path)) for path in sorted(named))]


def report(found: dict[tuple[str, str], float]) -> Report:
    """Sum up: a look for news must be far cheaper than a run, and a session small."""
    rows = [Row(what, unit, {KIT: round(value, 3)}) for (what, unit), value in found.items()]
    look, run = found["look for news: CPU", "ms"], found["script run: CPU", "ms"]
    memory = found["connected session: memory", "MiB"]
    return Report(
        rows,
        [
            Target("look for news, against a script run", 0.5, look / run, "x"),
            Target("memory of a connected session", 0.5, memory, "MiB"),
        ],
    )


def main(*, json: bool = False) -> int:
    """Measure, print and return the exit code: 1 if a target is missed."""
    with console.step(f"{CLIENTS} open chats of {2 * TURNS} messages each"):
        found = measure()
    return show(report(found), json=json)


if __name__ == "__main__":
    run_as_program(main)
