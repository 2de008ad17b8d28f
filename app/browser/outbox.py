"""What the user has sent and no replica has stored: kept by the browser, sent again if it got lost.

Streamlit clears the input as soon as a message is written to the websocket. If the replica at its
other end is dead or frozen, the text is gone. It is gone, too, if another event of the page comes
in the moment in which the server begins the run with the text: that run is then given up before it
has called anything, and the text with it (SafeSessionState.on_script_will_rerun yields first). So
the page notes each prompt that it sends until it sees it stored. A new server-side session that has
not got it is sent it once more; so is this one, if it does not say soon that it has it.

Files are uploaded when they are chosen, each under an id that the server gave it; what is sent with
the text are those ids. The page notes them with the prompt, as it sees them being uploaded, and
sends them again with it: the uploads are on the shared volume, where every replica finds them.

A prompt that comes both ways is one prompt. If the old replica wakes up and stores it after all, it
does so under the same id. If it was typed just as the page hopped, the new server-side session gets
it from the input, too, and knows that by its text and files.
"""

from __future__ import annotations

import math
import re
import secrets
import time
import zlib
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import streamlit as st

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from streamlit.elements.widgets.chat import ChatInputValue

INPUT_KEY = "typed"
# How many of the latest prompts the browser is told to be stored.
REPORTED = 20
# A prompt that is typed just as the page hops comes both ways within about a second.
BOTH_WAYS_SECONDS = 10

_OUTBOX = """
const ITEM = "parity_outbox";
const INPUT = '[data-testid="stChatInputTextArea"]';
const PATIENCE_MS = 3000;   // a run begins within a fraction of that
const AGAIN_MS = 2000;
const SUBMIT = '[data-testid="stChatInputSubmitButton"]';
// What the input shows of chosen files, but those of which it says that they failed.
const FILES = '[data-testid="stChatInput"] [data-testid="stFileChip"]:not([aria-invalid])' +
  ' [data-testid="stFileChipName"]';
const UPLOAD = /\\/_stcore\\/upload_file\\/[^/]+\\/([0-9a-zA-Z-]+)$/;
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

// What the input has uploaded, and not taken back, goes with the next message.
function watchUploads(outbox) {
  outbox.files = [];
  const { open, send } = XMLHttpRequest.prototype;
  XMLHttpRequest.prototype.open = function (method, url, ...rest) {
    this.parityUpload = { method: method.toUpperCase(), id: UPLOAD.exec(url)?.[1] };
    return open.call(this, method, url, ...rest);
  };
  XMLHttpRequest.prototype.send = function (body) {
    const { method, id } = this.parityUpload ?? {};
    const file = body instanceof FormData && [...body.values()].find((each) => each.name);
    if (id && method === "DELETE") {
      outbox.files = outbox.files.filter((each) => each.id !== id);
    } else if (id && method === "PUT" && file) {
      const upload = { id, name: file.name, done: false };
      outbox.files.push(upload);
      this.addEventListener("load", () => { upload.done = this.status < 300; });
    }
    return send.call(this, body);
  };
}

function note(outbox) {
  const text = document.querySelector(INPUT)?.value ?? "";
  const shown = [...document.querySelectorAll(FILES)].map((chip) => chip.title);
  if (!text.trim() && !shown.length) return;
  if (document.querySelector(SUBMIT)?.disabled) return;   // an upload is under way: nothing is sent
  const files = outbox.files.splice(0).filter((each) => each.done);
  if (files.length !== shown.length) return;   // one was not seen: no id would be the server's
  files.sort((one, other) => shown.indexOf(one.name) - shown.indexOf(other.name));
  const sum = crc32([text, ...files.map((each) => each.id).sort()].join("\\0"));
  const name = `${outbox.page}-${sum}`;
  outbox.times[name] = (outbox.times[name] ?? 0) + 1;
  const id = `${name}-${outbox.times[name]}`;
  write([...read(), { id, text, files, before: outbox.stored, at: Date.now() }]);
}

// Stored is what has its id, or what is new since it was sent and has its text and files.
function isStored(sent, stored) {
  const sum = sent.id.split("-")[1];
  return stored.some((id) =>
    id === sent.id || (!sent.before.includes(id) && id.split("-")[1] === sum));
}

// What another server-side session was sent; and what this one was, and does not tell of.
function isLost({ id, at }, { page, queued }) {
  return !id.startsWith(page) || (Date.now() - at > PATIENCE_MS && !queued.includes(id));
}

function sendLost(outbox) {
  const lost = read().filter((sent) => isLost(sent, outbox));
  if (lost.length) outbox.send(lost);
}

// Once a page, and once more when another version of the app has taken the page over.
let listening;

function listen(outbox) {
  outbox.listening?.abort();
  outbox.listening = listening = new AbortController();
  const options = { capture: true, signal: listening.signal };
  document.addEventListener("keydown", (event) => {
    const held = event.shiftKey || event.ctrlKey || event.metaKey || event.isComposing;
    const sends = event.key === "Enter" && !held;
    if (sends && event.target.matches?.(INPUT)) note(outbox);
  }, options);
  document.addEventListener("click", (event) => {
    if (event.target.closest?.(SUBMIT)) note(outbox);
  }, options);
}

export default function ({ data, setTriggerValue }) {
  const outbox = Object.assign((window.parityOutbox ??= { times: {} }), data);
  if (!listening || outbox.listening !== listening) listen(outbox);
  if (!outbox.files) watchUploads(outbox);
  outbox.send = (lost) => setTriggerValue("lost", lost);
  write(read().filter((sent) => !isStored(sent, data.stored)));
  // Until it is stored: a run that ends early may not have seen it.
  clearInterval(outbox.timer);
  outbox.timer = setInterval(() => sendLost(outbox), AGAIN_MS);
  sendLost(outbox);
  return () => clearInterval(outbox.timer);
}
"""

