"""The st.App entry point: what a replica does besides running the page."""

from __future__ import annotations

import asyncio
import importlib
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st
from starlette.middleware import Middleware
from starlette.responses import JSONResponse
from starlette.routing import Route
from streamlit import config
from streamlit.runtime import Runtime

from app import active_chats, draining, log, scale_in_protection, shared_files, upkeep
from app.browser import attachment, cookie
from app.cookie_secret import shared_secret
from app.front_end.front_ends import FrontEnds
from app.front_end.skew import VersionSkew
from app.lazy_import import import_lazily
from app.settings import read_settings

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from starlette.requests import Request

# Any component of Streamlit's first kind imports pyarrow, 80 MiB of it, and then uses it only for
# data frames, of which this app has none.
import_lazily("pyarrow", "pandas", "numpy")
log.configure()
settings = read_settings()
front_ends = FrontEnds(settings.session_root)
PAGE = Path(__file__).with_name("chatbot.py")

if not config.is_manually_set("server.cookieSecret"):
    # Given by the environment in the cloud; without it replicas on one volume agree on one.
    try:
        config.set_option("server.cookieSecret", shared_secret(settings.session_root))
    except OSError as error:
        # Start all the same: the page is where the user is told what is wrong with the volume.
        log.event("volume_unavailable", error=str(error))


async def health(_request: Request) -> JSONResponse:
    """Answer the load balancer's health check: 200 while this replica takes requests, else 503."""
    status = "draining" if draining.begun.is_set() else "ok"
    body = {"status": status, "replica": settings.replica}
    return JSONResponse(body, status_code=200 if status == "ok" else 503)


@asynccontextmanager
async def lifespan(_app: st.App) -> AsyncGenerator[None]:
    """Make ready what the first visitor would otherwise wait for, or hang on."""
    shared_files.install(settings.session_root, PAGE, read_uploads=False)
    front_ends.publish(Runtime.instance().component_registry.get_components())
    importlib.import_module("app.model")
    upkeep.start(settings)
    draining.on_sigterm(settings.stop_grace)
    if settings.ecs_agent:
        scale_in_protection.start(settings.ecs_agent)
    front_ends.wait_published()
    log.event("started")
    reports = asyncio.create_task(_report())
    yield
    reports.cancel()
    log.event("stopping")


async def _report() -> None:
    if settings.metrics_service:
        await active_chats.report(settings.metrics_service)


app = st.App(
    PAGE,
    lifespan=lifespan,
    routes=[Route("/healthz", health), cookie.route, attachment.route],
    middleware=[
        Middleware(VersionSkew, front_ends),
        Middleware(shared_files.SharedFileRoutes, root=settings.session_root),
    ],
)
