"""Apps to adopt, as their owners would have them: in a folder of their own, cured or not."""

from __future__ import annotations

import shutil
from textwrap import indent
from typing import TYPE_CHECKING

from e2e.adopted.cures import CURES
from parity.project import ROOT

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

APPS = ROOT / "e2e" / "apps"
BLOCK = '    with st.chat_message("assistant"):\n'  # where both chatbots ask the model
INSIDE = " " * 4
ARTICLE = "bench/apps/article.py"
# The article's page imports beside itself by the name of the checkout's folder.
ARTICLE_ENVIRONMENT = {"PYTHONPATH": "/srv/app"}


def stateless(folder: Path) -> Path:
    """Make the page that shows the same to everybody."""
    return _copied("stateless", folder)


def session_state(folder: Path, cures: tuple[str, ...] = ()) -> Path:
    """Make the chatbot that keeps all in st.session_state, with the lines of some cures."""
    app = _copied("session_state", folder)
    changes = {
        "store": {"MODELS = [": f"{CURES['store'].code}\nMODELS = ["},
        "unanswered": {BLOCK: CURES["unanswered"].code + BLOCK},
        "settings": {
            '    model = st.selectbox("Model", MODELS)\n': indent(CURES["settings"].code, INSIDE)
        },
        "upload": {
            '    if uploaded := st.file_uploader("A document"):\n'
            '        st.caption(f"{uploaded.name}, {uploaded.size} bytes")\n': indent(
                CURES["upload"].code, INSIDE
            )
        },
    }
    for name in cures:
        _change(app / "streamlit_app.py", changes[name])
    _bring_store(app, cures)
    return app


def article(folder: Path, cures: tuple[str, ...] = ()) -> Path:
    """Make the app of bench/apps/: its key in local storage, its conversation in a pickle."""
    app = folder / "article"
    (app / ARTICLE).parent.mkdir(parents=True)
    for name in (ARTICLE, "bench/apps/conversation.py"):
        shutil.copy(ROOT / name, app / name)
    (app / "requirements.txt").write_text("boto3\nstreamlit==1.67.0\nstreamlit-local-storage\n")
    page = (app / ARTICLE).read_text()
    begin, end = page.index("storage = LocalStorage()"), page.index("with st.sidebar:")
    changes = {
        "store": {
            page[begin:end]: f"{CURES['store'].code}conversation = session.messages\n\n",
            "from streamlit_local_storage import LocalStorage\n": "",
            "st.session_state.session_id[:8]": "key[:8]",
            "path.write_bytes(pickle.dumps(conversation))\n": "",
        },
        "unanswered": {BLOCK: CURES["unanswered"].code + BLOCK},
        "components": {},
    }
    for name in cures:
        _change(app / ARTICLE, changes[name])
    if "components" in cures:
        server = CURES["components"].code.replace("streamlit_app.py", ARTICLE)
        (app / "server.py").write_text(server)
    _bring_store(app / "bench" / "apps", cures)
    return app


def _copied(name: str, folder: Path) -> Path:
    return shutil.copytree(APPS / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))


def _bring_store(folder: Path, cures: tuple[str, ...]) -> None:
    if "store" in cures:
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / "app" / "sessions", folder / "sessions", ignore=ignored)


def _change(file: Path, changes: Mapping[str, str]) -> None:
    """Replace pieces of a file, each of which is there exactly once."""
    text = file.read_text()
    for old, new in changes.items():
        assert text.count(old) == 1, f"{text.count(old)} times in {file.name}: {old}"
        text = text.replace(old, new)
    file.write_text(text)
