"""Let each page know of which version of Streamlit it is, and listen from its first moment on.

Run when the image is built:

    python stamp.py ENVIRONMENT

While replicas of two versions are in rotation, a page may be sent by one and connect to another.
Streamlit's front end compares its version with the server's before it does anything else, and
reloads the page if they differ; but unless it is told to take its own version, it takes what the
first server said that it connected to (App.tsx, hasStreamlitVersionChanged). Besides, for as long
as a page is new, its websocket shows its version to the server (see skew.py) by a cookie that also
counts how often it was refused.

A page that could not load one of its files stays blank or breaks later: it is loaded again.

What keeps what is typed and sent (see app/browser/) is there before the input is. A component would
come with the first run, and some time after the input; a message could be sent in between.
"""

from __future__ import annotations

import re
import sys
from importlib.metadata import distributions
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

COOKIE = "parity_front_end"
# A page is new for so long, or until it has asked so often whether it could connect, which it does
# before each connection. The last one of these is taken by any version, after 0.75 to 1.5 s: a
# fourth would come up to 2 s later, and a reload does not take as long.
NEW_SECONDS = 10
PINGS = 3
HEAD = "<head>"
LISTENERS = ("connection.js", "draft.js", "outbox.js")

_SCRIPT = """
    <script>
      window.__streamlit = { ENABLE_RELOAD_BASED_ON_HARDCODED_STREAMLIT_VERSION: true };
      document.cookie = "COOKIE=VERSION:PINGS;path=/;max-age=NEW_SECONDS;samesite=lax";
      {
        const ITEM = "parity_reloads", MOST = 5, WELL_MS = 30000;
        const FILES = "script, link[rel=modulepreload], link[rel=stylesheet]";
        const tries = Number(sessionStorage.getItem(ITEM));
        setTimeout(() => sessionStorage.removeItem(ITEM), WELL_MS);
        const loadAgain = () => {
          if (tries >= MOST) return;
          sessionStorage.setItem(ITEM, tries + 1);
          const reload = () => setTimeout(() => location.reload(), 500 * 2 ** tries);
          document.readyState === "complete" ? reload() : addEventListener("load", reload);
        };
        addEventListener("error", ({ target }) => target.matches?.(FILES) && loadAgain(), true);
        addEventListener("vite:preloadError", loadAgain);
      }
    </script>"""


def stamped(index: str, version: str, listeners: Iterable[str] = ()) -> str:
    """Return an index.html that knows its version, with the listeners' scripts in it.

    Raises ValueError if it is not Streamlit's.
    """
    if index.count(HEAD) != 1:
        raise ValueError(f"this index.html has {index.count(HEAD)} times {HEAD}, where 1 is needed")
    if re.fullmatch(r"[0-9][0-9A-Za-z.+-]*", version) is None:
        raise ValueError(f"{version!r} is not the version of a release")
    values = {
        "COOKIE": COOKIE,
        "VERSION": version,
        "PINGS": str(PINGS),
        "NEW_SECONDS": str(NEW_SECONDS),
    }
    script = re.sub("|".join(rf"\b{name}\b" for name in values), lambda m: values[m[0]], _SCRIPT)
    listening = (f"\n    <script>\n{each}</script>" for each in listeners)
    return index.replace(HEAD, HEAD + script + "".join(listening))


def stamp(environment: Path) -> None:
    """Stamp the index.html of the environment's Streamlit."""
    [packages] = environment.glob("lib/python*/site-packages")
    [streamlit] = distributions(name="streamlit", path=[str(packages)])
    index = packages / "streamlit" / "static" / "index.html"
    browser = Path(__file__).parents[1] / "browser"
    listeners = [(browser / name).read_text() for name in LISTENERS]
    index.write_text(stamped(index.read_text(), streamlit.version, listeners))


if __name__ == "__main__":
    stamp(Path(sys.argv[1]))
