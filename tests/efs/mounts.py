"""Real mounts for tests: one folder, seen through as many clients as a test asks for."""

from __future__ import annotations

import os
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

import pytest

from parity.efs.mounting import DEVICE, Manner, mounted
from parity.efs.service import has_library

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

USER = (10001, 10001)


@contextmanager
def mounting(within: Path) -> Iterator[Callable[..., list[Path]]]:
    """Give a function that mounts the new folder `within`/volume through so many clients.

    At EFS's own pace, unless told another. Skips the test where this cannot be.
    """
    if not os.access(DEVICE, os.R_OK | os.W_OK):
        pytest.skip(f"{DEVICE} is not there for this user")
    if not has_library():
        pytest.skip("libfuse is not installed")
    folder = within / "volume"
    folder.mkdir()
    user = None
    if os.geteuid() == 0:
        os.chown(folder, *USER)
        user = USER
    with ExitStack() as stack:

        def mounts(count: int, *, pace: float = 1.0, keeps_unlinked: bool = True) -> list[Path]:
            manner = Manner(user, pace, keeps_unlinked)
            points = [within / f"client-{number}" for number in range(count)]
            for point in points:
                stack.enter_context(mounted(folder, point, manner))
            return points

        yield mounts
