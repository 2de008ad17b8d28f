"""What the user has sent and no replica has stored: kept by the browser, sent again if it got lost.

Streamlit clears the input as soon as a message is written to the websocket. If the replica at its
other end is dead or frozen, the text is gone. It is gone, too, if another event of the page comes
in the moment in which the server begins the run with the text: that run is then given up before it
has called anything, and the text with it (SafeSessionState.on_script_will_rerun yields first). So
the page notes each prompt that it sends until it sees it stored. A new server-side session that has
not got it is sent it once more; so is this one, if it does not say soon that it has it.

The script that notes is in the page's head (see app/front_end/stamp.py): there is no input before
it. The component tells it what the server knows, at the end of each run, and so sends what is lost.

Files are uploaded when they are chosen, each under an id that the server gave it; what is sent with
the text are those ids. The page notes them with the prompt, as it sees them being uploaded, and
sends them again with it: the uploads are on the shared volume, where every replica finds them.

A prompt that comes both ways is one prompt. If the old replica wakes up and stores it after all, it
does so under the same id. If it was typed just as the page hopped, or before its first run came to
an end, the browser has noted it under the name of another server-side session, or one of its own;
the one that gets it from the input knows that by its text and files.
"""

from __future__ import annotations

import math
import re
import secrets
import time
import zlib
from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import streamlit as st

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from streamlit.elements.widgets.chat import ChatInputValue

    from app.conversation import Turn

INPUT_KEY = "typed"
_KEY = "arrivals"
# How many of the latest prompts the browser is told to be stored.
REPORTED = 20
# A prompt that is typed just as the page hops comes both ways within about a second.
BOTH_WAYS_SECONDS = 10

_SCRIPT = Path(__file__).with_name("outbox.js").read_text()
_TELL = """
export default function ({ data, setTriggerValue }) {
  return window.parityOutbox.take(data, (lost) => setTriggerValue("lost", lost));
}
"""

_component = st.components.v2.component("outbox", js=_SCRIPT + _TELL)
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
    number of the latest prompt that was taken in from this page. unclaimed: by the same, ids of
    what came from the input and was not sent again. resent_at: by the same, when it was sent again
    as lost by another one. known: what was sent again, by the id it has there: the one here.
    given_up: ids of what the user does without.

    One object, fetched at once: each access to st.session_state may end the run, and nothing may
    be half taken in then.
    """

    page: str = field(default_factory=lambda: secrets.token_hex(4))
    queue: list[Prompt] = field(default_factory=list)
    taken: Counter[str] = field(default_factory=Counter)
    unclaimed: dict[str, list[str]] = field(default_factory=dict)
    resent_at: dict[str, float] = field(default_factory=dict)
    known: dict[str, str] = field(default_factory=dict)
    given_up: list[str] = field(default_factory=list)

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
        prompt = Prompt(f"{self.page}-{crc}-{self.taken[crc]}", text, tuple(files))
        self.unclaimed.setdefault(crc, []).append(prompt.id)
        self.queue.append(prompt)

    def resend(self, sent: dict[str, Any], stored: Sequence[str] = ()) -> bool:
        """Queue what the browser says got lost, unless it did not; tell whether it did.

        stored: the latest prompts, without what is sent again. A page that has lost its connection
        may not have learned of one that another server-side session got from its input.
        """
        page, crc, number = sent["id"].split("-")
        here = sent["id"]
        is_new = sent["id"] not in self.known
        if is_new and page == self.page:
            # The input's own message comes first on the same connection, if it comes.
            is_new = int(number) > self.taken[crc]
            self.taken[crc] = max(int(number), self.taken[crc])
        elif is_new and self.unclaimed.get(crc):
            here, is_new = self.unclaimed[crc].pop(0), False
        elif is_new and (since := self._stored_since(crc, sent.get("before", ()), stored)):
            here, is_new = since, False
        elif is_new:
            self.resent_at[crc] = time.monotonic()
        self.known.setdefault(sent["id"], here)
        if is_new:
            self.queue.append(Prompt(sent["id"], sent["text"], _files(sent)))
        return is_new

    def _stored_since(self, crc: str, before: Sequence[str], stored: Sequence[str]) -> str | None:
        """Return what has this CRC and was stored after `before`, each only once."""
        others = {*before, *self.known.values()}
        same = (each for each in stored if each.split("-")[1] == crc)
        return next((each for each in same if each not in others), None)

    def settled(self, stored: Sequence[str]) -> tuple[str, ...]:
        """Return what need not be sent again, by the ids that the browser has noted.

        What was taken in and waits no more is stored. But where its own id is told, too, that is
        enough: told twice, it would pass for two.
        """
        waiting = {prompt.id for prompt in self.queue}
        again = (sent for sent, here in self.known.items() if here not in {*waiting, *stored})
        return (*self.given_up, *again)

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


def queue(value: ChatInputValue | None) -> list[Prompt]:
    """Return the prompts that wait to be stored; value is what st.chat_input returned.

    It matters only in the first run of a server-side session, which knows no callback yet. Whether
    this is the first one must not be told by a flag of the run before the script: Streamlit begins
    a run while the one before still goes on, which would reset it in between.
    """
    is_first = _KEY not in st.session_state
    arrivals = _arrivals()
    if is_first:
        arrivals.type(*_read(value))
    return arrivals.queue


def lost(turns: Sequence[Turn]) -> bool:
    """Tell the browser which prompts are stored; queue those of which it says they got lost.

    Returns whether there are any.
    """
    arrivals = _arrivals()
    latest = tuple(turns)[-REPORTED:]
    stored = tuple(turn.id for turn in latest)
    settled = arrivals.settled(stored)
    now = time.time()
    # Tuples: of a list, Streamlit asks pandas and pyarrow (60 MiB) whether it is a data frame.
    data = {
        "page": arrivals.page,
        "stored": stored + settled,
        "ages": tuple(round(now - turn.asked_at, 1) for turn in latest) + (0,) * len(settled),
        "queued": tuple(prompt.id for prompt in arrivals.queue),
        "taken": tuple(arrivals.taken.items())[-REPORTED:],
    }
    said = _component(data=data, key="outbox", on_lost_change=lambda: None).get("lost")
    noted = [sent for sent in said or [] if _is_genuine(sent)]
    again = {sent["id"] for sent in noted}
    others = [each for each in stored if each not in again]
    queued = [arrivals.resend(sent, others) for sent in noted]
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
    arrivals: _Arrivals = st.session_state.setdefault(_KEY, _Arrivals())
    return arrivals


def _crc(text: str, files: Iterable[File]) -> str:
    whole = "\0".join([text, *sorted(file.id for file in files)])
    return f"{zlib.crc32(whole.encode(errors='replace')):08x}"
