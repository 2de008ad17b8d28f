"""The format of a session log: pure functions between records and bytes, no input or output.

A log is one file header and then records, back to back; all numbers are big-endian.

    file header, 24 bytes        record, 16 bytes and the payload
      8  magic                     4  length of the payload in bytes
      2  version of the format     2  kind: 1 message, 2 setting, 3 reset,
                                      16 superseded, 17 compacted
      2  reserved, zero            2  version of that kind
      8  random, so that no two    4  check of the 8 bytes above
         logs begin alike          n  payload, JSON in UTF-8
      4  check of the above        4  check of the payload

Every check is a CRC-32 that continues from the check before it, so a record is valid only in its
own place of its own log: swapped, repeated or missing records and left-over bytes are all seen.
The length has a check of its own; otherwise one flipped bit in it would look like an append that
was cut short, and the records behind it would be thrown away as its remains.

A message is any JSON object; a setting is `{"name": ..., "value": ...}`, without `value` once it
was removed; a reset is `{}`. A superseded record, `{}`, says that another file, or none, is about
to take this one's place; a compacted record, `{"position": [offset, check]}`, that all before it
was copied from a log in which the conversation ended at that place (see compaction.py). Kinds and
versions of kinds that are not known here are left in place and skipped, so that two releases can
share a volume while one replaces the other. A log of a later format is neither read nor touched.
"""

import json
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, IntEnum
from typing import NamedTuple, TypeAlias

from .errors import NotJson, RecordTooLarge

JSON: TypeAlias = "bool | int | float | str | list[JSON] | dict[str, JSON] | None"

MAGIC = b"\x89PKS\r\n\x1a\n"  # as PNG's: shows at once what text tools and transfers did to it
VERSION = 1
LARGEST = 16 * 2**20
DEEPEST = 100

_MIB = 2**20
_KIND_VERSION = 1
_FILE = struct.Struct(">8sHH8s")
_FRAME = struct.Struct(">IHH")
_CHECK = struct.Struct(">I")

CHECK_SIZE = _CHECK.size
FILE_HEADER_SIZE = _FILE.size + CHECK_SIZE
FRAME_HEADER_SIZE = _FRAME.size + CHECK_SIZE
OVERHEAD = FRAME_HEADER_SIZE + CHECK_SIZE
NONCE_SIZE = 8


class Kind(IntEnum):
    """What a record does to a session."""

    MESSAGE = 1
    SETTING = 2
    RESET = 3
    SUPERSEDED = 16
    COMPACTED = 17


class Ending(Enum):
    """How the bytes of a log end."""

    CLEAN = "whole"
    TORN = "cut short"
    DAMAGED = "damaged"
    NEWER = "of a newer release"


class Cursor(NamedTuple):  # as is Record: a restore makes one of each a record
    """A place between two records: its offset in bytes, and the check of all before it."""

    offset: int = 0
    check: int = 0

    def tail(self) -> bytes:
        """Return the last bytes before this place: found there, the place still holds."""
        return _CHECK.pack(self.check)


START = Cursor()


class Record(NamedTuple):
    """One valid record, and the place right behind it."""

    kind: int
    payload: bytes
    end: Cursor
    version: int = _KIND_VERSION

    @property
    def known(self) -> bool:
        """Whether this release knows what the record means."""
        return self.version == _KIND_VERSION and self.kind in _SHAPES


@dataclass(frozen=True, slots=True)
class Scan:
    """The valid records of some bytes, the place where they end, and what comes there."""

    records: tuple[Record, ...]
    end: Cursor
    ending: Ending
    why: str = ""


def encode(value: object, *, canonical: bool = False) -> bytes:
    """Return `value` as a payload; `canonical` makes equal values equal bytes.

    Raises NotJson for what JSON cannot hold (NaN and nesting beyond DEEPEST levels included) and
    RecordTooLarge beyond LARGEST bytes. Lone surrogates, which UTF-8 cannot hold, are escaped.
    """
    try:
        text = json.dumps(
            value,
            ensure_ascii=False,
            allow_nan=False,
            separators=(",", ":"),
            sort_keys=canonical,
        )
    except (TypeError, ValueError, RecursionError) as error:
        raise NotJson(f"This cannot be saved, because it is not JSON: {error}.") from error
    _refuse_depth(value)
    try:
        payload = text.encode()
    except UnicodeEncodeError:
        payload = json.dumps(value, separators=(",", ":"), sort_keys=canonical).encode()
    if len(payload) > LARGEST:
        raise RecordTooLarge(
            f"This is too large to be saved: {len(payload) / _MIB:.1f} MiB, "
            f"where {LARGEST / _MIB:.0f} MiB is the limit."
        )
    return payload


def decode(payload: bytes) -> JSON:
    """Return the value of a payload; raises ValueError or RecursionError if it has none."""
    value: JSON = _DECODER.decode(payload.decode())
    return value


def verify(kind: int, payload: bytes) -> None:
    """Raise NotJson unless readers will accept the payload; a writer's last look."""
    if not _well_formed(kind, payload):
        raise NotJson("This cannot be saved, because it would not be readable afterwards.")


