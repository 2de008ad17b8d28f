"""The browser's local storage, through streamlit-local-storage, without blocking a script run.

The package's own `LocalStorage()` sleeps inside the script until the browser answers, for ever if
it never does. Here its component is mounted, and the run ends; the answer starts the next run.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import streamlit_local_storage
from streamlit.components.v1 import declare_component

from app.browser.names import LOCAL_STORAGE_ITEM

if TYPE_CHECKING:
    from streamlit.components.types.base_custom_component import BaseCustomComponent

component: BaseCustomComponent = declare_component(
    "local_storage", path=Path(streamlit_local_storage.__file__).parent / "frontend" / "build"
)


def read(nonce: str) -> dict[str, object] | None:
    """Return this origin's items, or None while the browser has not answered.

    nonce is part of the widget's key: after a hop the browser may resend the value that it had
    before, and that one must not be taken for an answer.
    """
    answer = component(method="getAll", key=f"local_storage_read_{nonce}", default=None)
    return answer if isinstance(answer, dict) else None


def write(key: str, nonce: str) -> None:
    """Write the session key. It is in the browser about 0.2 s after the run has ended."""
    component(
        method="setItem",
        itemKey=LOCAL_STORAGE_ITEM,
        itemValue=key,
        key=f"local_storage_write_{nonce}",
    )
