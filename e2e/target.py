"""Where the suite runs: one test, three kinds of target, chosen here and nowhere else.

The local stack that the environment names (COMPOSE_PROJECT_NAME, PORT ...) by default; with
`--target aws` a deployed stack; with `--base-url` any address at all, as a black box. What a
target cannot give, it says why, and the test is skipped: see e2e/skips.py.
"""

from __future__ import annotations

import time
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, Protocol
from urllib.parse import urlsplit

import pytest

from e2e.https import Https
from e2e.model import AnyModel, StandIn
from e2e.replica import Replica
from e2e.volume import Volume
from parity.cluster.compose import Compose, abilities_of
from parity.cluster.ecs import Ecs
from parity.host.command import run
from parity.https import trust
from parity.project import DEFAULT_STACK, read_settings
from parity.stack import as_running
from parity.volume.efs import Efs
from parity.volume.folder import Folder

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from e2e.model import Model
    from parity.cluster.protocol import Ability, Cluster


# A load balancer of AWS lets nobody put targets that misbehave on order behind it.
NO_FLEET = (
    "needs targets that misbehave on order, and elsewhere the chatbot's replicas are the targets"
)
NO_OWN_STACK = "brings up a stack of its own, beside the one on this machine"
NO_HTTPS = "looks at HTTPS, and this is http: parity up --https"


class Target(Protocol):
    """What a test may ask for.

    lacks: which of the fixtures `cluster`, `volume`, `bedrock`, `https`, `refused_claim`, `fleet`,
    `page_of_files`, `own_stack` cannot be had, and why; to ask for one all the same is an error.
    abilities: what can be done to a replica here.
    """

    @property
    def lacks(self) -> Mapping[str, str]:
        """Why not, by the fixture's name."""

    @property
    def abilities(self) -> frozenset[Ability]:
        """What can be done here of that which cannot be done everywhere."""

    @property
    def url(self) -> str:
        """Where a browser finds the chat."""

    @property
    def https(self) -> Https:
        """How the load balancer speaks HTTPS."""

    @property
    def browser_arguments(self) -> Sequence[str]:
        """What Chromium is started with, so as to trust the chat's certificate."""

    @property
    def environment(self) -> Mapping[str, str]:
        """In which all other clients of the suite trust it, too."""

    @property
    def sticky(self) -> bool | None:
        """Whether the load balancer keeps a browser on one replica; None where nobody can tell."""

    @property
    def model(self) -> Model:
        """What is known of the answers."""

    @property
    def cluster(self) -> Cluster:
        """The replicas, to be broken."""

    @property
    def volume(self) -> Volume:
        """The shared volume, to be looked into."""

    @property
    def volume_from_inside(self) -> Volume:
        """The same, looked into from within the app's image, as in AWS it has to be."""

    @property
    def bedrock(self) -> str:
        """The address of the Bedrock stand-in's admin routes."""

    def files_beside_volume(self) -> str | None:
        """List what the replicas wrote elsewhere than to the volume; None where nobody can look."""

    def settle(self) -> None:
        """Wait until nothing of what a test broke and mended can disturb the next."""


