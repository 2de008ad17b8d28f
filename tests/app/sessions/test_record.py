import json
import struct
import zlib
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.sessions import NotJson, RecordTooLarge, record
from app.sessions.record import START, Cursor, Ending, Kind, Record

from .helpers import flipped, is_prefix

ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters()),
    lambda children: st.lists(children) | st.dictionaries(st.text(st.characters()), children),
    max_leaves=20,
)


def log_of(*payloads: bytes) -> tuple[bytes, list[Record]]:
    """Return the bytes of a log of messages, and its records."""
    data, end = record.file_header(b"\x01" * 8)
    records = []
    for payload in payloads:
        more, added = record.frame(Kind.MESSAGE, payload, end)
        data, end = data + more, added.end
        records.append(added)
    return data, records


DATA, RECORDS = log_of(b'{"text":"one"}', b'{"text":"two"}', b"{}", b'{"text":"four"}')
ENDS = [record.FILE_HEADER_SIZE] + [each.end.offset for each in RECORDS]


def complete_at(size: int) -> int:
    """Return how many records the first `size` bytes hold whole."""
    return sum(each.end.offset <= size for each in RECORDS)


def test_the_format_is_what_its_description_says() -> None:
    """A log can be read from the description alone, with struct and zlib."""
    assert DATA[:12] == b"\x89PKS\r\n\x1a\n\x00\x01\x00\x00"
    first = zlib.crc32(DATA[:20])
    assert struct.unpack_from(">I", DATA, 20) == (first,)
    length, kind, version, middle = struct.unpack_from(">IHHI", DATA, 24)
    assert (length, kind, version) == (14, 1, 1)
    assert middle == zlib.crc32(DATA[24:32], first)
    assert DATA[36:50] == b'{"text":"one"}'
    assert struct.unpack_from(">I", DATA, 50) == (zlib.crc32(DATA[36:50], middle),)


def test_records_come_back_as_they_were_written() -> None:
    """Scanning a whole log returns each record with its place."""
    found = record.scan(DATA)
    assert found.records == tuple(RECORDS)
    assert found.end == RECORDS[-1].end == Cursor(len(DATA), RECORDS[-1].end.check)
    assert found.ending is Ending.CLEAN


def test_a_scan_may_start_behind_any_record() -> None:
    """Whoever knows a place needs only the bytes behind it."""
    for number, known in enumerate(RECORDS):
        found = record.scan(DATA[known.end.offset :], known.end)
        assert found.records == tuple(RECORDS[number + 1 :])
        assert found.ending is Ending.CLEAN


def test_a_log_cut_short_anywhere_keeps_its_whole_records() -> None:
    """Each beginning of a log is clean at a record's end and torn elsewhere, never damaged."""
    for size in range(len(DATA)):
        found = record.scan(DATA[:size])
        assert found.records == tuple(RECORDS[: complete_at(size)])
        clean = size == 0 or size in ENDS
        assert found.ending is (Ending.CLEAN if clean else Ending.TORN), size


def test_each_flipped_bit_is_seen_as_damage_where_it_is() -> None:
    """No flipped bit passes for valid or for a torn tail, and what is before it is returned."""
    for at in range(len(DATA)):
        for bit in range(8):
            found = record.scan(flipped(DATA, at, bit))
            assert found.ending is Ending.DAMAGED, (at, bit)
            assert found.records == tuple(RECORDS[: complete_at(at)])


def test_records_out_of_place_are_seen_as_damage() -> None:
    """A record that was swapped, repeated, dropped or taken from another log is not valid."""
    pieces = [DATA[a:b] for a, b in pairwise(ENDS)]
    other, _ = record.file_header(b"\x02" * 8)
    head = DATA[: ENDS[0]]
    for number, data in enumerate(
        (
            head + pieces[1] + pieces[0],
            head + pieces[0] + pieces[0],
            head + pieces[0] + pieces[2],
            other + pieces[0],
        )
    ):
        found = record.scan(data)
        assert found.ending is Ending.DAMAGED, number
        assert is_prefix([r.payload for r in found.records], [r.payload for r in RECORDS])


def test_zeros_at_the_end_are_no_record() -> None:
    """A tail of zeros, as some file systems leave after a crash, never passes for records."""
    for size in (12, 16, 4096):
        found = record.scan(DATA + bytes(size))
        assert found.records == tuple(RECORDS)
        assert found.ending is Ending.DAMAGED


