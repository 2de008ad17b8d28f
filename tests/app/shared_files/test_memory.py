"""A file on its way through a replica is never in its memory."""

from __future__ import annotations

import re
import secrets
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from app.sessions import mint
from app.shared_files import media
from app.shared_files.kept import About
from e2e.wire import Tab
from tests.app.shared_files.conftest import PATIENCE, start, wait_until_healthy

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator

MIB = 2**20
SIZE_MIB = 150
MOST_MIB = 12  # that such a file may need: buffers of the server, the parser and the volume
ID = "ab" * 32


@pytest.fixture
def replica(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """Give one that takes files of 200 MiB."""
    log = tmp_path / "log"
    (tmp_path / "volume").mkdir()
    process, url = start(tmp_path / "volume", log, STREAMLIT_SERVER_MAX_UPLOAD_SIZE="200")
    try:
        wait_until_healthy(url, log)
        yield process, url
    finally:
        process.terminate()
        process.wait(timeout=PATIENCE)


def reset_peak(pid: int) -> int:
    """Forget how much memory a process ever had, and return how much it has, in MiB."""
    Path(f"/proc/{pid}/clear_refs").write_text("5")
    return peak(pid)


def peak(pid: int) -> int:
    """Return how much memory a process had at most since then, in MiB."""
    status = Path(f"/proc/{pid}/status").read_text()
    (found,) = re.findall(r"^VmHWM:\s+(\d+) kB", status, re.MULTILINE)
    return int(found) // 1024


def test_upload_and_download_of_150_mib_need_12(
    replica: tuple[subprocess.Popen[bytes], str], tmp_path: Path
) -> None:
    """One after the other; all bytes arrive."""
    process, url = replica
    piece = secrets.token_bytes(MIB)
    with Tab(lambda: url, {"parity_session": mint()}) as tab:
        tab.run()
        (urls,) = tab.upload_urls("a.bin")

        def body() -> Iterator[bytes]:
            yield b'--x\r\nContent-Disposition: form-data; name="a"; filename="a.bin"\r\n\r\n'
            for _ in range(SIZE_MIB):
                yield piece
            yield b"\r\n--x--\r\n"

        headers = tab.xsrf_header() | {"Content-Type": "multipart/form-data; boundary=x"}
        before = reset_peak(process.pid)
        answer = tab.http.put(url + urls.upload_url, content=body(), headers=headers)
        assert answer.status_code == 204
        assert peak(process.pid) - before <= MOST_MIB
        kept = tmp_path / "volume" / "uploads" / urls.file_id
        assert kept.stat().st_size == SIZE_MIB * MIB + 4096

        draft = media.files_of(tmp_path / "volume").draft()
        for _ in range(SIZE_MIB):
            draft.write(piece)
        draft.keep(ID, About("", "video/mp4", "media", tab.session, ""))
        before = reset_peak(process.pid)
        with tab.http.stream("GET", f"{url}/media/{ID}.mp4") as sent:
            assert sum(len(each) for each in sent.iter_bytes(MIB)) == SIZE_MIB * MIB
        assert peak(process.pid) - before <= MOST_MIB
