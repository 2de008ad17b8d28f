"""What Amazon EFS and its NFS client do in figures, each with its source; read in November 2026.

EFS: docs.aws.amazon.com/efs/latest/ug/performance.html, Regional, General Purpose, Elastic: about
1 ms for a read, about 2.7 ms for a write, 1,500 MiB/s a client. What it says of neither (locking,
closing) is reckoned as a read. NFS: nfs(5); the mount helper of EFS leaves these as they are, and
asks for reads and writes of 1 MiB.
"""

from __future__ import annotations

MIB = 1024**2

READ_SECONDS = 0.001
WRITE_SECONDS = 0.0027
CLIENT_BYTES_PER_SECOND = 1500 * MIB

# How long attributes are believed, in seconds: it doubles from the first to the second while
# nothing changes.
FILE_SECONDS = (3.0, 60.0)  # acregmin, acregmax
FOLDER_SECONDS = (30.0, 60.0)  # acdirmin, acdirmax
TRANSFER_BYTES = MIB  # rsize, wsize
PAGE_BYTES = 4096

# The client asks for a lock that is taken again after 1 s, then 2 s ...: EFS calls nobody back.
LOCK_RETRY_SECONDS = (1.0, 30.0)

# The kernel writes back by itself what is older, or more, than this.
DIRTY_SECONDS = 30.0
DIRTY_BYTES = 16 * MIB
# What a client keeps of the files' content: a small task has little memory to spare.
CACHE_BYTES = 64 * MIB

# The operations that take as long as a write; all others take as long as a read.
WRITING = frozenset(
    {
        "COMMIT",
        "CREATE",
        "LINK",
        "MKDIR",
        "REMOVE",
        "RENAME",
        "SETATTR",
        "SYMLINK",
        "WRITE",
    }
)
# Those of WRITING that take up room.
GROWING = frozenset({"CREATE", "LINK", "MKDIR", "SYMLINK", "WRITE"})
