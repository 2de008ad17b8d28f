"""A session as a page sees it: a list of messages and a dictionary of settings, both durable."""

from collections.abc import Iterator, Mapping, MutableMapping, Sequence
from typing import Any, BinaryIO, TypeAlias, overload

from . import attachments, live
from .attachments import Attachment
from .errors import NotJson
from .live import LiveReader, LiveWriter
from .log import Log
from .record import JSON, Cursor, Kind, decode, encode
from .replay import Replay
from .upload import Data

Message: TypeAlias = dict[str, Any]
Position: TypeAlias = Cursor


class Messages(Sequence[Message]):
    """The messages of a session: read like a list, and added to durably.

    Each look returns fresh objects, so changing one changes nothing else.
    """

    __slots__ = ("_replay",)

    def __init__(self, replay: Replay) -> None:
        self._replay = replay

    def append(self, message: Mapping[str, object], *, after: Position | None = None) -> None:
        """Add a message; when this returns it is on the volume, behind all that others added.

        With `after` (a `Session.position`), only if no message or reset came since: otherwise
        Conflict is raised and nothing added. Also raises NotJson, RecordTooLarge, VolumeFull and
        StoreUnavailable, each with nothing added.

        One exception: a volume may take the message, and then refuse both to make it durable and
        to take it back. It may then be seen all the same. The next append by this very session
        takes it back first, unless it was seen here, or anything was added to it, by then.
        """
        if not isinstance(message, Mapping):
            raise NotJson("A message must be a dictionary.")
        self._replay.append(Kind.MESSAGE, encode(dict(message)), after)

    @overload
    def __getitem__(self, index: int) -> Message: ...
    @overload
    def __getitem__(self, index: slice) -> list[Message]: ...
    def __getitem__(self, index: int | slice) -> Message | list[Message]:
        found = self._replay.state.messages[index]
        return [_message(each) for each in found] if isinstance(found, list) else _message(found)

    def __len__(self) -> int:
        return len(self._replay.state.messages)

    def __iter__(self) -> Iterator[Message]:
        return (each for each in self._replay.state.parsed() if isinstance(each, dict))

    def __eq__(self, other: object) -> bool:
        return list(self) == list(other) if isinstance(other, Sequence) else NotImplemented

    __hash__ = None  # type: ignore[assignment]  # as for a list

    def __repr__(self) -> str:
        return f"<{len(self)} messages>"


class Settings(MutableMapping[str, JSON]):
    """The settings of a session: a dictionary of JSON values, in which each change is durable.

    Looking one up returns a fresh object: to change a list, assign it anew.
    """

    __slots__ = ("_replay",)

    def __init__(self, replay: Replay) -> None:
        self._replay = replay

    def __setitem__(self, name: str, value: JSON) -> None:
        """Set durably; what is known to be set to an equal value costs nothing."""
        payload = encode({"name": name, "value": value})
        if self._replay.state.settings.get(name) != encode(value, canonical=True):
            self._replay.append(Kind.SETTING, payload)

    def __delitem__(self, name: str) -> None:
        if name not in self._replay.state.settings:
            raise KeyError(name)
        self._replay.append(Kind.SETTING, encode({"name": name}))

    def __getitem__(self, name: str) -> JSON:
        return decode(self._replay.state.settings[name])

    def __iter__(self) -> Iterator[str]:
        return iter(tuple(self._replay.state.settings))

    def __len__(self) -> int:
        return len(self._replay.state.settings)

    def __repr__(self) -> str:
        return f"<settings {', '.join(self) or 'none'}>"


class Session:
    """One user's conversation, as `SessionStore.open` returns it.

    It shows what was on the volume when it was opened, last refreshed or last appended to. It
    holds no file open, and may be kept, dropped or shared between threads at will.
    """

    __slots__ = ("_replay", "id")

    def __init__(self, log: Log) -> None:
        self.id = log.label
        self._replay = Replay(log)
        self._replay.refresh()

    @property
    def exists(self) -> bool:
        """Whether anything of this session is on the volume."""
        return self._replay.state.records > 0

    @property
    def messages(self) -> Messages:
        """The messages since the last reset, oldest first."""
        return Messages(self._replay)

    @property
    def settings(self) -> Settings:
        """The settings, which a reset keeps."""
        return Settings(self._replay)

    @property
    def position(self) -> Position:
        """The end of the conversation as known here; moved by messages and resets only.

        Equal positions mean equal conversations, also across replicas.
        """
        return self._replay.state.position

    @property
    def notice(self) -> str | None:
        """One sentence for the user if part of the session could not be read, else None."""
        return self._replay.notice

    def refresh(self) -> bool:
        """Take in what others appended, reading only that; return whether there was anything."""
        return self._replay.refresh()

    def attach(
        self,
        data: Data,
        *,
        name: str | None = None,
        type: str | None = None,  # noqa: A002 - as Streamlit's UploadedFile names it
    ) -> Attachment:
        """Save a file of up to 25 MB; return what a message then keeps of it.

            file = session.attach(st.file_uploader("A file"))
            session.messages.append({"role": "user", "text": "look", "attachments": [file]})

        `data` is bytes or an open file, such as Streamlit's UploadedFile, whose own name and type
        count where none is given. Kept once a session, however often it is attached; what no
        message names within an hour may be removed. Raises AttachmentRefused, QuotaReached,
        VolumeFull and StoreUnavailable, each with nothing added.
        """
        return attachments.attach(self._replay, data, name, type)

    def read(self, attachment: Mapping[str, object]) -> bytes:
        """Return what was attached, checked against its SHA-256.

        Raises BlobMissing where it is gone or damaged, and StoreUnavailable.
        """
        return attachments.read(self._replay, attachment)

    def open_attachment(self, attachment: Mapping[str, object]) -> BinaryIO:
        """Return what was attached as an open file, checked; to be closed. Raises as `read`."""
        return attachments.open_(self._replay, attachment)

    def write_live(self, name: str) -> LiveWriter:
        """Begin a text that all replicas may watch while it grows (see live.py)."""
        return LiveWriter(self._replay.log, name)

    def watch_live(self, name: str) -> LiveReader:
        """Watch a text that another replica writes; nothing is read before the first look."""
        return LiveReader(self._replay.log, name)

    def remove_live(self, name: str) -> None:
        """Remove such a text, and so tell its writer, if it lives, that it is not wanted."""
        live.remove(self._replay.log, name)

    def require_room(self, size: int) -> None:
        """Raise QuotaReached unless that many bytes of messages fit into the session's quota."""
        self._replay.require_room(size)

    def rest(self) -> None:
        """Hold next to nothing in memory until looked at again, which reads the session anew."""
        self._replay.rest()

    def reset(self) -> None:
        """Clear the messages, durably; the settings stay, and so does the log on the volume."""
        self._replay.append(Kind.RESET, encode({}))

    def __repr__(self) -> str:
        return f"<session {self.id}, {len(self.messages)} messages>"


def _message(payload: bytes) -> Message:
    value = decode(payload)
    return value if isinstance(value, dict) else {}
