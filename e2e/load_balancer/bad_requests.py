"""Requests that no honest client sends, by what they are; {host} stands for what Host says.

The kinds are those of the guide: a severe one is refused with 400, and its connection ends. How an
ambiguous one is read depends on the reader: it gets one answer at most. Each of these hides a
second request, which must not be answered.
"""

from __future__ import annotations

HIDDEN = "GET /healthz?hidden HTTP/1.1\r\nHost: {host}\r\n\r\n"
_POST = "POST /session HTTP/1.1\r\nHost: {host}\r\n"
_GET = "GET /healthz HTTP/1.1\r\nHost: {host}\r\n"
_CHUNKED = "Transfer-Encoding: chunked\r\n"
_NO_CHUNK = "0\r\n\r\n"

SEVERE = {
    "two lengths that differ": f"{_POST}Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
    "a list of lengths": f"{_POST}Content-Length: 5, 6\r\n\r\nhello",
    "a length that is no number": f"{_POST}Content-Length: five\r\n\r\nhello",
    "a negative length": f"{_POST}Content-Length: -5\r\n\r\nhello",
    "a length with a sign": f"{_POST}Content-Length: +5\r\n\r\nhello",
    "a length beyond 64 bits": f"{_POST}Content-Length: 18446744073709551621\r\n\r\nhello",
    "chunked twice": f"{_POST}{_CHUNKED}{_CHUNKED}\r\n{_NO_CHUNK}",
    "a NUL in a header": f"{_GET}X-Bad: a\0b\r\n\r\n",
    "a bare CR in a header": f"{_GET}X-Bad: a\rContent-Length: 5\r\n\r\n",
    "a NUL in the address": "GET /healthz\0 HTTP/1.1\r\nHost: {host}\r\n\r\n",
    "a bare CR in the address": "GET /healthz\rx HTTP/1.1\r\nHost: {host}\r\n\r\n",
    "a method with a bracket": "G(ET /healthz HTTP/1.1\r\nHost: {host}\r\n\r\n",
    "a version that is none": "GET /healthz HTTP/one\r\nHost: {host}\r\n\r\n",
    "no Host": "GET /healthz HTTP/1.1\r\n\r\n",
    "no HTTP at all": "\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03\r\n\r\n",
}
# Of an unknown encoding the guide says 501 in one place, and that it is severe in another.
UNSUPPORTED = {
    "an encoding that is none": f"{_POST}Transfer-Encoding: xchunked\r\n\r\n{_NO_CHUNK}",
    "an encoding that it does not know": f"{_POST}Transfer-Encoding: gzip\r\n\r\n{_NO_CHUNK}",
    "chunked twice in one line": f"{_POST}Transfer-Encoding: chunked, chunked\r\n\r\n{_NO_CHUNK}",
}
AMBIGUOUS = {
    "a length and chunks": f"{_POST}Content-Length: 5\r\n{_CHUNKED}\r\n{_NO_CHUNK}",
    "chunks and a length": f"{_POST}{_CHUNKED}Content-Length: 5\r\n\r\n{_NO_CHUNK}",
    "two lengths that agree": f"{_POST}Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello",
    "a space before the colon": (
        f"{_POST}Content-Length: 5\r\nTransfer-Encoding : chunked\r\n\r\n{_NO_CHUNK}"
    ),
    "a header over two lines": (
        f"{_POST}Content-Length: 5\r\nX-Two: a\r\n {_CHUNKED}\r\n{_NO_CHUNK}"
    ),
    "a control character before a name": (
        f"{_POST}Content-Length: 5\r\n\x01{_CHUNKED}\r\n{_NO_CHUNK}"
    ),
}


def written(request: str, host: str) -> bytes:
    """Return a request as it is sent, and behind it one that nobody has asked."""
    return (request + HIDDEN).replace("{host}", host).encode("latin-1")
