"""Say on the page that the volume does not answer, while the script hangs in a system call."""

from __future__ import annotations

import contextvars
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import streamlit as st
from streamlit.runtime.scriptrunner import add_script_run_ctx, get_script_run_ctx

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PATIENCE_SECONDS = 2.0
SENTENCE = (
    "The storage for conversations does not answer at the moment. Nothing is lost: the page goes on"
    " by itself, and what you send meanwhile is stored as soon as it answers."
)


@contextmanager
def told(draw: Callable[[], None] = lambda: None) -> Iterator[Callable[[], None]]:
    """While the block takes longer than patience allows, show that, and above it what `draw` draws.

    What the last run has drawn stays in sight meanwhile. The block gets what it may call whenever
    the volume has answered: then patience begins anew.
    A client of EFS waits for its server without end, and no signal gets it out of the call. So a
    thread of its own says it, and costs nothing on the page unless it has to.
    """
    over, answered = threading.Event(), threading.Event()
    # In the script's own context: there Streamlit keeps where on the page the script is.
    here = contextvars.copy_context().run
    thread = threading.Thread(target=here, args=(_tell, over, answered, draw), daemon=True)
    add_script_run_ctx(thread, get_script_run_ctx())
    thread.start()
    try:
        yield answered.set
    finally:
        over.set()
        answered.set()
        thread.join()


def _tell(over: threading.Event, answered: threading.Event, draw: Callable[[], None]) -> None:
    while not over.is_set():
        if not answered.wait(PATIENCE_SECONDS):
            _show_until(answered, draw)
        answered.clear()


def _show_until(answered: threading.Event, draw: Callable[[], None]) -> None:
    place = st.empty()
    with place.container():
        draw()
        st.warning(SENTENCE)
    answered.wait()
    place.empty()
