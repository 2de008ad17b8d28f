"""The page: flow only. Each run reads the session, does what the user asked, shows the result."""

from __future__ import annotations

import streamlit as st

from app.browser import draft, identity, outbox
from app.conversation import read_turns
from app.page import (
    answering,
    attaching,
    keepalive,
    sidebar,
    slowness,
    transcript,
    trouble,
    volume,
    waiting,
    wishes,
)
from app.sessions import SessionError

st.set_page_config(page_title="Parity chatbot", page_icon=":material/forum:")

# First of all: a message typed while its replica died arrives with the first run on another one,
# and is lost if anything ends that run before these lines.
sent = st.chat_input(
    "Ask anything",
    key=outbox.INPUT_KEY,
    on_submit=outbox.take_in,
    accept_file="multiple",
    file_type=attaching.CHOICE,
    max_upload_size=attaching.LARGEST_MB,
)
prompts = outbox.queue(sent)

# At the same place in each run, on each replica: what is drawn there takes the place of what stood
# there before at once, and not only when the run ends, which may be long after.
conversation = st.container()
draft.keep()

me = identity.known() or waiting.for_local_storage()
# Before any answer is streamed: a refresh must find the key in the browser.
identity.settle(me)
try:
    with slowness.told(lambda: transcript.show_prompts(prompts)):
        session = volume.open_session(me)
        wishes.carry_out()
        answering.accept(session, prompts if me.is_kept else [], volume.Uploads(me))
except SessionError as error:
    with conversation:
        trouble.show_all(error, me, prompts)
try:
    turns = read_turns(session.messages)
    if outbox.lost(turns):
        st.rerun()
    model_id = sidebar.show(session, me, turns)
    with conversation:
        transcript.show(session, turns, me)
        if prompts:
            st.caption("Sending …")
        answering.show_pending(session, turns, model_id)
except SessionError as error:
    trouble.show(error, session, prompts)
keepalive.follow(session, me, prompts, expecting=any(turn.pending for turn in turns))
