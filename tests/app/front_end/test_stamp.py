"""Streamlit's index.html knows of which version it is, and the front end heeds it."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
import streamlit
from streamlit import file_util

from app.browser import draft, outbox
from app.front_end.stamp import COOKIE, LISTENERS, PINGS, stamp, stamped

BROWSER = Path(outbox.__file__).parent
STATIC = Path(file_util.get_static_dir())
FLAG = "ENABLE_RELOAD_BASED_ON_HARDCODED_STREAMLIT_VERSION"


def test_stamp_comes_before_every_other_script(tmp_path: Path) -> None:
    """In the very index.html of the Streamlit that is installed, with its version."""
    packages = tmp_path / "lib" / "python3.13" / "site-packages"
    information = Path(streamlit.__file__).parent.parent / (
        f"streamlit-{streamlit.__version__}.dist-info"
    )
    shutil.copytree(information, packages / information.name)
    (packages / "streamlit" / "static").mkdir(parents=True)
    index = packages / "streamlit" / "static" / "index.html"
    shutil.copy(STATIC / "index.html", index)
    stamp(tmp_path)
    scripts = re.findall(r"<script[^>]*>.*?</script>", index.read_text(), re.DOTALL)
    assert f"{FLAG}: true" in scripts[0]
    assert f"{COOKIE}={streamlit.__version__}:{PINGS};" in scripts[0]
    listeners = [(BROWSER / name).read_text() for name in LISTENERS]
    after = 1 + len(listeners)
    assert scripts[1:after] == [f"<script>\n{each}</script>" for each in listeners]
    assert scripts[after:] == re.findall(
        r"<script[^>]*>.*?</script>", (STATIC / "index.html").read_text(), re.DOTALL
    )


def test_listeners_in_the_head_are_those_that_the_components_bring() -> None:
    """To the letter: they are not to take over from themselves."""
    brought = [draft._SCRIPT, outbox._SCRIPT]
    assert brought == [(BROWSER / name).read_text() for name in LISTENERS[1:]]
    assert not any("</script" in each for each in brought)


def test_front_end_reloads_where_its_own_version_is_not_the_servers() -> None:
    """What the stamp rests on, built for 1.67: if this fails, see how a newer Streamlit does it."""
    scripts = [path.read_text() for path in (STATIC / "static" / "js").glob("index.*.js")]
    compares = re.compile(
        rf"hasStreamlitVersionChanged\(\w+\)\{{.{{0,40}}{FLAG}===!0\?\w+="
        rf"\{{version:`{re.escape(streamlit.__version__)}`\}}"
    )
    reloads = "hasStreamlitVersionChanged(n)){window.location.reload();return}"
    assert any(compares.search(script) and reloads in script for script in scripts)


@pytest.mark.parametrize("index", ["<html></html>", "<head></head><head></head>", ""])
def test_page_that_is_not_streamlits_is_refused(index: str) -> None:
    """When the image is built, rather than when versions meet."""
    with pytest.raises(ValueError, match="where 1 is needed"):
        stamped(index, "1.67.0")


@pytest.mark.parametrize("version", ["", "1.67.0;path=/x", '1"</script>', "version"])
def test_version_that_would_not_fit_into_a_cookie_is_refused(version: str) -> None:
    """Nor into a script."""
    with pytest.raises(ValueError, match="not the version of a release"):
        stamped("<head></head>", version)
