"""Import a large package only when something of it is used.

importlib.util.LazyLoader would do, but it loads at the first look at any attribute, and Streamlit's
use of inspect.stack() looks at the __file__ of every module there is.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from threading import Lock
from types import ModuleType

_lock = Lock()


class _Placeholder(ModuleType):
    """Stands in sys.modules until an attribute is read that only the real module has.

    It has a __file__ but no __path__, so importing a submodule loads the package properly.
    """

    def __getattr__(self, attribute: str) -> object:
        """Load the real module, and answer from it."""
        # Not locked while importing: the import system has a lock a module, and holding another
        # one meanwhile could deadlock with a thread that imports a package which uses this one.
        with _lock:
            if sys.modules.get(self.__name__) is self:
                del sys.modules[self.__name__]
        return getattr(importlib.import_module(self.__name__), attribute)


def import_lazily(*names: str) -> None:
    """Make `import name` cost nothing until it is used; leave what is loaded, or not there."""
    for name in names:
        if name in sys.modules:
            continue
        spec = importlib.util.find_spec(name)
        if spec is None:
            continue
        placeholder = _Placeholder(name)
        placeholder.__spec__ = spec
        placeholder.__file__ = spec.origin
        sys.modules[name] = placeholder
