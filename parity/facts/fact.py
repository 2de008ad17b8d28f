"""A row of the facts table: what must agree, how each side is read, how the two compare."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, Literal, TypeVar

from parity.facts.node import NOWHERE
from parity.facts.units import shown

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from parity.facts.cloud import Cloud
    from parity.facts.local import Local
    from parity.facts.node import Gap, Where, Written

Side = TypeVar("Side")
Verdict = Literal["same", "meant", "different", "follows", "unseen"]


@dataclass(frozen=True)
class Seen:
    """What a side says. value: comparable; where: it stands there.

    written: how it is written, where it could be edited. unseen: why nothing can be said, such as
    that no container was asked; '' otherwise. text: shown in place of the value.
    """

    value: object = None
    where: Where = NOWHERE
    written: Written | Gap | None = None
    unseen: str = ""
    text: str = ""


@dataclass(frozen=True)
class Reader(Generic[Side]):
    """How a side is read. text: the same in words."""

    text: str
    read: Callable[[Side], Seen]


@dataclass(frozen=True)
class Agreement:
    """When two values agree. text: in words; holds: given the local and the cloud's value.

    words: what differs, in words, where the two values alone do not say it well.
    """

    text: str
    holds: Callable[[object, object], bool]
    words: Callable[[object, object], str] | None = None


@dataclass(frozen=True)
class Meant:
    """A difference that is meant, so exactly that no other one hides behind it.

    why: the reason. local, cloud: the two values.
    """

    why: str
    local: object
    cloud: object

    def reason(self, local: object, cloud: object) -> str:
        """Return why these two differ; '' where that is not meant."""
        return self.why if (local, cloud) == (self.local, self.cloud) else ""


@dataclass(frozen=True)
class MeantItems:
    """Items of two sets that only one side is meant to have, each with its reason."""

    local: Mapping[str, str] = field(default_factory=dict)
    cloud: Mapping[str, str] = field(default_factory=dict)

    def reason(self, local: object, cloud: object) -> str:
        """Return why these two sets differ; '' where one item is not meant to."""
        if not isinstance(local, frozenset) or not isinstance(cloud, frozenset):
            return ""
        here, there = local - cloud, cloud - local
        if here - set(self.local) or there - set(self.cloud):
            return ""
        reasons: dict[str, list[str]] = {}
        for name, why in [
            *((n, self.local[n]) for n in sorted(here)),
            *((n, self.cloud[n]) for n in sorted(there)),
        ]:
            reasons.setdefault(why, []).append(name)
        return "; ".join(f"{', '.join(names)}: {why}" for why, names in reasons.items())


@dataclass(frozen=True)
class Fact:
    """One row. why: what goes wrong where the two sides differ, for a newcomer.

    rests_on: facts that say already what this one would say again; while one of them differs, this
    one follows from it. write: how the local file spells a value of the cloud, for `--fix`.
    """

    name: str
    why: str
    local: Reader[Local]
    cloud: Reader[Cloud]
    agree: Agreement
    unit: str = ""
    meant: Meant | MeantItems | None = None
    rests_on: tuple[str, ...] = ()
    write: Callable[[object], str] | None = None


@dataclass(frozen=True)
class Group:
    """Facts of one kind, under a heading."""

    title: str
    facts: tuple[Fact, ...]


@dataclass(frozen=True)
class Result:
    """What became of a fact. reason: why it differs, or why nothing can be said."""

    fact: Fact
    group: str
    local: Seen
    cloud: Seen
    verdict: Verdict
    reason: str = ""

    @property
    def local_text(self) -> str:
        """The local value as a table shows it."""
        return self.local.text or shown(self.local.value, self.fact.unit)

    @property
    def cloud_text(self) -> str:
        """The cloud's value as a table shows it."""
        return self.cloud.text or shown(self.cloud.value, self.fact.unit)


EQUAL = Agreement("equal", lambda local, cloud: local == cloud)
SAME_SET = Agreement("the same set", lambda local, cloud: local == cloud)
AT_MOST = Agreement(
    "the local value is at most the cloud's",
    lambda local, cloud: isinstance(local, float) and isinstance(cloud, float) and local <= cloud,
)
LESS = Agreement(
    "the local value is less than the cloud's",
    lambda local, cloud: isinstance(local, float) and isinstance(cloud, float) and local < cloud,
)
WITHIN = Agreement(
    "the local value is within the cloud's two",
    lambda local, cloud: isinstance(cloud, tuple) and cloud[0] <= local <= cloud[1],
)


def mapped(pairs: Mapping[str, str]) -> Agreement:
    """Return the agreement of what stands in for something else: local value to the cloud's."""
    text = ", ".join(f"{local} stands for {cloud}" for local, cloud in pairs.items())
    return Agreement(text, lambda local, cloud: pairs.get(str(local)) == cloud)
