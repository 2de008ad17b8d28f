"""The figure by which the service is scaled."""

from __future__ import annotations

import asyncio
import json
import time

import pytest

from app import active_chats, log


@pytest.fixture(autouse=True)
def nobody_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """Start each test on a replica that has served nobody."""
    monkeypatch.setattr(active_chats, "_seen", {})


def test_two_tabs_of_one_session_are_one_chat() -> None:
    """Counted are conversations, not connections."""
    for session in ("aaaaaaaa", "bbbbbbbb", "aaaaaaaa"):
        active_chats.seen(session)
    assert active_chats.count() == 2


def test_closed_page_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page that asks for nothing any more is no load, and is not kept in memory."""
    active_chats.seen("aaaaaaaa")
    later = time.monotonic() + active_chats.OPEN_SECONDS + 1
    monkeypatch.setattr(time, "monotonic", lambda: later)
    active_chats.seen("bbbbbbbb")
    assert active_chats.count() == 1
    assert list(active_chats._seen) == ["bbbbbbbb"]


def test_report_is_in_the_embedded_metric_format(capsys: pytest.CaptureFixture[str]) -> None:
    """Every name under CloudWatchMetrics stands for a member of the same line."""
    log.configure()
    active_chats.log_metric("chat", 3)
    entry = json.loads(capsys.readouterr().out)
    [about] = entry["_aws"]["CloudWatchMetrics"]
    assert about["Namespace"] == "ParityKit"
    assert [entry[name] for names in about["Dimensions"] for name in names] == ["chat"]
    assert [entry[metric["Name"]] for metric in about["Metrics"]] == [3]
    assert abs(entry["_aws"]["Timestamp"] / 1000 - time.time()) < 60


def test_zero_is_reported_too(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A silent replica would keep the last average, and so the last number of tasks."""
    log.configure()
    monkeypatch.setattr(active_chats, "REPORT_SECONDS", 0.01)

    async def for_a_moment() -> None:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(active_chats.report("chat"), timeout=0.2)

    asyncio.run(for_a_moment())
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert len(lines) > 1
    assert {line["ActiveChats"] for line in lines} == {0}
