"""The client is a browser to the app: it gets a key, asks, hops, and comes back by itself."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from app.sessions import is_valid, public_id
from e2e.volume import Volume
from parity.volume.folder import Folder
from torture.chatting import TRY_AGAIN, answer_to
from torture.client import Client

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parent.parent.parent
SECONDS = 60.0


def free_port() -> int:
    """Return a port that nobody listens at."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextmanager
def replica(port: int, volume: Path) -> Iterator[None]:
    """Run the app on this machine, with a model that nobody answers for; it ends by SIGKILL."""
    options = {"server.port": port, "server.address": "127.0.0.1", "server.headless": "true"}
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "streamlit", "run", "server.py"),
            *(f"--{name}={value}" for name, value in options.items()),
        ],
        cwd=ROOT / "app",
        env={
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "SESSION_ROOT": str(volume),
            "AWS_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": "local",
            "AWS_SECRET_ACCESS_KEY": "local",
            "AWS_ENDPOINT_URL_BEDROCK_RUNTIME": f"http://127.0.0.1:{free_port()}",
            "AWS_MAX_ATTEMPTS": "1",
        },
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield
    finally:
        process.kill()
        process.wait()


def test_client_chats_and_survives_a_kill(tmp_path: Path) -> None:
    """What it saw kept is on the volume under its key, and shown again by whoever comes next."""
    asyncio.run(_chat(free_port(), tmp_path))


async def _chat(port: int, volume: Path) -> None:
    async with Client(f"http://127.0.0.1:{port}") as client:

        async def until_asked(text: str) -> None:
            def failed() -> bool:
                # At rest: the button is drawn after the warning.
                answer = answer_to(client.page, text)
                return client.ready and answer is not None and answer.warned

            assert await client.until(failed, SECONDS), client.page.messages

        with replica(port, volume):
            assert await client.until(lambda: client.ready and bool(client.key), SECONDS)
            assert is_valid(client.key)
            assert client.page.place("Session") == public_id(client.key)
            await client.send("one")
            await until_asked("one")
            drops = client.drops
        kept = Volume(Folder(volume))
        assert kept.prompts(client.key) == ["one"]
        assert await client.until(lambda: client.drops > drops, SECONDS)
        before = client.page.server_session
        with replica(port, volume):
            assert await client.until(
                lambda: client.ready and client.page.server_session != before, SECONDS
            )
            await until_asked("one")
            await client.send("two")
            await until_asked("two")
            assert await client.press(TRY_AGAIN)
            assert await client.until(
                lambda: "retry" in {each["role"] for each in kept.records(client.key)}, SECONDS
            )
            await client.refresh()
            assert await client.until(lambda: client.ready, SECONDS)
            assert client.errors == []
        assert kept.prompts(client.key) == ["one", "two"]
