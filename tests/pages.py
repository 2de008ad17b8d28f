"""Pages without a browser, which may take their time: this machine may be busy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamlit.testing.v1 import AppTest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PATIENCE = 60.0  # seconds


def run_body(body: Callable[..., None], **arguments: object) -> AppTest:
    """Run a function as a page; it runs alone, without the module that it stands in."""
    return AppTest.from_function(body, kwargs=arguments, default_timeout=PATIENCE).run()


def page_of(script: Path) -> AppTest:
    """Return the page of a script, which has not run yet."""
    return AppTest.from_file(script, default_timeout=PATIENCE)
