"""Install packages from the distribution's archive, on Debian 12 some from Debian 13."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from parity.errors import ParityError
from parity.host.command import run
from parity.host.distribution import Distribution, find_archive, read_distribution
from parity.project import STATE

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

NEWER_SUITE = "trixie"
PIN = f"""\
Package: *
Pin: release n={NEWER_SUITE}
Pin-Priority: 100
"""


def can_install() -> bool:
    """Tell whether the kit may install packages here: Debian or Ubuntu, as root."""
    return read_distribution().has_packages and os.geteuid() == 0


def install(packages: Sequence[str], *, hint: str = "") -> None:
    """Install packages of the distribution. Raises ParityError where that is not possible."""
    _require_apt(packages, hint)
    _apt_get([], "update")
    _apt_get([], "install", *packages)


def install_newer(packages: Sequence[str], *, hint: str = "") -> None:
    """Install packages of Debian 13 on Debian 12, and nothing else of it.

    apt is given a configuration of the kit's own, so the machine's sources stay as they were.
    Debian 12's own Docker (20.10, without Compose v2) is too old; Debian 13's needs only
    libc 2.34 and runs beside Debian 12's containerd and runc.
    """
    _require_apt(packages, hint)
    options = _own_configuration(read_distribution(), STATE / "apt")
    _apt_get(options, "update")
    _apt_get(options, "install", *(f"{package}/{NEWER_SUITE}" for package in packages))


def _require_apt(packages: Sequence[str], hint: str) -> None:
    if not can_install():
        raise ParityError(f"not installed: {', '.join(packages)}", hint=hint)


def _own_configuration(distribution: Distribution, folder: Path) -> list[str]:
    archive = find_archive(distribution)
    if archive is None:
        raise ParityError(
            f"no apt source of this machine serves '{distribution.codename}'",
            hint="add Debian's own source to /etc/apt/sources.list.d",
        )
    parts, lists, preferences = folder / "sources", folder / "lists", folder / "preferences"
    for made in (parts, lists / "partial", preferences):
        made.mkdir(parents=True, exist_ok=True)
    for suite in (distribution.codename, NEWER_SUITE):
        (parts / f"{suite}.sources").write_text(archive.source(suite))
    (preferences / "newer").write_text(PIN)
    return [
        *("-o", "Dir::Etc::SourceList=/dev/null"),
        *("-o", f"Dir::Etc::SourceParts={parts}"),
        *("-o", f"Dir::Etc::PreferencesParts={preferences}"),
        *("-o", f"Dir::State::Lists={lists}"),
    ]


def _apt_get(options: Sequence[str], action: str, *packages: str) -> None:
    quiet = ["-q", "-y", "--no-install-recommends"] if packages else ["-q"]
    run(
        ["apt-get", *options, action, *quiet, *packages],
        env={"DEBIAN_FRONTEND": "noninteractive"},
        timeout=600,
        hint="look at the output above; is the package archive within reach?",
    )
