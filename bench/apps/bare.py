"""The page with nothing behind it: what the kit draws, from constants, and nothing is kept."""

from __future__ import annotations

import socket

import streamlit as st

from bench.apps.conversation import MESSAGES, MODEL, USAGE

st.set_page_config(page_title="Bare chatbot", page_icon=":material/forum:")
st.chat_input("Ask anything")
with st.sidebar:
    with st.container(key="replica"):
        st.markdown(f"Replica: `{socket.gethostname()}`")
    with st.container(key="session"):
        st.markdown("Session: `00000000` (none)")
    st.selectbox("Model", (MODEL, "amazon.nova-lite-v1:0", "amazon.nova-pro-v1:0"), key="model")
    st.button("Reset conversation", icon=":material/delete:", width="stretch")
    with st.container(key="usage"):
        st.caption(
            f"Last answer: {USAGE['inputTokens']:,} tokens in, {USAGE['outputTokens']:,} tokens out"
        )
for message in MESSAGES:
    with st.chat_message(message["role"]):
        st.markdown(message["content"])
