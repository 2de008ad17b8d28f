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
APT_FOLDER = STATE / "apt"
APT_SECONDS = 900
# Ask nothing, keep the machine's own configuration files, wait for another apt to finish.
UNATTENDED = (
    *("-o", "DPkg::Lock::Timeout=120"),
    *("-o", "Dpkg::Options::=--force-confdef"),
    *("-o", "Dpkg::Options::=--force-confold"),
)
REACH_HINT = "look at the output above; is the package archive within reach?"


def can_install() -> bool:
    """Tell whether the kit may install packages here: Debian or Ubuntu, as root."""
    return read_distribution().has_packages and os.geteuid() == 0


def is_installed(package: str) -> bool:
    """Tell whether dpkg knows a package as installed."""
    try:
        status = run(["dpkg-query", "--show", "--showformat=${db:Status-Status}", package])
    except ParityError:
        return False
    return status == "installed"


def install(packages: Sequence[str], *, hint: str = "") -> None:
    """Install packages of the distribution. Raises ParityError where that is not possible."""
    _require_apt(packages, hint)
    _update_and_install([], packages)


def install_newer(packages: Sequence[str], *, hint: str = "") -> None:
    """Install packages of Debian 13 on Debian 12, and nothing else of it.

    apt is given a configuration of the kit's own, so the machine's sources stay as they were.
    Debian 12's own Docker (20.10, without Compose v2) is too old; Debian 13's needs only
    libc 2.34 and runs beside Debian 12's containerd and runc.
    """
    _require_apt(packages, hint)
    options = _own_configuration(read_distribution(), APT_FOLDER)
    _update_and_install(options, [f"{package}/{NEWER_SUITE}" for package in packages])


def apt_get(action: str, options: Sequence[str] = (), packages: Sequence[str] = ()) -> list[str]:
    """Return the argv of an apt-get call that asks nothing."""
    wanted = ["-y", "--no-install-recommends", *packages] if packages else []
    return ["apt-get", "-q", *UNATTENDED, *options, action, *wanted]


def _require_apt(packages: Sequence[str], hint: str) -> None:
    if not can_install():
        raise ParityError(
            f"not installed: {', '.join(packages)} (the kit installs packages only on Debian and"
            " Ubuntu, as root)",
            hint=hint,
        )


def _update_and_install(options: Sequence[str], packages: Sequence[str]) -> None:
    # A source that is of no concern here may be broken; what counts is the installation.
    complaint = ""
    try:
        _apt(apt_get("update", options))
    except ParityError as error:
        complaint = error.detail
    try:
        _apt(apt_get("install", options, packages))
    except ParityError as error:
        detail = "\n".join(part for part in (complaint, error.detail) if part)
        raise ParityError(error.what, hint=error.hint, detail=detail) from error


def _apt(argv: Sequence[str]) -> None:
    quiet = {"DEBIAN_FRONTEND": "noninteractive", "NEEDRESTART_SUSPEND": "1", "LC_ALL": "C.UTF-8"}
    run(argv, env=quiet, timeout=APT_SECONDS, hint=REACH_HINT)


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
