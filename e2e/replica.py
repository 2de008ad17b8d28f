"""A replica of the local stack, to run commands in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from parity.host.command import run

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Replica:
    """A running container, which runs a command as a one-off task in AWS would."""

    container: str

    def run(self, command: Sequence[str], parse: Callable[[list[str]], Answer | None]) -> Answer:
        """Run a command and return what `parse` makes of the lines it wrote; see OneOffTasks."""
        answer = parse(run(["docker", "exec", self.container, *command]).splitlines())
        assert answer is not None
        return answer
