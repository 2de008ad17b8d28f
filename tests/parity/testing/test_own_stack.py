"""The suite's stack is its own."""

from __future__ import annotations

from parity.project import STATE, read_settings
from parity.testing.own_stack import of_its_own


def test_stack_of_its_own_shares_nothing_with_the_users() -> None:
    """Name, ports and data folder; twice in a row, twice another one."""
    users = read_settings()
    first, second = of_its_own(users), of_its_own(users)
    assert len({users.project, first.project, second.project}) == 3
    assert first.project.startswith("parity-test-")
    ports = {(each.port, each.https_port, each.bedrock_port) for each in (users, first)}
    assert len({port for three in ports for port in three}) == 6
    assert first.data.parent == STATE
    assert first.replicas == users.replicas
