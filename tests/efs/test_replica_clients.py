"""The clients of replicas are found in the kernel's tables, or their absence is said."""

from __future__ import annotations

import pytest

from parity.efs import replica_clients
from parity.errors import ParityError

TABLE = """\
469 655 0:200 / /mnt/data rw,nosuid - fuse parity-efs rw,user_id=0
470 655 254:0 / / rw - ext4 /dev/vda rw
"""


def test_device_is_that_of_the_mountpoint() -> None:
    """It is the same seen from the host and from within the container."""
    assert replica_clients.device(TABLE, "/mnt/data") == "0:200"
    assert replica_clients.device(TABLE, "/mnt") is None


def test_plain_folder_has_no_counters(monkeypatch: pytest.MonkeyPatch) -> None:
    """And the error says how to get them."""
    monkeypatch.setattr(replica_clients, "is_on", lambda _: False)
    with pytest.raises(ParityError, match="plain folder") as caught:
        replica_clients.mounts("p", [])
    assert caught.value.hint == "parity up --efs"
