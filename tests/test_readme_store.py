"""The README's other app runs as it is printed there."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.pages import page_of

if TYPE_CHECKING:
    from streamlit.testing.v1 import AppTest

ROOT = Path(__file__).parent.parent
SECTION = (ROOT / "README.md").read_text().partition("## The session store in another app")[2]
PAGE, UPKEEP = re.findall(r"```python\n(.*?)```", SECTION, re.DOTALL)[:2]
[MAKE_FOLDER] = re.findall(r"`(mkdir .*?)`", SECTION)


@pytest.fixture
def script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The page as the README says, and beside it a copy of the package."""
    shutil.copytree(ROOT / "app" / "sessions", tmp_path / "sessions")
    (tmp_path / "page.py").write_text(PAGE)
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
    subprocess.run(shlex.split(MAKE_FOLDER), cwd=script.parent, check=True)
    app = page_of(script).run()
    assert shown(app) == []
    for text in ("hello", "and again"):
        app.chat_input[0].set_value(text).run()
    assert shown(app) == ["hello", "and again"]
    again = page_of(script)
    again.session_state["key"] = app.session_state["key"]
    assert shown(again.run()) == ["hello", "and again"]
    assert shown(page_of(script).run()) == []
    program = [sys.executable, "-S", "-m", "sessions", "--root", "data", "ls"]  # -S: Python alone
    listed = subprocess.check_output(program, cwd=script.parent, text=True)
    assert '"messages": 2' in listed


def test_a_folder_that_is_missing_is_an_error_and_not_made(script: Path) -> None:
    """It may be a volume that is not mounted: an empty conversation would be a lie."""
    app = page_of(script).run()
    assert "cannot be read right now" in app.exception[0].message
    assert not (script.parent / "data").exists()


def test_the_page_keeps_house_as_printed(script: Path) -> None:
    """By one thread, however often the page runs."""
    subprocess.run(shlex.split(MAKE_FOLDER), cwd=script.parent, check=True)
    script.write_text(PAGE + UPKEEP)
    before = set(threading.enumerate())
    app = page_of(script).run()
    app.chat_input[0].set_value("hello").run()
    assert shown(app) == ["hello"]
    new = [each for each in threading.enumerate() if each not in before and each.is_alive()]
    assert ["run_forever" in each.name for each in new] == [True]


def test_the_page_has_ten_lines() -> None:
    """With its imports; empty ones do not count."""
    assert sum(bool(line) for line in PAGE.splitlines()) == 10
