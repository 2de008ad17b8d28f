"""What is attached to a message, as the page shows it: pictures, and links to save the rest.

Nothing of it is read here: the browser asks for what it shows (see app/browser/attachment.py), and
keeps it. So a run costs the same with attachments as without.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING
from urllib.parse import urljoin

import streamlit as st

from app.browser import attachment
from app.sessions import converse_format

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.browser.identity import Identity
    from app.browser.outbox import File
    from app.conversation import Attached

# Of a picture, at most.
WIDE_PIXELS, HIGH_PIXELS = 240, 180
# A smaller one is drawn larger, as its name stands below it.
LEAST_PIXELS = 80
_LONGEST_NAME = 30  # letters: what fits on a phone
_KIB, _MIB = 2**10, 2**20
_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")


def show(attachments: Sequence[Attached], session: str, me: Identity | None) -> None:
    """Draw attachments. session: the public id. me: None where nothing can be fetched now.

    Until the browser holds the key as a cookie, it would be refused them.
    """
    if not attachments:
        return
    pictures = [each for each in attachments if _is_picture(each)]
    others = [each for each in attachments if not _is_picture(each)]
    page = st.context.url
    if me is None or not me.mirrored or page is None:
        _show_names([each["name"] for each in attachments])
        return
    for row in (pictures, others):
        if row:
            with st.container(horizontal=True):
                for each in row:
                    _show_one(each, urljoin(page, attachment.address(session, each)))


def show_waiting(files: Sequence[File]) -> None:
    """Draw the names of files that are not attached yet, or their number."""
    names = [each.name for each in files if each.name]
    if files:
        _show_names(names or ["1 file" if len(files) == 1 else f"{len(files)} files"])


def _show_one(attached: Attached, url: str) -> None:
    name = _plain(attached["name"])
    if _is_picture(attached):
        st.image(url, caption=name, width=_width(attached))
    else:
        label = f"{name} ({_size(attached['size'])})"
        st.link_button(label, url, icon=":material/description:")


def _show_names(names: Sequence[str]) -> None:
    st.caption(":material/attach_file: " + ", ".join(_plain(name) for name in names))


def _width(picture: Attached) -> int:
    """Return how wide to draw a picture, so that it is not too high, either."""
    wide, high = picture.get("pixels") or (WIDE_PIXELS, HIGH_PIXELS)
    return max(1, min(max(wide, LEAST_PIXELS), WIDE_PIXELS, HIGH_PIXELS * wide // high))


def _is_picture(attached: Attached) -> bool:
    return converse_format(attached["type"])[0] == "image"


def _plain(name: str) -> str:
    """Return a name as Markdown that shows just that, without what would turn its letters round.

    A long one loses its middle: its ending says what it is.
    """
    shown = "".join(each for each in name if unicodedata.category(each) != "Cf")
    if len(shown) > _LONGEST_NAME:
        half = _LONGEST_NAME // 2
        shown = f"{shown[:half]}…{shown[-half:]}"
    return as_text(shown)


def as_text(words: str) -> str:
    """Return Markdown that shows just these words."""
    return _PUNCTUATION.sub(r"\\\1", words)


def _size(size: int) -> str:
    if size < _KIB:
        return f"{size} bytes"
    return f"{size / _MIB:.1f} MB" if size >= _MIB else f"{size / _KIB:.0f} KB"
