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
import secrets
import struct
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from enum import Enum, IntEnum
from typing import NamedTuple, TypeAlias
from zlib import crc32

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
_HEAD = struct.Struct(">IHHI")  # a frame and its check
_BETWEEN = secrets.token_hex(8).encode()
_new = tuple.__new__  # a restore makes a thousand: the constructors take thrice as long

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


_MESSAGE = int(Kind.MESSAGE)


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
    """The valid records of some bytes, the place where they end, and what comes there.

    `messages` are what those of them that are messages say, where that is known by the way.
    """

    records: tuple[Record, ...]
    end: Cursor
    ending: Ending
    why: str = ""
    messages: list[JSON] = field(default_factory=list, compare=False)


def encode(value: object, *, canonical: bool = False) -> bytes:
    """Return `value` as a payload; `canonical` makes equal values equal bytes.

    Raises NotJson for what JSON cannot hold (NaN and nesting beyond DEEPEST levels included) and
    RecordTooLarge beyond LARGEST bytes. Lone surrogates, which UTF-8 cannot hold, are escaped.
    """
    try:
        text = (_CANONICAL if canonical else _ENCODER).encode(value)
    except (TypeError, ValueError, RecursionError) as error:
        raise NotJson(f"This cannot be saved, because it is not JSON: {error}.") from error
    if text.count("[") + text.count("{") > DEEPEST:  # or it cannot be nested that deep
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
    check = crc32(fields)
    return fields + _CHECK.pack(check), Cursor(FILE_HEADER_SIZE, check)


def frame(
    kind: int, payload: bytes, after: Cursor, version: int = _KIND_VERSION
) -> tuple[bytes, Record]:
    """Return the bytes of a record that follows `after`, and the record as a reader will see it."""
    fields = _FRAME.pack(len(payload), kind, version)
    middle = crc32(fields, after.check)
    check = crc32(payload, middle)
    data = b"".join((fields, _CHECK.pack(middle), payload, _CHECK.pack(check)))
    return data, Record(kind, payload, Cursor(after.offset + len(data), check), version)


def decode_all(payloads: Sequence[bytes]) -> list[JSON]:
    """Return the value of each payload, by one parse, which takes half the time of many.

    Raises ValueError or RecursionError if any has none. Between each two comes a word that nobody
    can have guessed: so none of them ends in the midst of a value that another completes.
    """
    text = b"[" + (b',"%b",' % _BETWEEN).join(payloads) + b"]"
    values = _DECODER.decode(text.decode())
    between = max(0, len(payloads) - 1)
    if not isinstance(values, list) or len(values) != len(payloads) + between:
        raise ValueError("not one value each")
    if values[1::2].count(_BETWEEN.decode()) != between:
        raise ValueError("not one value each")
    return values[::2]


def scan(data: bytes | memoryview, start: Cursor = START, *, every: bool = False) -> Scan:
    """Return the records in `data`, which are the bytes of a log from `start` to its end.

    TORN means that the bytes behind the last record are the beginning of another and no more, as
    an append leaves them when its process dies. NEWER is a sound log of a format that came later.
    DAMAGED is everything else that is not valid. `every` returns what is not known here, too.
    """
    raw = bytes(data)
    at = 0
    if start == START:
        opening = _read_file_header(memoryview(raw))
        if opening.end == START:
            return opening
        at, start = FILE_HEADER_SIZE, opening.end
    unseen: list[bytes] = []
    found = _walk(raw, at, start, every=every, unseen=unseen)
    with suppress(ValueError, RecursionError):
        values = decode_all(unseen)
        if set(map(type, values)) <= {dict}:
            return replace(found, messages=values)
    return _walk(raw, at, start, every=every, unseen=None)


def _walk(raw: bytes, at: int, start: Cursor, *, every: bool, unseen: list[bytes] | None) -> Scan:
    """Return the records from `at` on; messages are put into `unseen` rather than looked into."""
    records: list[Record] = []
    size, ahead, check = len(raw), start.offset - at, start.check
    ending, why = Ending.CLEAN, ""
    while at < size:
        if size - at < FRAME_HEADER_SIZE:
            ending, why = Ending.TORN, "a record cut short"
            break
        length, kind, version, middle = _HEAD.unpack_from(raw, at)
        if crc32(raw[at : at + _FRAME.size], check) != middle:
            ending, why = Ending.DAMAGED, "a damaged record header"
            break
        end = at + OVERHEAD + length
        if end > size:
            ending, why = Ending.TORN, "a record cut short"
            break
        payload = raw[at + FRAME_HEADER_SIZE : end - CHECK_SIZE]
        (found,) = _CHECK.unpack_from(raw, end - CHECK_SIZE)
        if crc32(payload, middle) != found:
            ending, why = Ending.DAMAGED, "a damaged record"
            break
        known = version == _KIND_VERSION and kind in _SHAPES
        if known and kind == _MESSAGE and unseen is not None:
            unseen.append(payload)
        elif known and not _well_formed(kind, payload):
            ending, why = Ending.DAMAGED, "a record without meaning"
            break
        at, check = end, found
        if known or every:
            place = _new(Cursor, (at + ahead, check))
            records.append(_new(Record, (kind, payload, place, version)))
    return Scan(tuple(records), Cursor(at + ahead, check), ending, why)


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
    elif crc32(view[: _FILE.size]) != found or not version:
        why = "a damaged file header"
    elif version > VERSION:
        return Scan((), START, Ending.NEWER, f"format {version}, which is not known here")
    if why:
        return Scan((), START, Ending.DAMAGED, why)
    return Scan((), Cursor(FILE_HEADER_SIZE, found), Ending.CLEAN)


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


_ENCODER, _CANONICAL = (
    json.JSONEncoder(
        ensure_ascii=False, allow_nan=False, separators=(",", ":"), sort_keys=canonical
    )
    for canonical in (False, True)
)
_DECODER = json.JSONDecoder(parse_constant=_refuse_constant)
_SHAPES: dict[int, Callable[[dict[str, JSON]], bool]] = {
    Kind.MESSAGE: lambda _: True,
    Kind.SETTING: lambda value: isinstance(value.get("name"), str),
    Kind.RESET: lambda _: True,
    Kind.SUPERSEDED: lambda _: True,
    Kind.COMPACTED: lambda value: _is_place(value.get("position")),
}