_component = st.components.v2.component("outbox", js=_OUTBOX)
_ID = re.compile(r"[0-9a-f]{8}-([0-9a-f]{8})-[0-9]{1,6}", re.ASCII)


@dataclass(frozen=True)
class File:
    """An uploaded file, by the id under which the volume has it, and its name if that is known."""

    id: str
    name: str = ""


@dataclass(frozen=True)
class Prompt:
    """What the user sent, and its id: page, CRC-32 of text and files, how often it was sent."""

    id: str
    text: str
    files: tuple[File, ...] = ()


@dataclass
class _Arrivals:
    """What came to this server-side session.

    page: its name, another one after each hop. queue: what waits to be stored. taken: by CRC, the
    number of the latest prompt that was taken in from this page. resent_at: by the same, when it
    was sent again as lost by another one. given_up: ids of what the user does without.
    by_callback: the text of this run is taken in.

    One object, fetched at once: each access to st.session_state may end the run, and nothing may
    be half taken in then.
    """

    page: str = field(default_factory=lambda: secrets.token_hex(4))
    queue: list[Prompt] = field(default_factory=list)
    taken: Counter[str] = field(default_factory=Counter)
    resent_at: dict[str, float] = field(default_factory=dict)
    given_up: list[str] = field(default_factory=list)
    by_callback: bool = False

    def type(self, text: str | None, files: Sequence[File] = ()) -> None:
        """Queue what came straight from this page's input, under the id that it has there.

        Unless the browser has just sent the same one again as lost by another page.
        """
        if text is None or not (text.strip() or files):
            return
        crc = _crc(text, files)
        if time.monotonic() - self.resent_at.pop(crc, -math.inf) < BOTH_WAYS_SECONDS:
            return
        self.taken[crc] += 1
        self.queue.append(Prompt(f"{self.page}-{crc}-{self.taken[crc]}", text, tuple(files)))

    def resend(self, sent: dict[str, Any]) -> bool:
        """Queue what the browser says got lost, unless it did not; tell whether it did."""
        page, crc, number = sent["id"].split("-")
        if page == self.page:
            # The input's own message comes first on the same connection, if it comes.
            if int(number) <= self.taken[crc]:
                return False
            self.taken[crc] = int(number)
        elif self.taken[crc] or any(prompt.id == sent["id"] for prompt in self.queue):
            return False
        else:
            self.resent_at[crc] = time.monotonic()
        self.queue.append(Prompt(sent["id"], sent["text"], _files(sent)))
        return True

    def give_up(self) -> None:
        """Drop what waits, for good: the browser is told not to send it again."""
        self.given_up += [prompt.id for prompt in self.queue]
        self.queue.clear()


def take_in() -> None:
    """Queue what was typed, as the input's callback.

    Callbacks run before the script does. In the script, another event of the page may end the run
    at any call of Streamlit's, st.chat_input itself among them, and the text would be gone.
    """
    value, arrivals = st.session_state[INPUT_KEY], _arrivals()
    arrivals.type(*_read(value))
    arrivals.by_callback = True


def queue(value: ChatInputValue | None) -> list[Prompt]:
    """Return the prompts that wait to be stored; value is what st.chat_input returned.

    It matters only in the first run of a server-side session, which knows no callback yet.
    """
    arrivals = _arrivals()
    if not arrivals.by_callback:
        arrivals.type(*_read(value))
    arrivals.by_callback = False
    return arrivals.queue


def lost(stored_ids: Iterable[str]) -> bool:
    """Tell the browser which prompts are stored; queue those of which it says they got lost.

    Returns whether there are any.
    """
    arrivals = _arrivals()
    # Tuples: of a list, Streamlit asks pandas and pyarrow (60 MiB) whether it is a data frame.
    data = {
        "page": arrivals.page,
        "stored": tuple(stored_ids)[-REPORTED:] + tuple(arrivals.given_up),
        "queued": tuple(prompt.id for prompt in arrivals.queue),
    }
    said = _component(data=data, key="outbox", on_lost_change=lambda: None).get("lost")
    queued = [arrivals.resend(sent) for sent in said or [] if _is_genuine(sent)]
    return any(queued)


def give_up() -> None:
    """Drop what waits to be stored, because the user does without it."""
    _arrivals().give_up()


def send_without_files() -> None:
    """Go on with the text alone of what waits first."""
    arrivals = _arrivals()
    if arrivals.queue:
        arrivals.queue[0] = replace(arrivals.queue[0], files=())


def _read(value: ChatInputValue | None) -> tuple[str | None, tuple[File, ...]]:
    if value is None:
        return None, ()
    return value.text, tuple(File(each.file_id) for each in value.files)


def _is_genuine(sent: dict[str, Any]) -> bool:
    """Check what comes from the browser: an id that belongs to its text, and ids of files."""
    match = _ID.fullmatch(sent["id"])
    return match is not None and match.group(1) == _crc(sent["text"], _files(sent))


def _files(sent: dict[str, Any]) -> tuple[File, ...]:
    """Return the files that the browser noted with a prompt."""
    return tuple(File(str(each["id"]), str(each["name"])) for each in sent.get("files", ()))


def _arrivals() -> _Arrivals:
    arrivals: _Arrivals = st.session_state.setdefault("arrivals", _Arrivals())
    return arrivals


def _crc(text: str, files: Iterable[File]) -> str:
    whole = "\0".join([text, *sorted(file.id for file in files)])
    return f"{zlib.crc32(whole.encode(errors='replace')):08x}"
