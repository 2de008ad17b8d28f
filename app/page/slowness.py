"""Say on the page that the volume does not answer, while the script hangs in a system call."""

from __future__ import annotations

import contextvars
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import streamlit as st
from streamlit.runtime.scriptrunner import add_script_run_ctx, get_script_run_ctx

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from app.browser.outbox import Prompt

PATIENCE_SECONDS = 2.0
SENTENCE = (
    "The storage for conversations does not answer at the moment. Nothing is lost: the page goes on"
    " by itself, and what you send meanwhile is stored as soon as it answers."
)


@contextmanager
def told(prompts: Sequence[Prompt]) -> Iterator[None]:
    """While the block takes longer than patience allows, show why, and the prompts that wait.

    A client of EFS waits for its server without end, and no signal gets it out of the call. So a
    thread of its own says it, and costs nothing on the page unless it has to.
    """
    over = threading.Event()
    # In the script's own context: there Streamlit keeps where on the page the script is.
    here = contextvars.copy_context().run
    thread = threading.Thread(target=here, args=(_tell, over, tuple(prompts)), daemon=True)
    add_script_run_ctx(thread, get_script_run_ctx())
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _tell(over: threading.Event, prompts: Sequence[Prompt]) -> None:
    if over.wait(PATIENCE_SECONDS):
        return
    place = st.empty()
    with place.container():
        st.warning(SENTENCE)
        for prompt in prompts:
            st.text(prompt.text)
    over.wait()
    place.empty()
