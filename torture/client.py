"""A browser without a browser: it speaks Streamlit's websocket protocol through the balancer.

It does what the page's scripts and Streamlit's frontend do: answers for local storage (which is
empty), claims the session cookie, resends lost prompts, runs fragments again when they are due,
connects anew after a drop or a silence, and then asks for a whole run with the widgets' values as
they are.
"""

from __future__ import annotations

import asyncio
import json
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Self

import httpx
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException

from app.browser.names import SESSION_COOKIE
from torture.outbox import Outbox
from torture.page import Page

if TYPE_CHECKING:
    from collections.abc import Callable
    from ssl import SSLContext
    from types import TracebackType

    from websockets.asyncio.client import ClientConnection

STICKINESS_COOKIES = ("AWSALB", "AWSALBCORS")
NO_TOKEN = "PLACEHOLDER_AUTH_TOKEN"  # noqa: S105 - what the frontend sends instead of one
CONNECT_SECONDS = 5.0
PAUSE_SECONDS = 0.5
RESEND_SECONDS = 2.0
SILENT_SECONDS = 15.0  # as in app/browser/connection.js
ITEM_WRITTEN = "setItem"
DROPPED = (OSError, TimeoutError, WebSocketException, httpx.HTTPError)


class Client:
    """One tab of one browser; to be used as an async context manager.

    page: what it shows. drops: how often its connection was lost. failed_loads: when the page
    itself did not come, in Unix time. errors: exceptions that the page showed, which no user should
    ever see. key: of a session that the browser has already. tls: what trusts an https url's
    certificate; without, only what this machine trusts is believed.
    """

    def __init__(self, url: str, key: str = "", tls: SSLContext | None = None) -> None:
        self.page = Page()
        self.drops = 0
        self.failed_loads: list[float] = []
        self.errors: list[str] = []
        self._url = url
        self._tls = tls
        self._web = httpx.AsyncClient(base_url=url, timeout=CONNECT_SECONDS, verify=tls or True)
        if key:
            self._web.cookies.set(SESSION_COOKIE, key)
        self._socket: ClientConnection | None = None
        self._outbox = Outbox()
        self._widgets: dict[str, str] = {}
        self._claimed = ""
        self._changed = asyncio.Event()
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._living: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._living = asyncio.create_task(self._live())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._leave()
        await self._web.aclose()

    @property
    def key(self) -> str:
        """The session key as the cookie holds it; empty before it does."""
        return self._web.cookies.get(SESSION_COOKIE) or ""

    @property
    def ready(self) -> bool:
        """Whether the page shows its session, and no run is under way."""
        return bool(
            self._socket
            and self.page.place("Session")
            and self._outbox.page
            and self.page.runs
            and not self.page.running
        )

    async def send(self, text: str) -> None:
        """Type a message and send it; what a dead connection swallows, the outbox sends again."""
        (typed,) = self.page.elements("chat_input")
        self._outbox.note(text)
        widget = WidgetState(id=typed.id)
        widget.chat_input_value.data = text
        await self._ask_for_run(widget)

    async def press(self, label: str) -> bool:
        """Press the button of that label; False if there is none."""
        for button in self.page.elements("button"):
            if button.label == label:
                await self._ask_for_run(WidgetState(id=button.id, trigger_value=True))
                return True
        return False

    async def left(self) -> str:
        """Return what it holds of prompts that are not stored."""
        return str(self._outbox.waiting)

    async def refresh(self, *, hop: bool = False) -> None:
        """Press F5; with hop, as a user whose stickiness cookie is gone."""
        await self._leave()
        if hop:
            for name in STICKINESS_COOKIES:
                self._web.cookies.delete(name)
        self.page, self._widgets, self._claimed = Page(), {}, ""
        self._outbox = Outbox(waiting=self._outbox.waiting)
        self._living = asyncio.create_task(self._live())

    async def until(self, holds: Callable[[], bool], seconds: float) -> bool:
        """Wait until something holds; False if it does not in time."""
        deadline = time.monotonic() + seconds
        while not holds():
            left = deadline - time.monotonic()
            if left <= 0:
                return False
            self._changed.clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._changed.wait(), min(left, 1.0))
        return True

    async def _leave(self) -> None:
        tasks = [task for task in (self._living, *self._tasks.values()) if task]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._tasks.clear()

    async def _live(self) -> None:
        """Connect, listen until the connection is lost, and so on for ever."""
        while True:
            try:
                await self._connect_and_listen()
            except DROPPED:
                self.drops += self._socket is not None
            finally:
                self._socket = None
                self._changed.set()
            await asyncio.sleep(PAUSE_SECONDS)

    async def _connect_and_listen(self) -> None:
        if self.page.runs:
            (await self._web.get("/_stcore/health")).raise_for_status()
        else:
            await self._load()
        last = [self.page.server_session] if self.page.server_session else []
        cookies = "; ".join(f"{name}={value}" for name, value in self._web.cookies.items())
        async with connect(
            f"{self._url.replace('http', 'ws', 1)}/_stcore/stream",
            subprotocols=["streamlit", NO_TOKEN, *last],  # type: ignore[list-item]
            origin=self._url,  # type: ignore[arg-type]
            additional_headers={"Cookie": cookies} if cookies else None,
            ssl=self._tls,
            open_timeout=CONNECT_SECONDS,
            close_timeout=PAUSE_SECONDS,
            ping_interval=None,  # as in a browser, only the server pings
            max_size=None,
        ) as socket:
            self._socket = socket
            await self._ask_for_run()
            while True:
                async with asyncio.timeout(SILENT_SECONDS):
                    data = await socket.recv()
                message = ForwardMsg.FromString(bytes(data))  # type: ignore[arg-type]
                self.page.take(message)
                await self._react(message)
                self._changed.set()

    async def _load(self) -> None:
        """Get the page itself, as a browser does first; from it comes the stickiness cookie."""
        try:
            (await self._web.get("/")).raise_for_status()
        except httpx.HTTPError:
            self.failed_loads.append(time.time())
            raise

    async def _react(self, message: ForwardMsg) -> None:
        """Do what the page's scripts do when something was drawn."""
        kind = message.WhichOneof("type")
        if kind == "new_session" and not message.metadata.run.fragment_ids:
            self._stop("rerun ")
        elif kind == "auto_rerun":
            again = message.auto_rerun
            self._start(
                f"rerun {again.fragment_id}", self._rerun(again.fragment_id, again.interval)
            )
        elif kind == "delta" and message.delta.WhichOneof("type") == "new_element":
            element = message.delta.new_element
            match element.WhichOneof("type"):
                case "component_instance":
                    await self._answer_local_storage(element.component_instance)
                case "bidi_component":
                    await self._answer_component(element.bidi_component.component_name)
                case "exception":
                    self.errors.append(f"{element.exception.type}: {element.exception.message}")

    async def _answer_local_storage(self, instance: Any) -> None:  # noqa: ANN401 - a proto
        asked = json.loads(instance.json_args)
        if asked.get("method") != ITEM_WRITTEN and instance.id not in self._widgets:
            self._widgets[instance.id] = "{}"
            await self._ask_for_run()

    async def _answer_component(self, name: str) -> None:
        if not (found := self.page.component(name)):
            return
        widget, data = found
        if name.endswith("session_claim") and self._claimed != data["key"]:
            self._claimed = data["key"]
            self._start("claim", self._claim(widget, data["key"]))
        elif name.endswith("outbox"):
            self._outbox.learn(data)
            self._start("resend", self._resend(widget))

    async def _claim(self, widget: str, key: str) -> None:
        """Post the key until it is answered, then tell the page which key this browser holds."""
        while True:
            with suppress(httpx.HTTPError):
                headers = {"Content-Type": "text/plain", "Origin": self._url}
                answer = await self._web.post("/session", content=key, headers=headers)
                if answer.is_success:
                    self._widgets[widget] = json.dumps({"held": answer.text})
                    await self._ask_for_run()
                    return
            await asyncio.sleep(1)

    async def _resend(self, widget: str) -> None:
        state = WidgetState(id=f"$$STREAMLIT_INTERNAL_KEY_{widget}__events")
        while True:
            if lost := self._outbox.lost():
                state.json_trigger_value = json.dumps([{"event": "lost", "value": lost}])
                await self._ask_for_run(state)
            await asyncio.sleep(RESEND_SECONDS)

    async def _rerun(self, fragment: str, seconds: float) -> None:
        while True:
            await asyncio.sleep(seconds)
            await self._ask_for_run(fragment=fragment)

    async def _ask_for_run(self, trigger: WidgetState | None = None, fragment: str = "") -> None:
        """Ask for a run with all widgets as they are; nothing happens without a connection."""
        back = BackMsg()
        state = back.rerun_script
        state.page_script_hash = self.page.script
        state.fragment_id = fragment
        state.is_auto_rerun = bool(fragment)
        for widget, value in self._widgets.items():
            state.widget_states.widgets.append(WidgetState(id=widget, json_value=value))
        if trigger is not None:
            state.widget_states.widgets.append(trigger)
        state.context_info.url = self._url
        if self._socket is not None:
            with suppress(WebSocketException):  # the reader sees it, too
                await self._socket.send(back.SerializeToString())

    def _start(self, name: str, doing: Any) -> None:  # noqa: ANN401 - a coroutine
        self._stop(name)
        self._tasks[name] = asyncio.create_task(doing)

    def _stop(self, prefix: str) -> None:
        for name in [name for name in self._tasks if name.startswith(prefix)]:
            self._tasks.pop(name).cancel()
