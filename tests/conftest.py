"""What holds for every unit test."""

from __future__ import annotations

import os
import sys

import pytest

os.environ["MOTO_EC2_LOAD_DEFAULT_AMIS"] = "false"  # 1,300 images for each account, of no use here


@pytest.fixture(autouse=True)
def main_module_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    """Undo what Streamlit's AppTest does: it leaves the page as `__main__`.

    A process that a later test spawns would run that page first of all.
    """
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])
