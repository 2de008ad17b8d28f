from __future__ import annotations

from dataclasses import replace

import pytest

from parity.plan.figures import Calls, Figures, read_figures

PROFILE = {
    "chats_per_user": 3,
    "turns_per_chat": 4,
    "minutes_open": 12,
    "loads_per_chat": 2,
    "cold_load_share": 0.5,
    "prompt_tokens": 100,
    "answer_tokens": 300,
    "answer_seconds": 5,
    "turns_sent_along": 6,
    "turns_per_session": 40,
    "peak_hour_share": 0.25,
    "busy_hours": 7,
    "days_per_month": 20,
    "burst": 2,
}
STACK = {"nat_gateways": 1, "interface_endpoints": 5, "idle_days_kept": 3650 / 12}
MEASURED = {
    "served_mib": 84,
    "record_overhead_bytes": 48,
    "load_cpu_ms": 20,
    "run_cpu_ms": 10,
    "tick_cpu_ms": 4,
    "idle_cpu_ms": 0,
    "drawing_cpu_ms": 2,
    "session_mib": 0.5,
    "tick_seconds": 2,
    "draw_seconds": 0.1,
    "runs_per_turn": 2,
    "looks_per_turn": 3,
    "records_per_turn": 2,
    "page_bytes": 20_000,
    "tick_bytes": 1_000,
    "front_end_bytes": 2_000_000,
    "front_end_requests": 60,
    "connections_per_load": 7,
    "token_bytes": 5,
    "token_wire_bytes": 200,
    "load_log_bytes": 200,
    "turn_log_bytes": 300,
    "metric_log_bytes": 400,
}


@pytest.fixture
def figures() -> Figures:
    """Figures round enough to reckon with by hand, whatever the kit's own tables say."""
    kit = read_figures()
    return replace(
        kit,
        stack=kit.stack.with_values(STACK, "test"),
        profile=kit.profile.with_values(PROFILE, "test"),
        measured=kit.measured.with_values(MEASURED, "test"),
        look=Calls(4, 0, 0, 0),
        record=Calls(6, 1, 1, 1),
        restore=Calls(4, 0, 1, 0),
        first_record=Calls(15, 8, 1, 1),
    )
