"""Pictures for tests: real files of the formats, made here."""

from __future__ import annotations

import io

from PIL import Image


def picture(format_: str, wide: int = 60, high: int = 40, colour: str = "teal") -> bytes:
    """Return an image file of that format, such as "png" or "jpeg"."""
    file = io.BytesIO()
    Image.new("RGB", (wide, high), colour).save(file, format_)
    return file.getvalue()


def png(wide: int = 60, high: int = 40, colour: str = "teal") -> bytes:
    """Return a PNG."""
    return picture("png", wide, high, colour)
