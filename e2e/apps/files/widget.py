"""A component of Streamlit's first kind, whose files its replica has to know."""

from __future__ import annotations

from pathlib import Path

from streamlit.components.v1 import declare_component

show = declare_component("widget", path=Path(__file__).parent / "frontend")
