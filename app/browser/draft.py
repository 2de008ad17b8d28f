"""What the user is typing: kept by the browser's tab, so that a reload of the page leaves it there.

A page that hops to a replica with another version of Streamlit reloads by itself. On one with
another version of this app it does not, but its text field may be made anew, and then is empty.

The script is in the page's head (see app/front_end/stamp.py), so that it keeps what is typed before
the first run has ended, too. The component brings it to a page that is another version's.
"""

from __future__ import annotations

from pathlib import Path

import streamlit as st

_SCRIPT = Path(__file__).with_name("draft.js").read_text()
_KEEP = """
export default function () {}
"""

_component = st.components.v2.component("draft", js=_SCRIPT + _KEEP)


def keep() -> None:
    """Have the browser keep what stands in the chat input, and put it back where it is gone."""
    _component(key="draft")
