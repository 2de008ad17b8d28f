"""The one file of an upload's body, taken out of it piece by piece as the body arrives."""

from __future__ import annotations

import codecs

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

_DEFAULT_TYPE = "application/octet-stream"


class MalformedBodyError(Exception):
    """This is no multipart body, or has not one file in it."""


class OneFile:
    """Reads a body of one file; name and type are known before its first byte is."""

    def __init__(self, content_type: str) -> None:
        _, options = parse_options_header(content_type)
        boundary = options.get(b"boundary")
        if not boundary:
            raise MalformedBodyError("no multipart body")
        self.name, self.type = "", _DEFAULT_TYPE
        self.count = 0
        self._content = bytearray()
        self._within = self._complete = False
        self._headers: dict[bytes, bytes] = {}
        self._field = self._value = b""
        self._parser = MultipartParser(
            boundary,
            {
                "on_part_begin": self._on_part_begin,
                "on_header_field": self._on_header_field,
                "on_header_value": self._on_header_value,
                "on_header_end": self._on_header_end,
                "on_headers_finished": self._on_headers_finished,
                "on_part_data": self._on_part_data,
                "on_part_end": self._on_part_end,
                "on_end": self._on_end,
            },
        )

    def feed(self, chunk: bytes) -> bytes:
        """Take the next piece of the body; return what of the file was in it."""
        try:
            self._parser.write(chunk)
        except FormParserError as error:
            raise MalformedBodyError("not a multipart body") from error
        content = bytes(self._content)
        self._content.clear()
        return content

    def finish(self) -> None:
        """Note the body's end. Raises MalformedBodyError unless there was one whole file."""
        if not self._complete:
            raise MalformedBodyError("the body ends too soon")
        if self.count != 1:
            raise MalformedBodyError(f"Expected 1 file, but got {self.count}")

    def _on_part_begin(self) -> None:
        self._headers.clear()
        self._within = False

    def _on_header_field(self, data: bytes, start: int, end: int) -> None:
        self._field += data[start:end]

    def _on_header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _on_header_end(self) -> None:
        self._headers[self._field.lower()] = self._value
        self._field = self._value = b""

    def _on_headers_finished(self) -> None:
        _, options = parse_options_header(self._headers.get(b"content-disposition"))
        name = options.get(b"filename")
        if name is None:
            return
        self.count += 1
        if self.count > 1:
            raise MalformedBodyError(f"Expected 1 file, but got {self.count}")
        self._within = True
        self.name = _decoded(name)
        self.type = _decoded(self._headers.get(b"content-type", b"")) or _DEFAULT_TYPE

    def _on_part_data(self, data: bytes, start: int, end: int) -> None:
        if self._within:
            self._content += data[start:end]

    def _on_part_end(self) -> None:
        self._within = False

    def _on_end(self) -> None:
        self._complete = True


def _decoded(text: bytes) -> str:
    try:
        return codecs.decode(text, "utf-8")
    except UnicodeDecodeError:
        return text.decode("latin-1")
