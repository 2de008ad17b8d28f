"""File-system calls, counted in this thread: those that go through Python's `os`."""

from __future__ import annotations

import fcntl
import os
import threading
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# The store's calls by what EFS counts and meters them as. `close` gives the lock back.
METADATA_READS = ("open", "fstat", "lstat", "flock", "close")
METADATA_WRITES = ("mkdir", "fsync", "ftruncate", "unlink")
DATA_READS = ("pread",)
DATA_WRITES = ("pwrite", "write")


@dataclass
class Calls:
    """System calls since the count began, by kind, and the bytes that they moved."""

    metadata_reads: int = 0
    metadata_writes: int = 0
    data_reads: int = 0
    data_writes: int = 0
    bytes_read: int = 0
    bytes_written: int = 0

    @property
    def total(self) -> int:
        """How many calls."""
        return self.metadata_reads + self.metadata_writes + self.data_reads + self.data_writes


@contextmanager
def counted() -> Iterator[Calls]:
    """Count what this thread asks of the system through `os` while the block runs."""
    calls = Calls()
    kinds = {
        "metadata_reads": METADATA_READS,
        "metadata_writes": METADATA_WRITES,
        "data_reads": DATA_READS,
        "data_writes": DATA_WRITES,
    }
    with ExitStack() as stack:
        for kind, names in kinds.items():
            for name in names:
                module = fcntl if name == "flock" else os
                stack.enter_context(
                    patch.object(module, name, _counting(calls, kind, getattr(module, name)))
                )
        yield calls


def _counting(calls: Calls, kind: str, call: Callable[..., Any]) -> Callable[..., Any]:
    counted_thread = threading.get_ident()  # others may still be ending what they did before

    def counting(*arguments: Any, **options: Any) -> Any:  # noqa: ANN401 - as the system's own
        if threading.get_ident() != counted_thread:
            return call(*arguments, **options)
        setattr(calls, kind, getattr(calls, kind) + 1)
        result = call(*arguments, **options)
        calls.bytes_read += len(result) if kind == "data_reads" else 0
        calls.bytes_written += result if kind == "data_writes" else 0
        return result

    return counting
