"""The version of Streamlit that app/shared_files is made for, and what it rests on in there.

Where a test here fails after an update of Streamlit: read what has changed in what it names, change
app/shared_files where that matters, run the tests beside this one, and then write down the new
version and fingerprint.
"""

from __future__ import annotations

import hashlib
import inspect
import re
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from streamlit.components.v1 import component_registry
from streamlit.elements.widgets import chat, file_uploader
from streamlit.runtime import Runtime, download_data_util
from streamlit.runtime.app_session import AppSession
from streamlit.runtime.media_file_manager import MediaFileManager, MediaFileMetadata
from streamlit.runtime.media_file_storage import MediaFileStorage
from streamlit.runtime.memory_media_file_storage import get_extension_for_mimetype
from streamlit.runtime.uploaded_file_manager import (
    UploadedFile,
    UploadedFileManager,
    UploadedFileRec,
    UploadFileUrlInfo,
)
from streamlit.runtime.websocket_session_manager import WebsocketSessionManager
from streamlit.web.server import server_util
from streamlit.web.server.starlette import starlette_app, starlette_app_utils, starlette_routes

from app.shared_files import media, uploads
from app.shared_files.media import SharedMedia, SharedMediaManager
from app.shared_files.uploads import SharedUploads

if TYPE_CHECKING:
    from types import FunctionType

VERSION = "1.67.0"
REQUIREMENTS = Path(__file__).parents[3] / "app" / "requirements.txt"

# Why each is here. `install` replaces what the Runtime was made with; the routes are answered in
# Streamlit's place and as it would; the manager's two methods are replaced; the widgets ask for
# files; the rest is called.
RESTS_ON = {
    Runtime.__init__: "e5a5fb5dd960",
    WebsocketSessionManager.connect_session: "3ec84b93485d",
    AppSession.shutdown: "7e6d36199dbc",
    AppSession._handle_file_urls_request: "690113523549",
    MediaFileManager.add: "05e4acb12d4d",
    MediaFileManager.add_deferred: "73a7dcf5de43",
    MediaFileManager.execute_deferred: "a5cbea2a09e3",
    MediaFileManager.remove_orphaned_files: "d8ea79ea32ca",
    MediaFileMetadata: "86e8f7bdb368",
    UploadedFileManager: "d6690efd1da2",
    UploadedFileRec: "b9fcd3c10c5a",
    UploadFileUrlInfo: "6fc43ea2831a",
    UploadedFile.__init__: "a5a21c8f9e02",
    MediaFileStorage: "d1da7154f11e",
    file_uploader._get_upload_files: "148f2bf5236b",
    chat._pop_upload_files: "7fbcf7a3a931",
    chat._pop_audio_file: "3680e1cd1176",
    component_registry.declare_component: "380829bc7d64",
    starlette_routes.create_upload_routes: "4155ed4458ed",
    starlette_routes.create_media_routes: "793d3714b2ee",
    starlette_routes.create_component_routes: "ae152ac17081",
    starlette_routes._set_cors_headers: "21c30d2a0f29",
    starlette_app.create_streamlit_routes: "e9c79ab0356f",
    starlette_app.App._build_starlette_app: "aaddfe923589",
    starlette_app_utils.parse_range_header: "41db17cc5f36",
    starlette_app_utils.validate_xsrf_token: "5d337930b08f",
    server_util.get_cookie_secret: "48d871e0da24",
    server_util.is_xsrf_enabled: "1ac60ce32773",
    server_util.get_url: "5c0311d4a8b5",
    download_data_util.convert_data_to_bytes_and_infer_mime: "7e2183edbb0a",
    get_extension_for_mimetype: "c0722782fb32",
}


def fingerprint(thing: FunctionType | type) -> str:
    """Return a hash over its source: twelve digits."""
    return hashlib.sha256(inspect.getsource(thing).encode()).hexdigest()[:12]


def test_streamlit_is_the_version_that_this_is_made_for() -> None:
    """Here, and in the image."""
    assert version("streamlit") == VERSION
    (pinned,) = re.findall(r"^streamlit==(\S+)", REQUIREMENTS.read_text(), re.MULTILINE)
    assert pinned == VERSION


@pytest.mark.parametrize("thing", RESTS_ON, ids=lambda thing: thing.__qualname__)
def test_what_this_rests_on_is_as_it_was(thing: FunctionType | type) -> None:
    """To the letter: whether a difference matters is for somebody to read."""
    assert fingerprint(thing) == RESTS_ON[thing], (
        f"{thing.__module__}.{thing.__qualname__} is another one than in Streamlit {VERSION}:"
        f" see the head of {Path(__file__).name}"
    )


@pytest.mark.parametrize(
    ("protocol", "ours"),
    [
        (UploadedFileManager, SharedUploads),
        (MediaFileStorage, SharedMedia),
        (MediaFileManager, SharedMediaManager),
    ],
)
def test_protocols_are_whole(protocol: type, ours: type) -> None:
    """Each method that Streamlit may call is there, and takes what it may be given."""
    methods = {
        name: member
        for name, member in inspect.getmembers(protocol, callable)
        if not name.startswith("_")
    }
    assert methods
    for name, method in methods.items():
        expected = inspect.signature(method).parameters
        assert list(inspect.signature(getattr(ours, name)).parameters) == list(expected)
    assert not getattr(ours, "__abstractmethods__", None)


def test_addresses_are_those_that_streamlit_serves() -> None:
    """Its front end adds the base path to them, and sends cookies there."""
    assert f"/{starlette_routes.BASE_ROUTE_UPLOAD_FILE}" == uploads.ENDPOINT
    assert f"/{starlette_routes.BASE_ROUTE_MEDIA}" == media.ENDPOINT


def test_runtime_has_what_is_replaced() -> None:
    """`install` sets these, and a name that nobody reads would be set in silence."""
    made = inspect.getsource(Runtime.__init__)
    for line in (
        "self._uploaded_file_mgr = config.uploaded_file_manager",
        "self._media_file_mgr = MediaFileManager(storage=config.media_file_storage)",
        "self._session_mgr = config.session_manager_class(",
    ):
        assert line in made
    assert "self._uploaded_file_mgr = uploaded_file_manager" in inspect.getsource(
        WebsocketSessionManager.__init__
    )
