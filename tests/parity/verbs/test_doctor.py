"""The doctor tells what is missing from what is merely unneeded, and how to mend it."""

from __future__ import annotations

import pytest

from parity.errors import ParityError
from parity.host import preflight
from parity.host.base_images import python_base
from parity.project import read_settings
from parity.verbs import doctor
from parity.verbs.doctor import Check

BASE = python_base("python:3.13")


def test_state_is_one_word() -> None:
    """What only the browser suite needs is optional."""
    assert Check("a", ok=True, found="").state == "ok"
    assert Check("a", ok=False, found="").state == "missing"
    assert Check("a", ok=False, found="", needed=False).state == "optional"


def test_row_shows_a_remedy_only_where_one_is_needed() -> None:
    """And takes nothing that was found for markup."""
    good, bad = doctor.rows(
        [Check("a", ok=True, found="[x]", mend="do"), Check("b", ok=False, found="", mend="do")]
    )
    assert good == ["a", "[green]ok[/]", r"\[x]", ""]
    assert bad == ["b", "[red]missing[/]", "", "do"]


def test_missing_docker_is_mended_by_up_where_up_can(monkeypatch: pytest.MonkeyPatch) -> None:
    """On Debian as root; elsewhere it is named."""
    monkeypatch.setattr(doctor, "engine_problem", lambda: "'docker' is not installed")
    monkeypatch.setattr(doctor, "can_install", lambda: True)
    check = doctor._engine()
    assert (check.ok, check.mend) == (False, "scripts/up installs and starts it")
    monkeypatch.setattr(doctor, "can_install", lambda: False)
    assert "install Docker Engine" in doctor._engine().mend


def test_taken_port_shows_the_next_command(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same words as `up` would use."""

    def taken(_: object) -> None:
        raise ParityError("port already in use: 8080", hint="PORT=8081 scripts/up")

    monkeypatch.setattr(preflight, "check_ports", taken)
    check = doctor._ports(read_settings())
    assert (check.ok, check.mend) == (False, "PORT=8081 scripts/up")


@pytest.mark.parametrize(
    ("held", "problem", "debian", "ok", "found"),
    [
        (BASE.public, None, False, True, "python:3.13"),
        (BASE.stand_in, None, False, True, "stand-in"),
        (None, None, False, True, "can be pulled"),
        (None, "no route", True, True, "to be built"),
        (None, "no route", False, False, "no route"),
    ],
)
def test_base_image_is_there_or_can_be_had(  # noqa: PLR0913 - one row of the table
    monkeypatch: pytest.MonkeyPatch,
    *,
    held: str | None,
    problem: str | None,
    debian: bool,
    ok: bool,
    found: str,
) -> None:
    """Held, pulled or built: any will do."""
    monkeypatch.setattr(doctor, "present", lambda _: held)
    monkeypatch.setattr(doctor, "complaint", lambda *_, **__: problem)
    monkeypatch.setattr(doctor, "can_build_stand_ins", lambda _: debian)
    check = doctor._image("Python base image", BASE)
    assert check.ok is ok
    assert found in check.found
