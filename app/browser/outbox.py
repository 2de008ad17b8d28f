"""What the user has sent and no replica has stored: kept by the browser, sent again after a hop.

Streamlit clears the input as soon as a message is written to the websocket. If the replica at its
other end is dead or frozen, the text is gone. So the page notes each prompt that it sends until it
sees it stored; a new server-side session that has not got it is sent it once more. Both ways give
it the same id, so a prompt that arrives twice is still one prompt.
"""

from __future__ import annotations

import re
import secrets
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

if TYPE_CHECKING:
    from collections.abc import Iterable

# How many of the latest prompts the browser is told to be stored.
REPORTED = 20

_OUTBOX = """
const ITEM = "parity_outbox";
const INPUT = '[data-testid="stChatInputTextArea"]';
const SUBMIT = '[data-testid="stChatInputSubmitButton"]';
const read = () => JSON.parse(sessionStorage.getItem(ITEM) || "[]");
const write = (sent) => sessionStorage.setItem(ITEM, JSON.stringify(sent));

function crc32(text) {
  let crc = -1;
  for (const byte of new TextEncoder().encode(text)) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (0xedb88320 & -(crc & 1));
  }
  return (~crc >>> 0).toString(16).padStart(8, "0");
}

function note(outbox) {
  const text = document.querySelector(INPUT)?.value ?? "";
  if (!text.trim()) return;
  const name = `${outbox.page}-${crc32(text)}`;
  outbox.times[name] = (outbox.times[name] ?? 0) + 1;
  write([...read(), { id: `${name}-${outbox.times[name]}`, text }]);
}

function listen(outbox) {
  document.addEventListener("keydown", (event) => {
    const sends = event.key === "Enter" && !event.shiftKey && !event.isComposing;
    if (sends && event.target.matches?.(INPUT)) note(outbox);
  }, true);
  document.addEventListener("click", (event) => {
    if (event.target.closest?.(SUBMIT)) note(outbox);
  }, true);
}

export default function ({ data, setTriggerValue }) {
  if (!window.parityOutbox) listen((window.parityOutbox = { times: {} }));
  window.parityOutbox.page = data.page;
  const waiting = read().filter(({ id }) => !data.stored.includes(id));
  write(waiting);
  const lost = waiting.filter(({ id }) => !id.startsWith(data.page));
  clearInterval(window.parityOutbox.timer);
  if (!lost.length) return;
  // Until it is stored: a run that ends early may not have seen it.
  const resend = () => setTriggerValue("lost", lost);
  window.parityOutbox.timer = setInterval(resend, 2000);
  resend();
}
"""

_component = st.components.v2.component("outbox", js=_OUTBOX)
_ID = re.compile(r"[0-9a-f]{8}-([0-9a-f]{8})-[0-9]{1,6}")


@dataclass(frozen=True)
class Prompt:
    """A text that the user sent, and its id: page, CRC-32 of the text, how often it was sent."""

    id: str
    text: str


def typed(text: str) -> Prompt:
    """Return the prompt that came straight from this page's input, with the id it has there."""
    times: dict[str, int] = st.session_state.setdefault("times_sent", {})
    name = f"{_page()}-{_crc(text)}"
    times[name] = times.get(name, 0) + 1
    return Prompt(f"{name}-{times[name]}", text)


def lost(stored_ids: Iterable[str]) -> list[Prompt]:
    """Tell the browser which prompts are stored; return those of which it says they got lost."""
    data = {"page": _page(), "stored": list(stored_ids)[-REPORTED:]}
    said = _component(data=data, key="outbox", on_lost_change=lambda: None).get("lost")
    return [Prompt(sent["id"], sent["text"]) for sent in said or [] if _is_genuine(sent)]


def _is_genuine(sent: dict[str, str]) -> bool:
    """Check what comes from the browser: an id that belongs to its text."""
    match = _ID.fullmatch(sent["id"])
    return match is not None and match.group(1) == _crc(sent["text"])


def _crc(text: str) -> str:
    return f"{zlib.crc32(text.encode(errors='replace')):08x}"


def _page() -> str:
    """Return the name of this page's server-side session, another one after each hop."""
    name: str = st.session_state.setdefault("page_name", secrets.token_hex(4))
    return name
