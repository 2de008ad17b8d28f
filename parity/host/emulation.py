"""Run programs of another architecture: QEMU's user mode, registered with the kernel."""

from __future__ import annotations

import platform
from pathlib import Path

from parity.console import step
from parity.errors import ParityError
from parity.host.command import complaint, run
from parity.host.packages import install

# Docker's names to the kernel's.
MACHINES = {"arm64": "aarch64", "amd64": "x86_64"}
PACKAGES = ("qemu-user-static", "binfmt-support")
SLOWNESS = 5  # a processor that is emulated, against a real one; for deadlines only
REGISTRATIONS = Path("/proc/sys/fs/binfmt_misc")
HINT = "install qemu-user-static and binfmt-support, or run this on such a machine"


def is_native(architecture: str) -> bool:
    """Tell whether programs of an architecture (arm64, amd64) need no emulation here."""
    return platform.machine() == MACHINES[architecture]


def is_emulated(architecture: str) -> bool:
    """Tell whether the kernel hands programs of an architecture to an emulator, in containers too.

    A container has no emulator of its own: the kernel must hold it open, which is the flag F.
    """
    enabled, _, rest = registration(architecture).partition("\n")
    flags = next((line for line in rest.splitlines() if line.startswith("flags:")), "")
    return enabled == "enabled" and "F" in flags.removeprefix("flags:")


def registration(architecture: str) -> str:
    """Return what the kernel says of an architecture's emulator; empty where it knows none."""
    try:
        return (REGISTRATIONS / f"qemu-{MACHINES[architecture]}").read_text()
    except FileNotFoundError:
        return ""


def ensure_emulation(architecture: str) -> None:
    """Make programs of an architecture run here, containers included. Raises ParityError.

    Where the engine runs in a virtual machine, as on a Mac, that brings an emulator of its own.
    """
    if platform.system() != "Linux" or is_native(architecture) or is_emulated(architecture):
        return
    with step(f"Install QEMU to run {architecture} programs"):
        install(PACKAGES, hint=HINT)
        if not (REGISTRATIONS / "register").exists():
            mount = ["mount", "-t", "binfmt_misc", "binfmt_misc", str(REGISTRATIONS)]
            run(mount, hint=HINT)
        said = complaint(["update-binfmts", "--enable", f"qemu-{MACHINES[architecture]}"])
    if not is_emulated(architecture):
        state = registration(architecture).strip() or f"not registered in {REGISTRATIONS}"
        raise ParityError(
            f"the kernel does not run {architecture} programs in containers",
            hint=HINT,
            detail="\n".join(filter(None, (f"qemu-{MACHINES[architecture]}: {state}", said))),
        )
