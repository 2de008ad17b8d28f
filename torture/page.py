"""What a browser would show: Streamlit's messages folded into a tree, as its own frontend does."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.Markdown_pb2 import Markdown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streamlit.proto.Delta_pb2 import Delta

# The first block of the page's main part: a path begins with 0 there, with 1 in the sidebar.
CONVERSATION = (0, 0)
WHOLE = {ForwardMsg.FINISHED_SUCCESSFULLY, ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY}
STOP = "Stop"
PLACE = {
    name: re.compile(rf"{name}: `([^`]+)`")
    for name in ("Replica", "Session")  # as app/page/sidebar.py writes them
}

Path = tuple[int, ...]


@dataclass
class Node:
    """An element, or a block that holds others. run: the script run that drew it last."""

    what: Any
    is_block: bool
    run: str
    fragment: str


@dataclass(frozen=True)
class Message:
    """A message of the conversation, as drawn by one run.

    pending: its answer can still be stopped. warned: a warning stands in it. A text that is empty
    is not drawn yet.
    """

    role: str
    text: str
    pending: bool
    warned: bool


@dataclass
class Page:
    """One page: what the server has drawn since the page was loaded.

    drawing: the run that draws now; run: the latest one of the whole script. What draws names
    neither. running: one is under way. runs: how many came to their end.
    """

    nodes: dict[Path, Node] = field(default_factory=dict)
    drawing: str = ""
    run: str = ""
    script: str = ""
    server_session: str = ""
    running: bool = False
    runs: int = 0

    def take(self, message: ForwardMsg) -> None:
        """Take in the next message of the server."""
        kind = message.WhichOneof("type")
        fragments = list(message.metadata.run.fragment_ids)
        if kind == "new_session":
            self.script = message.new_session.page_script_hash
            self.server_session = message.new_session.initialize.session_id
            self.running = True
            self.drawing = message.metadata.run.script_run_id
            if not fragments:
                self.run = self.drawing
        elif kind == "delta":
            self._draw(tuple(message.metadata.delta_path), message.delta)
        elif kind == "script_finished":
            self.running = False
            self.runs += 1
            if message.script_finished in WHOLE:
                self._clear(message.metadata.run.script_run_id, fragments)

    def elements(self, kind: str) -> list[Any]:
        """Return all elements of a kind, such as 'chat_input', in the order of the page."""
        return [
            getattr(node.what, kind)
            for _, node in sorted(self.nodes.items())
            if not node.is_block and node.what.WhichOneof("type") == kind
        ]

    def component(self, name: str) -> tuple[str, dict[str, Any]] | None:
        """Return a component's widget id and its data, if it is mounted."""
        for each in self.elements("bidi_component"):
            if each.component_name.endswith(name):
                return each.id, json.loads(each.json or each.mixed.json or "{}")
        return None

    def place(self, what: str) -> str:
        """Return the 'Replica' or the 'Session' that the sidebar names; empty before it does."""
        for each in self.elements("markdown"):
            if found := PLACE[what].match(each.body):
                return str(found[1])
        return ""

    @property
    def messages(self) -> list[Message]:
        """The conversation as far as the latest run has drawn it; none is left from an older."""
        return [
            self._message(path, node.what.chat_message.name)
            for path, node in sorted(self.nodes.items())
            if node.is_block
            and path[:-1] == CONVERSATION
            and node.run == self.run
            and node.what.WhichOneof("type") == "chat_message"
        ]

    def _message(self, path: Path, role: str) -> Message:
        inside = [
            node.what for _, node in self._below(path) if not node.is_block and node.run == self.run
        ]
        texts = [
            each.markdown.body
            for each in inside
            if each.WhichOneof("type") == "markdown"
            and each.markdown.element_type == Markdown.NATIVE
        ]
        return Message(
            role,
            "\n".join(texts),
            pending=any(each.button.label == STOP for each in inside),
            warned=any(each.WhichOneof("type") == "alert" for each in inside),
        )

    def _draw(self, path: Path, delta: Delta) -> None:
        is_block = delta.WhichOneof("type") == "add_block"
        what = delta.add_block if is_block else delta.new_element
        before = self.nodes.get(path)
        kept = (
            is_block
            and before is not None
            and before.is_block
            and before.what.WhichOneof("type") == what.WhichOneof("type")
        )
        if not kept:
            for below, _ in list(self._below(path)):
                del self.nodes[below]
        self.nodes[path] = Node(what, is_block, self.drawing, delta.fragment_id)

    def _below(self, path: Path) -> Iterator[tuple[Path, Node]]:
        for other, node in sorted(self.nodes.items()):
            if len(other) > len(path) and other[: len(path)] == path:
                yield other, node

    def _clear(self, run: str, fragments: list[str]) -> None:
        """Forget what an older run drew and this one did not; of a fragment's run, only its own."""
        for path, node in list(self.nodes.items()):
            if node.run != run and (not fragments or node.fragment in fragments):
                del self.nodes[path]
