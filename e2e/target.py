"""Where the suite runs: one test, three kinds of target, chosen here and nowhere else.

The local stack that the environment names (COMPOSE_PROJECT_NAME, PORT ...) by default; with
`--target aws` a deployed stack; with `--base-url` any address at all, as a black box. What a
target cannot give, it says why, and the test is skipped.
"""

from __future__ import annotations

import time
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, Protocol

import pytest

from e2e.volume import Volume
from parity.cluster.compose import Compose
from parity.cluster.ecs import Ecs
from parity.cluster.service import DEFAULT_STACK
from parity.project import read_settings

if TYPE_CHECKING:
    from parity.cluster.protocol import Cluster


class Target(Protocol):
    """What a test may ask for; whatever is not there skips it, saying why."""

    @property
    def url(self) -> str:
        """Where a browser finds the chat."""

    @property
    def sticky(self) -> bool | None:
        """Whether the load balancer keeps a browser on one replica; None where nobody can tell."""

    @property
    def cluster(self) -> Cluster:
        """The replicas, to be broken."""

    @property
    def volume(self) -> Volume:
        """The shared volume, to be looked into."""

    @property
    def bedrock(self) -> str:
        """The address of the Bedrock stand-in's admin routes."""

    def settle(self) -> None:
        """Wait until nothing of what a test broke and mended can disturb the next."""


class Local:
    """The stack on this machine."""

    def __init__(self) -> None:
        self._settings = read_settings()
        self.url = self._settings.url
        self.sticky = self._settings.sticky
        self.volume = Volume(self._settings.data)
        self.bedrock = f"http://127.0.0.1:{self._settings.bedrock_port}"

    @cached_property
    def cluster(self) -> Cluster:
        """The containers of the Compose project."""
        return Compose(self._settings)

    def settle(self) -> None:
        """Wait until no interface of this machine is still getting its addresses.

        Each container that starts brings one, and each change makes Chromium drop what it loads.
        """
        tentative = 0x40  # IFA_F_TENTATIVE of linux/if_addr.h: duplicate address detection runs
        table = Path("/proc/net/if_inet6")
        deadline = time.monotonic() + 10
        while table.exists() and time.monotonic() < deadline:
            lines = table.read_text().splitlines()
            if not any(int(line.split()[4], 16) & tentative for line in lines):
                break
            time.sleep(0.1)


class Aws:
    """A stack that `parity deploy` made."""

    def __init__(self, stack: str) -> None:
        self._ecs = Ecs.of_stack(stack)
        self.url = self._ecs.url()
        self.cluster: Cluster = self._ecs

    @cached_property
    def sticky(self) -> bool:
        """As the target group has it."""
        return self._ecs.is_sticky()

    @property
    def volume(self) -> NoReturn:
        """Skip: the file system can be mounted in its VPC only."""
        pytest.skip("looks into the volume, and EFS cannot be mounted from here")

    @property
    def bedrock(self) -> NoReturn:
        """Skip: the models are real."""
        pytest.skip("asks the Bedrock stand-in, and in AWS it is the real Bedrock that answers")

    def settle(self) -> None:
        """Do nothing: no interface of this machine comes or goes."""


class BlackBox:
    """An address of which nothing else is known."""

    sticky = None

    def __init__(self, url: str) -> None:
        self.url = url

    @property
    def cluster(self) -> NoReturn:
        """Skip: nobody said whose replicas they are."""
        pytest.skip("breaks replicas, and with --base-url nobody knows where they run")

    @property
    def volume(self) -> NoReturn:
        """Skip, as cluster does."""
        pytest.skip("looks into the volume, and with --base-url nobody knows where it is")

    @property
    def bedrock(self) -> NoReturn:
        """Skip, as cluster does."""
        pytest.skip("asks the Bedrock stand-in, and with --base-url nobody knows whether it is one")

    def settle(self) -> None:
        """Do nothing: nothing was broken."""


def add_options(parser: pytest.Parser) -> None:
    """Add the options that choose the target; --base-url is pytest-playwright's."""
    group = parser.getgroup("parity")
    group.addoption(
        "--target", choices=("local", "aws"), default="local", help="where the stack runs"
    )
    group.addoption(
        "--stack", metavar="NAME", default=DEFAULT_STACK, help="the stack of --target aws"
    )


CHOSEN = pytest.StashKey[Target]()


def chosen(config: pytest.Config) -> Target:
    """Return the target that the options name, the same each time."""
    if CHOSEN not in config.stash:
        config.stash[CHOSEN] = _choose(config)
    return config.stash[CHOSEN]


def _choose(config: pytest.Config) -> Target:
    url = config.getoption("--base-url", default=None)
    in_aws = config.getoption("--target") == "aws"
    if url and in_aws:
        raise pytest.UsageError("--target aws takes its URL from the stack: leave out --base-url")
    if in_aws:
        return Aws(config.getoption("--stack"))
    return BlackBox(url) if url else Local()
