"""What the chatbot's own server.py does for files, around a page with nothing but files in it."""

from __future__ import annotations

from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from app import shared_files
from app.browser import cookie
from app.settings import read_settings

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from starlette.requests import Request

PAGE = Path(__file__).with_name("page.py")
ROOT = read_settings().session_root


async def health(_request: Request) -> PlainTextResponse:
    """Answer 200 as long as this serves, and say who it is."""
    return PlainTextResponse(read_settings().replica)


@asynccontextmanager
async def lifespan(_app: st.App) -> AsyncGenerator[None]:
    """Share files, as the chatbot does."""
    shared_files.install(ROOT, PAGE)
    yield


app = st.App(
    PAGE,
    lifespan=lifespan,
    routes=[Route("/healthz", health), cookie.route],
    middleware=[Middleware(shared_files.SharedFileRoutes, root=ROOT)],
)
