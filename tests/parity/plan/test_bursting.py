"""Whether bursting throughput is enough, reckoned by hand."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from parity.plan import volume
from parity.plan.bursting import Bursting, bursting
from parity.plan.choices import Choices, ThroughputMode
from parity.plan.ends import ends, first
from parity.plan.estimate import estimate
from parity.plan.load import day

if TYPE_CHECKING:
    from parity.plan.figures import Figures

USERS = 1000


def found(figures: Figures, users: int = USERS) -> Bursting:
    """Return what so many users ask of the file system, and what it gives."""
    return bursting(users, day(users, figures.profile), figures)


def test_data_read_is_metered_at_a_third_and_metadata_in_full(figures: Figures) -> None:
    """The rest is as elastic throughput meters it."""
    second = volume.per_second(day(USERS, figures.profile).peak, figures)
    kib = second.metadata_reads * 4 + second.data_read_kib / 3 + second.written_kib
    assert second.read_kib == pytest.approx(second.metadata_reads * 4 + second.data_read_kib)
    assert found(figures).needed == pytest.approx(kib / 1024)


def test_storage_earns_and_the_floor_is_one_mebibyte(figures: Figures) -> None:
    """50 KiB/s a GiB in Standard; little is stored, so the floor is more."""
    stored = volume.storage(USERS, day(USERS, figures.profile), figures).standard
    assert found(figures).earned == pytest.approx(stored * 50 / 1024)
    assert (found(figures).floor, found(figures).burst) == (1, 100)


def test_first_credits_last_as_long_as_more_is_used_than_earned(figures: Figures) -> None:
    """2.1 TiB of them."""
    given = found(figures)
    assert given.months is not None
    used = (given.mean - given.earned) * 730 * 3600 * given.months
    assert used == pytest.approx(2.1 * 1024**2)
    month = volume.month(day(USERS, figures.profile), figures)
    kib = month.read_kib + month.written_kib - month.data_read_kib * 2 / 3
    assert given.mean == pytest.approx(kib / 1024 / (730 * 3600))


@pytest.mark.parametrize(
    ("needed", "months", "permitted", "lasts"),
    [
        (1, 2.0, 1, float("inf")),
        (1.01, 2.0, 1, 2),
        (100.1, 2.0, 1, 0),
        (100, None, 100, float("inf")),
        (100.1, None, 100, 0),
    ],
)
def test_it_suffices_until_needed_is_more_than_permitted(
    needed: float, months: float | None, permitted: float, lasts: float
) -> None:
    """Without credits the floor counts; with credits for ever, the burst."""
    given = Bursting(needed, mean=0.1, earned=0.2, floor=1, burst=100, months=months)
    assert (given.permitted, given.lasts) == (permitted, lasts)
    assert given.suffices == (lasts == float("inf"))


def test_users_who_store_much_and_look_seldom_earn_their_throughput(figures: Figures) -> None:
    """Nothing is then spent of the first credits."""
    rare = figures.measured.with_values({"tick_seconds": 10**6, "token_bytes": 10**6}, "test")
    given = found(replace(figures, measured=rare).assuming({"turns_per_session": 400}))
    assert given.earned > given.mean
    assert given.months is None


def test_cheaper_mode_is_bursting_until_it_falls_short(figures: Figures) -> None:
    """And elastic from there on, which the limits say, too."""
    (users,) = [end.users for end in ends(figures) if end.what.startswith("bursting throughput")]
    assert users
    for number, mode in ((users - 1, ThroughputMode.BURSTING), (users, ThroughputMode.ELASTIC)):
        plan = estimate(number, figures, Choices(throughput=ThroughputMode.BURSTING))
        assert plan.efs_mode is mode
        short = "EFS throughput" in [each.name for each in plan.passed]
        assert short == (mode is ThroughputMode.ELASTIC)
        assert plan.stores["bursting"] < plan.stores["elastic"]


def test_elastic_ends_where_its_operations_do(figures: Figures) -> None:
    """The first number of users of which reads or writes a second are too many."""
    (users,) = [end.users for end in ends(figures) if end.what.startswith("elastic ends")]
    assert users
    shares = [volume.per_second(day(n, figures.profile).peak, figures) for n in (users - 1, users)]
    before, after = (max(each.reads / 250_000, each.writes / 50_000) for each in shares)
    assert before <= 1 < after


def test_another_store_is_worth_what_the_figure_says(figures: Figures) -> None:
    """Elastic throughput against DynamoDB; twice the worth is twice the users, near enough."""

    def users(worth: float) -> int:
        found = ends(figures.assuming({"worth_usd": worth}))
        (end,) = [each for each in found if each.what.startswith("elastic costs")]
        assert end.users
        return end.users

    for smaller, larger in pairwise((users(100), users(200), users(400))):
        assert larger == pytest.approx(2 * smaller, rel=0.01)
    stores = estimate(users(100), figures).stores
    assert stores["elastic"] - stores["dynamodb"] == pytest.approx(100, abs=0.1)


@pytest.mark.parametrize("threshold", [1, 2, 17, 999, 1000])
def test_first_is_the_least_of_which_it_is_so(threshold: int) -> None:
    """None when it is so of none."""
    assert first(lambda users: users >= threshold, 1000) == threshold
    assert first(lambda users: users > 1000, 1000) is None
