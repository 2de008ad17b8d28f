"""What the caller wants to attach: bytes or an open file, read in chunks, from its beginning."""

import hashlib
import unicodedata
from collections.abc import Iterator
from pathlib import PurePath
from typing import Any, Protocol, TypeAlias, runtime_checkable

from .errors import AttachmentRefused
from .media import HEAD

LARGEST = 25 * 2**20
CHUNK = 2**20
_LONGEST_NAME = 255
_MIB = 2**20


@runtime_checkable
class Readable(Protocol):
    """An open file; Streamlit's UploadedFile is one."""

    def read(self, size: int = -1, /) -> Any:  # noqa: ANN401 - bytes is checked for, not trusted
        """Return up to `size` bytes."""


Data: TypeAlias = bytes | bytearray | memoryview | Readable


class Upload:
    """One thing to attach, with a name that is fit to be shown.

    The name is data and nothing else: no path is ever made of it. `digest` (SHA-256), `size` in
    bytes and `head`, the first bytes, are known once `chunks` has come to its end.
    """

    def __init__(self, data: Data, name: str | None) -> None:
        if not isinstance(data, bytes | bytearray | memoryview | Readable):
            raise AttachmentRefused("An attachment must be bytes or an open file.")
        self._data = data
        self.name = _checked(_own_name(data) if name is None else name)
        self.type: object = getattr(data, "type", None)
        self.digest, self.size, self.head = "", 0, b""

    @property
    def seekable(self) -> bool:
        """Whether it can be read twice."""
        if not isinstance(self._data, Readable):
            return True
        seekable = getattr(self._data, "seekable", None)
        return bool(seekable and seekable())

    def chunks(self) -> Iterator[bytes | memoryview]:
        """Yield all of it; a file is afterwards where it was. Raises AttachmentRefused."""
        check, size, head = hashlib.sha256(), 0, b""
        for chunk in self._of_file() if isinstance(self._data, Readable) else self._of_bytes():
            size += len(chunk)
            if size > LARGEST:
                raise AttachmentRefused(
                    f"'{self.name}' cannot be attached: it is larger than {LARGEST // _MIB} MB."
                )
            check.update(chunk)
            if len(head) < HEAD:
                head += bytes(chunk[: HEAD - len(head)])
            yield chunk
        if not size:
            raise AttachmentRefused(f"'{self.name}' cannot be attached: it is empty.")
        self.digest, self.size, self.head = check.hexdigest(), size, head

    def measure(self) -> None:
        """Read all of it and keep nothing but what is known then. Raises AttachmentRefused."""
        for _ in self.chunks():
            pass

    def _of_bytes(self) -> Iterator[memoryview]:
        view = memoryview(self._data).cast("B")  # type: ignore[arg-type]  # no file: seen to
        return (view[at : at + CHUNK] for at in range(0, len(view), CHUNK))

    def _of_file(self) -> Iterator[bytes]:
        file: Any = self._data
        before = file.tell() if self.seekable else None
        try:
            if before is not None:
                file.seek(0)
            while chunk := file.read(CHUNK):
                if not isinstance(chunk, bytes):
                    raise AttachmentRefused(f"'{self.name}' must be opened in binary mode.")
                yield chunk
        finally:
            if before is not None:
                file.seek(before)


def _own_name(data: Data) -> object:
    name = getattr(data, "name", None)
    return PurePath(name).name if isinstance(name, str) else name


def _checked(name: object) -> str:
    if not isinstance(name, str) or not name.strip():
        raise AttachmentRefused("An attachment needs a name.")
    if len(name) > _LONGEST_NAME:
        raise AttachmentRefused(f"The attachment's name is longer than {_LONGEST_NAME} letters.")
    if any(unicodedata.category(letter) in {"Cc", "Cs"} for letter in name):
        raise AttachmentRefused("The attachment's name has letters that cannot be shown.")
    return name
