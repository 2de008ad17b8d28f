"""What the load balancer costs a request: the kit's nginx, and proxy_pass alone to its targets.

A client within their network asks one request after another, on a connection that is kept and on
new ones; the contestants take turns. The targets are as light as can be, nginx's `return 200`, so
that nothing is hidden; and once what the chatbot's server is made of, uvicorn, which also echoes
what a websocket sends. `logged` is proxy_pass alone with nginx's own access log, `direct` a target
without any balancer.
"""

from __future__ import annotations

import json as json_format
import secrets
from contextlib import contextmanager
from statistics import median, quantiles
from typing import TYPE_CHECKING

from bench.report import Report, Row, Target, run_as_program, show
from bench.stack import images_in_use
from parity import console
from parity.host.command import run
from parity.project import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

FOLDER = ROOT / "bench" / "balancing"
ROUNDS = 100
REQUESTS = 40  # a round
KIT, BARE, LOGGED, DIRECT = "kit", "bare", "logged", "direct"
LIGHT = (f"{KIT}=kit:8080", f"{BARE}=bare:8080", f"{LOGGED}=bare:8081", f"{DIRECT}=light:8501")
UVICORN = (f"{KIT}=kit-uvicorn:8080", f"{BARE}=bare:8082", f"{DIRECT}=uvicorn:8501")
WAYS = {
    "request on a kept connection": ("kept", LIGHT),
    "request on a new connection": ("new", LIGHT),
    "request to uvicorn": ("kept", UVICORN),
    "round trip of a websocket": ("echo", UVICORN),
}
REACH = 1.10

Samples = dict[str, list[float]]


def measure(rounds: int = ROUNDS) -> dict[str, Samples]:
    """Return by what was done and by contestant the microseconds of each answer."""
    found: dict[str, Samples] = {}
    with running_balancers() as ask:
        for what, (way, contestants) in WAYS.items():
            with console.step(f"{what}, {rounds * REQUESTS} times each"):
                output = ask([way, str(rounds), str(REQUESTS), *contestants])
                found[what] = json_format.loads(output)
    return found


@contextmanager
def running_balancers() -> Iterator[Callable[[Sequence[str]], str]]:
    """Give what runs asking.py beside all balancers and targets, which are gone afterwards."""
    environment = {
        "COMPOSE_PROJECT_NAME": f"parity-bench-{secrets.token_hex(3)}",
        "BENCH_FOLDER": str(FOLDER),
        **images_in_use(),
    }
    compose = ["docker", "compose", f"--file={FOLDER / 'compose.yaml'}"]

    def ask(arguments: Sequence[str]) -> str:
        client = ["--progress=quiet", "run", "--rm", "--no-deps", "-T", "client"]
        return run([*compose, *client, *arguments], env=environment, timeout=600)

    try:
        run([*compose, "up", "--detach", "--no-build"], env=environment, timeout=120)
        yield ask
    finally:
        down = [*compose, "--profile=asking", "down", "--remove-orphans", "--timeout=1"]
        run(down, env=environment, timeout=120, shielded=True)


def report(measured: dict[str, Samples]) -> Report:
    """Sum up: medians, the slowest of a hundred, and each against proxy_pass alone."""
    rows, targets = [], []
    for what, samples in measured.items():
        found = {name: median(values) for name, values in samples.items()}
        ratios = {name: value / found[BARE] for name, value in found.items()}
        slowest = {name: quantiles(values, n=100)[-1] for name, values in samples.items()}
        rows += [
            Row(what, "us", _rounded(found, 1)),
            Row("  against proxy_pass alone", "x", _rounded(ratios, 3)),
            Row("  the slowest of a hundred", "us", _rounded(slowest, 1)),
        ]
        targets.append(Target(f"{what}, against proxy_pass alone", REACH, ratios[KIT], "x"))
    return Report(rows, targets)


def _rounded(values: dict[str, float], digits: int) -> dict[str, float | None]:
    return {name: round(value, digits) for name, value in values.items()}


def main(*, json: bool = False) -> int:
    """Measure, print and return the exit code: 1 if a target is missed."""
    return show(report(measure()), json=json)


if __name__ == "__main__":
    run_as_program(main)
