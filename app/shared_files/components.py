"""Components whose files every replica serves from its first request on.

A component of Streamlit's first kind is registered when a script run imports it, so on a replica
where none has, its files answer 404, and the page that another replica draws never shows it. Those
of the second kind come with the page, or are found by their package when the server starts.
"""

from __future__ import annotations

import ast
import gc
import importlib
from typing import TYPE_CHECKING

from streamlit.components.types.base_custom_component import BaseCustomComponent
from streamlit.runtime import Runtime

from app import log

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def register(*scripts: Path) -> None:
    """Register what scripts and all that they import declare; to be called in the lifespan.

    What cannot be imported is left for the script run to complain of.
    """
    for script in scripts:
        for module, name in _imported_by(ast.parse(script.read_bytes())):
            try:
                _import(module, name)
            except ImportError as error:
                log.event("not_imported", error=str(error))
    registry = Runtime.instance().component_registry
    for component in gc.get_objects():
        # Told by its type, as some objects load a package when they are asked for their class.
        if BaseCustomComponent in type(component).__mro__:
            registry.register_component(component)


def _imported_by(script: ast.AST) -> Iterator[tuple[str, str]]:
    """Yield module, and the name that is taken from it or "", of each import in a script."""
    for node in ast.walk(script):
        if isinstance(node, ast.Import):
            yield from ((each.name, "") for each in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield from ((node.module, each.name) for each in node.names)


def _import(module: str, name: str) -> None:
    if name and name != "*" and not hasattr(importlib.import_module(module), name):
        importlib.import_module(f"{module}.{name}")  # a submodule
    importlib.import_module(module)