def test_kinds_of_a_later_release_are_skipped_and_kept() -> None:
    """An older replica reads past what a newer one wrote, and appends behind it."""
    unknown, added = record.frame(99, b"\xff not even JSON", RECORDS[-1].end)
    more, last = record.frame(Kind.MESSAGE, b"{}", added.end)
    found = record.scan(DATA + unknown + more)
    assert found.records == (*RECORDS, last)
    assert found.ending is Ending.CLEAN


def test_a_later_format_is_not_guessed_at() -> None:
    """A log of a later format yields nothing and says so, but is no damage; version 0 never was."""
    data = bytearray(DATA)
    data[8:10] = b"\x00\x02"
    data[20:24] = struct.pack(">I", zlib.crc32(data[:20]))
    found = record.scan(bytes(data))
    assert (found.records, found.end, found.ending) == ((), START, Ending.NEWER)
    assert "format 2" in found.why
    data[8:10] = b"\x00\x00"
    data[20:24] = struct.pack(">I", zlib.crc32(data[:20]))
    assert record.scan(bytes(data)).ending is Ending.DAMAGED


@pytest.mark.parametrize(
    ("kind", "payload"),
    [
        (Kind.MESSAGE, b""),
        (Kind.MESSAGE, b"[]"),
        (Kind.MESSAGE, b"{"),
        (Kind.MESSAGE, b'{"x":NaN}'),
        (Kind.MESSAGE, b'{"x":"\xff"}'),
        (Kind.MESSAGE, b"[" * 100_000),
        (Kind.SETTING, b"{}"),
        (Kind.SETTING, b'{"name":1}'),
        (Kind.RESET, b"null"),
    ],
)
def test_valid_checks_do_not_excuse_a_payload_without_meaning(kind: Kind, payload: bytes) -> None:
    """What no writer of this format writes is neither written nor read."""
    with pytest.raises(NotJson):
        record.verify(kind, payload)
    more, _ = record.frame(kind, payload, RECORDS[-1].end)
    found = record.scan(DATA + more)
    assert (found.records, found.ending) == (tuple(RECORDS), Ending.DAMAGED)


@pytest.mark.parametrize(
    "payloads",
    [
        [b'{"a":[1', b"2]}"],
        [b'{"a":1},{"b":[1', b"2]}"],
        [b'{"a":"', b'"}'],
        [b"{}", b""],
        [b'{},"%b",{}' % (b"0" * 16), b"{}"],
    ],
)
def test_messages_that_only_make_sense_together_are_damage(payloads: list[bytes]) -> None:
    """They are parsed at once, but each for itself: none ends in what another begins."""
    data, place = DATA, RECORDS[-1].end
    for payload in payloads:
        more, added = record.frame(Kind.MESSAGE, payload, place)
        data, place = data + more, added.end
    found = record.scan(data)
    assert found.ending is Ending.DAMAGED
    assert found.why == "a record without meaning"
    with pytest.raises(ValueError, match=r".+"):
        record.decode_all(payloads)


@given(ANYTHING)
def test_any_json_value_survives(value: object) -> None:
    """Whatever text a payload holds, lone surrogates included, it is valid UTF-8 and comes back."""
    payload = record.encode({"value": value})
    payload.decode()
    assert record.decode(payload) == json.loads(json.dumps({"value": value}))
    record.verify(Kind.MESSAGE, payload)


def test_what_json_cannot_hold_is_refused() -> None:
    """A sentence, not a TypeError, for what cannot be saved."""
    loop: list[object] = []
    loop.append(loop)
    deep: list[object] = []
    for _ in range(200):
        deep = [deep]
    for value in (object(), {1, 2}, b"bytes", float("nan"), float("inf"), loop, deep, 10**5000):
        with pytest.raises(NotJson, match="This cannot be saved"):
            record.encode({"value": value})


def test_a_record_beyond_the_limit_is_refused_with_both_sizes() -> None:
    """16 MiB are the limit; the error quotes it and the size."""
    overhead = len(b'{"text":""}')
    fits = record.encode({"text": "x" * (record.LARGEST - overhead)})
    assert len(fits) == record.LARGEST
    with pytest.raises(RecordTooLarge, match=r"17\.0 MiB, where 16 MiB is the limit"):
        record.encode({"text": "x" * (17 * 2**20)})


def test_equal_values_are_equal_bytes_where_asked() -> None:
    """Canonical payloads do not depend on the order in which a dictionary was filled."""
    one = record.encode({"a": 1, "b": [2]}, canonical=True)
    assert one == record.encode({"b": [2], "a": 1}, canonical=True)
    assert one != record.encode({"b": [2], "a": True}, canonical=True)


def test_places_in_a_log_are_ordered() -> None:
    """Of two places in one log, the later is the greater."""
    assert START < RECORDS[0].end < RECORDS[1].end
