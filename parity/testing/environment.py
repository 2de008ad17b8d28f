"""What tests need of this machine."""

from __future__ import annotations

from parity.efs.mounting import DEVICE
from parity.efs.service import ensure_library
from parity.host.packages import can_install
from parity.host.python_environment import ensure_dev_environment


def ensure_test_environment() -> None:
    """Have what the tests import, and what mounts EFS semantics where that can be had.

    Elsewhere, the tests that mount say why they are skipped.
    """
    ensure_dev_environment()
    if DEVICE.exists() and can_install():
        ensure_library()