class Local:
    """The stack on this machine."""

    model: Model = StandIn()

    def __init__(self) -> None:
        self._settings = as_running(read_settings())
        self.url = self._settings.url
        self.tls = trust.context(self._settings)
        self.browser_arguments = trust.chromium_arguments(self._settings)
        self.environment = trust.environment(self._settings)
        self.volume = Volume(Folder(self._settings.data))
        self.bedrock = f"http://127.0.0.1:{self._settings.bedrock_port}"

    @property
    def lacks(self) -> Mapping[str, str]:
        """HTTPS, where it was started without."""
        return {} if self._settings.https else {"https": NO_HTTPS}

    @cached_property
    def sticky(self) -> bool:
        """As nginx has it now, whatever the settings are."""
        return self.cluster.is_sticky()

    @property
    def https(self) -> Https:
        """With a header that tells browsers to forget it: see nginx/README.md."""
        return Https(
            port=self._settings.https_port,
            http_port=self._settings.port,
            transport_security="max-age=0",
        )

    @property
    def abilities(self) -> frozenset[Ability]:
        """Nothing but the settings is asked."""
        return abilities_of(self._settings)

    @cached_property
    def cluster(self) -> Compose:
        """The containers of the Compose project."""
        return Compose(self._settings)

    @property
    def volume_from_inside(self) -> Volume:
        """Through a replica."""
        return Volume(Efs(Replica(self.cluster.replicas()[0].name)))

    def files_beside_volume(self) -> str:
        """List what lies in the replicas' tmpfs: the one other place not read-only to them."""
        names = [replica.name for replica in self.cluster.replicas()]
        find = ["find", "/tmp", "/dev/shm", "-type", "f"]  # noqa: S108 - only read
        return "".join(run(["docker", "exec", name, *find]) for name in names)

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
    """A stack that `parity deploy` made; AWS is asked when the first property is."""

    lacks: Mapping[str, str] = {
        "bedrock": "rests on the stand-in's words, limits or faults, and here the real Bedrock"
        " answers",
        "fleet": NO_FLEET,
        "https": "looks at HTTPS, which a stack may have or not: --base-url with its https address",
        "page_of_files": "serves a page of its own beside the local stack",
        "own_stack": NO_OWN_STACK,
    }
    abilities = Ecs.abilities
    browser_arguments = ()
    environment: Mapping[str, str] = {}
    model: Model = AnyModel()

    def __init__(self, stack: str) -> None:
        self._stack = stack

    @cached_property
    def url(self) -> str:
        """As the stack's output has it."""
        return self.cluster.url()

    @cached_property
    def sticky(self) -> bool:
        """As the target group has it."""
        return self.cluster.is_sticky()

    @cached_property
    def cluster(self) -> Ecs:
        """The tasks of the stack's service."""
        return Ecs.of_stack(self._stack)

    @cached_property
    def volume(self) -> Volume:
        """The stack's EFS, looked into by tasks in its VPC."""
        return Volume(Efs(self.cluster.one_off_tasks()))

    @property
    def volume_from_inside(self) -> Volume:
        """There is no other way."""
        return self.volume

    @property
    def bedrock(self) -> NoReturn:
        """Raise: see lacks."""
        raise AssertionError(self.lacks["bedrock"])

    @property
    def https(self) -> NoReturn:
        """Raise: see lacks."""
        raise AssertionError(self.lacks["https"])

    def files_beside_volume(self) -> None:
        """Tell nothing: a running task lets nobody in."""

    def settle(self) -> None:
        """Do nothing: no interface of this machine comes or goes."""


class BlackBox:
    """An address of which nothing else is known."""

    _unknown: dict[str, str] = {  # noqa: RUF012
        "cluster": "breaks replicas, and with --base-url nobody knows where they run",
        "volume": "looks into the volume, and with --base-url nobody knows where it is",
        "bedrock": "rests on the stand-in's words, limits or faults, and with --base-url nobody"
        " knows what answers",
        "refused_claim": "reads the replicas' logs, and with --base-url nobody knows where they"
        " are",
        "fleet": NO_FLEET,
        "page_of_files": "serves a page of its own beside the local stack",
        "own_stack": NO_OWN_STACK,
    }
    abilities: frozenset[Ability] = frozenset()
    model: Model = AnyModel()
    sticky = None
    browser_arguments = ()
    environment: Mapping[str, str] = {}

    def __init__(self, url: str) -> None:
        self.url = url

    @property
    def lacks(self) -> Mapping[str, str]:
        """Everything but the address, and what that says of itself."""
        return (
            self._unknown if self.url.startswith("https:") else self._unknown | {"https": NO_HTTPS}
        )

    @property
    def https(self) -> Https:
        """As infra/template.yml has it, by CloudFront or by a listener."""
        address = urlsplit(self.url)
        return Https(
            host=str(address.hostname),
            port=address.port or 443,
            http_port=80,
            transport_security="max-age=31536000",
        )

    @property
    def cluster(self) -> NoReturn:
        """Raise: see lacks."""
        raise AssertionError(self.lacks["cluster"])

    @property
    def volume(self) -> NoReturn:
        """Raise: see lacks."""
        raise AssertionError(self.lacks["volume"])

    volume_from_inside = volume

    @property
    def bedrock(self) -> NoReturn:
        """Raise: see lacks."""
        raise AssertionError(self.lacks["bedrock"])

    def files_beside_volume(self) -> None:
        """Tell nothing, as nobody knows where the replicas run."""

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
