"""Import large packages only when something of them is used."""

from __future__ import annotations

import importlib.util
import sys


def import_lazily(*names: str) -> None:
    """Make later `import name` statements cost nothing until an attribute is read.

    Uses importlib.util.LazyLoader; a package that is loaded already, or not installed, is left
    alone.
    """
    for name in names:
        spec = importlib.util.find_spec(name)
        if name in sys.modules or spec is None or spec.loader is None:
            continue
        spec.loader = importlib.util.LazyLoader(spec.loader)
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
