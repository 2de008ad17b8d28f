"""A page for tests: every widget of Streamlit's that has a file behind it."""

from __future__ import annotations

import hashlib
import io
import random
import socket
import wave
from typing import TYPE_CHECKING

import streamlit as st
from PIL import Image

from app import shared_files
from e2e.apps.files import widget

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streamlit.runtime.uploaded_file_manager import UploadedFile

# What is drawn differs with ?seed=..., so that each visit of a test has media of its own.
seed = st.query_params.get("seed", "0")
noise = random.Random(seed)  # noqa: S311 - no secret


def picture() -> Image.Image:
    """Return a small picture that no other seed has."""
    return Image.frombytes("RGB", (32, 32), noise.randbytes(32 * 32 * 3))


def sound() -> bytes:
    """Return half a second of noise, as a WAV file."""
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(8000)
        out.writeframes(noise.randbytes(8000))
    return file.getvalue()


def describe(files: Sequence[UploadedFile]) -> None:
    """Show what arrived of each file."""
    for file in files:
        digest = hashlib.sha256(file.getvalue()).hexdigest()
        st.text(f"received {file.name} {file.type} {file.size} {digest}")


if key := st.text_input("The key that the browser now has", key="key"):
    shared_files.belongs_to(key)
describe(st.file_uploader("Files", accept_multiple_files=True, key="files"))
if sent := st.chat_input("Say something", accept_file="multiple", key="said"):
    st.text(f"said {sent.text}")
    describe(sent.files)
st.image(picture(), caption="A picture")
st.audio(sound())
st.video(noise.randbytes(300_000), format="video/mp4")  # not to be played, but to be fetched
# Without a rerun: what is made on the click belongs to one run, and Streamlit itself refuses a
# click that another run has overtaken.
st.download_button(
    "Download", f"report of {seed}\n" * 1000, file_name=f"report {seed}.txt", on_click="ignore"
)
st.download_button(
    "Make and download", f"made for {seed}".encode, file_name="ü.bin", on_click="ignore"
)
widget.show(key="widget")
st.text(f"Replica: {socket.gethostname()}")
