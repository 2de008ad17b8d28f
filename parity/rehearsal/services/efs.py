"""The two operations of EFS that moto does not have."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from moto.efs.responses import EFSResponse

if TYPE_CHECKING:
    from moto.efs.models import EFSBackend, FileSystem


def plug_in() -> None:
    """Let a file system's backups and throughput be changed after it was made."""
    EFSResponse.put_backup_policy = _put_backup_policy  # type: ignore[attr-defined]
    EFSResponse.update_file_system = _update_file_system  # type: ignore[attr-defined]


def _put_backup_policy(self: EFSResponse) -> str:
    policy = self._get_param("BackupPolicy")
    _file_system(self)._backup = policy["Status"] == "ENABLED"  # noqa: SLF001 - moto's own switch
    return json.dumps({"BackupPolicy": policy})


def _update_file_system(self: EFSResponse) -> str:
    changed = _file_system(self)
    changed.throughput_mode = self._get_param("ThroughputMode") or changed.throughput_mode
    changed.provisioned_throughput_in_mibps = self._get_param("ProvisionedThroughputInMibps")
    return json.dumps(changed.info_json())


def _file_system(self: EFSResponse) -> FileSystem:
    backend: EFSBackend = self.efs_backend
    return backend.file_systems_by_id[str(self._get_param("FileSystemId"))]
