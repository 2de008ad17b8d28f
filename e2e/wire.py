"""A browser's side of Streamlit's protocol, without a browser: what one tab asks, and of whom.

Each request may go to another address, as behind a balancer without stickiness; cookies go to all.
The websocket's messages are Streamlit's own protobuf classes, the requests real HTTP.
"""

from __future__ import annotations

import time
import uuid
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

import httpx
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Common_pb2 import UploadedFileInfo
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import connect
from websockets.typing import Origin, Subprotocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from types import TracebackType

    from streamlit.proto.Common_pb2 import FileURLs

PATIENCE = 30.0  # seconds
# The server hangs up on a connection that is idle for 5 s: what is as old is not used again.
KEPT = httpx.Limits(keepalive_expiry=2.0)
XSRF_COOKIE = "_streamlit_xsrf"


class Tab:
    """One open page: its websocket is on one replica, each of its requests wherever `turn` says.

    turn: returns the base URL that the next request goes to.
    """

    def __init__(self, turn: Callable[[], str], cookies: dict[str, str], query: str = "") -> None:
        self.turn = turn
        self.http = httpx.Client(cookies=cookies, timeout=PATIENCE, limits=KEPT)
        self._query = query
        self._open = ExitStack()
        self.elements: list[Any] = []
        self.session = ""
        if XSRF_COOKIE not in self.http.cookies:
            self.get("/_stcore/health").raise_for_status()
        self.connect()

    def __enter__(self) -> Self:
        """Give itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the page."""
        self.disconnect()
        self.http.close()

    def connect(self) -> None:
        """Open the websocket, on the replica whose turn it is, as after a hop a browser does."""
        base = self.turn()
        cookies = "; ".join(f"{each.name}={each.value}" for each in self.http.cookies.jar)
        self._socket = self._open.enter_context(
            connect(
                f"ws{base.removeprefix('http')}/_stcore/stream",
                origin=Origin("{0.scheme}://{0.netloc}".format(urlsplit(base))),
                subprotocols=[Subprotocol("streamlit")],
                additional_headers={"Cookie": cookies},
                max_size=None,
            )
        )

    def disconnect(self) -> None:
        """Lose the websocket, and keep the page."""
        self._open.close()

    def hop(self, base: str) -> None:
        """Find itself on another replica, as when its own has died."""
        self.disconnect()
        self.turn = lambda: base
        self.connect()

    def run(self, states: Iterable[Any] = ()) -> None:
        """Have the script run with these widget states, and take in what it draws."""
        message = BackMsg()
        message.rerun_script.query_string = self._query
        message.rerun_script.widget_states.widgets.extend(states)
        self._send(message)
        self.elements = []
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            answer = self._receive()
            kind = answer.WhichOneof("type")
            if kind == "new_session":
                self.session = answer.new_session.initialize.session_id
                self.elements = []
            elif kind == "delta" and answer.delta.WhichOneof("type") == "new_element":
                self.elements.append(answer.delta.new_element)
            elif kind == "script_finished":
                return
        raise TimeoutError(f"The script did not end within {PATIENCE:.0f} s.")

    def drawn(self, kind: str) -> list[Any]:
        """Return the elements of a kind, in order."""
        found = (each for each in self.elements if each.WhichOneof("type") == kind)
        return [getattr(each, kind) for each in found]

    def texts(self) -> list[str]:
        """Return what `st.text` says."""
        return [each.body for each in self.drawn("text")]

    def media(self) -> dict[str, str]:
        """Return the address of everything that the page fetches or offers, by its kind."""
        (images,), (audio,), (video,) = (self.drawn(k) for k in ("imgs", "audio", "video"))
        download = next(each for each in self.drawn("download_button") if each.url)
        return {
            "image": images.imgs[0].url,
            "audio": audio.url,
            "video": video.url,
            "download": download.url,
        }

    def get(self, path: str, **options: Any) -> httpx.Response:  # noqa: ANN401 - httpx's own
        """Fetch from the replica whose turn it is; a cookie that it sets goes to all."""
        answer = self.http.get(self.turn() + path, **options)
        for name, value in answer.cookies.items():
            self.http.cookies.delete(name)
            self.http.cookies.set(name, value)
        return answer

    def upload_urls(self, *names: str) -> list[FileURLs]:
        """Ask where to upload files of these names to, by the websocket, as the widget does."""
        message = BackMsg()
        message.file_urls_request.request_id = uuid.uuid4().hex
        message.file_urls_request.session_id = self.session
        message.file_urls_request.file_names.extend(names)
        self._send(message)
        return list(self._until("file_urls_response").file_urls_response.file_urls)

    def put(self, urls: FileURLs, name: str, data: bytes, type_: str) -> httpx.Response:
        """Upload a file to the replica whose turn it is."""
        return self.http.put(
            self.turn() + urls.upload_url,
            files={name: (name, data, type_)},
            headers=self.xsrf_header(),
        )

    def delete(self, urls: FileURLs) -> httpx.Response:
        """Delete an uploaded file, as the widget's cross does."""
        return self.http.delete(self.turn() + urls.delete_url, headers=self.xsrf_header())

    def xsrf_header(self) -> dict[str, str]:
        """Return the header that repeats the XSRF cookie."""
        return {"X-Xsrftoken": self.http.cookies[XSRF_COOKIE]}

    def click_deferred(self) -> str:
        """Click the download button whose file is yet to be made; return where it then is."""
        (button,) = [each for each in self.drawn("download_button") if each.deferred_file_id]
        message = BackMsg()
        request = message.backend_operation_request
        request.request_id, request.session_id = uuid.uuid4().hex, self.session
        request.deferred_file.file_id = button.deferred_file_id
        self._send(message)
        answer = self._until("backend_operation_response").backend_operation_response
        if answer.error_msg:
            raise AssertionError(answer.error_msg)
        return str(answer.deferred_file.url)

    def tell_key(self, key: str) -> None:
        """Tell the page which key this browser now has in its cookie."""
        (text_input,) = self.drawn("text_input")
        message = BackMsg()
        state = message.rerun_script.widget_states.widgets.add()
        state.id, state.string_value = text_input.id, key
        self.run([state])

    def run_with_files(self, *files: tuple[FileURLs, str, int]) -> None:
        """Run with these files, as (addresses, name, size), in the page's file uploader."""
        (uploader,) = self.drawn("file_uploader")
        message = BackMsg()
        state = message.rerun_script.widget_states.widgets.add()
        state.id = uploader.id
        state.file_uploader_state_value.uploaded_file_info.extend(map(_info, files))
        self.run([state])

    def say(self, text: str, *files: tuple[FileURLs, str, int]) -> None:
        """Send a chat message with these files."""
        (chat_input,) = self.drawn("chat_input")
        message = BackMsg()
        state = message.rerun_script.widget_states.widgets.add()
        state.id = chat_input.id
        state.chat_input_value.data = text
        state.chat_input_value.file_uploader_state.uploaded_file_info.extend(map(_info, files))
        self.run([state])

    def _send(self, message: BackMsg) -> None:
        self._socket.send(message.SerializeToString())

    def _receive(self) -> ForwardMsg:
        message = ForwardMsg()
        message.ParseFromString(self._socket.recv(PATIENCE, decode=False))
        return message

    def _until(self, kind: str) -> ForwardMsg:
        while (message := self._receive()).WhichOneof("type") != kind:
            pass
        return message


def _info(file: tuple[FileURLs, str, int]) -> UploadedFileInfo:
    urls, name, size = file
    return UploadedFileInfo(name=name, size=size, file_id=urls.file_id, file_urls=urls)


def component_of(tab: Tab) -> str:
    """Return where the page's component of the first kind has its files."""
    (instance,) = tab.drawn("component_instance")
    return f"/component/{instance.component_name}/"
