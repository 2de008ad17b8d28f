"""A chatbot as tutorials have it: what was said is in the memory of one replica alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import boto3
import streamlit as st

if TYPE_CHECKING:
    from collections.abc import Iterator

MODELS = ["amazon.nova-micro-v1:0", "amazon.nova-lite-v1:0", "amazon.nova-pro-v1:0"]


def ask(messages: list[dict[str, str]]) -> Iterator[str]:
    """Yield the answer to the conversation, piece by piece."""
    asked = [{"role": each["role"], "content": [{"text": each["content"]}]} for each in messages]
    answer = boto3.client("bedrock-runtime").converse_stream(modelId=model, messages=asked)
    for event in answer["stream"]:
        if "contentBlockDelta" in event:
            yield event["contentBlockDelta"]["delta"]["text"]


st.title("Ask the handbook")
with st.sidebar:
    model = st.selectbox("Model", MODELS)
    if uploaded := st.file_uploader("A document"):
        st.caption(f"{uploaded.name}, {uploaded.size} bytes")

if "messages" not in st.session_state:
    st.session_state.messages = []

for message in st.session_state.messages:
    with st.chat_message(message["role"]):
        st.markdown(message["content"])

if prompt := st.chat_input("Ask anything"):
    st.session_state.messages.append({"role": "user", "content": prompt})
    with st.chat_message("user"):
        st.markdown(prompt)
    with st.chat_message("assistant"):
        answer = st.write_stream(ask(st.session_state.messages))
    st.session_state.messages.append({"role": "assistant", "content": answer})
