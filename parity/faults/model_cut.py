"""Nobody reaches the model."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from parity.cluster.protocol import Cluster


@contextmanager
def model_cut(cluster: Cluster, _hostname: str) -> Iterator[None]:
    """Take the network of the Bedrock stand-in away while the block runs."""
    cluster.cut_model()
    try:
        yield
    finally:
        cluster.reconnect_model()
