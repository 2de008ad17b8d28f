"""Commands that break a replica: which one, and how many."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.parity.cli.calling import run
from tests.parity.verbs.test_targets import FAILING

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


def test_targets_are_a_table_and_json(cluster: MagicMock) -> None:
    """What the load balancer says of each replica."""
    cluster.targets.return_value = [FAILING]
    code, output = run("targets")
    assert code == 0
    assert "Target.ResponseCodeMismatch" in output
    code, output = run("targets", "--json")
    assert json.loads(output)[0]["description"] == FAILING.description


def test_drain_names_the_replica_and_waits(cluster: MagicMock) -> None:
    """It ends once the load balancer says that nothing drains."""
    cluster.targets.return_value = []
    code, output = run("drain", "2")
    assert code == 0
    assert "Drain replica 2" in output
    cluster.deregister.assert_called_once_with(2)
