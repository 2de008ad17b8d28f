"""Commands that break a replica: which one, and how many."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.parity.cli.calling import run

if TYPE_CHECKING:
    from unittest.mock import MagicMock


@pytest.mark.parametrize("verb", ["kill", "stop", "pause", "cut", "start"])
@pytest.mark.parametrize(
    ("text", "which"),
    [("2", 2), ("0123456789ab", "0123456789ab"), ("012345678901", "012345678901")],
)
def test_replica_is_named_by_number_or_host_name(
    cluster: MagicMock, verb: str, text: str, which: int | str
) -> None:
    """A host name of nothing but digits is still a host name."""
    assert run(verb, text)[0] == 0
    getattr(cluster, verb).assert_called_once_with(which)


@pytest.mark.parametrize("number", ["0", "x", "1.5", "51"])
def test_scale_refuses_a_wrong_number_before_it_does_anything(
    cluster: MagicMock, number: str
) -> None:
    """Quoting it."""
    code, output = run("scale", number)
    assert code == 2
    assert f"'{number}'" in output
    cluster.scale.assert_not_called()
