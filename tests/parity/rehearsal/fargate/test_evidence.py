"""What a volume says of the tasks that wrote on it."""

from __future__ import annotations

from app.cookie_secret import NAME
from parity.rehearsal.fargate.evidence import OWN_SECRET, wrong_on_volume

GOOD = ["10001:10001 sessions", "10001:10001 5f1d.log"]


def test_files_of_the_access_points_user_are_well() -> None:
    """Whatever they are called."""
    assert wrong_on_volume(GOOD, "10001:10001") == []


def test_an_empty_volume_means_that_sessions_are_kept_elsewhere() -> None:
    """Somebody has chatted, and nothing of it is where it outlives a task."""
    assert "elsewhere" in wrong_on_volume([], "10001:10001")[0]


def test_files_of_somebody_else_are_told_with_their_owner() -> None:
    """On EFS the access point decides; here the task's user has to be the same."""
    assert "belong to 0:0" in wrong_on_volume([*GOOD, "0:0 x"], "10001:10001")[0]


def test_a_secret_of_the_apps_own_shows_that_the_given_one_is_not_used() -> None:
    """The name that the app gives its file is the one that is looked for."""
    assert OWN_SECRET == NAME
    assert "by the name" in wrong_on_volume([*GOOD, f"10001:10001 {NAME}"], "10001:10001")[0]
