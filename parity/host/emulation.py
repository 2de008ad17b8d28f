"""Run programs of another architecture: QEMU's user mode, registered with the kernel."""

from __future__ import annotations

import platform
from pathlib import Path

from parity.console import step
from parity.errors import ParityError
from parity.host.command import run, succeeds
from parity.host.packages import install

# Docker's names to the kernel's.
MACHINES = {"arm64": "aarch64", "amd64": "x86_64"}
# arch-test is what mmdebstrap asks whether the architecture runs here.
PACKAGES = ("qemu-user-static", "binfmt-support", "arch-test")
REGISTRATIONS = Path("/proc/sys/fs/binfmt_misc")
HINT = "install qemu-user-static and binfmt-support, or run this on such a machine"


def is_native(architecture: str) -> bool:
    """Tell whether programs of an architecture (arm64, amd64) need no emulation here."""
    return platform.machine() == MACHINES[architecture]


def is_emulated(architecture: str) -> bool:
    """Tell whether the kernel hands programs of an architecture to an emulator."""
    try:
        state = (REGISTRATIONS / f"qemu-{MACHINES[architecture]}").read_text()
    except FileNotFoundError:
        return False
    return state.startswith("enabled")


def ensure_emulation(architecture: str) -> None:
    """Make programs of an architecture run here, containers included. Raises ParityError."""
    if is_native(architecture) or is_emulated(architecture):
        return
    with step(f"Install QEMU to run {architecture} programs"):
        install(PACKAGES, hint=HINT)
        if not (REGISTRATIONS / "register").exists():
            mount = ["mount", "-t", "binfmt_misc", "binfmt_misc", str(REGISTRATIONS)]
            run(mount, hint=HINT)
        succeeds(["update-binfmts", "--enable", f"qemu-{MACHINES[architecture]}"])
    if not is_emulated(architecture):
        raise ParityError(f"the kernel does not run {architecture} programs", hint=HINT)
