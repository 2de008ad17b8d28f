"""The change that cures a loss: about ten lines each, here and nowhere else."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Cure:
    """title: what it does. text: where the lines go and what they change. code: the lines.

    language: of the code, as Markdown names it. more: where in the kit there is more of it.
    """

    title: str
    text: str
    code: str
    more: str
    language: str = "python"


STORE = """\
from sessions import SessionStore, is_valid, mint

cookie = st.context.cookies.get("k")
key = cookie if is_valid(cookie) else st.session_state.setdefault("key", mint())
st.html(f"<script>document.cookie='k={key};max-age=999999'</script>", unsafe_allow_javascript=True)
session = SessionStore("/mnt/data").open(key)
st.session_state.messages = session.messages
"""
UNANSWERED = """\
if st.session_state.messages and st.session_state.messages[-1]["role"] == "user":
"""
COMPONENTS = """\
from contextlib import asynccontextmanager

import streamlit as st
import streamlit_local_storage
from streamlit.runtime import Runtime


@asynccontextmanager
async def lifespan(_app):
    component = streamlit_local_storage._st_local_storage
    Runtime.instance().component_registry.register_component(component)
    yield


app = st.App("streamlit_app.py", lifespan=lifespan)
"""
SETTINGS = """\
kept = session.settings.get("model", MODELS[0])
model = st.selectbox("Model", MODELS, index=MODELS.index(kept))
if model != kept:
    session.settings["model"] = model
"""
UPLOAD = """\
if uploaded := st.file_uploader("A document"):
    if session.settings.get("document", {}).get("name") != uploaded.name:
        session.settings["document"] = session.attach(uploaded)
if document := session.settings.get("document"):
    content = session.read(document)
    st.caption(f"{document['name']}, {len(content)} bytes")
"""
STICKINESS = """\
TargetGroupAttributes:
  - {Key: stickiness.enabled, Value: "true"}
  - {Key: stickiness.type, Value: lb_cookie}
  - {Key: stickiness.lb_cookie.duration_seconds, Value: "86400"}
"""
EXCEPTION = """\
parity logs --tail 40
"""

CURES = {
    "store": Cure(
        "Keep the conversation on the shared volume",
        "What a page keeps in st.session_state is in the memory of one replica, and belongs to one"
        " connection; and a file that is read and written whole loses what another tab wrote"
        " meanwhile. Copy the kit's folder app/sessions beside the page, as sessions/. Put these"
        " lines after the imports and st.set_page_config; they take the place of whatever read or"
        " wrote the conversation. The list is used as before: append to it, and go through it."
        " Streamlit 1.52 or newer is needed.",
        STORE,
        "README.md, The session store in another app",
    ),
    "unanswered": Cure(
        "Answer whatever question has no answer yet",
        "A refresh or a dead replica ends the run of the script, and the answer goes with it."
        " First keep the question and the answers in the store (the cure above). Then put this line"
        " before the block that asks the model and appends its answer, in place of being part of"
        " `if prompt := st.chat_input(...):`. Whoever shows the page next, on any replica, answers"
        " the question that was left. The answer begins anew; one that goes on, seen by all"
        " tabs, is written apart from the page: app/answers/.",
        UNANSWERED,
        "docs/answers.md",
    ),
    "components": Cure(
        "Register components when a replica starts, or do without them",
        "The files of a component answer 404 on a replica whose script has not imported it yet;"
        " the page then waits for them without end. Simplest is to keep the key in a cookie (the"
        " store's lines above), without a component. Else register it at the start: save this as"
        " server.py beside the page, with your component's name in it, and adopt it with"
        " `--entry server.py`.",
        COMPONENTS,
        "docs/no-affinity.md",
    ),
    "settings": Cure(
        "Keep settings in the session",
        "A widget's value goes with its connection. With the store's lines above, keep it there,"
        " and begin with what is kept.",
        SETTINGS,
        "README.md, The session store in another app",
    ),
    "upload": Cure(
        "Attach the file to the session",
        "An uploaded file is in the memory of one replica until the page is closed. With the"
        " store's lines above, put it on the shared volume, and read it from there.",
        UPLOAD,
        "docs/attachments.md",
    ),
    "stickiness": Cure(
        "Switch stickiness on at the load balancer",
        "An upload goes to whichever replica the load balancer picks, and only the one with the"
        " page's connection takes it. infra/template.yml has these lines. An app that must do"
        " without: app/shared_files.",
        STICKINESS,
        "docs/no-affinity.md",
        language="yaml",
    ),
    "exception": Cure(
        "Mend what the page says",
        "Its whole traceback is in the log of the replica. A root file system that is read-only"
        " is meant: on Fargate too, only /mnt/data is kept, and /tmp goes with its replica.",
        EXCEPTION,
        "docs/adopt.md",
        language="sh",
    ),
}