def file_header(nonce: bytes) -> tuple[bytes, Cursor]:
    """Return the first bytes of a new log, and the place behind them."""
    fields = _FILE.pack(MAGIC, VERSION, 0, nonce)
    check = zlib.crc32(fields)
    return fields + _CHECK.pack(check), Cursor(FILE_HEADER_SIZE, check)


def frame(
    kind: int, payload: bytes, after: Cursor, version: int = _KIND_VERSION
) -> tuple[bytes, Record]:
    """Return the bytes of a record that follows `after`, and the record as a reader will see it."""
    fields = _FRAME.pack(len(payload), kind, version)
    middle = zlib.crc32(fields, after.check)
    check = zlib.crc32(payload, middle)
    data = b"".join((fields, _CHECK.pack(middle), payload, _CHECK.pack(check)))
    return data, Record(kind, payload, Cursor(after.offset + len(data), check), version)


def scan(data: bytes | memoryview, start: Cursor = START, *, every: bool = False) -> Scan:
    """Return the records in `data`, which are the bytes of a log from `start` to its end.

    TORN means that the bytes behind the last record are the beginning of another and no more, as
    an append leaves them when its process dies. NEWER is a sound log of a format that came later.
    DAMAGED is everything else that is not valid. `every` returns what is not known here, too.
    """
    view = memoryview(data)
    records: list[Record] = []
    at, here = 0, start
    if start == START:
        opening = _read_file_header(view)
        if opening.end == START:
            return opening
        at, here = FILE_HEADER_SIZE, opening.end
    while at < len(view):
        found = _read_record(view[at:], here)
        if not isinstance(found, Record):
            return Scan(tuple(records), here, *found)
        if every or found.known:
            records.append(found)
        at += found.end.offset - here.offset
        here = found.end
    return Scan(tuple(records), here, Ending.CLEAN)


def _read_file_header(view: memoryview) -> Scan:
    size = len(view)
    if size == 0:
        return Scan((), START, Ending.CLEAN)
    if size < FILE_HEADER_SIZE:
        fixed = _FILE.pack(MAGIC, VERSION, 0, b"")[: _FILE.size - NONCE_SIZE]
        if bytes(view[: len(fixed)]) == fixed[:size]:
            return Scan((), START, Ending.TORN, "a file header cut short")
        return Scan((), START, Ending.DAMAGED, "no session log")
    magic, version, _, _ = _FILE.unpack_from(view)
    (found,) = _CHECK.unpack_from(view, _FILE.size)
    why = ""
    if magic != MAGIC:
        why = "no session log"
    elif zlib.crc32(view[: _FILE.size]) != found or not version:
        why = "a damaged file header"
    elif version > VERSION:
        return Scan((), START, Ending.NEWER, f"format {version}, which is not known here")
    if why:
        return Scan((), START, Ending.DAMAGED, why)
    return Scan((), Cursor(FILE_HEADER_SIZE, found), Ending.CLEAN)


def _read_record(view: memoryview, after: Cursor) -> Record | tuple[Ending, str]:
    if len(view) < FRAME_HEADER_SIZE:
        return Ending.TORN, "a record cut short"
    length, kind, version = _FRAME.unpack_from(view)
    (middle,) = _CHECK.unpack_from(view, _FRAME.size)
    if zlib.crc32(view[: _FRAME.size], after.check) != middle:
        return Ending.DAMAGED, "a damaged record header"
    size = OVERHEAD + length
    if len(view) < size:
        return Ending.TORN, "a record cut short"
    payload = bytes(view[FRAME_HEADER_SIZE : FRAME_HEADER_SIZE + length])
    (check,) = _CHECK.unpack_from(view, FRAME_HEADER_SIZE + length)
    if zlib.crc32(payload, middle) != check:
        return Ending.DAMAGED, "a damaged record"
    found = Record(kind, payload, Cursor(after.offset + size, check), version)
    if found.known and not _well_formed(kind, payload):
        return Ending.DAMAGED, "a record without meaning"
    return found


def _well_formed(kind: int, payload: bytes) -> bool:
    try:
        value = decode(payload)
    except (ValueError, RecursionError):
        return False
    return isinstance(value, dict) and _SHAPES[kind](value)


def _is_place(value: JSON) -> bool:
    return isinstance(value, list) and [type(each) for each in value] == [int, int]


def _refuse_depth(value: object) -> None:
    level = [value]
    for _ in range(DEEPEST):
        level = [
            child
            for item in level
            if isinstance(item, dict | list | tuple)
            for child in (item.values() if isinstance(item, dict) else item)
        ]
        if not level:
            return
    raise NotJson(f"This cannot be saved, because it is nested more than {DEEPEST} levels deep.")


def _refuse_constant(name: str) -> JSON:
    raise ValueError(f"{name} is not JSON")


_DECODER = json.JSONDecoder(parse_constant=_refuse_constant)
_SHAPES: dict[int, Callable[[dict[str, JSON]], bool]] = {
    Kind.MESSAGE: lambda _: True,
    Kind.SETTING: lambda value: isinstance(value.get("name"), str),
    Kind.RESET: lambda _: True,
    Kind.SUPERSEDED: lambda _: True,
    Kind.COMPACTED: lambda value: _is_place(value.get("position")),
}
