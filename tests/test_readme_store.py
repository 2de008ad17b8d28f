"""The README's other app runs as it is printed there."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

ROOT = Path(__file__).parent.parent
SECTION = (ROOT / "README.md").read_text().partition("## The session store in another app")[2]
LINES = re.findall(r"```python\n(.*?)```", SECTION, re.DOTALL)[0].splitlines()


@pytest.fixture
def script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The page as the README says: beside it a copy of the package, and a folder for its data."""
    shutil.copytree(ROOT / "app" / "sessions", tmp_path / "sessions")
    (tmp_path / "data").mkdir()
    (tmp_path / "page.py").write_text("\n".join(LINES))
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    for name in [name for name in sys.modules if name.split(".")[0] == "sessions"]:
        monkeypatch.delitem(sys.modules, name)
    return tmp_path / "page.py"


def shown(app: AppTest) -> list[str]:
    """Return the text of each message on the page."""
    assert not app.exception
    return [message.markdown[0].value for message in app.chat_message]


def test_the_page_keeps_its_conversation(script: Path) -> None:
    """Also when the process is another one, as after a restart or on another replica."""
    app = AppTest.from_file(str(script)).run()
    assert shown(app) == []
    for text in ("hello", "and again"):
        app.chat_input[0].set_value(text).run()
    assert shown(app) == ["hello", "and again"]
    again = AppTest.from_file(str(script))
    again.session_state["key"] = app.session_state["key"]
    assert shown(again.run()) == ["hello", "and again"]
    assert shown(AppTest.from_file(str(script)).run()) == []
    program = [sys.executable, "-S", "-m", "sessions", "--root", "data", "ls"]  # -S: Python alone
    listed = subprocess.check_output(program, cwd=script.parent, text=True)
    assert '"messages": 2' in listed


def test_the_page_has_ten_lines() -> None:
    """With its imports; empty ones do not count."""
    assert sum(bool(line) for line in LINES) == 10
