"""The page: flow only. Each run reads the session, does what the user asked, shows the result."""

from __future__ import annotations

import streamlit as st

from app.browser import identity
from app.page import answering, keepalive, sidebar, transcript, volume, waiting
from app.sessions import SessionError

st.set_page_config(page_title="Parity chatbot", page_icon=":material/forum:")

# First of all: a message typed while its replica died arrives with the first run on another one,
# and is lost if anything ends that run before these lines.
prompt = st.chat_input("Ask anything")
outbox: list[str] = st.session_state.setdefault("outbox", [])
if prompt and prompt.strip():
    outbox.append(prompt)

me = identity.known() or waiting.for_local_storage()
try:
    session = volume.open_session(me)
    answering.accept(session, outbox)
    model_id = sidebar.show(session, me)
    transcript.show(session)
    answering.answer_pending(session, model_id)
except SessionError as error:
    keepalive.try_again(error, outbox)
identity.settle(me)
keepalive.follow(session, me)
