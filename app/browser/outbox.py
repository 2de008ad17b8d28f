"""What the user has sent and no replica has stored: kept by the browser, sent again after a hop.

Streamlit clears the input as soon as a message is written to the websocket. If the replica at its
other end is dead or frozen, the text is gone. So the page notes each prompt that it sends until it
sees it stored; a new server-side session that has not got it is sent it once more.

A prompt that comes both ways is one prompt. If the old replica wakes up and stores it after all, it
does so under the same id. If it was typed just as the page hopped, the new server-side session gets
it from the input, too, and knows that by its text.
"""

from __future__ import annotations

import math
import re
import secrets
import time
import zlib
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import streamlit as st

if TYPE_CHECKING:
    from collections.abc import Iterable

INPUT_KEY = "typed"
# How many of the latest prompts the browser is told to be stored.
REPORTED = 20
# A prompt that is typed just as the page hops comes both ways within about a second.
BOTH_WAYS_SECONDS = 10

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
  write([...read(), { id: `${name}-${outbox.times[name]}`, text, before: outbox.stored }]);
}

// Stored is what has its id, or what is new since it was sent and has its text.
function isStored(sent, stored) {
  const sum = sent.id.split("-")[1];
  return stored.some((id) =>
    id === sent.id || (!sent.before.includes(id) && id.split("-")[1] === sum));
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
  Object.assign(window.parityOutbox, { page: data.page, stored: data.stored });
  const waiting = read().filter((sent) => !isStored(sent, data.stored));
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


@dataclass
class _Arrivals:
    """What came to this server-side session, by the text's CRC: how often typed, when resent."""

    typed: Counter[str] = field(default_factory=Counter)
    resent_at: dict[str, float] = field(default_factory=dict)


def take_in() -> None:
    """Queue what was typed, as the input's callback.

    Callbacks run before the script does. In the script, another event of the page may end the run
    at any call of Streamlit's, st.chat_input itself among them, and the text would be gone.
    """
    _append(st.session_state[INPUT_KEY])
    st.session_state.taken_in = True


def queue(text: str | None) -> list[Prompt]:
    """Return the prompts that wait to be stored; text is what st.chat_input returned.

    The text matters only in the first run of a server-side session, which knows no callback yet.
    """
    if not st.session_state.pop("taken_in", False):
        _append(text)
    return _queue()


def _queue() -> list[Prompt]:
    prompts: list[Prompt] = st.session_state.setdefault("prompts", [])
    return prompts


def _append(text: str | None) -> None:
    if text and text.strip() and (sent := _typed(text)):
        _queue().append(sent)


def _typed(text: str) -> Prompt | None:
    """Return the prompt that came straight from this page's input, with the id it has there.

    None if the browser has just sent the same one again as lost.
    """
    arrivals = _arrivals()
    if time.monotonic() - arrivals.resent_at.pop(_crc(text), -math.inf) < BOTH_WAYS_SECONDS:
        return None
    arrivals.typed[_crc(text)] += 1
    return Prompt(f"{_page()}-{_crc(text)}-{arrivals.typed[_crc(text)]}", text)


def lost(stored_ids: Iterable[str]) -> list[Prompt]:
    """Tell the browser which prompts are stored; return those of which it says they got lost."""
    # A tuple: of a list, Streamlit asks pandas and pyarrow (60 MiB) whether it is a data frame.
    data = {"page": _page(), "stored": tuple(stored_ids)[-REPORTED:]}
    said = _component(data=data, key="outbox", on_lost_change=lambda: None).get("lost")
    arrivals = _arrivals()
    found = [
        Prompt(sent["id"], sent["text"])
        for sent in said or []
        if _is_genuine(sent) and not arrivals.typed[_crc(sent["text"])]
    ]
    arrivals.resent_at.update((_crc(prompt.text), time.monotonic()) for prompt in found)
    return found


def _is_genuine(sent: dict[str, str]) -> bool:
    """Check what comes from the browser: an id that belongs to its text."""
    match = _ID.fullmatch(sent["id"])
    return match is not None and match.group(1) == _crc(sent["text"])


def _arrivals() -> _Arrivals:
    arrivals: _Arrivals = st.session_state.setdefault("arrivals", _Arrivals())
    return arrivals


def _crc(text: str) -> str:
    return f"{zlib.crc32(text.encode(errors='replace')):08x}"


def _page() -> str:
    """Return the name of this page's server-side session, another one after each hop."""
    name: str = st.session_state.setdefault("page_name", secrets.token_hex(4))
    return name
