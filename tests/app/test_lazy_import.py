"""Large packages cost nothing until used, and then are what they always were."""

from __future__ import annotations

import subprocess
import sys
import textwrap

import pytest


def in_fresh_python(program: str) -> str:
    """Run a program in a Python of its own, since imports cannot be undone."""
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)], capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


@pytest.mark.parametrize(
    "use",
    [
        "import pandas; print(pandas.DataFrame.__name__)",
        "from pandas import DataFrame; print(DataFrame.__name__)",
        "import pandas.core.frame as frame; print(frame.DataFrame.__name__)",
        "import importlib; print(importlib.import_module('pandas').DataFrame.__name__)",
    ],
)
def test_package_is_loaded_at_its_first_use(use: str) -> None:
    """Every way to import it works as without."""
    program = f"from app.lazy_import import import_lazily\nimport_lazily('pandas')\n{use}"
    assert in_fresh_python(program) == "DataFrame"


def test_import_and_a_look_at_its_file_load_nothing() -> None:
    """Streamlit's inspect.stack() looks at every module's __file__."""
    program = """
        import inspect, sys
        from app.lazy_import import import_lazily
        import_lazily("pandas", "pyarrow", "numpy", "no_such_package")
        import pandas, pyarrow, numpy
        inspect.stack()
        print(pandas.__file__ is not None, [n for n in sys.modules if n.startswith("pandas.")])
    """
    assert in_fresh_python(program) == "True []"


def test_package_that_is_not_installed_stays_missing() -> None:
    """The error is the usual one."""
    program = """
        from app.lazy_import import import_lazily
        import_lazily("no_such_package")
        try:
            import no_such_package
        except ModuleNotFoundError as error:
            print(error.name)
    """
    assert in_fresh_python(program) == "no_such_package"
