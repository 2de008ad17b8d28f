"""Tests here have a deployed stack in moto's AWS."""

from tests.parity.cluster.ecs_fixtures import account, service  # noqa: F401 - fixtures
