"""The chatbot in the article's way: a session id in local storage, and a pickle on the volume.

Local storage is read as streamlit-local-storage documents it, which holds the script until the
browser has answered. The whole conversation is loaded and saved on each run.
"""

from __future__ import annotations

import pickle
import socket
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import streamlit as st
from streamlit_local_storage import LocalStorage

from bench.apps.conversation import MODEL

if TYPE_CHECKING:
    from collections.abc import Iterator

SESSIONS = Path("/mnt/data")


@st.cache_resource
def bedrock() -> Any:  # noqa: ANN401 - boto3's clients have no static type
    """Return the one client of this process."""
    return boto3.client("bedrock-runtime")


def ask(messages: list[dict[str, str]]) -> Iterator[str]:
    """Yield the answer to the conversation, piece by piece."""
    asked = [{"role": each["role"], "content": [{"text": each["content"]}]} for each in messages]
    for event in bedrock().converse_stream(modelId=model, messages=asked)["stream"]:
        if "contentBlockDelta" in event:
            yield event["contentBlockDelta"]["delta"]["text"]


st.set_page_config(page_title="Article's chatbot", page_icon=":material/forum:")
storage = LocalStorage()
if "session_id" not in st.session_state:
    session_id = storage.getItem("session_id")
    if not session_id:
        session_id = str(uuid.uuid4())
        storage.setItem("session_id", session_id)
    st.session_state.session_id = session_id
path = SESSIONS / f"{st.session_state.session_id}.pkl"
conversation: list[dict[str, str]] = (
    pickle.loads(path.read_bytes()) if path.exists() else []  # noqa: S301 - the article's way
)

with st.sidebar:
    with st.container(key="replica"):
        st.markdown(f"Replica: `{socket.gethostname()}`")
    with st.container(key="session"):
        st.markdown(f"Session: `{st.session_state.session_id[:8]}`")
    model = st.selectbox("Model", (MODEL, "amazon.nova-lite-v1:0", "amazon.nova-pro-v1:0"))
    if st.button("Reset conversation", icon=":material/delete:", width="stretch"):
        conversation = []

for message in conversation:
    with st.chat_message(message["role"]):
        st.markdown(message["content"])
if prompt := st.chat_input("Ask anything"):
    conversation.append({"role": "user", "content": prompt})
    with st.chat_message("user"):
        st.markdown(prompt)
    with st.chat_message("assistant"):
        answer = st.write_stream(ask(conversation))
    conversation.append({"role": "assistant", "content": str(answer)})
path.write_bytes(pickle.dumps(conversation))
